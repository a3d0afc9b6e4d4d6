"""The pay week to look at and to act on: its closes, its DTRs, the trips and the files they came in."""

from dtr.admin import closes, curb, dtrs, golive, trips  # noqa: F401  (they register their pages)
