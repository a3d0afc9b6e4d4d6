"""What the documents of many DTRs tell besides their own columns, read for all of them at once.

Everything is as it was at each DTR's cut: what was posted, voided or paid out since is not told, so that the same DTR
gives the same document for ever.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from curb import selectors as curb
from dtr.models import Dtr, DtrLine
from dtr.selectors.statements import DtrEntry, UndoneRow, list_dtrs, list_entries_of, list_undone_of
from ledger import selectors as ledger
from ledger.categories import Category, EntryType, Kind
from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class YearToDate:
    """What a driver's DTRs of a calendar year come to, over all their leases, in dollars."""

    year: int
    card_total: Decimal
    taxes: Decimal
    charges: Decimal
    paid_out: Decimal


@dataclass(frozen=True, slots=True)
class FurtherDriver:
    """Who else drove on a lease in a DTR's week, and what was counted for them there."""

    name: str
    license: str
    trips: list[curb.CountedTrip]
    dtr: Dtr | None


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything that the document of one DTR is made of."""

    dtr: Dtr
    lines: list[DtrLine]
    entries: list[DtrEntry]
    charges: list[ledger.ChargeAtCut]
    undone: list[UndoneRow]
    trips: list[curb.CountedTrip]
    siblings: list[Dtr]
    year: YearToDate
    #: How the last DTR on this lease was paid, in words, as known at the seal; None where it was not.
    last_payment: list[str]
    last: Dtr | None
    #: A later DTR that was sealed on the same day: the money of this one is paid with it.
    paid_with: Dtr | None
    further: list[FurtherDriver]
    #: What each posting is in the words that its driver knows, by id.
    words: dict[int, str] = field(default_factory=dict)


def list_papers(dtrs: Sequence[Dtr]) -> list[Paper]:
    """Return what the documents of these DTRs are made of, in their order."""
    family = _Family(dtrs)
    entries = list_entries_of(dtrs)
    undone = list_undone_of(dtrs)
    charges = _list_charges(dtrs)
    years = _sum_years(dtrs)
    payments = _list_last_payments(dtrs, family)
    logs = curb.list_trip_logs({key for dtr in dtrs for key in (_log_of(dtr), *_logs_of_further(dtr))})
    words = ledger.list_words(
        {row.entry.posting_id for rows in entries.values() for row in rows}
        | {row.undone.opening_id for rows in undone.values() for row in rows}
        | {charge.posting_id for rows in charges.values() for charge in rows}
        | {posting_id for posting_ids in payments.values() for posting_id in posting_ids}
    )
    return [
        Paper(
            dtr=dtr,
            lines=list(dtr.lines.all()),
            entries=entries.get(dtr.pk, []),
            charges=charges.get(dtr.pk, []),
            undone=undone.get(dtr.pk, []),
            trips=logs.get(_log_of(dtr), []),
            siblings=family.list_siblings(dtr),
            year=years[dtr.driver_id, dtr.week_id],
            last_payment=[words[posting_id] for posting_id in payments.get(dtr.pk, [])],
            last=family.find_last(dtr),
            paid_with=family.find_paid_with(dtr),
            further=_list_further(dtr, family, logs),
            words=words,
        )
        for dtr in dtrs
    ]


class _Family:
    """The other DTRs that the papers of these tell of, and no more: a driver has one for each week that they drove."""

    def __init__(self, dtrs: Sequence[Dtr]) -> None:
        further = {driver_id for dtr in dtrs for _, driver_id, _ in _logs_of_further(dtr)}
        near = Q(week__in={dtr.week_id for dtr in dtrs}) | Q(sealed_on__in={dtr.sealed_on for dtr in dtrs})
        told = list_dtrs().filter(near, driver__in={dtr.driver_id for dtr in dtrs} | further)
        last = list_dtrs().filter(pk__in=_list_last([dtr.pk for dtr in dtrs]))
        self._of_driver: dict[int, list[Dtr]] = defaultdict(list)
        for dtr in sorted({*told, *last}, key=lambda dtr: (dtr.week_id, dtr.number)):
            self._of_driver[dtr.driver_id].append(dtr)

    def list_siblings(self, dtr: Dtr) -> list[Dtr]:
        of_week = (other for other in self._of_driver[dtr.driver_id] if other.week_id == dtr.week_id)
        return [other for other in of_week if other.pk != dtr.pk]

    def find_last(self, dtr: Dtr) -> Dtr | None:
        before = [other for other in self._on_lease(dtr) if other.week_id < dtr.week_id]
        return before[-1] if before else None

    def find_paid_with(self, dtr: Dtr) -> Dtr | None:
        later = (other for other in self._on_lease(dtr) if other.week_id > dtr.week_id)
        same_day = [other for other in later if other.sealed_on == dtr.sealed_on]
        return same_day[-1] if same_day else None

    def find_of_lease(self, dtr: Dtr, driver_id: int) -> Dtr | None:
        """The DTR of another driver of the same lease and week."""
        of_lease = (other for other in self._of_driver[driver_id] if other.lease_id == dtr.lease_id)
        return next((other for other in of_lease if other.week_id == dtr.week_id), None)

    def _on_lease(self, dtr: Dtr) -> list[Dtr]:
        return [other for other in self._of_driver[dtr.driver_id] if other.lease_id == dtr.lease_id]


def _list_last(dtr_ids: Collection[int]) -> list[int]:
    """The DTR before each of these, of the same driver on the same lease, of those that have one."""
    on_lease = Coalesce("lease_id", 0)
    before = Dtr.objects.annotate(on_lease=on_lease).filter(
        driver=OuterRef("driver"), on_lease=OuterRef("on_lease"), week__lt=OuterRef("week")
    )
    asked = Dtr.objects.filter(pk__among=dtr_ids).annotate(on_lease=on_lease)
    return list(
        asked.annotate(last=Subquery(before.order_by("-week").values("pk")[:1]))
        .filter(last__isnull=False)
        .values_list("last", flat=True)
    )


def _list_charges(dtrs: Sequence[Dtr]) -> dict[int, list[ledger.ChargeAtCut]]:
    charges: dict[int, list[ledger.ChargeAtCut]] = defaultdict(list)
    for of_cut in _split_by_cut(dtrs):
        cuts = [ledger.AccountCut(driver, previous, through) for (driver, through), (previous, _) in of_cut.items()]
        for charge in ledger.list_charges_at_cuts(cuts):
            dtr_id = of_cut[charge.driver_id, charge.sealed_through][1].get(charge.lease_id)
            if dtr_id is not None:
                charges[dtr_id].append(charge)
    return charges


def _split_by_cut(dtrs: Iterable[Dtr]) -> list[dict[tuple[int, int], tuple[int, dict[int | None, int]]]]:
    """By driver and end of the cut: its beginning, and the ids of the DTRs by lease.

    In one part, unless a driver's next DTR had no postings of its own, and so shares the end.
    """
    parts: list[dict[tuple[int, int], tuple[int, dict[int | None, int]]]] = []
    for dtr in dtrs:
        key = dtr.driver_id, dtr.sealed_through
        for part in parts:
            if part.setdefault(key, (dtr.previous_cut, {}))[0] == dtr.previous_cut:
                part[key][1][dtr.lease_id] = dtr.pk
                break
        else:
            parts.append({key: (dtr.previous_cut, {dtr.lease_id: dtr.pk})})
    return parts


def _sum_years(dtrs: Iterable[Dtr]) -> dict[tuple[int, date], YearToDate]:
    """The drivers' years up to each week: a sum of sealed figures, so it never changes."""
    years: dict[tuple[int, date], YearToDate] = {}
    for week_end in {dtr.week_id for dtr in dtrs}:
        drivers = {dtr.driver_id for dtr in dtrs if dtr.week_id == week_end}
        sealed = Dtr.objects.filter(driver__among=drivers, week__gte=date(week_end.year, 1, 1), week__lte=week_end)
        cards = dict(sealed.order_by().values_list("driver_id").annotate(Sum("card_total")))
        sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        lines = (
            DtrLine.objects.filter(dtr__in=sealed).order_by().values_list("dtr__driver_id", "entry_type", "category")
        )
        for driver_id, side, category, charged, corrected, paid_out, undone in lines.annotate(
            Sum("opened"), Sum("corrected"), Sum("paid_out"), Sum("payouts_undone")
        ):
            if side == EntryType.DEBIT:
                sums[driver_id]["taxes" if category == Category.TAXES else "other"] += charged + corrected
            elif category != Category.DEPOSIT:
                sums[driver_id]["paid_out"] += paid_out - undone
        for driver_id in drivers:
            of_driver = sums[driver_id]
            years[driver_id, week_end] = YearToDate(
                year=week_end.year,
                card_total=cards.get(driver_id, ZERO),
                taxes=of_driver["taxes"],
                charges=of_driver["taxes"] + of_driver["other"],
                paid_out=of_driver["paid_out"],
            )
    return years


