"""Estimate: what an environment costs in a month before anybody uses it."""

from stackproof.estimate.estimate import Estimate, Line, estimate

__all__ = ["Estimate", "Line", "estimate"]
