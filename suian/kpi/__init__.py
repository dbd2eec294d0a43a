"""`suian alarm report`: how the alarm system did."""
