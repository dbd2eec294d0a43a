"""Reading a recorded trial: its rows, where to begin, and what is said of a broken one."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.site import load_site
from simulator.field.record import MINUTE_NS, nearest_sensor, read_record
from simulator.field.sources import replay_start_ns
from tests.unit.field_source.trial import FIRST_NS, write_trial

SITE = Path(__file__).parents[3] / "deploy" / "sites" / "metec"
METEC = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference")) / "field/metec_aded2022"


def test_rows_blanks_and_gaps(tmp_path: Path):
    """A row stands for its minute; a blank is None; a missing minute has no row."""
    record = read_record(write_trial(tmp_path))
    blank = record.at(FIRST_NS + 5 * MINUTE_NS + 59_000_000_000)
    following = record.next_after(FIRST_NS + 7 * MINUTE_NS)

    assert blank is not None
    assert dict(blank.gas) == {"E": None, "W": 2.0}
    assert record.at(FIRST_NS - 1) is None
    assert record.at(FIRST_NS + 8 * MINUTE_NS) is None
    assert following == FIRST_NS + 8 * MINUTE_NS
    assert record.next_after(FIRST_NS + 8 * MINUTE_NS + 1) == FIRST_NS + 9 * MINUTE_NS
    assert record.next_after(FIRST_NS + 240 * MINUTE_NS) is None


def test_leaks_outside_the_readings_are_left_out(tmp_path: Path):
    """Only leaks that the sensors could see are numbered."""
    record = read_record(write_trial(tmp_path))

    assert [leak.group for leak in record.leaks] == ["Tank", "Elsewhere"]
    assert record.leaks[0].rate_kg_s == pytest.approx(0.001)
    assert record.backgrounds() == {"E": 2.0, "W": 2.0}


@pytest.mark.parametrize(
    ("start", "minute"),
    [
        ("", 30.5),
        ("leak:1", 30.5),
        ("leak:2", 120),
        ("2022-05-09T00:10:00", 10),
        ("2022-05-09T08:10:00+08:00", 10),
    ],
)
def test_where_a_replay_begins(tmp_path: Path, start: str, minute: float):
    """Half an hour before a leak, or at the given UTC time; a time with a zone is respected."""
    assert replay_start_ns(write_trial(tmp_path), start) == FIRST_NS + round(minute * MINUTE_NS)


@pytest.mark.parametrize("start", ["leak:3", "leak:0", "leak:x", "noon", "2022-06-01T00:00:00"])
def test_a_wrong_start_is_told(tmp_path: Path, start: str):
    """A start that is not in the record is a fault that says what there is."""
    with pytest.raises(ConfigError, match="--from"):
        replay_start_ns(write_trial(tmp_path), start)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("obs_1min.csv", "3.5,270,2.0,2.0\n", "3.5,270,two,2.0\n", "obs_1min.csv:2: ch4_ppm_E"),
        ("obs_1min.csv", "2022-05-09 00:01:00", "today", "obs_1min.csv:3: time"),
        ("obs_1min.csv", "ch4_ppm_W", "ch4_ppm_X", "no column for sensor W"),
        ("sensors.csv", "60.86", "", "sensors.csv:2: x_m"),
        ("leaks.csv", "rate_g_h", "rate", "leaks.csv:1: columns: no column rate_g_h"),
    ],
)
def test_a_broken_record_is_told(tmp_path: Path, file: str, old: str, new: str, says: str):
    """What cannot be read is a fault with file and line, never a guess."""
    path = write_trial(tmp_path) / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(ConfigError) as caught:
        read_record(tmp_path)
    assert says in str(caught.value)


def test_a_folder_that_is_no_trial(tmp_path: Path):
    """A folder without the files is a fault that names them."""
    with pytest.raises(ConfigError, match=r"sensors\.csv: file: cannot be read"):
        read_record(tmp_path)


def test_sensors_are_known_by_where_they_stand(tmp_path: Path):
    """A tag is fed by the sensor within a metre of it, whatever its name."""
    record = read_record(write_trial(tmp_path))

    assert nearest_sensor(record, 60.5, -8.5) == "E"
    assert nearest_sensor(record, 0, 0) is None


@pytest.mark.skipif(not METEC.is_dir(), reason=f"reference data not there: {METEC}")
def test_metec_site_says_what_the_record_says():
    """Every detector stands where a sensor stood, with its leak-free median; groups are assets."""
    record = read_record(METEC)
    site = load_site(SITE)
    backgrounds = record.backgrounds()
    fed = {
        tag.name: nearest_sensor(record, tag.position.x_m, tag.position.y_m)
        for tag in site.tags.values()
        if tag.quantity == "concentration"
    }

    assert fed == {f"AT-{sensor}": sensor for sensor in record.sensors}
    for tag, sensor in fed.items():
        assert sensor
        assert site.tags[tag].background == pytest.approx(backgrounds[sensor], abs=0.002)
        assert site.limits[f"{tag}/h"].limit == pytest.approx(site.tags[tag].background + 2)
        assert "research value" in site.limits[f"{tag}/h"].source
    with (METEC / "source_groups.csv").open() as stream:
        for row in csv.DictReader(stream):
            asset = site.assets[row["group"]]
            assert (asset.position.x_m, asset.position.y_m) == (
                float(row["x_m"]),
                float(row["y_m"]),
            )
            assert asset.release_height_m == float(row["height_m"])


@pytest.mark.skipif(not METEC.is_dir(), reason=f"reference data not there: {METEC}")
def test_metec_record():
    """The METEC days: nine leaks, and a default start whose leak the sensors notice."""
    record = read_record(METEC)
    leak = record.demonstrable()

    assert len(record.leaks) == 9
    assert leak is not None
    assert leak.group == "Separator.West"
    assert record.start_ns("") == leak.start_ns - 30 * MINUTE_NS


@pytest.mark.parametrize("name", ["obs_1min.csv", "sensors.csv", "leaks.csv"])
@pytest.mark.parametrize("content", [b"\x00\xff\x81" * 99, "时间,风速\n".encode("gbk")])
def test_a_file_that_is_no_csv_is_named(tmp_path: Path, name: str, content: bytes):
    """Bytes that are no UTF-8 end with the file's name."""
    folder = write_trial(tmp_path)
    (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=rf"{name}.*not CSV"):
        read_record(folder)
