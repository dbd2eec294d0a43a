"""Composition roots: one short module a daemon, and what they share."""
