"""`suian journal …`: whether a journal is whole, and what it holds."""
