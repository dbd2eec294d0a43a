"""`python -m suian`: the same as the console script."""

from __future__ import annotations

import sys


def run() -> None:
    """Run the command line; a Ctrl-C while it is still being loaded leaves no trace either."""
    try:
        from suian.cli import main  # noqa: PLC0415 - it takes half of the time there is for a Ctrl-C

        main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
