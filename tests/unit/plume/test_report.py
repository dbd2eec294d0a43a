"""The report as people read it: what was assumed, names for ids, figures, colours, labels."""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.dispersion.consequence.looks import looks
from edge.dispersion.notes import Note
from edge.errors import SuianError
from edge.words import LANGUAGES, catalogue
from suian.plume.answer import Run, run
from suian.plume.chart import chart_svg
from suian.plume.drawing import FILLS, LINES, drawn, groups, map_svg, ordered, shown
from suian.plume.geojson import projector
from suian.plume.labels import Box, Labels
from suian.plume.noting import area, figure, metres, named, note_text
from suian.plume.page import Page, make_page
from suian.plume.reading import read_scenario
from suian.plume.scenario import PlumeScenario, Uncertainty
from suian.plume.show import as_html
from suian.plume.terminal import as_text

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs/examples/plume"
GROUNDS = [
    "concrete",
    "insulated-concrete",
    "soil-average",
    "soil-dry",
    "soil-wet",
    "gravel",
    "frozen-soil",
    "snow",
    "ice",
    "still-water",
    "open-water",
]


@cache
def solved(name: str) -> Run:
    return run(read_scenario(EXAMPLES / f"{name}.yaml"))


@cache
def paged(name: str, language: str) -> Page:
    return make_page(solved(name), language)


@given(st.floats(1e-9, 1e9))
def test_a_figure_keeps_three_digits_and_no_power_of_ten(value: float):
    """Nobody reads 1.27e+03, and 1000.0 says no more than 1000."""
    text = figure(value)
    assert "e" not in text
    assert not text.endswith(".0")
    assert float(text) == pytest.approx(value, rel=5e-3)


@pytest.mark.parametrize(
    ("shown_as", "text"),
    [
        (figure(0.0), "0"),
        (figure(-0.0421), "-0.0421"),
        (metres(999.6), "1 km"),
        (metres(266.4), "266 m"),
        (metres(9880.0), "9.88 km"),
        (area(111.2), "111 m²"),
        (area(8.3e4), "8.3 ha"),
        (area(1.27e7), "12.7 km²"),
    ],
)
def test_units_suit_their_size(shown_as: str, text: str):
    """Square metres, hectares, square kilometres; metres, then kilometres."""
    assert shown_as == text


def test_a_note_names_what_its_ids_mean():
    """A level, a ground and a way out are told by their names, in one voice."""
    cut = Note("dispersion.note.zone-cut", {"level": "aegl-1", "distance_m": 10_000.0})
    assert note_text(cut, "zh-CN") == "AEGL-1：范围超出计算距离 10000 m，图上在此截断。"
    assert note_text(cut, "en").startswith("AEGL-1: ")
    thaw = Note("dispersion.note.pool-thaws", {"ground": "frozen-soil"})
    assert "冻土" in note_text(thaw, "zh-CN")
    assert "frozen soil" in note_text(thaw, "en")
    calm = Note("dispersion.note.pool-calm", {"wind_m_s": 0.123456})
    assert "0.123456 m/s" in note_text(calm, "en")  # the message says itself how it is written


def test_every_ground_has_its_words():
    """What docs/plume.md lists is told in words on a page."""
    for ground in GROUNDS:
        assert named("ground", ground, "zh-CN") != ground


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.yaml")))
def test_a_report_says_what_it_assumed_and_nothing_twice(name: str):
    """Scenario first; no note stands twice, no id or power of ten is left."""
    for language in LANGUAGES:
        page = paged(name, language)
        assert page.told
        text = as_text(page)
        assert not re.search(r"\de[+-]\d", text)
        assert not re.search(r"\b(aegl|erpg|pac|lel)-\d", text)
        assert "-fan" not in text
        for section in page.sections:
            said = [*section.notes, *(validity for _, validity in section.models)]
            assert len(said) == len(set(said))
            assert all(note.endswith((".", "。")) for note in said)


def test_what_burns_is_not_drawn_with_what_poisons():
    """One sequence of colours tells one kind of level; each kind rises by itself."""
    result = solved("lpg-tanker-hose").results[0]
    kinds = dict(groups(result))
    assert {result.zones[i].level.id for i in kinds["flammable"]} == {"lel-10", "lel-60"}
    assert sorted(ordered(result)) == list(range(len(result.zones)))
    assert "flammable" in dict(drawn(result))
    names = [row.name for row in paged("lpg-tanker-hose", "en").sections[0].zones]
    assert names == ["AEGL-1", "AEGL-2", "AEGL-3", "10 %LEL", "60 %LEL"]


def test_calm_is_drawn_as_circles():
    """No step of a grid, no dashes, no arrow; and the page says that it is a bound."""
    solution = solved("calm-night")
    [(_, group)] = drawn(solution.results[0])
    svg = map_svg(solution, solution.results[0], group, "en")
    assert "stroke-dasharray" not in svg
    assert "rotate" not in svg
    [ring] = shown(solution.results[0], group[0]).rings
    origin = solution.results[0].answer.solution.origin_m
    radii = ((ring - origin) ** 2).sum(axis=1) ** 0.5
    assert radii.max() == pytest.approx(radii.min(), abs=0.2)
    unsure = replace(solution, scenario=with_uncertainty(solution))
    assert any("bound already" in note for note in make_page(unsure, "en").weather_notes)


