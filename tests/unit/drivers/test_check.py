"""A site is held against its templates before anything connects: all faults, with file and line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from edge.drivers import check_site
from edge.site.annunciator import Annunciator, Output
from edge.site.model import Device, Link, Site
from edge.units import Unit
from tests.conformance.field import TEMPLATES, make_site, make_tag

LINK = Link(id="l", kind="modbus-tcp")
TOWER = Device(id="TOWER", link="l", template="patlite-la6-poe", unit_id=9)


def horn(point: str = "buzzer", on: int | str = 2, acked: int | str | None = None) -> Annunciator:
    """Return an annunciator with one output."""
    output = Output(id="horn", kind="horn", point=point, on=on, acked=acked, off=0)
    return Annunciator(id="tower-1", device="TOWER", areas=("a",), outputs=(output,))


def problems(site: Site) -> list[str]:
    """Return what is wrong, each as subject and problem."""
    return [f"{fault.subject}: {fault.problem}" for fault in check_site(site, TEMPLATES)]


def test_a_sound_site_has_no_faults():
    """Detector, tower and horn fit their templates."""
    detector = Device(id="D", link="l", template="honeywell-xnx")
    site = make_site(
        [LINK], [detector, TOWER], [make_tag("T", "D", "concentration")], annunciators=(horn(),)
    )
    assert check_site(site, TEMPLATES) == []


def test_every_kind_of_fault_is_found_at_once():
    """Unknown template, wrong link kind, setting, reference, unit, unit id and output, together."""
    devices = [
        Device(id="A", link="l", template="nobody-1", unit_id=1),
        Device(id="B", link="l", template="opcua", unit_id=2),
        Device(id="C", link="l", template="msa-ultima-x3", unit_id=3, settings={"base": 5}),
        Device(id="D", link="l", template="honeywell-xnx", unit_id=4),
        Device(id="E", link="u", template="opcua"),
        TOWER.model_copy(update={"unit_id": 4}),
    ]
    tags = [
        make_tag("T-ref", "D", "level"),
        make_tag("T-unit", "D", "concentration", Unit.METRE),
        make_tag("T-node", "E", "ns=2;s=x"),
    ]
    links = [LINK, Link(id="u", kind="opcua")]
    found = problems(make_site(links, devices, tags, annunciators=(horn("siren"),)))
    for part in (
        "A: template 'nobody-1' is unknown",
        "B: opcua speaks opcua, its link l is modbus-tcp",
        "C: base is 5",
        "T-ref: honeywell-xnx has no point 'level'",
        "T-unit: concentration is never sent in m",
        "T-node: 'ns=2;s=x' names its namespace by an index",
        "D: unit id 4 is taken twice",
        "TOWER: unit id 4 is taken twice",
        "tower-1/horn: patlite-la6-poe has no output 'siren'",
    ):
        assert any(part in line for line in found), part
    assert len(found) == 9


def test_states_of_outputs_are_checked():
    """A state or code the tower does not take is a fault of the annunciator."""
    site = make_site([LINK], [TOWER], [], annunciators=(horn(on=9), horn("tier[1]", "purple")))
    assert ["cannot be set to 9" in line for line in problems(site)] == [True, False]
    assert "has no state 'purple'" in problems(site)[1]


@pytest.mark.parametrize(
    ("beat", "problem"),
    [
        ({"point": "tier[4]", "values": ["on", "off"]}, ""),
        ({"point": "clear", "values": ["clear", "clear"]}, "would never change"),
        ({"point": "tier[4]", "values": ["on", "on"]}, "would never change"),
        ({"point": "tier[9]", "values": ["on", "off"]}, "tier"),
        ({"point": "tier[4]", "values": ["on", "purple"]}, "has no state 'purple'"),
        ({"point": "tier[5]", "values": ["on", "off"]}, "is what output trouble drives"),
        ({"point": "tier[1]", "values": ["on", "off"]}, "is what output horn drives"),
    ],
)
def test_heartbeat_needs_a_point_of_its_own_that_changes(beat, problem):
    """A watchdog sees changes only, and nothing that people hear may be what it looks at."""
    raw = horn("tier[1]", "on").model_dump(mode="json", exclude_unset=True)
    trouble = {"id": "trouble", "kind": "trouble", "point": "tier[5]", "on": "on", "off": "off"}
    outputs = [raw["outputs"][0] | {"off": "off"}, trouble]
    raw |= {"outputs": outputs, "heartbeat": {**beat, "period_s": 1}}
    site = make_site([LINK], [TOWER], [], annunciators=(Annunciator.model_validate(raw),))
    found = problems(site)
    assert len(found) == bool(problem), found
    assert problem in "".join(found)


def test_two_outputs_may_not_be_one_point_in_two_spellings():
    """A point with one channel may be written either way: who drives one drives the other."""
    raw = horn("tier[1]", "on").model_dump(mode="json", exclude_unset=True)
    raw["outputs"] = [
        {"id": name, "kind": "beacon", "point": point, "on": 1, "off": 0}
        for name, point in (("a", "buzzer"), ("b", "buzzer[1]"))
    ]
    site = make_site([LINK], [TOWER], [], annunciators=(Annunciator.model_validate(raw),))
    (line,) = problems(site)
    assert "buzzer[1] is buzzer" in line


def test_a_detector_cannot_be_an_annunciator():
    """What measures is never written: said of the device, whatever its points are called."""
    detector = Device(id="TOWER", link="l", template="honeywell-xnx")
    (line,) = problems(make_site([LINK], [detector], [], annunciators=(horn(),)))
    assert "device TOWER is never written: honeywell-xnx is of kind toxic gas" in line
    server = Device(id="TOWER", link="u", template="opcua")
    links = [Link(id="u", kind="opcua")]
    (line,) = problems(make_site(links, [server], [], annunciators=(horn(),)))
    assert "device TOWER is never written: opcua is of kind dcs" in line


@pytest.mark.parametrize("kind", ["PLC", "gas alarm controller", "safety plc", "wind"])
def test_one_kind_that_is_never_written_is_enough(kind: str):
    """A template that calls itself an annunciator and something to be read only is refused."""
    both = TEMPLATES["patlite-la6-poe"].model_copy(update={"kinds": ("annunciator", kind)})
    site = make_site([LINK], [TOWER], [], annunciators=(horn(),))
    (fault,) = check_site(site, {**TEMPLATES, "patlite-la6-poe": both})
    assert "device TOWER is never written" in fault.problem


def test_faults_carry_the_line_they_stand_on(tmp_path: Path):
    """File and line are found in the site's own files."""
    (tmp_path / "site.yaml").write_text("devices:\n  - {id: D, link: l}\n", "utf-8")
    (tmp_path / "tags.csv").write_text("tag,ref\nOTHER,x\nT,level\n", "utf-8")
    detector = Device(id="D", link="l", template="honeywell-xnx", settings={})
    site = replace(make_site([LINK], [detector], [make_tag("T", "D", "level")]), root=tmp_path)
    (fault,) = check_site(site, TEMPLATES)
    assert (fault.file, fault.line) == ("tags.csv", 3)
    wrong = make_site([LINK], [detector.model_copy(update={"template": "x"})], [])
    (fault,) = check_site(replace(wrong, root=tmp_path), TEMPLATES)
    assert (fault.file, fault.line) == ("site.yaml", 2)


def test_derived_tags_need_no_device():
    """Tags of the hazard daemon have no entry under devices and are none of our business."""
    assert check_site(make_site([LINK], [], [make_tag("P", "hazard", "x@y")]), TEMPLATES) == []
