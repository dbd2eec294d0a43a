"""The site: site.yaml and its tag lists, checked, as one frozen `Site`."""

from edge.site.loader import load_site, survey
from edge.site.model import Site

__all__ = ["Site", "load_site", "survey"]
