"""Tests of edge.journal."""
