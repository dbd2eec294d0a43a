"""Training: a drill's score, read from the gateway's own journal."""

from training.score import Evidence, ItemScore, ScoreReport, score

__all__ = ["Evidence", "ItemScore", "ScoreReport", "score"]
