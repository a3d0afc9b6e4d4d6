"""Reports about trips: what drivers earned by card, and the taxes of trips by medallion."""

from curb.reports import earnings, taxes  # noqa: F401  (they register their reports)
