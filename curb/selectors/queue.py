"""Reads of what came from CURB and what was reported to it: the queue of waiting trips, card money, receipts."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Exists, F, Func, Max, Min, OuterRef, Q, QuerySet, Sum, Value

from core.expressions import ExistsForRow
from core.weeks import Week
from curb.models import CardTransaction, Reconciliation, Trip
from curb.models.trips import TripQuerySet
from curb.rules import DOUBTFUL_STATES


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


def list_unpaired_transactions() -> QuerySet[CardTransaction]:
    """Declined and duplicate card transactions that are no card trip's, newest first: each with ``in_cash``, whether a
    trip alike was paid otherwise (a card that was declined, and then the passenger paid in cash)."""
    alike = Trip.objects.current().filter(
        start_at__gte=OuterRef("minute"),
        start_at__lt=OuterRef("minute") + timedelta(minutes=1),
        cab=OuterRef("cab"),
        license=OuterRef("license"),
        service_number=OuterRef("service_number"),
        total=OuterRef("amount") - F("passed_through"),
    )
    doubtful = CardTransaction.objects.filter(
        is_current=True, state__in=[state.value for state in DOUBTFUL_STATES], trips=None
    )
    # By PostgreSQL itself: Django's own truncation gives a wall clock, and no moment to compare with.
    minute = Func(Value("minute"), F("start_at"), function="date_trunc", output_field=DateTimeField())
    return doubtful.annotate(minute=minute).annotate(in_cash=ExistsForRow(alike)).order_by("-start_at", "-id")


def list_receipts() -> QuerySet[Reconciliation]:
    """Every receipt, newest first, with how many trips are on it."""
    return Reconciliation.objects.annotate(trip_count=Count("trips"))


def list_receipts_to_send() -> QuerySet[Reconciliation]:
    """The receipts that CURB has not confirmed, oldest first."""
    return Reconciliation.objects.filter(confirmed_at=None).order_by("pk")


def list_unreported_trips() -> TripQuerySet:
    """The counted trips that are on no receipt. A receipt stays with its trip, whoever's it is by now; an amended
    record of which an earlier version was counted gets none of its own, since CURB would be told twice."""
    counted_before = Trip.objects.filter(
        period=OuterRef("period"),
        record_id=OuterRef("record_id"),
        is_current=False,
        week_end__isnull=False,
        pk__lt=OuterRef("pk"),
    )
    unreported = Trip.objects.filter(week_end__isnull=False, reconciliation=None)
    return unreported.exclude(Q(supersedes__isnull=False) & Exists(counted_before))


def list_unsettled_weeks(*, through: Week) -> list[date]:
    """The Saturdays of the weeks up to ``through`` with counted trips that are on no receipt, oldest first."""
    unsettled = list_unreported_trips().filter(week_end__lte=through.end)
    weeks = unsettled.order_by("week_end").values_list("week_end", flat=True).distinct()
    return [week_end for week_end in weeks if week_end is not None]
