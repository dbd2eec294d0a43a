"""The window on the simulated park; the only place that knows pygame."""
