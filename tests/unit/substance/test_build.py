"""The build: the committed files are what it gives, and its curves are what its sources say."""

import math
from collections import Counter
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.substance import erg, fluid
from tests.evidence.case import REFERENCE

pytest.importorskip("chemicals")
pytest.importorskip("CoolProp")
curves = pytest.importorskip("edge.substance.compiler.curves")
recipes = pytest.importorskip("edge.substance.compiler.recipes")
table = pytest.importorskip("edge.substance.compiler.table")
build = pytest.importorskip("edge.substance.build")
correlation = pytest.importorskip("edge.substance.compiler.correlation")
anchored = pytest.importorskip("edge.substance.compiler.anchored")
needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="SUIAN_REFERENCE names no folder"
)
# pandas warns of how the chemicals library reads its own tables
pytestmark = pytest.mark.filterwarnings("ignore:The 'float_precision' argument")
PACKAGE = Path(build.__file__).parent


@needs_reference
def test_the_committed_files_are_what_the_build_gives():
    """Nobody edited a compiled file by hand, and no source changed without a rebuild."""
    for name, text in build.compile_all(REFERENCE).items():
        assert (PACKAGE / name).read_text(encoding="utf-8") == text, name


@needs_reference
def test_interpolated_values_lie_on_their_source():
    """Between the points of every curve the source's own value is met within 0.5 %."""
    facts = recipes.completed(table.facts(REFERENCE), REFERENCE)
    for recipe in recipes.recipes(facts, REFERENCE):
        made = {name: curves.curve(recipe, name) for name in fluid.CURVES}
        if made["vapour_pressure"] is None:
            continue
        known = fluid.fluid(recipe.id)
        for name, source in made.items():
            if source is None:
                assert getattr(known, name) is None
                continue
            for share in (0.013, 0.11, 0.237, 0.5, 0.613, 0.77, 0.891, 0.987):
                temperature = source.low_k + share * (source.high_k - source.low_k)
                ours = (
                    known.vapour_pressure_pa(temperature)
                    if name == "vapour_pressure"
                    else getattr(known, name).at(temperature)
                )
                truth = source.value(temperature)
                assert ours == pytest.approx(truth, rel=0.005), (recipe.id, name, temperature)


def test_a_grid_is_as_fine_as_it_is_asked_to_be():
    """A cubic is met within a thousandth, and a pole is refused instead of filling the disk."""
    xs, ys = correlation.grid(lambda x: x**3, 1.0, 5.0, 0.001, relative=True)
    curve = fluid.Curve("x", tuple(xs), tuple(ys))
    for x in (1.03, 2.2, 3.7, 4.99):
        assert curve.at(x) == pytest.approx(x**3, rel=0.0011)
    with pytest.raises(ValueError, match="more than"):
        correlation.grid(lambda x: 1 / x, 1e-12, 1.0, 1e-4, relative=True)


def test_a_curve_drawn_out_goes_on_straight_and_says_so():
    """Vapour pressure in 1/T, the rest in T; inside its range a curve stays itself."""
    source = correlation.Correlation(300.0, 400.0, lambda t: math.exp(20 - 4000 / t), "somebody")
    longer = anchored.drawn_out(source, 250.0, 420.0, exponential=True)
    assert longer.value(250.0) == pytest.approx(math.exp(20 - 16), rel=1e-9)
    assert longer.value(420.0) == pytest.approx(math.exp(20 - 4000 / 420), rel=1e-9)
    assert longer.value(350.0) == source.value(350.0)
    assert longer.confidence == "extrapolated"
    assert longer.source == "somebody; drawn out below 300.0 K and above 400.0 K"
    assert anchored.drawn_out(source, 310.0, 390.0, exponential=True) is source


def test_a_fact_that_stands_twice_is_refused_with_its_line(tmp_path, monkeypatch):
    """Both files of facts are checked as one, and all faults come at once."""
    head = "substance,property,value,unit,source,confidence\n"
    row = "x,idlh,5,ppm,a,b\n"
    own = tmp_path / "facts.csv"
    own.write_text(f"{head}{row}{row}x,colour,1,,a,b\n", encoding="utf-8")
    (tmp_path / "chemicals.csv").write_text("slug,source,confidence\n", encoding="utf-8")
    (tmp_path / "chemicals_facts.csv").write_text("slug,property,value,unit\n", encoding="utf-8")
    monkeypatch.setattr(table, "OWN", own)
    with pytest.raises(ConfigError) as caught:
        table.facts(tmp_path)
    assert [fault.line for fault in caught.value.faults] == [3, 4]


@needs_reference
def test_the_guidebooks_distances_are_all_taken():
    """Table 3 of the reference stands in ours whole: day and night, three winds each."""
    rows = table.read(REFERENCE / "erg2024_table3.csv")
    chlorine = [row for row in rows if row["un_no"] == "1017"]
    ours = [row for row in erg.distances("chlorine") if row.container]
    assert len(ours) == 6 * len(chlorine)


def test_the_model_note_counts_what_the_table_holds():
    """The note's table of confidences is true: values of table.csv, curves of curves.csv."""
    note = (Path(__file__).parents[3] / "docs/models/substances.md").read_text(encoding="utf-8")
    counts = [
        Counter(row["confidence"] for row in table.read(PACKAGE / name))
        for name in ("table.csv", "curves.csv")
    ]
    for word in counts[0] | counts[1]:
        assert f"| `{word}` | {counts[0][word]} | {counts[1][word]} |" in note
