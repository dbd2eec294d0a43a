"""A small recorded trial, written for tests: two sensors, two hours, two leaks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

FIRST = datetime(2022, 5, 9, tzinfo=UTC)
FIRST_NS = round(FIRST.timestamp()) * 1_000_000_000


def write_trial(folder: Path, minutes: int = 240, blank_at: int = 5, gap_at: int = 8) -> Path:
    """Write a trial: W reads 2 ppm, E 10 ppm from minute 65 to 75 and 150 to 160."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["time_utc,wind_speed_m_s,wind_from_deg,ch4_ppm_E,ch4_ppm_W"]
    for minute in range(minutes):
        if minute == gap_at:
            continue
        at = (FIRST + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M:%S")
        east = 10.0 if 65 <= minute < 75 or 150 <= minute < 160 else 2.0
        shown = "" if minute == blank_at else f"{east}"
        rows.append(f"{at},3.5,270,{shown},2.0")
    (folder / "obs_1min.csv").write_text("\n".join(rows) + "\n")
    (folder / "sensors.csv").write_text(
        "sensor,x_m,y_m,height_m\nE,60.86,-8.88,2\nW,-59.79,-0.82,2\n"
    )
    (folder / "leaks.csv").write_text(
        "group,start_utc,end_utc,x_m,y_m,rate_g_h\n"
        "Earlier,2022-05-01 00:00:00,2022-05-01 01:00:00,0,0,500\n"
        "Tank,2022-05-09 01:00:30,2022-05-09 01:20:00,0,0,3600\n"
        "Elsewhere,2022-05-09 02:30:00,2022-05-09 02:40:00,39,15,1800\n"
    )
    return folder
