"""The ledger's reports, and what every report about drivers shows of them."""

from ledger.reports import books, counter, reasons, standings  # noqa: F401  (they register their reports)
from ledger.reports.people import (
    CAB,
    DRIVER,
    DRIVER_NAME,
    LEASE,
    STAFF_NAME,
    join_people,
    last_payment_of,
    list_charge_columns,
    name_charges,
)
from ledger.reports.standings import OF_DRIVER, list_standing, read_standing_lines, sum_standing_by_driver

__all__ = [
    "CAB",
    "DRIVER",
    "DRIVER_NAME",
    "LEASE",
    "OF_DRIVER",
    "STAFF_NAME",
    "join_people",
    "last_payment_of",
    "list_charge_columns",
    "list_standing",
    "name_charges",
    "read_standing_lines",
    "sum_standing_by_driver",
]
