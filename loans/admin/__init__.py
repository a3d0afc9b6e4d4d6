"""Loans at the office's desk."""

from loans.admin.lists import bands, loans, rate_limits  # noqa: F401  (they register their pages)
