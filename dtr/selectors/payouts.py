"""Which DTRs were paid out, and which are to be."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, Concat, Greatest, Length, LPad
from django.db.models.lookups import Exact

from core.weeks import Week
from dtr.models import Dtr, WeekClose
from dtr.selectors.statements import list_dtrs
from ledger import selectors as ledger
from ledger.categories import Kind, PaymentMethod
from ledger.money import ZERO, format_dollars


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


@dataclass(frozen=True, slots=True)
class PlannedPayout:
    """What may be paid out for a DTR by now, in dollars, and in a sentence why it is less than the DTR says.

    ``held`` is what its own lease's credits still hold: a payout above it is refused.
    """

    amount: Decimal
    held: Decimal
    why: str = ""


def plan_payouts(dtrs: Sequence[Dtr], *, on: date) -> list[PlannedPayout]:
    """Return what each of these DTRs would be paid by, one after the other, on a day; by a fixed number of queries.

    A DTR is paid its net, from the credits of its own lease alone; and no more than what is held for the driver less
    what they owe over all leases.
    """
    payables = ledger.list_payables([(dtr.driver_id, ledger.PayoutScope(dtr.lease_id)) for dtr in dtrs], on=on)
    planned = []
    paid: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for dtr, payable in zip(dtrs, payables, strict=True):
        left = max(payable.net - paid[dtr.driver_id], ZERO)
        amount = min(dtr.net_due, left)
        why = ""
        if amount < dtr.net_due:
            why = f"{format_dollars(amount)} of {format_dollars(dtr.net_due)}: {payable.say_net()}"
        if payable.held_in_scope < amount:
            why = (
                f"The credits of its own lease hold {format_dollars(payable.held_in_scope)} by now: "
                f"{format_dollars(amount)} would be refused."
            )
        paid[dtr.driver_id] += amount
        planned.append(PlannedPayout(amount, payable.held_in_scope, why))
    return planned


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
        dtrs = dtrs.filter(pk__among=dtr_ids)
    chosen = list(dtrs.order_by("driver__last_name", "driver__first_name", "driver_id", "number"))
    paid = list_payouts_of(chosen)
    return [dtr for dtr in chosen if not any(payout.stands for payout in paid[dtr.reference_id])]


def list_unpaid_dtrs() -> QuerySet[Dtr]:
    """The DTRs of the week closed last whose net is due and that were not paid out, by one statement."""
    return Dtr.objects.filter(is_unpaid())


def is_unpaid() -> Q:
    """The condition on DTRs of :func:`list_unpaid_dtrs`."""
    closed = WeekClose.objects.filter(state=WeekClose.State.CLOSED).order_by("-week_end")
    return Q(week=Subquery(closed.values("week_end")[:1]), held__gt=F("owed_due")) & ~is_paid_out()


def is_paid_out() -> Q:
    """The condition on DTRs that a payout names them and stands."""
    digits = Cast(OuterRef("number"), CharField())
    name = Concat(Value("DTR-"), LPad(digits, Greatest(Length(digits), 6), Value("0")))
    return Q(Exists(ledger.list_standing_payouts().filter(dtr_number=name)))


@dataclass(frozen=True, slots=True)
class UnpaidSum:
    """DTRs that were not paid out, of drivers who were paid last by one method (blank: never yet); dollars."""

    method: str
    count: int
    amount: Decimal


def sum_unpaid_by_method() -> list[UnpaidSum]:
    """Return what of :func:`list_unpaid_dtrs` is of drivers of each method, in the order of the methods."""
    rows = list_unpaid_dtrs().order_by().annotate(method=_last_method()).values_list("method")
    told = {
        method: UnpaidSum(method, count, amount)
        for method, count, amount in rows.annotate(count=Count("pk"), amount=Sum(F("held") - F("owed_due")))
    }
    return [told[method] for method in (*PaymentMethod.values, "") if method in told]


def is_unpaid_of_method(method: str) -> Q:
    """The condition on DTRs of :func:`list_unpaid_dtrs` that their driver was paid last by this method; blank: never.

    Of all DTRs there are it would look for the last payout of each.
    """
    return is_unpaid() & Q(Exact(_last_method(), Value(method)))


def _last_method() -> Coalesce:
    payouts = ledger.list_standing_payouts().filter(driver=OuterRef("driver")).order_by("-pk")
    return Coalesce(Subquery(payouts.values("method")[:1]), Value(""))


def _list_due(week: Week) -> QuerySet[Dtr]:
    later = Dtr.objects.filter(driver=OuterRef("driver"), week__gt=OuterRef("week"))
    return list_dtrs().filter(week=week.end, held__gt=F("owed_due")).exclude(Exists(later))
