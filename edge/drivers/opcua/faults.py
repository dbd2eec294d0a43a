"""What only a person can put right. Nothing here needs asyncua."""

from __future__ import annotations


class RefusedError(ValueError):
    """A connection that one side refuses until somebody changes something; the text says what."""
