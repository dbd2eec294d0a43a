"""Consequence: who and what is inside which zone, and what it does to them."""
