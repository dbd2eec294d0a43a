"""Guidance of alarms: which entry is whose, what it makes of the priority, what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from edge.rules import priority_rule
from edge.site import Site, load_site, survey
from edge.site.alarms.guidance import standard_guidance
from edge.site.model import LimitKind

CASES = Path(__file__).parents[2] / "cases" / "site"
LEVEL = "LI-1,液位,Level,AE-1,level,CL2-TANK,chlorine,level,m,0,3,1,1,1,0,,,2.4,2.6,0.3,0.1"
WORDS = {"zh": "文", "en": "text"}
Entry = dict[str, Any]


def entry(name: str, fits: Entry, severity: str = "moderate", respond_s: float = 600) -> Entry:
    """An entry of `guidance:` whose texts do not matter."""
    facts = {"severity": severity, "respond_s": respond_s, "actions": [WORDS]}
    return {"id": name, "fits": fits, "cause": WORDS, "consequence": WORDS, **facts}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sound site with a tank level that has all four limits."""
    shutil.copytree(CASES / "sound", tmp_path / "site")
    with (tmp_path / "site" / "tags.csv").open("a", encoding="utf-8") as stream:
        stream.write(LEVEL + "\n")
    return tmp_path / "site"


def with_guidance(folder: Path, *entries: Entry) -> Path:
    """Put `entries` in place of the site's own."""
    yaml: Any = YAML()
    path = folder / "site.yaml"
    body = yaml.load(path.read_text(encoding="utf-8"))
    body["guidance"] = list(entries)
    with path.open("w", encoding="utf-8") as stream:
        yaml.dump(body, stream)
    return folder


def told(folder: Path) -> list[str]:
    """What is wrong with the site."""
    return [str(fault) for fault in survey(folder)[1]]


def test_every_condition_has_guidance_and_shares_its_texts(folder: Path):
    """Gas, lost readings and predictions have the standard's; the site has those that are used."""
    site = load_site(folder)
    assert all(spec.guidance in site.guidance for spec in site.limits.values())
    assert {spec.guidance for spec in site.limits.values()} == set(site.guidance)
    high = site.limits["AT-1/h"]
    assert (high.guidance, high.respond_s) == ("std-toxic-1", 300.0)
    assert site.limits["AT-2/h"].guidance is high.guidance  # one object for all


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("toxic,chlorine,concentration,ppm,0,10,,0.3,0.6", ("std-toxic-1", "std-toxic-2")),
        (
            "burns,methane,concentration,%LEL,0,100,0.05,20,40",
            ("std-combustible-1", "std-combustible-2"),
        ),
        ("thin,,oxygen,%vol,0,25,,,", ("std-detector-lost",)),
    ],
)
def test_the_standard_goes_by_what_a_gas_threatens_with(
    folder: Path, row: str, expected: tuple[str, ...]
):
    """A channel in %LEL warns of fire, another of poison first; oxygen is a gas detector too."""
    name, substance, quantity, unit, low, high, lel, h, hh = row.split(",")
    cells = f"X-1,{name},{name},AE-1,ref-{name},CL2-TANK,{substance},{quantity},{unit},{low},{high}"
    with (folder / "tags.csv").open("a", encoding="utf-8") as stream:
        stream.write(f"{cells},1,1,1,0.5,,{lel},{h},{hh},,,,,,,,,,standard\n")
    site = load_site(folder)
    ids = {spec.guidance for spec in site.limits.values() if spec.tag == "X-1"}
    assert set(expected) <= ids
    assert site.limits["X-1/bad"].guidance == "std-detector-lost"


def test_oxygen_falls_and_rises(folder: Path):
    """Too little and too much are two dangers, each with two steps."""
    cells = "O-1,氧,Oxygen,AE-1,o2,CL2-TANK,,oxygen,%vol,0,25,1,1,1,0.5,20.9,,23.5,24.5,19.5,18"
    with (folder / "tags.csv").open("a", encoding="utf-8") as stream:
        stream.write(cells + ",,,,,,,,\n")
    limits = load_site(folder).limits
    found = {
        kind: (limits[f"O-1/{kind}"].guidance, limits[f"O-1/{kind}"].priority) for kind in KINDS
    }
    assert found == {
        "h": ("std-oxygen-high", 2),
        "hh": ("std-oxygen-high-2", 1),
        "l": ("std-oxygen-low", 2),
        "ll": ("std-oxygen-low-2", 1),
    }


