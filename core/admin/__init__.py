"""Building blocks of every admin page: lists that stay fast, records nobody edits, and pages that do one thing."""

from core.admin.acts import ActPage, Page, RecordActPage, RecordPage
from core.admin.cells import money_cell, money_column
from core.admin.chosen import ChosenPage
from core.admin.fields import PlainDecimalField
from core.admin.filters import AnswerFilter, MomentRangeFilter, WeekFilter
from core.admin.list_sums import ListSum, Part
from core.admin.lists import audits, doors, people, schedule, tokens, users, webhooks  # noqa: F401  (they register)
from core.admin.records import Button, Fact, ListAdmin, ReadOnlyAdmin, find_url, label_of, list_url
from core.admin.search import OwnedRecordAdmin, find_owners
from core.admin.several import LeftAlone, SeveralPage
from core.admin.slices import Slice, SlicedPage

__all__ = [
    "ActPage",
    "AnswerFilter",
    "Button",
    "ChosenPage",
    "Fact",
    "LeftAlone",
    "ListAdmin",
    "ListSum",
    "MomentRangeFilter",
    "OwnedRecordAdmin",
    "Page",
    "Part",
    "PlainDecimalField",
    "ReadOnlyAdmin",
    "RecordActPage",
    "RecordPage",
    "SeveralPage",
    "Slice",
    "SlicedPage",
    "WeekFilter",
    "find_owners",
    "find_url",
    "label_of",
    "list_url",
    "money_cell",
    "money_column",
]
