"""One row of evidence, and where the reference data lies."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REFERENCE = Path(os.environ.get("SUIAN_REFERENCE", "../shared/reference"))
VERIFICATION, VALIDATION = "verification", "validation"


@dataclass(frozen=True, slots=True)
class Case:
    """What a reference says and what our model gives at one place of one case, in `unit`.

    `band` is the share that the two may differ by: 0 where none is claimed (validation).
    """

    case: str
    where: str
    reference: float
    ours: float
    unit: str
    band: float = 0.0

    @property
    def error(self) -> float:
        """Return |ours / reference - 1|."""
        return abs(self.ours / self.reference - 1) if self.reference else abs(self.ours)
