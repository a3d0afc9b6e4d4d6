"""Repairs at the office's desk."""

from repairs.admin.lists import bands, invoices, maintenance  # noqa: F401  (they register their pages)
