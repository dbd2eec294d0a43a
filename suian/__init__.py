"""The command line and the demo: the only place that composes edge, simulator, training and deploy."""
