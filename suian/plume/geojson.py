"""Site metres to longitude and latitude of CGCS2000 (within centimetres WGS 84), through pyproj."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from edge.dispersion.notes import RefusedError
from edge.errors import SuianError

if TYPE_CHECKING:
    from edge.dispersion.consequence.footprint import Projector
    from edge.dispersion.rings import Floats

CGCS2000 = "EPSG:4490"


def projector(lat_deg: float, lon_deg: float) -> Projector:
    """Return what turns metres east and north of (`lat_deg`, `lon_deg`) into degrees.

    A transverse Mercator of scale 1 on the CGCS2000 ellipsoid (a = 6,378,137 m,
    1/f = 298.257222101; GB 22021-2008) about the site's own meridian: within 50 km its scale is
    true to 3e-5. Raises `RefusedError` for an origin that is no place, or within 1° of a pole,
    `SuianError` without pyproj.
    """
    try:
        from pyproj import CRS, Transformer  # noqa: PLC0415 -- only exports need it
    except ImportError:
        raise SuianError("--geojson needs pyproj: pip install 'suian[plume]'") from None

    if not (-89 <= lat_deg <= 89 and -180 <= lon_deg <= 180):
        raise RefusedError("dispersion.refused.origin", lat=str(lat_deg), lon=str(lon_deg))
    local = CRS.from_proj4(
        f"+proj=tmerc +lat_0={lat_deg!r} +lon_0={lon_deg!r} +k=1 +x_0=0 +y_0=0 "
        "+a=6378137 +rf=298.257222101 +units=m +no_defs"
    )
    transformer = Transformer.from_crs(local, CRS.from_user_input(CGCS2000), always_xy=True)

    def project(x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        lon, lat = transformer.transform(np.asarray(x_m), np.asarray(y_m))
        return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)

    return project
