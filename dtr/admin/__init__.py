"""The pay week to look at and to act on: its closes and its DTRs."""

from dtr.admin.lists import closes, dtrs, overrules  # noqa: F401  (they register their pages)
