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
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.categories import Category, Kind
from ledger.money import ZERO

TAXES_BELOW_ZERO = "Refunded trips: the trip taxes of the week ending {week.end} sum to less than nothing"

_CATEGORIES = {
    EntryKind.EARNINGS: Category.EARNINGS,
    EntryKind.RECOVERY: Category.RECOVERY,
    EntryKind.TAXES: Category.TAXES,
    EntryKind.TAX_REFUND: Category.TAXES,
}
_KINDS = {
    EntryKind.EARNINGS: Kind.EARNINGS,
    EntryKind.RECOVERY: Kind.OBLIGATION,
    EntryKind.TAXES: Kind.OBLIGATION,
    EntryKind.TAX_REFUND: Kind.CREDIT_MEMO,
}


@dataclass(frozen=True, slots=True)
class EarningsSummary:
    """What crediting a week's trips posted, in dollars; both sums may be below zero."""

    shares: int
    card_total: Decimal
    taxes_total: Decimal


@ledger.money_transaction
def credit_earnings(*, week: Week, driver_ids: Collection[int], actor: User | None = None) -> EarningsSummary:
    """Count these drivers' new trips of a started week, credit card trips gross, and charge card and cash trips' taxes.

    One EARNINGS credit and one TAXES obligation per driver and lease; a sum below zero becomes a RECOVERY obligation,
    or a credit memo. Earnings come first and taxes after them, each by lease number, so that which of a driver's
    credits pays first is always the same. What was posted before, or posted and voided, is not posted again.

    :raises WeekNotStarted, WeekAlreadyClosed: not a week whose close is open
    :raises ReferenceConflict: one of the week's references was posted by something else
    """
    locks.lock_accounts(driver_ids)
    close = get_open_close(week)
    # Whoever was credited is not counted once more: what was matched since would be counted, and credited by nobody.
    counted = trips.list_shares(week=week, driver_ids=driver_ids)
    posted = _find_posted(counted)
    credited = {share.driver_id for share in counted if share.name in posted}
    fresh = [driver_id for driver_id in driver_ids if driver_id not in credited]
    curb.freeze_new_trips(week=week, driver_ids=fresh, through_id=close.trips_through)
    shares = _leave_out_posted(trips.list_shares(week=week, driver_ids=driver_ids))
    if shares:
        _post(shares, week, actor)
    return EarningsSummary(
        shares=len(shares),
        card_total=sum((share.card_total for share in shares), ZERO),
        taxes_total=sum((share.taxes_total for share in shares), ZERO),
    )


def _leave_out_posted(shares: Sequence[Share]) -> list[Share]:
    """The shares with money of which this step has posted nothing; voided since, it stays voided in this week."""
    posted = _find_posted(shares)
    return [share for share in shares if rules.list_entries(share) and share.name not in posted]


def _find_posted(shares: Sequence[Share]) -> set[str]:
    """The names of the shares of which this step has posted something, voided since or not."""
    entries = {entry.reference_id: (share, entry) for share in shares for entry in rules.list_entries(share)}
    if not entries:
        return set()
    postings = ledger_selectors.list_postings().filter(reference_id__among=entries, balance=None)
    posted = set()
    for reference_id, driver_id, kind in postings.values_list("reference_id", "driver_id", "kind"):
        share, entry = entries[reference_id]
        if driver_id == share.driver_id and kind == _KINDS[entry.kind]:
            posted.add(share.name)
    return posted


def _post(shares: Sequence[Share], week: Week, actor: User | None) -> None:
    openings: dict[EntryKind, list[ledger.Opening]] = {kind: [] for kind in EntryKind}
    for share in shares:
        for entry in rules.list_entries(share):
            openings[entry.kind].append(_open(share, entry, week))
    ledger.post_earnings_batch(openings[EntryKind.EARNINGS], actor=actor)
    ledger.create_obligations([*openings[EntryKind.TAXES], *openings[EntryKind.RECOVERY]], actor=actor)
    negative = [opening.reference_id for opening in openings[EntryKind.RECOVERY]]
    if negative:
        ledger.record_negative_weeks(reference_ids=negative, actor=actor)
    ledger.credit_drivers(openings[EntryKind.TAX_REFUND], actor=actor)


def _open(share: Share, entry: Entry, week: Week) -> ledger.Opening:
    is_debt = entry.kind in (EntryKind.TAXES, EntryKind.RECOVERY)
    return ledger.Opening(
        category=_CATEGORIES[entry.kind],
        amount=entry.amount,
        reference_id=entry.reference_id,
        driver_id=share.driver_id,
        lease_id=share.lease_id,
        vehicle_id=share.vehicle_id,
        effective_on=week.end,
        due_on=week.end if is_debt else None,
        reason=TAXES_BELOW_ZERO.format(week=week) if entry.kind == EntryKind.TAX_REFUND else "",
        description=_describe(share, entry.kind, week),
    )


def _describe(share: Share, kind: EntryKind, week: Week) -> str:
    match kind:
        case EntryKind.EARNINGS:
            return words.say_card_trips(week, share.card_trips)
        case EntryKind.TAXES:
            return words.say_trip_taxes(week, share.taxed_trips)
        case EntryKind.RECOVERY:
            return words.say_cards_below_zero(week)
        case EntryKind.TAX_REFUND:
            return words.say_taxes_below_zero(week)