def with_uncertainty(of: Run) -> PlumeScenario:
    return of.scenario.model_copy(update={"uncertainty": Uncertainty()})


def test_the_likely_outlines_are_on_the_page():
    """A map for each level, 10, 50 and 90 % of the runs; a close-up where names would collide."""
    page = paged("chlorine-cylinder-uncertain", "en")
    html = as_html(solved("chlorine-cylinder-uncertain"), page)
    assert html.count("reached by 10 %, 50 %, 90 % of the runs") == 3
    assert "Close-up of the places" in html


@given(
    st.lists(st.tuples(st.floats(100, 300), st.floats(100, 300)), max_size=8),
    st.lists(st.sampled_from(["厂区大门", "pump house", "村"]), min_size=8, max_size=8),
)
def test_names_on_a_map_keep_clear_of_each_other(spots: list[tuple[float, float]], names: list):
    """Wherever the places lie, no name covers another, a mark, or the picture's edge."""
    labels = Labels(Box(0, 0, 400, 400), 13)
    for x, y in spots:
        labels.mark(x, y, 6)
    before = len(labels.taken)
    for (x, y), name in zip(spots, names, strict=False):
        labels.place(name, x, y)
    placed = labels.taken[before:]
    for index, box in enumerate(placed):
        assert box.left >= 0 <= box.top
        assert box.right <= 400 >= box.bottom
        assert not any(box.meets(other) for other in labels.taken[: before + index])


def test_no_colour_of_the_government_is_used():
    """Its four warning colours, red to blue, mean its own warnings; ours are browns."""
    for colour in (*FILLS, *LINES):
        red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
        assert red >= green >= blue
        assert red - blue < 160


def test_a_chart_leaves_room_above_its_curve():
    """A flat curve is not lost in the frame's line."""
    svg = chart_svg([("a", np.array([0.0, 1.0]), np.array([0.3, 0.3]))], "kg/s", "min", "rate")
    assert ">0.4<" in svg


def test_the_extra_has_all_that_a_page_needs():
    """`pip install 'suian[plume]'` gives a working --html, --png and --geojson."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extra = " ".join(project["project"]["optional-dependencies"]["plume"])
    for needed in ("suian[hazard]", "jinja2", "matplotlib", "pyproj", "rich"):
        assert needed in extra


def test_the_words_of_a_report_have_no_gap():
    """Every kind, way out, shape and path that a page can meet has its words."""
    ids = [f"plume.shape.{one}" for one in ("upright", "lying", "sphere")]
    ids += [f"plume.path.{one}" for one in ("normal-fan", "emergency-fan", "door", "leakage")]
    assert not [one for one in ids if one not in catalogue()]


def test_a_cloud_that_passes_in_a_minute_is_seen():
    """A curve over a place meets the peak that the table tells, however short it is."""
    result = solved("thionyl-chloride-rain").results[0]
    for place in result.places:
        of = place.receptor
        times, values = looks(result.answer.solution, of.x_m, of.y_m, of.height_m)
        assert np.all(np.diff(times) > 0)
        assert values.max() >= 0.9 * place.peak_kg_m3


def test_no_place_is_told_that_nobody_is_killed():
    """Out of the plume's way the fraction is small, not none."""
    solution = run(read_scenario(EXAMPLES / "chlorine-ton-container-night.yaml"), engineering=True)
    rows = make_page(solution, "en", engineering=True).sections[0].places
    assert {row.fraction for row in rows if row.peak == "<0.001"} == {"<0.1%"}


def test_a_map_without_pyproj_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    """The demo's environment lacks it: one line, no traceback."""
    monkeypatch.setitem(sys.modules, "pyproj", None)
    with pytest.raises(SuianError, match="needs pyproj: pip install"):
        projector(46.6, 127.0)


@pytest.mark.parametrize(("mixture", "stand_in"), [("lpg", "propane"), ("gasoline", "n_hexane")])
def test_a_mixture_has_the_explosive_limits_of_what_stands_for_it(
    tmp_path: Path, mixture: str, stand_in: str
) -> None:
    """LPG and gasoline are drawn to their surrogate's LEL, and the report says so."""
    zones: dict[str, list[float]] = {}
    for name in (mixture, stand_in):
        text = (EXAMPLES / "methanol-spill.yaml").read_text().replace("methanol", name)
        release = "release:\n  rate: {kg_s: 5, duration_min: 5, temperature_c: 20}\n"
        file = tmp_path / f"{name}.yaml"
        text = re.sub(r"(?ms)release:.*?(?=^\w)", release, text)
        file.write_text(text.replace("aegl-2, ", ""))
        found = run(read_scenario(file))
        gas, zone = found.results[0].gas, found.results[0].zones
        assert gas.lel_fraction is not None
        zones[name] = [gas.lel_fraction, *(one.distance_m((0.0, 0.0)) for one in zone)]
        said = "dispersion.note.chain.surrogate" in [n.id for n in found.results[0].answer.notes]
        assert said == (name == mixture)
    assert zones[mixture] == pytest.approx(zones[stand_in])
    assert min(zones[mixture]) > 0
