"""`suian plume`: the dispersion library for an engineer at a desk, from one scenario file."""
