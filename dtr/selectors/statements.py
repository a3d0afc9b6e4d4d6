"""Reads of DTRs: their lines in words, the postings behind them, and where the next ones begin."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from core.expressions import is_of_batch
from core.weeks import Week, week_ending, weeks_between
from dtr.errors import DtrNotFound
from dtr.models import Dtr, DtrLine
from ledger import selectors as ledger
from ledger.categories import Category, EntryType, Kind
from ledger.money import ZERO

_WORDS = {
    Kind.OBLIGATION: "Charged",
    Kind.PAYMENT: "Paid at the counter",
    Kind.DEPOSIT: "Deposit received",
    Kind.EARNINGS: "Card fares, gross",
    Kind.CREDIT_MEMO: "Credited",
    Kind.ALLOCATION: "Paid by the driver",
    Kind.APPLICATION: "Paid from credits",
    Kind.PAYOUT: "Paid out",
    Kind.WRITE_OFF: "Written off",
}
_WORDS_OF_FUNDING = {
    Kind.ALLOCATION: "Used as the driver asked",
    Kind.APPLICATION: "Used by priority",
}
#: What was undone of a document that stands; where it was the document itself, its own words tell.
_WORDS_UNDONE = {
    Kind.ALLOCATION.value: "Paid by you",
    Kind.APPLICATION.value: "Paid from your credits",
    Kind.WRITE_OFF.value: "Forgiven",
    Kind.PAYOUT.value: "Paid out of",
}
_WAYS = {
    Kind.ALLOCATION: "as the driver asked",
    Kind.APPLICATION: "by priority",
}


@dataclass(frozen=True, slots=True)
class DtrEntry:
    """One posting behind a DTR, with the words a driver reads."""

    entry: ledger.CutEntry
    lease_id: int | None

    @property
    def words(self) -> str:
        """What happened, and where money crossed from one lease to another: “used on lease 12”."""
        event = Kind(self.entry.event)
        if self.crosses_leases:
            other = f"lease {self.entry.other_lease_id}" if self.entry.other_lease_id else "no lease"
            words = f"{'Used on' if self.entry.is_funding else 'Paid from'} {other}, {_WAYS[event]}"
        else:
            words = _WORDS_OF_FUNDING[event] if self.entry.is_funding else _WORDS[event]
        return f"Voided: {words[0].lower()}{words[1:]}" if self.entry.voids else words

    @property
    def where(self) -> str:
        """Where the money crossed to or from: “used on lease 12”."""
        other = f"lease {self.entry.other_lease_id}" if self.entry.other_lease_id else "no lease"
        return f"{'used on' if self.entry.is_funding else 'paid from'} {other}"

    @property
    def crosses_leases(self) -> bool:
        return self.entry.other_reference_id is not None and self.entry.other_lease_id != self.lease_id

    @property
    def category_label(self) -> str:
        return str(Category(self.entry.category).label)

    @property
    def is_obligation(self) -> bool:
        return self.entry.entry_type == EntryType.DEBIT


def list_dtrs() -> QuerySet[Dtr]:
    """Every DTR, newest week first, with its driver and lease."""
    return Dtr.objects.select_related("week", "driver", "lease", "lease__vehicle")


def get_dtr(dtr_id: int) -> Dtr:
    """:raises DtrNotFound: no such DTR"""
    dtr = list_dtrs().filter(pk=dtr_id).first()
    if dtr is None:
        raise DtrNotFound(f"No DTR {dtr_id}.", dtr_id=dtr_id)
    return dtr


def list_owing_dtrs(week: Week) -> QuerySet[Dtr]:
    """Return the DTRs of a week that say more was due by its Saturday than was held, those that owe most first.

    Each says how many dollars (``due_from_driver``).
    """
    owing = Dtr.objects.filter(week=week.end, owed_due__gt=F("held"))
    return owing.annotate(due_from_driver=F("owed_due") - F("held")).order_by("-due_from_driver", "number")


def list_siblings(dtr: Dtr) -> QuerySet[Dtr]:
    """The driver's DTRs of the same week: they share the cut, and together they are all the driver's money."""
    return list_dtrs().filter(driver=dtr.driver_id, week=dtr.week_id).order_by("number")


def list_dtr_entries(dtr: Dtr) -> list[DtrEntry]:
    """Every posting behind a DTR's lines, in the order it was posted."""
    return list_entries_of([dtr]).get(dtr.pk, [])


