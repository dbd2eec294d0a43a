"""Surface-layer theory of a plume: growth upward and sideways, its shape, what the ground takes."""
