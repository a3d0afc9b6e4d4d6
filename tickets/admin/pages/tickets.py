"""One ticket, acted on: assigned, corrected, disputed, dismissed."""

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.admin import Page
from leases.models import Driver, Lease
from ledger.money import format_dollars
from tickets import selectors, services
from tickets.admin.pages.acts import DriverActPage
from tickets.forms import AssignForm, CorrectForm
from tickets.models import Ticket


class OfReferencePage(Page):
    """Leads from a reference of the ledger to its ticket."""

    permission_required = "tickets.view_ticket"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ticket = selectors.find_ticket_by_reference(self.kwargs["reference_id"])
        if ticket is None:
            raise Http404("No ticket has this reference.")
        return redirect("admin:tickets_ticket_change", ticket.pk)


class TicketActPage(DriverActPage):
    """An act on one ticket."""

    model = Ticket
    record_name = "ticket"

    def facts_of(self, form: forms.Form) -> dict[str, Any]:
        """Return what every service of tickets takes, the inputs of the form without the driver and the lease."""
        typed = {name: value for name, value in form.cleaned_data.items() if name not in ("driver", "lease")}
        return {"ticket_id": self.record.pk, "today": timezone.localdate(), "actor": self.actor, **typed}


class AssignPage(TicketActPage):
    permission_required = "tickets.assign_ticket"
    title = "Assign to a driver"
    form_class = AssignForm
    verb = "Assign and charge"
    sentence = "Whoever was charged before gets back what was paid of it."

    def get_initial(self) -> dict[str, Any]:
        known = {"driver": self.record.driver_id, "lease": self.record.lease_id}
        chosen = {name: int(self.request.GET[name]) for name in known if self.request.GET.get(name, "").isdecimal()}
        if not chosen:
            return known
        # A candidate picked on the ticket's page; what does not exist is left blank.
        driver = Driver.objects.filter(pk=min(chosen.get("driver", 0), 2**62)).first()
        lease = Lease.objects.filter(pk=min(chosen.get("lease", 0), 2**62)).first()
        return {"driver": driver and driver.pk, "lease": lease and lease.pk}

    def list_drivers(self, form: forms.Form) -> list[Driver]:
        chosen = form.cleaned_data["driver"]
        return [*(driver for driver in super().list_drivers(form) if driver != chosen), chosen]

    def act(self, form: forms.Form) -> Ticket:
        lease = form.cleaned_data["lease"]
        return services.assign_ticket(
            **self.facts_of(form), driver_id=form.cleaned_data["driver"].pk, lease_id=lease.pk if lease else None
        )

    def describe(self, result: Ticket) -> str:
        return f"{result} is {result.get_state_display().lower()} to {result.driver}."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(candidates=selectors.list_candidates(self.record), **kwargs)


class CorrectPage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "Correct the amount"
    form_class = CorrectForm
    verb = "Correct"
    sentence = "What was paid of it stays on it; only the excess is free again."

    def act(self, form: forms.Form) -> Ticket:
        return services.correct_ticket(**self.facts_of(form))

    def describe(self, result: Ticket) -> str:
        return f"{result} now amounts to {format_dollars(result.amount)}."


class DisputePage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "Dispute"
    verb = "Dispute"
    sentence = "It is held and not charged until somebody charges or dismisses it."

    def act(self, form: forms.Form) -> Ticket:
        return services.dispute_ticket(**self.facts_of(form))

    def describe(self, result: Ticket) -> str:
        return f"{result} is disputed, and not charged."


class DismissPage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "Dismiss"
    verb = "Dismiss"
    is_dangerous = True
    sentence = "Nobody owes it then, and what was paid of it is free again."

    def act(self, form: forms.Form) -> Ticket:
        return services.dismiss_ticket(**self.facts_of(form))

    def describe(self, result: Ticket) -> str:
        return f"{result} is dismissed."
