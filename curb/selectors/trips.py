"""Reads of trips: what waits, and what the closes counted of them for a driver's week."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Count, DecimalField, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from core.clock import week_ends_at
from core.expressions import ExistsForRow, is_of_batch
from core.weeks import Week
from curb import rules
from curb.errors import TripFileNotFound, TripNotFound
from curb.models import CardTransaction, CountsAs, CurbAnswer, Trip, TripCount, TripFile, WaitsFor
from curb.models.trips import TripQuerySet
from curb.rules import PaymentType, Share, TransactionState, TripCounts
from ledger.money import ZERO

_CARD = Q(payment_type__in=[kind.value for kind in rules.EARNING_TYPES])
_TAXED = Q(payment_type__in=[kind.value for kind in rules.TAXED_TYPES])
_COUNTED = Q(sign=1)
_TAXES: Any = reduce(add, (F(column) for column in rules.TAX_COLUMNS))
_MONEY: "DecimalField[Decimal, Decimal]" = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True)
class TripTotals:
    """What a week's close counted for a driver on a lease, in dollars, less what it counted back.

    The numbers are of the trips counted, without those counted back; ``taxes_total`` is of card and cash trips.
    """

    card_trips: int
    card_total: Decimal
    cash_trips: int
    cash_total: Decimal
    other_trips: int
    other_total: Decimal
    taxes_total: Decimal


NO_TRIPS = TripTotals(0, ZERO, 0, ZERO, 0, ZERO, ZERO)


def find_trip_file(sha256: str) -> TripFile | None:
    return TripFile.objects.filter(sha256=sha256).first()


def find_last_answer() -> datetime | None:
    """Return when CURB was asked last with an answer that was kept; None where it never was."""
    return CurbAnswer.objects.aggregate(last=Max("asked_at"))["last"]  # type: ignore[no-any-return]


def list_trips() -> TripQuerySet:
    """Every trip, newest first, with whose it is and for whom it was counted."""
    counts = Prefetch("counts", TripCount.objects.select_related("driver", "lease"))
    return Trip.objects.select_related("driver", "vehicle", "lease").prefetch_related(counts)


def get_trip(trip_id: int) -> Trip:
    """:raises TripNotFound: no such trip"""
    trip = list_trips().filter(pk=trip_id).first()
    if trip is None:
        raise TripNotFound(f"There is no trip {trip_id}.", trip_id=trip_id)
    return trip


def get_trip_file(file_id: int) -> TripFile:
    """:raises TripFileNotFound: no such file"""
    file = TripFile.objects.filter(pk=file_id).first()
    if file is None:
        raise TripFileNotFound(f"There is no file {file_id}.", file_id=file_id)
    return file


def list_trip_files() -> QuerySet[TripFile]:
    """Return every file of trips and every answer of CURB's service."""
    return TripFile.objects.all()


def list_counts() -> QuerySet[TripCount]:
    """Every row that a close counted, newest first, with its trip and whose it was."""
    return TripCount.objects.select_related("trip", "driver", "vehicle", "lease")


def list_counts_of(trip: Trip) -> QuerySet[TripCount]:
    """What the closes counted of a trip, the oldest first."""
    return TripCount.objects.filter(trip=trip).select_related("driver", "lease").order_by("id")


def find_live_count(trip: Trip) -> TripCount | None:
    """For whom, and as what, a trip is counted now; None where it is not, or was counted back.

    Of many trips, prefetch ``counts``.
    """
    live: dict[tuple[Any, ...], TripCount] = {}
    for row in sorted(trip.counts.all(), key=lambda row: row.pk):
        key = (row.driver_id, row.vehicle_id, row.lease_id, row.payment_type)
        if row.sign > 0:
            live[key] = row
        else:
            live.pop(key, None)
    return next(iter(live.values()), None)


def get_last_trip_id() -> int:
    """The highest id of a trip that is there; 0 before the first."""
    last: int | None = Trip.objects.aggregate(last=Max("pk"))["last"]
    return last or 0


def count_waiting_trips() -> int:
    """How many trips wait for a driver, a cab or a lease."""
    return Trip.objects.waiting().count()


def list_paired_trips(week: Week) -> TripQuerySet:
    """The trips that a close of ``week`` leaves out, oldest first: each pairs with a declined or duplicate card
    transaction, and nobody has said how it was paid."""
    left_out = Trip.objects.undecided().filter(week_end=None, waits_for=WaitsFor.NOTHING)
    trips = left_out.filter(start_at__lt=week_ends_at(week)).select_related("driver", "vehicle", "lease", "paired_with")
    return trips.order_by("start_at", "id")


