"""The ledger's scheduled work. Each task reads the clock, calls one service, and may run again without harm."""

import logging

from celery import shared_task
from django.utils import timezone

from config.kit.weeks import week_of
from ledger import services

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def post_scheduled_installments_task() -> None:
    """Post every installment that is due by today in New York."""
    counts = services.post_scheduled_installments(as_of=timezone.localdate())
    logger.info("Installments: %s posted, %s found posted.", counts.posted, counts.already_posted)


@shared_task(ignore_result=True)
def apply_earnings_for_dtr_task() -> None:
    """Apply held credits to what was due by the Saturday of the last full week."""
    summary = services.apply_weekly_earnings(as_of=week_of(timezone.localdate()).previous.end)
    logger.info(
        "Waterfall: %s applied to %s obligations of %s drivers.", summary.amount, summary.applications, summary.drivers
    )


@shared_task(ignore_result=True)
def run_audits_task() -> None:
    """Run every audit of every app and keep the results."""
    run = services.run_audits()
    logger.info("Audits: %s findings.", run.findings)
