"""Building blocks of every admin page: lists that stay fast, records nobody edits, and pages that do one thing."""

from config.kit.admin import accounts, schedule  # noqa: F401  (they register their pages)
from config.kit.admin.acts import ActPage, Page
from config.kit.admin.lists import Button, Fact, ListAdmin, ReadOnlyAdmin, find_url

__all__ = ["ActPage", "Button", "Fact", "ListAdmin", "Page", "ReadOnlyAdmin", "find_url"]
