"""The statements' promises, checked from the rows by other means than those that made them."""

from dtr.audits import payouts, seals, statements, trips

__all__ = ["payouts", "seals", "statements", "trips"]
