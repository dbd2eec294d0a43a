"""Training: sessions, scoring and debriefing of drills."""
