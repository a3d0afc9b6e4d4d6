"""Trips and card money to look at and to settle: as received, waiting, compared, told back."""

from curb.admin.lists import receipts, trips  # noqa: F401  (they register their pages)
