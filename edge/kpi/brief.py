"""The few figures that a screen shows beside the alarm list."""

from __future__ import annotations

from typing import Any

from edge.kpi.figures import Figures
from edge.kpi.judge import judge
from edge.rules.alarm_kpi import KpiRule


def brief(figures: Figures, now: tuple[int, bool], rule: KpiRule) -> dict[str, Any]:
    """Return the answer of `GET /api/v1/alarms/kpi` (docs/alarm-report.md): plain JSON."""
    rates = figures.rates
    last_10min, flood = now
    return {
        "from_ns": figures.from_ns,
        "to_ns": figures.to_ns,
        "watched_s": round(rates.watched_s, 1),
        "last_10min": last_10min,
        "flood": flood,
        "announced": rates.total,
        "standing": figures.standing,
        "waiting": figures.waits.open,
        "median_ack_s": figures.waits.median_s,
        "floods": len(rates.floods),
        "figures": [
            {
                "id": one.id,
                "value": round(one.value, 4),
                "target": one.aim.target,
                "limit": one.aim.limit,
                "grade": one.grade,
            }
            for one in judge(figures, rule)
        ],
    }
