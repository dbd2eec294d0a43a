"""Others: what we are tested and measured against, and the cheap far ends of the benches."""