KINDS = ("h", "hh", "l", "ll")
WIDE = entry("wide", {"quantities": ["level"]})


@pytest.mark.parametrize(
    "other",
    [
        {"kinds": ["h"], "quantities": ["level"]},
        {"assets": ["CL2-TANK"]},
        {"tags": ["LI-*"]},
        {"conditions": ["LI-1/*"]},
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_the_narrowest_entry_counts(folder: Path, other: Entry, first: bool):
    """Wherever it stands: a condition before a tag, a tag before an asset, more before less."""
    both = [entry("narrow", other), WIDE] if first else [WIDE, entry("narrow", other)]
    assert load_site(with_guidance(folder, *both)).limits["LI-1/h"].guidance == "narrow"


def test_a_name_goes_before_a_pattern(folder: Path):
    """Of the tags of a loop, one may have its own words."""
    loop, own = entry("loop", {"tags": ["LI-*"]}), entry("own", {"tags": ["LI-1"]})
    assert load_site(with_guidance(folder, loop, own)).limits["LI-1/h"].guidance == "own"


def test_of_two_alike_the_first_counts(folder: Path):
    """So that an order is enough to tell which it is."""
    site = load_site(with_guidance(folder, WIDE, entry("second", {"quantities": ["level"]})))
    assert site.limits["LI-1/h"].guidance == "wide"
    assert "second" not in site.guidance


def test_a_site_goes_before_the_standard_and_never_makes_a_gas_less_urgent(folder: Path):
    """Its words are heard; level 2 stays urgent however mild they are."""
    mild = entry("own", {"substances": ["chlorine"], "kinds": ["hh"]}, "minor", 3600)
    limits = load_site(with_guidance(folder, WIDE, mild)).limits
    assert (limits["AT-1/hh"].guidance, limits["AT-1/hh"].priority) == ("own", 1)
    assert limits["AT-2/hh"].guidance == "std-toxic-2"


def test_a_missing_guidance_is_one_fault_for_each_tag(folder: Path):
    """It names the row, its kinds and the remedy."""
    faults = survey(with_guidance(folder))[1]
    (fault,) = faults
    assert (fault.file, fault.line, fault.subject) == ("tags.csv", 6, "LI-1")
    assert fault.problem == "no guidance for ll, l, h, hh: nobody knows what to do"
    assert fault.remedy == (
        "Add an entry that fits LI-1 to guidance: in site.yaml"
        " (cause, consequence, actions, respond_s, severity)"
    )
    assert fault.column == "ll"


@pytest.mark.parametrize(
    ("guidance", "problem"),
    [("", "no guidance for rate: nobody knows what to do"), ("wid", "no guidance 'wid'")],
)
def test_a_row_of_conditions_is_told_by_its_own_line(folder: Path, guidance: str, problem: str):
    """It may name its entry, which must be there; without one, an entry must fit it."""
    path = with_guidance(folder, WIDE) / "site.yaml"
    rate = "{id: LI-1-UP, title: {zh: 升, en: Up}, rate: {tag: LI-1, rise_per_min: 1, unit: m}"
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"conditions:\n  - {rate}, guidance: '{guidance}'}}\n")
    line = path.read_text(encoding="utf-8").splitlines().index("conditions:") + 2
    (fault,) = survey(folder)[1]
    assert (fault.file, fault.line) == ("site.yaml", line)
    assert fault.problem == problem
    text = path.read_text(encoding="utf-8").replace(f"guidance: '{guidance}'", "guidance: wide")
    path.write_text(text, encoding="utf-8")
    assert load_site(folder).limits["LI-1-UP"].guidance == "wide"


FAULTS = [
    ({"fits": {}}, "fits no alarm: it asks for nothing"),
    ({"fits": {"tags": ["LI-9"]}}, "no tag 'LI-9'. Did you mean 'LI-1'?"),
    ({"fits": {"tags": ["FI-*"]}}, "no tag 'FI-*'"),
    ({"fits": {"conditions": ["LI-1/x"]}}, "no condition 'LI-1/x'"),
    ({"fits": {"kinds": ["high"]}}, "no kind 'high'"),
    ({"fits": {"quantities": ["levels"]}}, "no quantity 'levels'. Did you mean 'level'?"),
    ({"fits": {"areas": ["cl3"]}}, "no area 'cl3'"),
    ({"fits": {"assets": ["CL2-TNK"]}}, "no asset 'CL2-TNK'"),
    ({"fits": {"substances": ["clorine"]}}, "no substance 'clorine'"),
    ({"id": "std-own"}, "ids in std-… belong to the standard guidance"),
    ({"cause": {"zh": " ", "en": "x"}}, "zh is ' '. Write it: it may not be empty"),
    ({"actions": []}, "actions is a list. Write at least 1 of them"),
    ({"respond_s": 0}, "respond_s is 0. Write more than 0"),
    (
        {"severity": "bad"},
        "severity is 'bad'. Write one of 'severe', 'major', 'moderate' or 'minor'",
    ),
]


@pytest.mark.parametrize(("change", "problem"), FAULTS)
def test_a_senseless_entry_is_refused_with_its_line(folder: Path, change: Entry, problem: str):
    """Each fault has file, line and remedy; a broken entry makes no second fault."""
    faults = told(with_guidance(folder, WIDE, entry("odd", {"kinds": ["h"]}) | change))
    assert len(faults) == 1
    assert problem in faults[0]
    assert faults[0].startswith("site.yaml:")


@pytest.mark.parametrize("missing", ["cause", "consequence", "actions", "respond_s", "severity"])
def test_an_entry_says_all_of_it(folder: Path, missing: str):
    """Cause, consequence, first actions, time to respond and severity: none may be left out."""
    odd = entry("odd", {"kinds": ["h"]})
    del odd[missing]
    (fault,) = told(with_guidance(folder, WIDE, odd))
    assert f"odd: {missing!r} is missing. Add '{missing}: …'" in fault


@pytest.mark.parametrize(("stated", "sound"), [(1, True), (3, True), (4, False)])
def test_a_row_may_be_more_urgent_than_its_guidance_never_less(
    folder: Path, stated: int, sound: bool
):
    """The fault names the guidance, what it makes, and the row."""
    path = with_guidance(folder, WIDE) / "tags.csv"
    text = path.read_text(encoding="utf-8").replace("2.4,2.6,0.3,0.1", f"2.4,,,,{stated},,,,,,,")
    path.write_text(text, encoding="utf-8")
    if sound:
        assert load_site(folder).limits["LI-1/h"].priority == stated
        return
    (fault,) = survey(folder)[1]
    assert (fault.line, fault.column) == (6, "h_priority")
    assert "h has priority 4, and its guidance wide (moderate, 600 s) makes it 3" in fault.problem


def test_the_standard_is_whole():
    """It says what it must of each gas and level, in both languages, and leaves limits to sites."""
    kinds = {kind.value for kind in LimitKind}
    rule = priority_rule()
    urgent: list[str] = []
    for row in standard_guidance().guidance:
        assert set(row.fits.kinds) <= kinds
        assert len(row.actions) >= 2
        if rule.priority(row.severity, row.respond_s) == 1:
            urgent.append(row.id)
        said = " ".join([row.cause.en, row.consequence.en, *(words.en for words in row.actions)])
        assert "is safe" not in said
    assert set(urgent) == {
        "std-toxic-2",
        "std-combustible-2",
        "std-oxygen-low-2",
        "std-oxygen-high-2",
        "std-gds-2",
        "std-vote-2",
    }


def test_whoever_is_to_look_never_goes_alone():
    """Wherever an entry sends somebody to gas, it says how."""
    for row in standard_guidance().guidance:
        for words in row.actions:
            if "breathing apparatus" in words.en or "portable" in words.en:
                assert "never enter alone" in words.en, row.id
                assert "严禁单人进入" in words.zh, row.id


@pytest.mark.parametrize("site", ["deploy/sites/demo", "deploy/sites/metec", "suian/scaffold/site"])
def test_shipped_sites_say_what_to_do(site: str):
    """Each passes the check, and its explicit priorities are none that guidance would refuse."""
    loaded: Site = load_site(Path(__file__).parents[3] / site)
    assert all(spec.respond_s > 0 for spec in loaded.limits.values())
