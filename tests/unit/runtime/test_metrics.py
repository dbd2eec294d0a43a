"""A daemon's figures as Prometheus reads them, with a label for each device."""

from __future__ import annotations

from edge.daemons.metrics import Metrics, device_lines


def test_devices_carry_their_label_and_names_stand_together():
    """Counters end in _total, exceptions carry their code, and what is not a number is left out."""
    devices = {
        "GD-1": {
            "requests": 12_345_678,
            "connected": True,
            "latency_p95_ms": 3.25,
            "last_error": "no answer",
            "exceptions": {"2": 5, "6": 1},
        },
        'odd"name': {"requests": 2, "latency_p95_ms": None, "exceptions": {}},
    }
    assert device_lines("suian_core_device_", devices) == [
        "# TYPE suian_core_device_requests_total counter",
        'suian_core_device_requests_total{device="GD-1"} 12345678',
        'suian_core_device_requests_total{device="odd\\"name"} 2',
        "# TYPE suian_core_device_connected gauge",
        'suian_core_device_connected{device="GD-1"} 1',
        "# TYPE suian_core_device_latency_p95_ms gauge",
        'suian_core_device_latency_p95_ms{device="GD-1"} 3.25',
        "# TYPE suian_core_device_exceptions_total counter",
        'suian_core_device_exceptions_total{device="GD-1",code="2"} 5',
        'suian_core_device_exceptions_total{device="GD-1",code="6"} 1',
    ]


def test_they_follow_the_daemons_own_figures():
    """The text has both; without devices nothing is added."""
    metrics = Metrics("core")
    assert "device" not in metrics.text()
    metrics.devices = lambda: {"GD-1": {"answers": 3}}
    assert metrics.text().endswith('suian_core_device_answers_total{device="GD-1"} 3\n')
