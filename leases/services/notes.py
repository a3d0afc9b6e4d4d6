"""Notes on a driver: written once."""

from django.contrib.auth.models import User

from core.checks import check_text
from core.transactions import bounded_transaction
from leases.models import MAX_NOTE, Driver, DriverNote
from ledger import services as ledger


@bounded_transaction
def write_note(*, driver_id: int, text: str, actor: User | None) -> DriverNote:
    """Write a note on a driver's page. It can't be edited, only followed by another.

    :raises core.errors.ValueInvalid: nothing, more than 2,000 characters, or characters that can't be seen
    :raises ledger.services.DriverNotFound: no driver has this number
    """
    text = check_text(text, field="text", longest=MAX_NOTE)
    if not Driver.objects.filter(pk=driver_id).exists():
        raise ledger.DriverNotFound(f"No driver {driver_id}.")
    note = DriverNote.objects.create(driver_id=driver_id, text=text, written_by=actor)
    note.refresh_from_db()
    return note
