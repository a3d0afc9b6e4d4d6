"""Going live: the workbooks, and the pages that import them."""

from golive.admin.lists import openings  # noqa: F401  (they register their pages)
