"""Plumes: a steady or finite release in one straight wind, in closed form."""
