"""Writes docs/models/evidence.md: `python -m tests.evidence`."""

from __future__ import annotations

from tests.evidence.gather import DOCUMENT, document

if __name__ == "__main__":
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(document(), encoding="utf-8")
