"""A workbook is read by a worker. Each task may run at any time, and again without harm."""

import logging
from contextlib import suppress

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerDown

from core.errors import DomainError
from core.telling import telling_refusals
from golive import services
from golive.models import OpeningImport

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def read_opening_task(opening_id: int) -> None:
    """Read a workbook that was uploaded, and keep what it would do or what is wrong with it."""
    with suppress(DomainError), telling_refusals(logger, "Opening %s", opening_id):
        services.read_staged_opening(opening_id=opening_id, today=timezone.localdate())


@shared_task(ignore_result=True)
def read_openings_task() -> None:
    """Read the workbooks that no message brought to a worker."""
    waiting = OpeningImport.objects.filter(read_at=None, imported_at=None)
    for opening_id in waiting.order_by("pk").values_list("pk", flat=True):
        read_opening_task(opening_id)


def send_opening(opening: OpeningImport) -> None:
    """Have a worker read a workbook. If no message gets through, the next :func:`read_openings_task` does."""
    try:
        read_opening_task.apply_async((opening.pk,))
    except BrokerDown:
        logger.warning("Opening %s could not be sent: the broker does not answer.", opening.pk)
