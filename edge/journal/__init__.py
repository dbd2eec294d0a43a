"""The journal: one SQLite file, one writer, cursor readers; the spine of the gateway."""
