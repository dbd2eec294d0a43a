"""Footprints as GeoJSON: rings turn the right way, degrees are right, and what they are is said."""

import json
import math

import numpy as np
import pytest

from edge.dispersion.consequence.footprint import collection, feature, geometry, zone_feature
from edge.dispersion.consequence.levels import Criterion, Level
from edge.dispersion.consequence.zones import threat_zone
from edge.dispersion.isopleth import outline
from edge.dispersion.notes import ModelUse, Note, RefusedError
from edge.dispersion.rings import area
from edge.dispersion.window import Frame
from edge.units import Unit
from suian.plume.geojson import projector
from tests.unit.dispersion.analytic import Shape, bell, ring

HERE = Frame(0.0, 0.0, 90.0)
LEVEL = Level("aegl-2", 2.0, Unit.PPM, (Criterion(600.0, 0.5), Criterion(3600.0, 0.4)))


def plain(x_m, y_m):
    """Return metres as small degrees, for shapes only."""
    return x_m / 1e5, y_m / 1e5


def mirrored(x_m, y_m):
    """Return a projection that turns every ring the other way."""
    return -x_m / 1e5, y_m / 1e5


@pytest.mark.parametrize("project", [plain, mirrored])
def test_outlines_run_counter_clockwise_and_holes_clockwise(project):
    """RFC 7946 section 3.1.6, whatever the projection does to their sense."""
    shape = outline(ring(400.0, 60.0), HERE, math.exp(-0.5))
    found = geometry(shape, project)
    assert found is not None
    assert found["type"] == "Polygon"
    outer, hole = (np.array(line) for line in found["coordinates"])
    assert area(outer) > 0 > area(hole)
    assert np.array_equal(outer[0], outer[-1])


def test_pieces_are_a_multi_polygon_and_nothing_is_null():
    """Two lobes make one feature; no zone makes a feature without geometry."""

    def field(x, y):
        return bell(900, 0, 100, 100)(x, y) + bell(-900, 0, 100, 100)(x, y)

    found = geometry(outline(field, HERE, 0.5), plain)
    assert found is not None
    assert found["type"] == "MultiPolygon"
    assert len(found["coordinates"]) == 2
    nothing = feature(outline(bell(top=0.1), HERE, 0.5), plain, {"kind": "none"})
    assert nothing["geometry"] is None
    assert nothing["properties"] == {"kind": "none"}


def test_a_zone_says_what_it_is():
    """Level, unit, thresholds by averaging time, height, notes in both languages."""
    solution = Shape(
        bell(top=0.3),
        models=(ModelUse("passive.plume", Note("dispersion.model.zones")),),
        notes=(Note("dispersion.note.advice"),),
    )
    zone = threat_zone(solution, LEVEL, isolation_m=60.0)
    whole = collection(solution, [zone_feature(zone, plain)], title="case")
    again = json.loads(json.dumps(whole, allow_nan=False))
    (one,) = again["features"]
    properties = one["properties"]
    assert properties["level"] == "aegl-2"
    assert properties["unit"] == "ppm"
    assert properties["criteria"][0] == {"averaging_s": 600.0, "threshold_kg_m3": 0.5}
    assert properties["isolation_m"] == 60.0
    assert properties["reached"] is False
    assert {"zh-CN", "en", "id", "params"} <= properties["notes"][0].keys()
    assert again["models"][0]["id"] == "passive.plume"
    assert "GCJ-02" in again["crs_note"]["zh-CN"]


def test_a_projection_that_fails_is_refused():
    """No feature lies at NaN."""
    with pytest.raises(RefusedError, match="origin"):
        geometry(outline(bell(), HERE, 0.5), lambda x, y: (x * np.nan, y))


def test_site_metres_become_degrees_of_cgcs2000():
    """A kilometre east and north against the ellipsoid's own radii; the origin is itself."""
    lat, lon = 46.4, 125.35
    project = projector(lat, lon)
    lons, lats = project(np.array([0.0, 1000.0, 0.0]), np.array([0.0, 0.0, 1000.0]))
    assert (lons[0], lats[0]) == pytest.approx((lon, lat), abs=1e-9)
    a, f = 6_378_137.0, 1 / 298.257222101
    e2, sine = f * (2 - f), math.sin(math.radians(lat))
    across = a / math.sqrt(1 - e2 * sine**2)
    along = a * (1 - e2) / (1 - e2 * sine**2) ** 1.5
    east = math.degrees(1000 / (across * math.cos(math.radians(lat))))
    assert lons[1] - lon == pytest.approx(east, rel=1e-6)
    assert lats[2] - lat == pytest.approx(math.degrees(1000 / along), rel=1e-6)


@pytest.mark.parametrize(("lat", "lon"), [(math.nan, 0), (91, 0), (0, 200), (89.9, 0)])
def test_an_origin_that_is_no_place_is_refused(lat, lon):
    """Degrees swapped or missing are seen at once."""
    with pytest.raises(RefusedError, match="no place on earth"):
        projector(lat, lon)
