"""Repairs at the office's desk."""

from repairs.admin.lists import repairs  # noqa: F401  (they register their pages)
