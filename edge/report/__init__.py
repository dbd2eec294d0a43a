"""Reports: the one way from data through HTML to paper.

`render` fills a page template with plain data; every text comes from the caller, who has the words.
Pages are self-contained (no script, no font, nothing fetched) and printable on A4.
"""

from edge.report.kit import render

__all__ = ["render"]
