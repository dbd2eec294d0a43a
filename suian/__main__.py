"""`python -m suian`: the same as the console script."""

from suian.cli import main

main()
