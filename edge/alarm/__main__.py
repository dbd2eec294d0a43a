"""`python -m edge.alarm > docs/alarm-states.md`: the state table as the document people read."""

from __future__ import annotations

import sys

from edge.alarm.states import as_markdown

if __name__ == "__main__":
    sys.stdout.write(as_markdown())
