"""Sources: how much leaves the hole, the pool or the vessel, and in what state."""
