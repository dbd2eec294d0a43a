"""The demo: the whole chain as real processes on this machine, and the story they tell."""
