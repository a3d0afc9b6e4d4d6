"""Whether a week is ready to be closed, where what is missing is mended, and overruling it with a reason."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin import ActPage, Page, list_url
from core.models import AuditRun
from core.weeks import Week, find_week_ending
from core.words import say_full_day
from curb import selectors as curb
from curb.models import CardTripsExpected, Trip, TripFile
from curb.rules import PaymentType
from dtr import selectors, services
from dtr.admin.pages.ahead import find_by_driver
from dtr.models import Check, Overrule, WeekClose
from dtr.selectors import State
from leases.models import Lease


class ReadinessPage(Page):
    """The checks of a week: by default of the one whose turn it is, from its first day on."""

    permission_required = "dtr.view_weekclose"
    template_name = "dtr/readiness.html"

    @cached_property
    def week(self) -> Week:
        today = timezone.localdate()
        return find_week_ending(self.request.GET.get("week_end")) or selectors.get_week_to_close(today)

    def get_title(self) -> str:
        return f"Readiness of the week ending {say_full_day(self.week.end)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **describe_readiness(self.request, self.week, timezone.localdate()),
            close=selectors.find_close(self.week),
            before=self.week.previous,
            after=self.week.next,
            is_its_turn=self.week == selectors.get_week_to_close(timezone.localdate()),
            by_driver_url=find_by_driver(self.request, self.week, timezone.localdate()),
            **kwargs,
        )


class OverruleForm(forms.Form):
    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text="As “Snow: the city was closed”. Kept on the week, with your name.",
    )


class OverrulePage(ActPage):
    """Let a week close in spite of what one check finds now."""

    permission_required = "dtr.overrule_check"
    template_name = "dtr/overrule.html"
    form_class = OverruleForm
    verb = "Overrule it"
    is_dangerous = True
    has_preview = True

    @cached_property
    def week(self) -> Week:
        week = find_week_ending(self.kwargs["week_end"])
        if week is None:
            raise Http404
        return week

    @cached_property
    def check(self) -> Check:
        try:
            return Check(self.kwargs["check"])
        except ValueError:
            raise Http404 from None

    def get_title(self) -> str:
        return f"Overrule: {self.check.label}"

    def look_ahead(self) -> list[str]:
        readiness = selectors.read_readiness(week=self.week, today=timezone.localdate())
        return [finding.sentence for check, finding in readiness.blocking if check == self.check]

    def preview(self, form: forms.Form) -> list[str]:
        return self.look_ahead()

    def act(self, form: forms.Form) -> list[Overrule]:
        return services.overrule_check(
            week=self.week,
            check=self.check,
            reason=form.cleaned_data["reason"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: list[Overrule]) -> str:
        return f"“{self.check.label}” no longer stops the close of the week ending {say_full_day(self.week.end)}."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return f"{reverse('admin:dtr_weekclose_readiness')}?week_end={self.week.end.isoformat()}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(week=self.week, **kwargs)


#: Leases that an address names one by one.
MOST_NAMED = 500

#: Checks that stand alike, under one title; the gravest first.
_GROUPS = {
    "Stops the close": (State.BLOCKS,),
    "To look at": (State.WARNS, State.OVERRULED),
    "Not known yet": (State.LATER, State.NOT_ASKED),
    "Ready": (State.READY,),
}


def describe_readiness(request: HttpRequest, week: Week, today: date) -> dict[str, Any]:
    """What a page shows of a week's readiness: its checks by how they stand, and where each is mended or overruled."""
    readiness = selectors.read_readiness(week=week, today=today)
    may_overrule = request.user.has_perm("dtr.overrule_check") and selectors.find_close(week) is None
    groups: dict[str, list[dict[str, Any]]] = {title: [] for title in _GROUPS}
    for state in readiness.checks:
        url, label = _find_door(request, state.check, week)
        overrule_url = ""
        if may_overrule and state.may_be_overruled:
            overrule_url = reverse("admin:dtr_weekclose_overrule", args=[week.end.isoformat(), state.check.value])
        title = next(title for title, states in _GROUPS.items() if state.state in states)
        groups[title].append({"state": state, "url": url, "url_label": label, "overrule_url": overrule_url})
    return {
        "readiness": readiness,
        "standing": _say_standing(readiness),
        "groups": groups,
        "days": [(day, _find_trips_url(request, day.day)) for day in readiness.days],
        "expected_url": _expected_url(request),
    }


