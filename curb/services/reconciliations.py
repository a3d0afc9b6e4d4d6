"""Receipts: which trips are settled is reported to CURB, once their week is closed.

A receipt and its trips are written first, then sent until CURB has answered: a network that fails costs nothing but
another attempt, under the same number.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from core.transactions import bounded_transaction
from core.weeks import Week
from curb.client import CurbAccount, CurbClient, Patience
from curb.errors import CurbError
from curb.models import Reconciliation, Trip
from curb.selectors import list_receipts_to_send, list_unreported_trips, list_unsettled_weeks
from curb.services.imports import get_curb_account

#: Trips on one receipt, and receipts sent by one call.
TRIPS_ON_A_RECEIPT = 500
RECEIPTS_AT_ONCE = 200
_ERROR_KEPT = 500


@dataclass(frozen=True, slots=True)
class Settlement:
    """How many receipts CURB has confirmed, and which it has not, with the reasons."""

    confirmed: int
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Receipt:
    number: int
    record_ids: Sequence[str]
    from_at: datetime


def reconcile_trips(
    *, closed_through: Week, account: CurbAccount | None = None, patience: Patience | None = None
) -> Settlement:
    """Mark the trips of closed weeks as reconciled at CURB, each by the number of its receipt.

    ``closed_through`` is the last week that is closed; those before it are, too. ``account`` is the one of the
    settings unless another is given. Run again, it sends only what was not confirmed.

    :raises CurbNotConfigured: CURB's address or credentials are not given; nothing was written
    """
    account = account or get_curb_account()
    make_receipts(closed_through=closed_through)
    receipts = list_what_to_send()
    return note_answers(answers=asyncio.run(send_receipts(receipts, account=account, patience=patience)))


@bounded_transaction
def make_receipts(*, closed_through: Week) -> int:
    """Put every trip of the weeks up to that one that has no receipt on one, and return how many receipts were made.

    :raises Busy: somebody is making receipts just now
    """
    made = 0
    for week_end in list_unsettled_weeks(through=closed_through):
        trips = list_unreported_trips().filter(week_end=week_end).order_by("period", "start_at", "pk")
        # Two at once would put a trip on two receipts: the later one finds no trip left.
        locked = trips.select_for_update(no_key=True, of=("self",)).values_list("period", "pk")
        for period, group in groupby(locked, key=lambda row: row[0]):
            numbers = [pk for _, pk in group]
            for start in range(0, len(numbers), TRIPS_ON_A_RECEIPT):
                receipt = Reconciliation.objects.create(week_end=week_end, period=period)
                lot = numbers[start : start + TRIPS_ON_A_RECEIPT]
                Trip.objects.filter(pk__in=lot).update(reconciliation=receipt)
                made += 1
    return made


def list_what_to_send() -> list[_Receipt]:
    """The receipts that CURB has not confirmed, oldest first, with what is reported of each."""
    receipts = []
    for number in list_receipts_to_send().values_list("pk", flat=True)[:RECEIPTS_AT_ONCE]:
        trips = list(
            Trip.objects.filter(reconciliation=number).order_by("start_at", "pk").values_list("record_id", "start_at")
        )
        first = timezone.localtime(trips[0][1]).replace(tzinfo=None)
        receipts.append(_Receipt(number, [record_id for record_id, _ in trips], first))
    return receipts


async def send_receipts(
    receipts: Sequence[_Receipt], *, account: CurbAccount, patience: Patience | None = None
) -> dict[int, CurbError | None]:
    """Send receipts, a few at a time; each number with why it failed, or None. Nothing is written."""

    async def send(receipt: _Receipt) -> CurbError | None:
        try:
            await client.mark_reconciled(
                receipt_number=receipt.number, record_ids=receipt.record_ids, from_at=receipt.from_at
            )
        except CurbError as failure:
            return failure
        return None

    async with CurbClient(account, patience=patience) as client:
        answers = await asyncio.gather(*(send(receipt) for receipt in receipts))
    return {receipt.number: answer for receipt, answer in zip(receipts, answers, strict=True)}


@bounded_transaction
def note_answers(*, answers: dict[int, CurbError | None]) -> Settlement:
    """Note which receipts CURB has confirmed, and why it did not confirm the others.

    A receipt that another run has noted as confirmed stays as it is.

    :raises Busy: another run is at one of these receipts
    """
    confirmed, failures = 0, []
    for number, failure in sorted(answers.items()):
        open_ = Reconciliation.objects.filter(pk=number, confirmed_at=None)
        if failure is None:
            confirmed += open_.update(attempts=F("attempts") + 1, last_error="", confirmed_at=Now())
        else:
            open_.update(attempts=F("attempts") + 1, last_error=failure.message[:_ERROR_KEPT])
            failures.append(f"Receipt {number}: {failure.message}")
    return Settlement(confirmed, tuple(failures))
