"""Weeks: whose turn it is, whether it is ready, what its close would do, its start, and how far it has come."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Func, IntegerField, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request

from core.api.acts import Act
from core.api.fields import StrictSerializer, choice_field, read_query
from core.api.looks import Look, PageFilters, Rows
from core.errors import NotASaturday
from core.weeks import Week, find_week_ending
from dtr import selectors, services, tasks
from dtr.api.told import (
    DriverPreviewSerializer,
    NextWeekSerializer,
    OneWeekSerializer,
    OverruledSerializer,
    ProgressSerializer,
    ReadinessSerializer,
    RetriedSerializer,
    WeekPreviewSerializer,
    WeekSerializer,
)
from dtr.models import Check, Overrule, WeekClose
from ledger.api.money_acts import ReasonBody

#: The most batches that a preview can have: no fleet has more drivers than this times fifty.
MAX_BATCHES = 100_000


class WeekFilters(PageFilters):
    state = choice_field(WeekClose.State, required=False)


class Weeks(Rows):
    """Weeks whose close was begun, newest first."""

    required_permissions = ("dtr.view_weekclose",)
    serializer_class = WeekSerializer
    filters = WeekFilters
    ordering = "-saturday"

    def find(self, asked: dict[str, Any]) -> QuerySet[WeekClose]:
        # A cursor is a place between two whole numbers; a week has none of its own, and its Saturday makes one.
        number = "to_char(%(expressions)s, 'YYYYMMDD')::integer"
        weeks = selectors.list_closes().annotate(
            saturday=Func(F("week_end"), template=number, output_field=IntegerField())
        )
        return weeks.filter(state=asked["state"]) if "state" in asked else weeks


class NextWeek(Look):
    """The week whose turn it is to be closed."""

    required_permissions = ("dtr.view_weekclose",)
    answers = NextWeekSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        week = selectors.get_week_to_close(self.today)
        begun = selectors.find_close(week) is not None
        return {"week_end": week.end, "is_over": week.end < self.today, "is_begun": begun}


class ShowWeek(Look):
    """The close of a week, and what its DTRs come to."""

    required_permissions = ("dtr.view_weekclose",)
    answers = OneWeekSerializer

    def find(self, asked: dict[str, Any]) -> WeekClose:
        return get_week(read_week(asked))


class ShowReadiness(Look):
    """What is looked at before a week closes, how it stands, and whether it stops the close."""

    required_permissions = ("dtr.view_weekclose",)
    answers = ReadinessSerializer

    def find(self, asked: dict[str, Any]) -> selectors.Readiness:
        return selectors.read_readiness(week=read_week(asked), today=self.today)


class PreviewFilters(StrictSerializer):
    batch = serializers.IntegerField(required=False, min_value=1, max_value=MAX_BATCHES, help_text="The first without.")


class PreviewWeek(Look):
    """What the close of a week would do to some drivers, found by doing it and taking it back."""

    required_permissions = ("dtr.close_week",)
    filters = PreviewFilters
    answers = WeekPreviewSerializer

    def find(self, asked: dict[str, Any]) -> services.WeekPreview:
        return services.preview_week(week=read_week(asked), today=self.today, number=asked.get("batch", 1))


class PreviewDriver(Look):
    """What the close of the running week would make of a driver, as if it ended now."""

    required_permissions = ("ledger.view_ledgerbalance",)
    answers = DriverPreviewSerializer

    def find(self, asked: dict[str, Any]) -> services.DriverPreview:
        return services.preview_driver(driver_id=asked["driver_id"], today=self.today)


class ShowProgress(Look):
    """How far the close of a week has come, and what failed."""

    required_permissions = ("dtr.view_weekclose",)
    answers = ProgressSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        close = selectors.get_close(read_week(asked))
        status = selectors.get_close_status(close, timezone.now())
        return {"week_end": close.week_end, "state": close.state, "status": status}


class StartWeek(Act):
    """Begin the close of a week, which workers do: ask for its progress. One that was begun is answered as it is.

    Audits that are older than a day are run first.
    """

    required_permissions = ("dtr.close_week",)
    answers = OneWeekSerializer
    status = 202

    def post(self, request: Request, **where: Any) -> HttpResponse:
        week = read_week(where)
        # Before the act's own transaction: the audits look at one moment of the database, and are kept.
        if not read_query(self.query, request).get("dry_run") and selectors.find_close(week) is None:
            services.refresh_audits(now=timezone.now())
        return super().post(request, **where)

    def perform(self, asked: dict[str, Any]) -> WeekClose:
        week = read_week(asked)
        services.start_week(week=week, today=self.today, actor=self.actor)
        transaction.on_commit(partial(tasks.send_batches, week), robust=True)
        return get_week(week)


class RetryWeek(Act):
    """Let what failed in the close of a week be tried again, which workers do: ask for its progress."""

    required_permissions = ("dtr.close_week",)
    answers = RetriedSerializer
    status = 202

    def perform(self, asked: dict[str, Any]) -> int:
        week = read_week(asked)
        count = services.retry_failed_batches(week=week)
        transaction.on_commit(partial(tasks.send_batches, week), robust=True)
        return count

    def tell(self, done: int) -> dict[str, Any]:
        return {"batches": done}


class OverruleBody(ReasonBody):
    """Which check, and why."""

    check = choice_field(Check)


class OverruleCheck(Act):
    """Let a week close in spite of what one check finds now."""

    required_permissions = ("dtr.overrule_check",)
    body = OverruleBody
    answers = OverruledSerializer
    status = 201
    example = {"check": "CARD_TRIPS", "reason": "Snow: the city was closed"}

    def perform(self, asked: dict[str, Any]) -> list[Overrule]:
        return services.overrule_check(
            week=read_week(asked),
            check=Check(asked["check"]),
            reason=asked["reason"],
            today=self.today,
            actor=self.actor,
        )

    def tell(self, done: list[Overrule]) -> dict[str, Any]:
        return super().tell({"overruled": selectors.list_overrules_of([overrule.pk for overrule in done])})


def read_week(asked: dict[str, Any]) -> Week:
    """Return the week that an address names.

    :raises NotASaturday: it names none
    """
    week = find_week_ending(asked["week_end"])
    if week is None:
        raise NotASaturday("A week is named by its Saturday, as 2026-03-07.")
    return week


def get_week(week: Week) -> WeekClose:
    """Return the week's close with the counts of its batches.

    :raises WeekNotStarted: it was never begun
    """
    return selectors.list_closes().get(pk=selectors.get_close(week).pk)
