"""Reads of what came from CURB and what was reported to it: the queue of waiting trips, card money, receipts."""

from datetime import date
from typing import Any

from django.db.models import Count, Max, Min, QuerySet, Sum

from core.weeks import Week
from curb.models import CardTransaction, Reconciliation, Trip
from curb.models.trips import TripQuerySet


def list_waiting_groups() -> QuerySet[Trip, Any]:
    """Waiting trips by license, cab and what they wait for: the most numerous first."""
    return (
        Trip.objects.waiting()
        .order_by()
        .values("license", "cab", "waits_for")
        .annotate(
            trips=Count("pk"),
            total_together=Sum("total"),
            first_at=Min("start_at"),
            last_at=Max("start_at"),
            example_id=Min("pk"),
        )
        .order_by("-trips", "license", "cab")
    )


def list_alike_trips(trip: Trip) -> TripQuerySet:
    """The other waiting trips with a trip's license and cab, oldest first."""
    waiting = Trip.objects.waiting().uncounted().filter(license=trip.license, cab=trip.cab)
    return waiting.exclude(pk=trip.pk).order_by("pk")


def list_transactions() -> QuerySet[CardTransaction]:
    """Every card transaction, newest first."""
    return CardTransaction.objects.select_related("file")


def list_receipts() -> QuerySet[Reconciliation]:
    """Every receipt, newest first, with how many trips are on it."""
    return Reconciliation.objects.annotate(trip_count=Count("trips"))


def list_receipts_to_send() -> QuerySet[Reconciliation]:
    """The receipts that CURB has not confirmed, oldest first."""
    return Reconciliation.objects.filter(confirmed_at=None).order_by("pk")


def list_unsettled_weeks(*, through: Week) -> list[date]:
    """The Saturdays of the weeks up to ``through`` with counted trips that are on no receipt, oldest first."""
    unsettled = Trip.objects.filter(week_end__lte=through.end, reconciliation=None)
    weeks = unsettled.order_by("week_end").values_list("week_end", flat=True).distinct()
    return [week_end for week_end in weeks if week_end is not None]
