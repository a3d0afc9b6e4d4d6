"""The ledger's reports, and what every report about drivers shows of them."""

from ledger.reports import books, counter, reasons, standings  # noqa: F401  (they register their reports)
from ledger.reports.people import CAB, DRIVER, DRIVER_NAME, LEASE, STAFF_NAME, join_people, last_payment_of
from ledger.reports.standings import left_open_on

__all__ = ["CAB", "DRIVER", "DRIVER_NAME", "LEASE", "STAFF_NAME", "join_people", "last_payment_of", "left_open_on"]
