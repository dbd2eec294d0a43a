"""Rooms: a leak indoors becomes a source at a door, a louvre or a fan."""
