"""The ledger's own scheduled work. Each task calls one service, and may run again without harm."""

import logging

from celery import shared_task

from ledger import services

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def seal_rows_task() -> None:
    """Seal what was written since the last time, as far as its transactions are over."""
    services.seal_rows()


@shared_task(ignore_result=True)
def keep_sums_task() -> None:
    """Add what was written since the last time to the sums that are kept, as far as its transactions are over."""
    services.keep_sums()


@shared_task(ignore_result=True)
def verify_seals_task() -> None:
    """Compare the new seals, and a part of the older ones, with what they seal."""
    verification = services.verify_seals(is_whole=False)
    logger.info("Seals: %s findings.", verification.check.findings)
    for sentence in verification.findings:
        logger.error("Seals: %s", sentence)
