"""Every write of going live: a workbook kept, previewed, and imported whole or not at all. Keyword-only."""

from golive.errors import (
    OpeningAlreadyImported,
    OpeningError,
    OpeningNotFound,
    OpeningNotRead,
    OpeningRefused,
    UnreadableWorkbook,
)
from golive.services.openings import (
    AccountEffect,
    CategoryTotal,
    OpeningOutcome,
    OpeningSummary,
    SheetTotal,
    import_opening,
    import_staged_opening,
    preview_opening,
    read_opening_again,
    read_staged_opening,
    stage_opening,
    summary_of,
)

__all__ = [
    "AccountEffect",
    "CategoryTotal",
    "OpeningAlreadyImported",
    "OpeningError",
    "OpeningNotFound",
    "OpeningNotRead",
    "OpeningOutcome",
    "OpeningRefused",
    "OpeningSummary",
    "SheetTotal",
    "UnreadableWorkbook",
    "import_opening",
    "import_staged_opening",
    "preview_opening",
    "read_opening_again",
    "read_staged_opening",
    "stage_opening",
    "summary_of",
]
