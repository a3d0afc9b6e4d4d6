"""Loans at the office's desk."""

from loans.admin.lists import loans  # noqa: F401  (they register their pages)
