"""Engineers' tables of what must be in alarm when, run in virtual time (docs/alarm-tests.md)."""
