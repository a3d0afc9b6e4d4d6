"""Which DTRs were paid out, and which are to be."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, QuerySet

from core.weeks import Week
from dtr.models import Dtr
from dtr.selectors.statements import list_dtrs
from ledger import selectors as ledger
from ledger.categories import Kind


@dataclass(frozen=True, slots=True)
class DtrPayout:
    """A payout that names a DTR, in dollars; ``stands`` until it is voided."""

    payout_id: int
    reference_id: str
    method: str
    instrument_number: str
    amount: Decimal
    stands: bool


def list_payouts_of(dtrs: Iterable[Dtr]) -> dict[str, list[DtrPayout]]:
    """The payouts of each of these DTRs by its number, oldest first; voided ones too."""
    drivers = {dtr.reference_id: dtr.driver_id for dtr in dtrs}
    drawn = ledger.list_postings().filter(kind=Kind.PAYOUT, driver__in=set(drivers.values()))
    rows = drawn.filter(payout__dtr_number__in=list(drivers)).select_related("payout").order_by("payout_id", "id")
    found: dict[str, dict[int, DtrPayout]] = {number: {} for number in drivers}
    for posting in rows.prefetch_related("reversals"):
        payout = posting.payout
        assert payout is not None
        found[payout.dtr_number].setdefault(
            payout.pk,
            DtrPayout(
                payout.pk,
                payout.reference_id,
                payout.method,
                payout.instrument_number,
                payout.amount,
                stands=not list(posting.reversals.all()),
            ),
        )
    return {number: list(payouts.values()) for number, payouts in found.items()}


def list_later_dtrs(dtr: Dtr) -> QuerySet[Dtr]:
    """The driver's DTRs of later weeks."""
    return Dtr.objects.filter(driver=dtr.driver_id, week__gt=dtr.week_id)


def has_due_dtrs(week: Week) -> bool:
    """Whether a DTR of the week says that money is due and is its driver's latest; it may be paid by now."""
    return _list_due(week).exists()


def list_payable_dtrs(week: Week, dtr_ids: Collection[int] | None = None) -> list[Dtr]:
    """The DTRs of a week whose net is due, that are their driver's latest and were not paid out; by name."""
    dtrs = _list_due(week)
    if dtr_ids is not None:
        dtrs = dtrs.filter(pk__in=dtr_ids)
    chosen = list(dtrs.order_by("driver__last_name", "driver__first_name", "driver_id", "number"))
    paid = list_payouts_of(chosen)
    return [dtr for dtr in chosen if not any(payout.stands for payout in paid[dtr.reference_id])]


def _list_due(week: Week) -> QuerySet[Dtr]:
    later = Dtr.objects.filter(driver=OuterRef("driver"), week__gt=OuterRef("week"))
    return list_dtrs().filter(week=week.end, held__gt=F("owed_due")).exclude(Exists(later))
