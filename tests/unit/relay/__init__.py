"""Tests of edge.relay."""
