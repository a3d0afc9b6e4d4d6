"""The pages that close a week: what it would do and its start, its progress, and another try at what failed."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from unfold.widgets import UnfoldAdminDateWidget

from core.admin import ActPage, Page
from core.admin.fields import PlausibleDateField
from core.errors import DomainError
from core.weeks import Week, find_week_ending, week_ending, week_of
from core.words import say_full_day
from dtr import selectors, services, tasks
from dtr.admin.pages.readiness import describe_readiness
from dtr.models import WeekClose

#: HTMX stops asking when it is answered with this status.
STOP_POLLING = 286


class WeekForm(forms.Form):
    week_end = PlausibleDateField(
        label="Week ending", help_text="The Saturday. Weeks are closed in order.", widget=UnfoldAdminDateWidget
    )


class CloseWeekPage(ActPage):
    """What closing the week would do, some drivers at a time; then its start. The workers do the rest."""

    permission_required = "dtr.close_week"
    title = "Close a week"
    template_name = "dtr/close.html"
    form_class = WeekForm
    verb = "Close this week"
    has_preview = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        underway = selectors.find_open_close()
        if underway is not None:
            return redirect("admin:dtr_weekclose_change", underway.pk)
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        asked = find_week_ending(self.request.GET.get("week_end"))
        return {"week_end": (asked or self.turn).end}

    @cached_property
    def turn(self) -> Week:
        return selectors.get_week_to_close(timezone.localdate())

    def look_ahead(self) -> services.WeekPreview | None:
        number = self.request.GET.get("batch", "1")
        try:
            return self._preview(self.get_initial()["week_end"], int(number) if number.isdecimal() else 1)
        except DomainError as refusal:
            self.extra_context = {"refusal": refusal.message}
            return None

    def preview(self, form: forms.Form) -> services.WeekPreview | None:
        # Once the button is pressed it is the close that finds out: in a large fleet nobody has seen all of it.
        return None if "_confirm" in self.request.POST else self._preview(form.cleaned_data["week_end"], 1)

    def act(self, form: forms.Form) -> WeekClose:
        week = week_ending(form.cleaned_data["week_end"])
        if selectors.find_close(week) is None:
            services.refresh_audits(now=timezone.now())
        close = services.start_week(week=week, today=timezone.localdate(), actor=self.actor)
        tasks.send_batches(week)
        return close

    def describe(self, result: WeekClose) -> str:
        return f"The close of the week ending {say_full_day(result.week_end)} has begun."

    def get_success_url(self, result: WeekClose) -> str:
        return reverse("admin:dtr_weekclose_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:dtr_weekclose_changelist")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        week = find_week_ending(self.request.POST.get("week_end")) or week_of(self.get_initial()["week_end"])
        readiness = describe_readiness(self.request, week, timezone.localdate())
        return super().get_context_data(**readiness, **kwargs)

    def _preview(self, saturday: date, number: int) -> services.WeekPreview:
        return services.preview_week(week=week_ending(saturday), today=timezone.localdate(), number=number)


class WeekPage(Page):
    """A page about the week in its address."""

    @cached_property
    def close(self) -> WeekClose:
        week = find_week_ending(self.kwargs["week_end"])
        close = selectors.find_close(week) if week else None
        if close is None:
            raise Http404
        return close


class ProgressPage(WeekPage):
    """How far a close has come: asked for every other second, until it is done or needs somebody to look."""

    permission_required = "dtr.view_weekclose"
    title = "Progress"
    template_name = "dtr/week_progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        status = selectors.get_close_status(self.close, timezone.now())
        context = self.get_context_data(original=self.close, status=describe_status(status))
        response = self.render_to_response(context)
        if self.close.is_closed or status.is_stuck:
            response.status_code = STOP_POLLING
            response["HX-Refresh"] = "true"  # the page around it is another one now
        return response


class RetryPage(ActPage, WeekPage):
    permission_required = "dtr.close_week"
    verb = "Try again"

    def get_title(self) -> str:
        return f"Try again what failed in the {str(self.close).lower()}"

    def act(self, form: forms.Form) -> int:
        count = services.retry_failed_batches(week=self.close.week)
        tasks.send_batches(self.close.week)
        return count

    def describe(self, result: int) -> str:
        return f"{result} batches are tried again."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:dtr_weekclose_change", args=[self.close.pk])


def describe_status(status: selectors.CloseStatus) -> dict[str, Any]:
    """What the progress shows: the status, and its rate and time left in words."""
    left = status.seconds_left
    return {
        "now": status,
        "rate": f"{status.rate:,.1f}",
        "left": "" if left is None else str(timedelta(seconds=left)),
    }
