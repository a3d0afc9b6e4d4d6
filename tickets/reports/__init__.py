"""Reports about tickets: all of some days, and what the fleet must pay over."""

from tickets.reports import payable, tickets  # noqa: F401  (they register their reports)