def _say_standing(readiness: selectors.Readiness) -> str:
    """Return ``The week can't close yet: 1 thing stops it, 3 are worth a look.``"""
    states = Counter(check.state for check in readiness.checks)
    stops, looks = states[State.BLOCKS], states[State.WARNS]
    if stops:
        also = f", {looks} {'is' if looks == 1 else 'are'} worth a look" if looks else ""
        return f"The week can’t close yet: {stops} thing{'s stop' if stops > 1 else ' stops'} it{also}."
    also = f"; {looks} thing{'s are' if looks > 1 else ' is'} worth a look" if looks else ""
    return f"Nothing stops the close{also}."


def _find_door(request: HttpRequest, check: Check, week: Week) -> tuple[str, str]:
    """Where what a check finds is mended, for whoever may go there."""
    permission, find_url, label = _DOORS[check]
    return (find_url(week), label) if request.user.has_perm(permission) else ("", "")


def _list_of(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def _list_trips(week: Week) -> str:
    return list_url(
        Trip,
        start_at_from_0=week.start.isoformat(),
        start_at_from_1="00:00:00",
        start_at_to_0=week.end.isoformat(),
        start_at_to_1="23:59:59",
    )


def _list_idle_leases(week: Week) -> str:
    """The list of those without a trip; of all, where they are too many for an address."""
    ids = selectors.list_idle_leases(week).order_by("pk").values_list("pk", flat=True)[: MOST_NAMED + 1]
    return list_url(Lease, pk__in=",".join(map(str, ids))) if 0 < len(ids) <= MOST_NAMED else _list_of(Lease)


def _find_trips_url(request: HttpRequest, day: date) -> str:
    """Return the list of a day's card trips, for whoever may open it."""
    if not request.user.has_perm("curb.view_trip"):
        return ""
    return list_url(Trip, payment_type__exact=PaymentType.CARD.value, start_at_from_0=day, start_at_to_0=day)


def _find_unseen_url(week: Week) -> str:
    """The first file whose unread records nobody has looked at: its page is where that is said."""
    files = curb.list_unseen_files(week)
    return reverse("admin:curb_tripfile_change", args=[files[0].file_id]) if files else _list_of(TripFile)


def _find_audit_url() -> str:
    run = selectors.find_last_audit()
    return reverse("admin:core_auditrun_change", args=[run.pk]) if run else _list_of(AuditRun)


def _expected_url(request: HttpRequest) -> str:
    return _list_of(CardTripsExpected) if request.user.has_perm("curb.view_cardtripsexpected") else ""


#: Who may go where a check leads, its address in a week, and what it is called.
_DOORS: dict[Check, tuple[str, Callable[[Week], str], str]] = {
    Check.WEEK_BEFORE: ("dtr.view_weekclose", lambda week: _list_of(WeekClose), "Week closes"),
    Check.CURB_ANSWERS: ("curb.view_tripfile", lambda week: _list_of(TripFile), "Trip files"),
    Check.CARD_TRIPS: ("curb.view_trip", _list_trips, "Trips of the week"),
    Check.FEW_TRIPS: ("curb.view_trip", _list_trips, "Trips of the week"),
    Check.UNREAD_RECORDS: ("curb.view_tripfile", _find_unseen_url, "The file"),
    Check.AMOUNTS: ("curb.view_trip", lambda week: reverse("admin:curb_open_amounts"), "Amounts to place"),
    Check.LEFT_OUT: ("curb.view_trip", lambda week: reverse("admin:curb_card_money"), "Card money"),
    Check.AUDITS: ("core.view_auditrun", lambda week: _find_audit_url(), "The last audit"),
    Check.WAITING_TRIPS: ("curb.view_trip", lambda week: reverse("admin:curb_trip_waiting"), "Waiting trips"),
    Check.REVIEW: ("tickets.view_ticket", lambda week: reverse("admin:tickets_ticket_queue"), "Review queue"),
    Check.IDLE_LEASES: ("leases.view_lease", _list_idle_leases, "Leases"),
    Check.HELD_LEASES: (
        "leases.view_lease",
        lambda week: list_url(Lease, status__exact=Lease.Status.HELD.value),
        "On hold",
    ),
}