def list_undecided_trips() -> TripQuerySet:
    """Every trip that pairs with a declined or duplicate card transaction and is undecided, the oldest first; those
    that a close counted before the transaction came, too. ``is_approved``: CURB lists the ride as approved as well."""
    approved = CardTransaction.objects.filter(
        is_current=True,
        state=TransactionState.APPROVED.value,
        start_at=OuterRef("paired_with__start_at"),
        cab=OuterRef("cab"),
        license=OuterRef("license"),
        service_number=OuterRef("service_number"),
        amount=OuterRef("total") + OuterRef("passed_through"),
    )
    trips = Trip.objects.undecided().select_related("driver", "vehicle", "lease", "paired_with")
    return trips.annotate(is_approved=ExistsForRow(approved)).order_by("start_at", "id")


def list_shares(*, week: Week, driver_ids: Collection[int]) -> list[Share]:
    """What a week's close counted for these drivers, by driver and lease number; what is voided comes to nothing.

    Shares without card and cash trips are left out: they have no money.
    """
    rows: Any = (
        TripCount.objects.filter(_TAXED, is_of_batch("driver", driver_ids), week_end=week.end)
        .order_by("driver_id", F("lease_id").asc(nulls_last=True))
        .values("driver_id", "lease_id", "share")
        .annotate(
            card_total=_sum(F("total"), _CARD),
            taxes=_sum(_TAXES, _TAXED),
            cabs=Count("vehicle", distinct=True),
            cab=Min("vehicle"),
            **_tally("card", _CARD),
            **_tally("taxed", _TAXED),
        )
    )
    return [
        Share(
            driver_id=row["driver_id"],
            lease_id=row["lease_id"],
            vehicle_id=row["cab"] if row["cabs"] == 1 else None,
            name=row["share"],
            card_total=row["card_total"],
            taxes_total=row["taxes"],
            card_trips=TripCounts(row["card_new"], row["card_late"], row["card_back"]),
            taxed_trips=TripCounts(row["taxed_new"], row["taxed_late"], row["taxed_back"]),
        )
        for row in rows
    ]


def sum_trips_by_share(*, week: Week, driver_ids: Collection[int]) -> dict[tuple[int, int | None], TripTotals]:
    """What a week's close counted, by driver and lease."""
    rows: Any = (
        TripCount.objects.filter(is_of_batch("driver", driver_ids), week_end=week.end, is_void=False)
        .order_by()
        .values("driver_id", "lease_id")
        .annotate(**_totals())
    )
    return {
        (row["driver_id"], row["lease_id"]): TripTotals(*(row[field.name] for field in fields(TripTotals)))
        for row in rows
    }


def sum_taxes_by_kind(counts: QuerySet[TripCount]) -> dict[str, Decimal]:
    """The taxes that were counted among ``counts``, by column."""
    return counts.order_by().aggregate(**{column: _sum(F(column), Q()) for column in rules.TAX_COLUMNS})


def _totals() -> dict[str, Any]:
    card, cash = Q(payment_type=PaymentType.CARD.value), Q(payment_type=PaymentType.CASH.value)
    return {
        "card_trips": Count("pk", filter=card & _COUNTED),
        "card_total": _sum(F("total"), card),
        "cash_trips": Count("pk", filter=cash & _COUNTED),
        "cash_total": _sum(F("total"), cash),
        "other_trips": Count("pk", filter=~_TAXED & _COUNTED),
        "other_total": _sum(F("total"), ~_TAXED),
        "taxes_total": _sum(_TAXES, _TAXED),
    }


def _tally(name: str, which: Q) -> dict[str, Any]:
    return {
        f"{name}_new": Count("pk", filter=which & _COUNTED & Q(is_void=False)),
        f"{name}_late": Count("pk", filter=which & _COUNTED & Q(is_void=False, is_late=True)),
        f"{name}_back": Count("pk", filter=which & Q(sign=-1, is_void=False)),
    }


def _sum(amount: Any, which: Q) -> Coalesce:
    return Coalesce(Sum(amount, filter=which, output_field=_MONEY), ZERO, output_field=_MONEY)


@dataclass(frozen=True, slots=True)
class FileCounts:
    """The trips of a file that count, or are to count: how many, of them counted by closes, and what those counted."""

    trips: int
    counted: int
    card_total: Decimal
    taxes_total: Decimal


def sum_file(file: TripFile) -> FileCounts:
    """What the trips of a file come to that are not nobody's, or superseded."""
    trips = Trip.objects.current().filter(file=file).exclude(counts_as=CountsAs.NOTHING)
    counts = TripCount.objects.filter(trip__in=trips)
    sums = counts.aggregate(card_total=_sum(F("total"), _CARD), taxes_total=_sum(_TAXES, _TAXED), counted=Sum("sign"))
    return FileCounts(trips.count(), sums["counted"] or 0, sums["card_total"], sums["taxes_total"])
