"""Every write of going live: a workbook kept, previewed, and imported whole or not at all. Keyword-only."""

from golive.errors import OpeningAlreadyImported, OpeningError, OpeningRefused, UnreadableWorkbook
from golive.services.openings import (
    AccountEffect,
    CategoryTotal,
    OpeningOutcome,
    OpeningSummary,
    SheetTotal,
    import_opening,
    preview_opening,
    stage_opening,
)

__all__ = [
    "AccountEffect",
    "CategoryTotal",
    "OpeningAlreadyImported",
    "OpeningError",
    "OpeningOutcome",
    "OpeningRefused",
    "OpeningSummary",
    "SheetTotal",
    "UnreadableWorkbook",
    "import_opening",
    "preview_opening",
    "stage_opening",
]
