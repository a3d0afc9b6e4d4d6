"""Drivers, vehicles, leases and caps at the office's desk."""

from leases.admin.lists import caps, drivers, leases, papers, vehicles  # noqa: F401  (they register their pages)
