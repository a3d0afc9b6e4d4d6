"""Trips: listed, those that wait given to their driver, and corrected."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import DayField, IdField, StrictSerializer, choice_field
from core.api.looks import Look, PageFilters, Rows
from core.clock import at
from core.previews import rolled_back
from curb import selectors, services
from curb.api.told import OneTripSerializer, TripsDoneSerializer, TripSerializer, WaitingTripsSerializer
from curb.models import CountsAs, Trip, WaitsFor
from curb.services.corrections import DECISIONS
from ledger.api.money_acts import ReasonBody

#: Groups of waiting trips in one answer, the most numerous first.
MAX_GROUPS = 200


class TripState(models.TextChoices):
    """How a trip stands."""

    WAITING = "WAITING", "In the queue: its driver, cab or lease is not known"
    LEFT_OUT = "LEFT_OUT", "Left out, until somebody says how it was paid"
    NOT_COUNTED = "NOT_COUNTED", "The next close counts it"
    COUNTED = "COUNTED", "A close has counted it"
    NOBODYS = "NOBODYS", "It counts for nobody"
    SUPERSEDED = "SUPERSEDED", "An amended record stands for it"


_NOT_COUNTED = Q(is_current=True, week_end=None, waits_for=WaitsFor.NOTHING) & ~Q(counts_as=CountsAs.NOTHING)
_IN_DOUBT = Q(paired_with__isnull=False, counts_as=CountsAs.AS_PAID)
#: As the list of the admin tells them.
_BY_STATE = {
    TripState.WAITING: Q(is_current=True) & ~Q(waits_for=WaitsFor.NOTHING) & ~Q(counts_as=CountsAs.NOTHING),
    TripState.LEFT_OUT: _NOT_COUNTED & _IN_DOUBT,
    TripState.NOT_COUNTED: _NOT_COUNTED & ~_IN_DOUBT,
    TripState.COUNTED: Q(is_current=True, week_end__isnull=False) & ~Q(counts_as=CountsAs.NOTHING),
    TripState.NOBODYS: Q(is_current=True, counts_as=CountsAs.NOTHING),
    TripState.SUPERSEDED: Q(is_current=False),
}


class TripFilters(PageFilters):
    driver = IdField(required=False)
    vehicle = IdField(required=False)
    lease = IdField(required=False)
    day = DayField(required=False, help_text="On which it started, in New York.")
    week = DayField(required=False, help_text="The Saturday of the week whose close first counted it.")
    state = choice_field(TripState, required=False)


class Trips(Rows):
    """Trips, those received last first."""

    required_permissions = ("curb.view_trip",)
    serializer_class = TripSerializer
    filters = TripFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Trip]:
        named = {"driver": "driver_id", "vehicle": "vehicle_id", "lease": "lease_id", "week": "week_end"}
        trips = selectors.list_trips().filter(**{named[name]: asked[name] for name in named if name in asked})
        if "day" in asked:
            day = asked["day"]
            trips = trips.filter(start_at__gte=at(day), start_at__lt=at(day + timedelta(days=1)))
        return trips.filter(_BY_STATE[TripState(asked["state"])]) if "state" in asked else trips


class ShowTrip(Look):
    """One trip, and what was and will be counted of it."""

    required_permissions = ("curb.view_trip",)
    answers = OneTripSerializer

    def find(self, asked: dict[str, Any]) -> Trip:
        return selectors.get_trip(asked["trip_id"])


class WaitingTrips(Look):
    """Trips that wait for their driver, cab or lease, by license and cab."""

    required_permissions = ("curb.view_trip",)
    answers = WaitingTripsSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"count": selectors.count_waiting_trips(), "groups": list(selectors.list_waiting_groups()[:MAX_GROUPS])}


class TripsAct(Act):
    """Answers how many it was about."""

    answers = TripsDoneSerializer

    def tell(self, done: int) -> dict[str, Any]:
        return {"done": done}


class RematchTrips(TripsAct):
    """Match all waiting trips anew."""

    required_permissions = ("curb.match_trip",)

    def perform(self, asked: dict[str, Any]) -> int:
        return services.match_waiting_trips()


class WhoDroveBody(StrictSerializer):
    """Who drove which cab."""

    driver_id = IdField()
    vehicle_id = IdField()
    lease_id = IdField(
        required=False, allow_null=True, help_text="Only where the driver was on several of the cab that day."
    )


class BindTripBody(WhoDroveBody):
    """Whose trip it was, and whether those alike were theirs too."""

    with_alike = serializers.BooleanField(
        required=False, help_text="`true`: and the other waiting trips of its license and cab."
    )


class BindTrip(TripsAct):
    """Assign a waiting trip to a driver; it counts in the next close."""

    required_permissions = ("curb.match_trip",)
    body = BindTripBody
    example = {"driver_id": 1, "vehicle_id": 4, "with_alike": True}

    def perform(self, asked: dict[str, Any]) -> int:
        return services.bind_trip(**{**asked, "trip_id": selectors.get_trip(asked["trip_id"]).pk}, actor=self.actor)


class TripCorrectionAct(Act):
    """A correction of a trip; its preview says what the next close would do."""

    required_permissions = ("curb.correct_trip",)
    answers = OneTripSerializer

    def preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        with rolled_back():
            told = self.tell(self.perform(asked))
        return {**told, "dry_run": {"steps": told["pending"]}}

    def tell(self, done: Trip) -> dict[str, Any]:
        return super().tell(selectors.get_trip(done.pk))


class MoveTripBody(WhoDroveBody, ReasonBody):
    """Whose it was, and why."""


class MoveTrip(TripCorrectionAct):
    """Give a trip to its right driver: the next close counts it back where it was counted, and counts it anew."""

    body = MoveTripBody
    example = {"driver_id": 2, "vehicle_id": 4, "reason": "Baker had the cab that night"}

    def perform(self, asked: dict[str, Any]) -> Trip:
        return services.move_trip(**asked, actor=self.actor)


class CountTripBack(TripCorrectionAct):
    """Say that a trip is nobody's: the next close counts it back."""

    body = ReasonBody
    example = {"reason": "A test ride of the shop"}

    def perform(self, asked: dict[str, Any]) -> Trip:
        return services.count_trip_back(**asked, actor=self.actor)


class PaidBody(ReasonBody):
    """How a trip was paid, and why."""

    counts_as = serializers.ChoiceField([(choice.value, choice.label) for choice in DECISIONS])


class DecidePayment(TripCorrectionAct):
    """Say how a trip in doubt was paid: one that pairs with a declined or duplicate card transaction."""

    body = PaidBody
    example = {"counts_as": "CASH", "reason": "The driver took cash"}

    def perform(self, asked: dict[str, Any]) -> Trip:
        return services.decide_payment(**asked, actor=self.actor)
