"""Reports about leases: rent and caps, deposits, and who left."""

from leases.reports import deposits, leavers, rents  # noqa: F401  (they register their reports)
