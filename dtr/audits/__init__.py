"""The statements' promises, checked from the rows by other means than those that made them."""

from dtr.audits import seals, statements, trips

__all__ = ["seals", "statements", "trips"]
