"""Trips and card money to look at and to settle: as received, waiting, compared, reported back."""

from curb.admin.lists import card_transactions, reconciliations, trip_files, trips  # noqa: F401  (they register)
