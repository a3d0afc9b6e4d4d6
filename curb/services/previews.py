"""What a correction of a trip would have the next close do: it is done, looked at, and rolled back."""

from collections.abc import Callable
from dataclasses import dataclass

from core.previews import rolled_back
from curb.models import Trip
from curb.selectors import list_pending


@dataclass(frozen=True)
class CorrectionPreview:
    """What the next close would count of the trip, in sentences; without any, it would change nothing."""

    steps: list[str]


def preview_correction(act: Callable[[], Trip]) -> CorrectionPreview:
    """Say what the next close would do after ``act``, one call of a service that corrects a trip; and write nothing.

    :raises: what the service raises
    """
    with rolled_back():
        return CorrectionPreview([row.words for row in list_pending(act())])
