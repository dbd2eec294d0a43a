"""The command line and the demo: the one place that composes the other packages."""
