"""Long imports, and the review queue matched anew. Each task may run at any time, and again without harm."""

import logging
from contextlib import suppress

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from core.errors import DomainError
from core.telling import telling_refusals
from tickets import selectors, services
from tickets.models import TicketImport

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def read_file_task(import_id: int) -> None:
    """Read a file that was uploaded; what is wrong with it as a whole is kept with it."""
    with suppress(DomainError), telling_refusals(logger, "Ticket file %s", import_id):
        services.read_received_file(import_id=import_id, today=timezone.localdate())


@shared_task(ignore_result=True)
def import_file_task(import_id: int) -> None:
    """Go on with a confirmed file until all of it is in."""
    with suppress(DomainError), telling_refusals(logger, "Ticket file %s", import_id):
        services.confirm_import(import_id=import_id, today=timezone.localdate())


@shared_task(ignore_result=True)
def import_part_task(import_id: int, part: int) -> None:
    """Go on with one part of a confirmed file; whoever ends the last part finishes the file."""
    services.import_part(import_id=import_id, part=part)
    services.finish_import(import_id=import_id)


@shared_task(ignore_result=True)
def rematch_waiting_task() -> None:
    """Read files that wait for it, resume imports that were cut short, and charge what was entered since has told."""
    for import_id in selectors.list_received_imports():
        read_file_task(import_id)
    for import_id in selectors.list_unfinished_imports():
        import_file_task(import_id)
    charged = services.rematch_waiting(today=timezone.localdate())
    if charged:
        logger.info("%s waiting tickets were matched.", charged)


def send_reading(file: TicketImport) -> None:
    """Have a worker read a file that was received. If no message gets through, :func:`rematch_waiting_task` does."""
    try:
        read_file_task.apply_async((file.pk,))
    except BrokerDown:
        logger.warning("Ticket file %s could not be sent: the broker does not answer.", file.pk)


def send_import(file: TicketImport) -> None:
    """Have workers import a confirmed file, its parts at the same time where two are free.

    If no message gets through, the next :func:`rematch_waiting_task` does it.
    """
    try:
        for part in range(selectors.count_parts(file)):
            import_part_task.apply_async((file.pk, part))
    except BrokerDown:
        logger.warning("Ticket file %s could not be sent: the broker does not answer.", file.pk)
