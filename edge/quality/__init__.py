"""Data quality (监测数据质量): what a reading is worth, said before the alarm engine judges it.

`QualityStage` is the live side, in core's cycle; `score`, `visits` and `page` are the reports' side
and are loaded by commands only. docs/quality.md has every check with its parameters and reasons.
"""

from edge.quality.stage import QualityStage

__all__ = ["QualityStage"]
