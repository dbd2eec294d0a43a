"""`suian alarm test`: examples hold; what does not hold is told, and so are faults of a table."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from suian.alarms.files import run_files
from suian.cli import app

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "docs/examples/alarm-tests").glob("*.yaml"))
ONE = """\
tags:
  - {tag: AT-1, substance: chlorine, unit: ppm, range_high: 10, h: 0.3, hh: 0.6, area: cl2}
tests:
  - name: 一级
    series: {AT-1: '0 0.1 0.4'}
    expect:
      - {at: 1s, alarms: none}
      - {at: 2s, alarms: [{condition: AT-1/h, state: unack, priority: 2}], sounding: [cl2]}
    events: [2s AT-1/h raised]
"""


def run(path: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["alarm", "test", str(path), "--lang", "en", *options])


def write(folder: Path, text: str) -> Path:
    path = folder / "table.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path: Path):
    """Each example of the documents holds."""
    (ran,) = run_files([path])
    assert [o.test.name for o in ran.outcomes if o.failures] == [], run(path).output


def test_the_sites_that_we_give_hold_their_own_tables(tmp_path: Path):
    """The example site's table, and the one that a new site begins with."""
    assert run(ROOT / "deploy/sites/demo/alarm-tests.yaml").exit_code == 0
    new = tmp_path / "new"
    assert CliRunner().invoke(app, ["site", "new", str(new)]).exit_code == 0
    assert run(new / "alarm-tests.yaml").exit_code == 0


def test_a_table_may_be_run_on_another_site(tmp_path: Path):
    """The site that is named on the command line takes the place of the table's own."""
    text = ONE.replace("AT-1", "AT-101").replace("cl2]}", "tower-1]}")
    path = write(tmp_path, text[text.index("tests:") :])
    assert run(path, "--site", str(ROOT / "deploy/sites/demo")).exit_code == 0
    assert run(path).exit_code == 2


def test_a_table_that_holds(tmp_path: Path):
    """A line for each test, the sum, and code 0; the results are XML for a CI server as well."""
    done = run(write(tmp_path, ONE), "--junit", str(tmp_path / "out.xml"))
    assert done.exit_code == 0
    assert done.output.splitlines()[1:] == ["  pass  一级", "tests: 1 (files: 1), pass: 1, FAIL: 0"]
    suite = ElementTree.parse(tmp_path / "out.xml").getroot()[0]
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")


def test_what_does_not_hold_is_told_side_by_side(tmp_path: Path):
    """Line, time, expected beside got, and the readings around the moment; code 1."""
    done = run(write(tmp_path, ONE.replace("0.4'", "0.7'")))
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert "    at 2s: alarms not as expected (line 8)" in lines
    assert "      AT-1/h  unack  priority 2    AT-1/h  unack  priority 2" in lines
    assert "      nothing                    ≠ AT-1/hh  unack  priority 1" in lines
    assert "      > 2s  0.7" in lines
    assert "      nothing             ≠ 2s  AT-1/hh  raised" in lines


def test_others_may_stand_if_the_table_says_so(tmp_path: Path):
    """`also` asks for those named only; an ellipsis lets events pass."""
    text = ONE.replace("0.4'", "0.7'").replace("sounding:", "also: true, sounding:")
    text = text.replace("[2s AT-1/h raised]", "['...', 2s AT-1/h raised, '...']")
    assert run(write(tmp_path, text)).exit_code == 0


def test_a_refused_act_is_a_failure_unless_it_is_expected(tmp_path: Path):
    """What core refuses fails the test, with the reason; `refused` expects just that."""
    text = ONE + "    do:\n      - {at: 1s, reset: AT-1/h, by: 王}\n"
    done = run(write(tmp_path, text))
    assert done.exit_code == 1
    assert "      done        ≠ refused: alarm.refused.not-standing" in done.output.splitlines()
    assert run(write(tmp_path, text.replace("王}", "王, refused: not-standing}"))).exit_code == 0
    done = run(write(tmp_path, text.replace("王}", "王, refused: not-latched}")))
    assert done.exit_code == 1


FAULTS = [
    ("AT-1: '0 0.1 0.4'", "AT-2: '0 0.1 0.4'", 5, "unknown tag 'AT-2'. Did you mean 'AT-1'?"),
    ("0 0.1 0.4", "0 timout 1", 5, "'timout' is no quality. Did you mean 'timeout'?"),
    ("0 0.1 0.4", "0+1 5", 5, "'0+1' does not say how many steps. Write how often it steps: 0+1x5"),
    ("0 0.1 0.4", "0x1000001", 5, "'0x1000001' is more than 1000000 readings"),
    ("0 0.1 0.4", "", 5, "the series is empty"),
    ("0 0.1 0.4", "0 %", 5, "'%' is no reading"),
    ("AT-1/h, state", "AT-1/hhh, state", 8, "unknown condition 'AT-1/hhh'"),
    ("state: unack", "state: unak", 8, "'unak' is no state. Did you mean 'unack'?"),
    ("state: unack", "stat: unack", 8, "an alarm has no 'stat'. Did you mean 'state'?"),
    ("[cl2]", "[cl3]", 8, "unknown sounding 'cl3'. Did you mean 'cl2'?"),
    ("at: 1s", "at: soon", 7, "at is 'soon', not a time. Write seconds, or 500ms, 12s, 1m30s, 2h"),
    ("alarms: none", "alarm: none", 7, "unknown key 'alarm'. Did you mean 'alarms'?"),
    ("2s AT-1/h raised", "2s AT-1/h risen", 9, "unknown condition 'risen'"),
    ("h: 0.3", "h: 0.9", 2, "h 0.9 is not below hh 0.6. Order them ll < l < h < hh"),
    ("range_high", "rangehigh", 2, "unknown column 'rangehigh'. Did you mean 'range_high'?"),
    ("tags:", "tag:", 1, "unknown key 'tag'. Did you mean 'tags'?"),
    ("tests:", "site: nowhere\ntests:", 1, "'tags' is said beside 'site'"),
    ("  - name: 一级", "  - 5\n  - name: 一级", 4, "a test is no mapping"),
]


@pytest.mark.parametrize(("old", "new", "line", "problem"), FAULTS)
def test_faults_are_told_with_their_lines(
    tmp_path: Path, old: str, new: str, line: int, problem: str
):
    """A table that cannot be meant is not run: every fault with line and remedy, code 2."""
    assert old in ONE
    path = write(tmp_path, ONE.replace(old, new, 1))
    done = run(path)
    assert done.exit_code == 2, done.output
    assert any(
        told.strip().startswith(f"{path}:{line}: ") and problem in told
        for told in done.stderr.splitlines()
    ), done.stderr


def test_all_faults_of_all_files_at_once(tmp_path: Path):
    """Nothing is run while any file has a fault."""
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text(ONE.replace("0 0.1 0.4", "zz").replace("state: unack", "state: x"))
    second.write_text("tests: [")
    done = CliRunner().invoke(app, ["alarm", "test", str(first), str(second)])
    assert done.exit_code == 2
    assert done.stderr.startswith("3 faults:")
    assert run(tmp_path / "no.yaml").exit_code == 2
