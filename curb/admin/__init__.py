"""Trips and card money to look at and to settle: as received, waiting, compared, reported back."""

from curb.admin.lists import (  # noqa: F401  (they register)
    card_transactions,
    counts,
    expectations,
    reconciliations,
    trip_files,
    trips,
)
