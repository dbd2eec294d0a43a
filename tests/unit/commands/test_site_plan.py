"""`suian site plan`: the requests of a site as an engineer reads them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from suian.cli import app

DEMO = Path(__file__).parents[3] / "deploy" / "sites" / "demo"


def run(*words: str) -> tuple[int, str]:
    """Run `suian site plan`; return its exit code and what it printed."""
    result = CliRunner().invoke(app, ["site", "plan", *words])
    return result.exit_code, result.output


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a copy of the example site that may be spoilt."""
    shutil.copytree(DEMO, tmp_path / "site")
    return tmp_path / "site"


def test_requests_are_shown_with_what_is_in_them():
    """Each device shows its function, addresses, the manual's number, tags and unused registers."""
    code, said = run(str(DEMO))
    assert code == 0
    assert "AE-101 (honeywell-xnx unit 1) every 1 s: 3 tags in 1 request\n" in said
    registers = "function 03  0..10 (printed 40001)  count 11, 3 unused"
    assert f"{registers}: XA-101A, XA-101B, AT-101" in said
    assert "DCS-1 (opcua) every 1 s: 4 nodes, told of by the server" in said


def test_one_device_is_shown_with_its_link():
    """What is not on the device's link is left out; an unknown device is named."""
    code, said = run(str(DEMO), "--device", "MET-1")
    assert code == 0
    assert "MET-1" in said
    assert "AE-101" not in said
    code, said = run(str(DEMO), "--device", "MET-9")
    assert code == 2


def test_the_plan_as_json_has_every_request():
    """Programs get the same as plain data."""
    code, said = run(str(DEMO), "--json")
    plan = json.loads(said)
    assert code == 0
    first = plan["links"][0]
    assert (first["link"], first["registers_per_s"]) == ("rs485-a", 44)
    assert first["batches"][0]["requests"][0]["count"] == 11
    assert first["cycles"] == [{"period_s": 1.0, "takes_s": 0.02}]
    assert plan["misfits"] == []


def test_what_cannot_fit_its_period_ends_with_an_error():
    """Instruments that answer after 300 ms, four on a link and each second: it is said, code 2."""
    code, said = run(str(DEMO), "--turnaround", "300")
    assert code == 2
    assert "fault: rs485-a: the plan needs 120% of the link's time" in said


def test_a_full_line_is_a_caution(site: Path):
    """Four detectors at 2400 baud fill nearly two thirds of the line: possible, and said."""
    text = (site / "site.yaml").read_text(encoding="utf-8")
    serial = "kind: modbus-rtu, serial: {port: /dev/ttyS99, baud: 2400}}"
    text = text.replace("id: rs485-a, kind: modbus-tcp, port: 5020}", f"id: rs485-a, {serial}")
    (site / "site.yaml").write_text(text, encoding="utf-8")
    code, said = run(str(site), "--device", "AE-101", "--turnaround", "0")
    assert code == 0
    assert "link rs485-a (modbus-rtu /dev/ttyS99 at 2400 baud): 4 requests/s" in said
    assert "line: 64% of its time on the wire" in said
    assert "caution: rs485-a: the line is 64% full" in said


def test_a_faulty_site_is_not_planned(site: Path):
    """The site's faults are told instead of a plan."""
    text = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(text.replace("honeywell-midas,", "nobody,"), encoding="utf-8")
    result = CliRunner().invoke(app, ["site", "plan", str(site)])
    assert result.exit_code == 2
    assert "template 'nobody' is unknown" in result.output