def list_entries_of(dtrs: Sequence[Dtr]) -> dict[int, list[DtrEntry]]:
    """Every posting behind each DTR's lines, by the DTR's id, in the order it was posted."""
    of_pair = {(dtr.driver_id, dtr.sealed_through, dtr.lease_id): dtr.pk for dtr in dtrs if dtr.has_postings}
    entries: dict[int, list[DtrEntry]] = defaultdict(list)
    for entry in ledger.list_cut_entries(_list_cuts(dtrs)):
        dtr_id = of_pair.get((entry.driver_id, entry.sealed_through, entry.lease_id))
        if dtr_id is not None:
            entries[dtr_id].append(DtrEntry(entry, entry.lease_id))
    return entries


@dataclass(frozen=True, slots=True)
class UndoneRow:
    """Something that was done and undone in one week, with the words a driver reads; dollars."""

    undone: ledger.Undone

    def say(self, words: Mapping[int, str]) -> str:
        """Return it in words; ``words`` are those of the postings that opened the documents, by id."""
        document = words.get(self.undone.opening_id) or self.reference_id
        event = _WORDS_UNDONE.get(self.undone.event)
        return f"{event}: {document}" if event else document

    @property
    def reference_id(self) -> str:
        return self.undone.reference_id

    @property
    def amount(self) -> Decimal:
        return self.undone.amount

    @property
    def reason(self) -> str:
        return self.undone.reason


def list_undone_of(dtrs: Sequence[Dtr]) -> dict[int, list[UndoneRow]]:
    """What was done and undone inside each DTR's cut, by the DTR's id; it is in no column of theirs."""
    of_pair = {(dtr.driver_id, dtr.sealed_through, dtr.lease_id): dtr.pk for dtr in dtrs if dtr.has_postings}
    undone: dict[int, list[UndoneRow]] = defaultdict(list)
    for row in ledger.list_undone(_list_cuts(dtrs)):
        dtr_id = of_pair.get((row.driver_id, row.sealed_through, row.lease_id))
        if dtr_id is not None:
            undone[dtr_id].append(UndoneRow(row))
    return undone


def _list_cuts(dtrs: Sequence[Dtr]) -> list[ledger.AccountCut]:
    """The cuts of these DTRs that hold postings, each once: a driver's DTRs of a week share theirs."""
    cuts = {ledger.AccountCut(dtr.driver_id, dtr.previous_cut, dtr.sealed_through) for dtr in dtrs if dtr.has_postings}
    return sorted(cuts, key=astuple)


def list_drivers_with_dtr(*, week: Week, driver_ids: Collection[int]) -> set[int]:
    return set(Dtr.objects.filter(is_of_batch("driver", driver_ids), week=week.end).values_list("driver_id", flat=True))


def list_last_closings(driver_ids: Collection[int]) -> dict[ledger.LineKey, Decimal]:
    """What each line of these drivers last closed with, where that is not zero: the next opening."""
    newest = (
        Dtr.objects.filter(driver__among=driver_ids)
        .order_by("driver_id", "lease_id", "-week_id")
        .distinct("driver_id", "lease_id")
        .values("pk")
    )
    rows = DtrLine.objects.filter(dtr__in=newest, closing__gt=0).values_list(
        "dtr__driver_id", "dtr__lease_id", "entry_type", "category", "closing"
    )
    return {(driver_id, lease_id, side, category): closing for driver_id, lease_id, side, category, closing in rows}


def count_dtrs(week: Week) -> int:
    return Dtr.objects.filter(week=week.end).count()


@dataclass(frozen=True, slots=True)
class WeekSums:
    """What the DTRs of a week come to together, in dollars."""

    dtrs: int
    card_total: Decimal
    cash_total: Decimal
    taxes_total: Decimal


def sum_week(week: Week) -> WeekSums:
    """Return what the DTRs of a week say of its trips, summed."""
    sums = Dtr.objects.filter(week=week.end).aggregate(
        card=Sum("card_total", default=ZERO),
        cash=Sum("cash_total", default=ZERO),
        taxes=Sum("taxes_total", default=ZERO),
    )
    return WeekSums(count_dtrs(week), sums["card"], sums["cash"], sums["taxes"])


def sum_card_fares_by_week(first: Week, last: Week) -> dict[Week, Decimal]:
    """Return the card fares that the DTRs of each of these weeks credited, in dollars; 0.00 where there are none."""
    rows = Dtr.objects.filter(week__gte=first.end, week__lte=last.end).order_by().values_list("week")
    credited = dict.fromkeys(weeks_between(first.start, last.end), ZERO)
    return credited | {week_ending(end): fares for end, fares in rows.annotate(fares=Sum("card_total"))}
