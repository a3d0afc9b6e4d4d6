"""A week's counted trips become money: card fares credited gross, trip taxes charged once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.models import User

from core.weeks import Week
from curb import selectors as trips
from curb import services as curb
from curb.rules import Share
from dtr import rules, words
from dtr.rules import Entry, EntryKind
from dtr.selectors import get_open_close
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
def credit_earnings(*, week: Week, driver_ids: Collection[int], actor: User | None = None) -> EarningsSummary:
    """Credit these drivers' card trips of a started week, gross, and charge the taxes of their card and cash trips.

    One EARNINGS credit and one TAXES obligation per driver and lease; a sum below zero becomes a RECOVERY obligation,
    or a credit memo. The trips are marked with the references in the same transaction, so a second run posts nothing.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises ReferenceConflict: one of the week's references was posted by something else
    """
    locks.lock_accounts(driver_ids)
    get_open_close(week)
    shares = trips.list_uncredited_shares(week=week, driver_ids=driver_ids)
    if shares:
        _post(shares, week, actor)
        curb.mark_trips(week=week, shares=[_name_share(share, week) for share in shares])
    return EarningsSummary(
        shares=len(shares),
        card_total=sum((share.card_total for share in shares), ZERO),
        taxes_total=sum((share.taxes_total for share in shares), ZERO),
    )


def _post(shares: Sequence[Share], week: Week, actor: User | None) -> None:
    entries = [(share, entry) for share in shares for entry in rules.list_entries(share, week)]
    ledger.post_earnings_batch(
        [
            ledger.Opening(
                category=Category.EARNINGS,
                amount=entry.amount,
                reference_id=entry.reference_id,
                driver_id=share.driver_id,
                effective_on=week.end,
                lease_id=share.lease_id,
                vehicle_id=share.vehicle_id,
                description=words.say_card_trips(week, share.card_trips),
            )
            for share, entry in entries
            if entry.kind == EntryKind.EARNINGS
        ],
        actor=actor,
    )
    ledger.create_obligations(
        [
            ledger.Opening(
                category=Category.TAXES if entry.kind == EntryKind.TAXES else Category.RECOVERY,
                amount=entry.amount,
                reference_id=entry.reference_id,
                driver_id=share.driver_id,
                lease_id=share.lease_id,
                vehicle_id=share.vehicle_id,
                due_on=week.end,
                effective_on=week.end,
                description=words.say_trip_taxes(week, share.taxed_trips)
                if entry.kind == EntryKind.TAXES
                else words.say_cards_below_zero(week),
            )
            for share, entry in entries
            if entry.kind in (EntryKind.TAXES, EntryKind.RECOVERY)
        ],
        actor=actor,
    )
    negative = [entry.reference_id for _, entry in entries if entry.kind == EntryKind.RECOVERY]
    if negative:
        ledger.record_negative_weeks(reference_ids=negative, actor=actor)
    for share, entry in entries:
        if entry.kind == EntryKind.TAX_REFUND:
            _refund_taxes(share, entry, week, actor)


def _refund_taxes(share: Share, entry: Entry, week: Week, actor: User | None) -> None:
    # Rare (more refunded trips than new ones), so one call each.
    ledger.credit_driver(
        driver_id=share.driver_id,
        category=Category.TAXES,
        amount=entry.amount,
        reference_id=entry.reference_id,
        reason=f"Refunded trips: the trip taxes of the week ending {week.end} sum to less than nothing",
        lease_id=share.lease_id,
        vehicle_id=share.vehicle_id,
        effective_on=week.end,
        description=words.say_taxes_below_zero(week),
        actor=actor,
    )


def _name_share(share: Share, week: Week) -> curb.CountedShare:
    return curb.CountedShare(
        driver_id=share.driver_id,
        lease_id=share.lease_id,
        credited_reference=rules.credited_reference_of(share, week),
        taxes_reference=rules.taxes_reference_of(share, week),
    )
