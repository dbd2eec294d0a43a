"""`suian quality …`: a journal read into a report, and the report shown."""
