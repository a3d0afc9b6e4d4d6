"""The ledger's reports, and what every report about drivers shows of them."""

from ledger.reports import counter, standings  # noqa: F401  (they register their reports)
from ledger.reports.people import CAB, DRIVER, DRIVER_NAME, LEASE, STAFF_NAME, join_people, last_payment_of

__all__ = ["CAB", "DRIVER", "DRIVER_NAME", "LEASE", "STAFF_NAME", "join_people", "last_payment_of"]
