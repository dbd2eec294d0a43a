"""The simulated park: plant, field, scenarios, seats. It serves the protocols that edge reads."""
