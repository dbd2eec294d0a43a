"""What `suian device …` does: templates made, tested, and held against live devices.

Nothing here ever writes to a device. Parts that are pure (`points`, `search`, `interpret`, `table`,
`talk`) stand apart from those that read a wire (`wire`, `probe`, `scan`, `sniff`).
"""
