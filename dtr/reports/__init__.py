"""Reports about the pay week: current balances, DTRs that nobody paid out, and a driver's year."""

from dtr.reports import current, unpaid, yearly  # noqa: F401  (they register their reports)
