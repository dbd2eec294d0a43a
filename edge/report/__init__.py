"""Reports: the one way from data through HTML to paper."""
