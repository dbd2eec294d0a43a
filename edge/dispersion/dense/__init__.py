"""Dense gas: a cloud that is heavier than air, from its source until it drifts like any other."""
