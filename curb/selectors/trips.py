"""Reads of trips: what they sum to for a driver's week, and what waits."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from core.clock import week_starts_at
from core.weeks import Week
from curb import rules
from curb.models import Trip, TripFile
from curb.models.trips import TripQuerySet
from curb.rules import PaymentType, Share, TripCounts
from ledger.money import ZERO

_EARNS = Q(payment_type__in=[kind.value for kind in rules.EARNING_TYPES])
_TAXED = Q(payment_type__in=[kind.value for kind in rules.TAXED_TYPES])
_TAXES: Any = reduce(add, (F(column) for column in rules.TAX_COLUMNS))
_MONEY: "DecimalField[Decimal, Decimal]" = DecimalField(max_digits=14, decimal_places=2)


@dataclass(frozen=True, slots=True)
class TripTotals:
    """What a driver's trips on a lease sum to in a week, in dollars; ``taxes_total`` of card and cash trips."""

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


def list_trips() -> TripQuerySet:
    """Every trip, newest first, with whose it was."""
    return Trip.objects.select_related("driver", "vehicle", "lease")


def list_trips_of(*, week: Week, driver_id: int, lease_id: int | None) -> TripQuerySet:
    """The trips that a week's close counted for a driver on a lease, in the order they were made."""
    return Trip.objects.filter(week_end=week.end, driver=driver_id, lease=lease_id).order_by("start_at", "id")


def count_waiting_trips() -> int:
    """How many trips wait for a driver, a cab or a lease."""
    return Trip.objects.waiting().count()


def list_uncredited_shares(*, week: Week, driver_ids: Collection[int]) -> list[Share]:
    """What the counted trips of these drivers sum to, by driver and lease, where no reference was set yet."""
    earlier = Q(start_at__lt=week_starts_at(week))
    rows = (
        Trip.objects.filter(_TAXED, week_end=week.end, driver__in=driver_ids, taxes_reference="")
        .order_by("driver_id", "lease_id")
        .values("driver_id", "lease_id")
        .annotate(
            is_lease_holder=Case(When(lease__primary_driver=F("driver_id"), then=Value(True)), default=Value(False)),
            card_total=_sum(F("total"), _EARNS),
            taxes=_sum(_TAXES, _TAXED),
            card_trips=Count("pk", filter=_EARNS),
            card_trips_earlier=Count("pk", filter=_EARNS & earlier),
            taxed_trips=Count("pk", filter=_TAXED),
            taxed_trips_earlier=Count("pk", filter=_TAXED & earlier),
            cabs=Count("vehicle", distinct=True),
            cab=Min("vehicle"),
        )
    )
    return [
        Share(
            driver_id=row["driver_id"],
            lease_id=row["lease_id"],
            vehicle_id=row["cab"] if row["cabs"] == 1 else None,
            is_lease_holder=row["is_lease_holder"],
            card_total=row["card_total"],
            taxes_total=row["taxes"],
            card_trips=TripCounts(row["card_trips"], row["card_trips_earlier"]),
            taxed_trips=TripCounts(row["taxed_trips"], row["taxed_trips_earlier"]),
        )
        for row in rows
    ]


def sum_trips_by_share(*, week: Week, driver_ids: Collection[int]) -> dict[tuple[int, int | None], TripTotals]:
    """What a week's counted trips sum to, by driver and lease."""
    rows: Any = (
        Trip.objects.filter(week_end=week.end, driver__in=driver_ids)
        .order_by()
        .values("driver_id", "lease_id")
        .annotate(**_totals())
    )
    return {
        (row["driver_id"], row["lease_id"]): TripTotals(*(row[field.name] for field in fields(TripTotals)))
        for row in rows
    }


def sum_taxes_by_kind(trips: QuerySet[Trip]) -> dict[str, Decimal]:
    """The taxes of the card and cash trips among ``trips``, by column."""
    return trips.order_by().aggregate(**{column: _sum(F(column), _TAXED) for column in rules.TAX_COLUMNS})


def _totals() -> dict[str, Any]:
    card, cash = Q(payment_type=PaymentType.CARD.value), Q(payment_type=PaymentType.CASH.value)
    return {
        "card_trips": Count("pk", filter=card),
        "card_total": _sum(F("total"), card),
        "cash_trips": Count("pk", filter=cash),
        "cash_total": _sum(F("total"), cash),
        "other_trips": Count("pk", filter=~_TAXED),
        "other_total": _sum(F("total"), ~_TAXED),
        "taxes_total": _sum(_TAXES, _TAXED),
    }


def _sum(amount: Any, which: Q) -> Coalesce:
    return Coalesce(Sum(amount, filter=which, output_field=_MONEY), ZERO, output_field=_MONEY)
