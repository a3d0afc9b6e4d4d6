"""A week's counted trips become money: card fares credited gross, trip taxes charged once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection

from dtr import rules
from dtr.rules import Entry, EntryKind, PaymentType, Share
from dtr.selectors import list_shares_to_post
from dtr.services.checks import get_open_week
from ledger import locks
from ledger import services as ledger
from ledger.categories import Category
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class EarningsSummary:
    """What crediting a week's trips did, in dollars; both may be below zero."""

    shares: int
    card_total: Decimal
    taxes_total: Decimal


@ledger.money_transaction
def credit_earnings(*, week_end: date, driver_ids: Collection[int], actor: User | None = None) -> EarningsSummary:
    """Credit these drivers' card trips of a started week, gross, and charge the taxes of their card and cash trips.

    One EARNINGS credit and one TAXES obligation per driver and lease; a sum below zero becomes a RECOVERY obligation,
    or a credit memo. The trips are marked with the references in the same transaction, so a second run posts nothing.

    :raises NotASaturday, WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises ReferenceConflict: one of the week's references was posted by something else
    """
    locks.lock_accounts(driver_ids)
    get_open_week(week_end)
    shares = list_shares_to_post(week_end=week_end, driver_ids=driver_ids)
    if shares:
        _post(shares, week_end, actor)
        _mark_trips(shares, week_end)
    return EarningsSummary(
        shares=len(shares),
        card_total=sum((share.card_total for share in shares), ZERO),
        taxes_total=sum((share.taxes_total for share in shares), ZERO),
    )


def _post(shares: Sequence[Share], week_end: date, actor: User | None) -> None:
    entries = [(share, entry) for share in shares for entry in rules.list_entries(share, week_end)]
    ledger.post_earnings_batch(
        [
            ledger.NewEarnings(
                amount=entry.amount,
                reference_id=entry.reference_id,
                driver_id=share.driver_id,
                effective_on=week_end,
                lease_id=share.lease_id,
                vehicle_id=share.vehicle_id,
            )
            for share, entry in entries
            if entry.kind == EntryKind.EARNINGS
        ],
        actor=actor,
    )
    ledger.create_obligations(
        [
            ledger.NewObligation(
                category=Category.TAXES if entry.kind == EntryKind.TAXES else Category.RECOVERY,
                amount=entry.amount,
                reference_id=entry.reference_id,
                driver_id=share.driver_id,
                lease_id=share.lease_id,
                vehicle_id=share.vehicle_id,
                due_on=week_end,
                effective_on=week_end,
            )
            for share, entry in entries
            if entry.kind in (EntryKind.TAXES, EntryKind.RECOVERY)
        ],
        actor=actor,
    )
    for share, entry in entries:
        if entry.kind == EntryKind.TAX_REFUND:
            _refund_taxes(share, entry, week_end, actor)


def _refund_taxes(share: Share, entry: Entry, week_end: date, actor: User | None) -> None:
    # Rare (more refunded trips than new ones), so one call each.
    ledger.credit_driver(
        driver_id=share.driver_id,
        category=Category.TAXES,
        amount=entry.amount,
        reference_id=entry.reference_id,
        reason=f"Refunded trips: the trip taxes of the week ending {week_end} sum to less than nothing",
        lease_id=share.lease_id,
        vehicle_id=share.vehicle_id,
        effective_on=week_end,
        actor=actor,
    )


def _mark_trips(shares: Sequence[Share], week_end: date) -> None:
    """Set the references on the trips that were summed. The accounts are locked, so they are the same trips."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE dtr_trips t SET
                credited_reference = CASE WHEN t.payment_type = ANY(%s) THEN share.credited ELSE '' END,
                taxes_reference = share.taxes
            FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[])
                AS share (driver_id, lease_id, credited, taxes)
            WHERE t.week_end = %s AND t.payment_type = ANY(%s) AND t.taxes_reference = ''
                AND t.driver_id = share.driver_id AND t.lease_id IS NOT DISTINCT FROM share.lease_id
            """,
            [
                _values(rules.EARNING_TYPES),
                [share.driver_id for share in shares],
                [share.lease_id for share in shares],
                [rules.credited_reference_of(share, week_end) for share in shares],
                [rules.taxes_reference_of(share, week_end) for share in shares],
                week_end,
                _values(rules.TAXED_TYPES),
            ],
        )


def _values(types: Collection[PaymentType]) -> list[str]:
    return [kind.value for kind in types]
