"""Models of gas that the wind carries without answering back: not dense, not buoyant."""