def _list_last_payments(dtrs: Iterable[Dtr], family: _Family) -> dict[int, list[int]]:
    """The payout postings of each DTR's predecessor that stood at its own cut, a posting for each payout."""
    lasts = {dtr.pk: last for dtr in dtrs if (last := family.find_last(dtr)) is not None}
    numbers = {last.reference_id for last in lasts.values()}
    drawn: dict[str, list[tuple[int, int, int | None]]] = defaultdict(list)
    rows = ledger.list_postings().filter(
        kind=Kind.PAYOUT, driver__among={dtr.driver_id for dtr in dtrs}, payout__dtr_number__among=numbers
    )
    for number, payout_id, drawn_in, voided_in in rows.order_by("pk").values_list(
        "payout__dtr_number", "payout_id", "pk", "reversals__pk"
    ):
        if payout_id is not None:
            drawn[number].append((payout_id, drawn_in, voided_in))
    payments: dict[int, list[int]] = {}
    for dtr in dtrs:
        last = lasts.get(dtr.pk)
        standing: dict[int, int] = {}
        for drawn_by, posting_id, voided_by in drawn[last.reference_id] if last else []:
            if posting_id <= dtr.sealed_through and (voided_by is None or voided_by > dtr.sealed_through):
                standing.setdefault(drawn_by, posting_id)
        payments[dtr.pk] = list(standing.values())
    return payments


def _log_of(dtr: Dtr) -> curb.LogKey:
    return dtr.week_id, dtr.driver_id, dtr.lease_id


def _logs_of_further(dtr: Dtr) -> list[curb.LogKey]:
    return [(dtr.week_id, driver["driver"], dtr.lease_id) for driver in dtr.told.get("further_drivers", [])]


def _list_further(dtr: Dtr, family: _Family, logs: Mapping[curb.LogKey, list[curb.CountedTrip]]) -> list[FurtherDriver]:
    return [
        FurtherDriver(
            name=driver["name"],
            license=driver["license"],
            trips=logs.get(key, []),
            dtr=family.find_of_lease(dtr, driver["driver"]),
        )
        for driver, key in zip(dtr.told.get("further_drivers", []), _logs_of_further(dtr), strict=True)
    ]
