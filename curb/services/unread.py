"""Records that could not be read are kept with their file, until somebody says that they were looked at."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db.models.functions import Now

from core.checks import check_reason
from core.transactions import bounded_transaction
from curb.errors import AlreadySeen, TripFileNotFound
from curb.importers.trips import RowError
from curb.models import TripFile, UnreadRecord

#: Unread records that are kept of a file; how many there are is kept of all.
ERRORS_KEPT = 500


@bounded_transaction
def mark_seen(*, file_id: int, reason: str, actor: User | None) -> int:
    """Say that a file's unread records were looked at, and what was found; return how many they were.

    :raises ReasonRequired: no reason given
    :raises TripFileNotFound: there is no such file
    :raises AlreadySeen: none of its records waits to be looked at
    :raises Busy: somebody is at them just now
    """
    reason = check_reason(reason)
    if not TripFile.objects.filter(pk=file_id).exists():
        raise TripFileNotFound(f"There is no file {file_id}.", file_id=file_id)
    unseen = UnreadRecord.objects.filter(file=file_id, seen_at=None).order_by("pk").select_for_update()
    numbers = list(unseen.values_list("pk", flat=True))
    if not numbers:
        raise AlreadySeen("No record of this file waits to be looked at.", file_id=file_id)
    return UnreadRecord.objects.filter(pk__in=numbers).update(seen_by=actor, seen_at=Now(), seen_reason=reason)


def count_rows(file: TripFile, row_count: int, errors: Sequence[RowError]) -> None:
    """Note of every row what became of it: imported, known before, or in error, which is kept with its reason."""
    file.row_count = row_count
    file.error_count = len({error.row for error in errors})
    file.known_count = file.row_count - file.imported_count - file.error_count
    file.save()
    first = sorted(errors, key=lambda error: error.row)[:ERRORS_KEPT]
    UnreadRecord.objects.bulk_create(
        UnreadRecord(
            file=file,
            row=error.row,
            attribute=error.attribute[:60],
            message=error.message[:300],
            day=error.day or file.asked_on,
        )
        for error in first
    )
