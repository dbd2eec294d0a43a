"""Seats: how a trainee at a screen of their own speaks with the simulated park."""
