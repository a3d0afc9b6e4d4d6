"""One ticket, acted on: assigned, corrected, disputed, left to the fleet, dismissed, put back in the queue."""

import re
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.admin import Page
from core.previews import rolled_back
from leases.models import Driver, Lease
from ledger.money import format_dollars
from tickets import selectors, services
from tickets.admin.pages.acts import DriverActPage
from tickets.forms import AssignForm, CorrectForm, RestoreForm
from tickets.models import Ticket


def may_dismiss(user: Any, ticket: Ticket) -> bool:
    waits = selectors.find_waits_to_dismiss(user)
    return waits is None or (ticket.state == Ticket.State.WAITING and ticket.waits_for in waits)


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
        asked = self.request.GET.dict()
        if "who" in asked:  # of the review queue: a driver and a lease in one
            asked["driver"], _, asked["lease"] = asked["who"].partition("-")
        chosen = {name: int(asked[name]) for name in known if re.fullmatch(r"[0-9]{1,18}", asked.get(name, ""))}
        if not chosen:
            return known
        # A candidate picked on the ticket's page; what does not exist is left blank.
        driver = Driver.objects.filter(pk=chosen.get("driver", 0)).first()
        lease = Lease.objects.filter(pk=chosen.get("lease", 0)).first()
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


class IsChargePage(TicketActPage):
    """A row whose sign does not tell, and a refund that may be none, is a charge."""

    permission_required = "tickets.assign_ticket"
    title = verb = "It is a charge"
    sentence = "Its driver is charged, where it is one for sure; otherwise it waits to be assigned."
    is_charge = True

    def list_drivers(self, form: forms.Form) -> list[Driver]:
        with rolled_back():
            settled = self.act(form)
        return [settled.driver] if settled.driver else []

    def act(self, form: forms.Form) -> Ticket:
        return services.settle_sign(**self.facts_of(form), is_charge=self.is_charge)

    def describe(self, result: Ticket) -> str:
        if result.state == Ticket.State.WAITING:
            return f"{result} waits: {result.get_waits_for_display()}."
        return f"{result} is {result.get_state_display().lower()} to {result.driver}."


class IsRefundPage(IsChargePage):
    title = verb = "It is a refund"
    sentence = "The driver of its toll is credited; while that toll is not found, it waits."
    is_charge = False


class FleetPaysPage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "The fleet pays"
    verb = "Let the fleet pay"
    sentence = "No driver is charged then, and whoever was gets back what was paid of it."

    def act(self, form: forms.Form) -> Ticket:
        return services.let_fleet_pay(**self.facts_of(form))

    def describe(self, result: Ticket) -> str:
        return f"The fleet pays {result}."


class DisputePage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "Dispute"
    verb = "Dispute"
    sentence = "It is held and not charged until somebody charges or dismisses it."

    def act(self, form: forms.Form) -> Ticket:
        return services.dispute_ticket(**self.facts_of(form))

    def describe(self, result: Ticket) -> str:
        return f"{result} is disputed, and not charged."


class RestorePage(TicketActPage):
    """It waits in review again, whatever was decided of it before."""

    permission_required = "tickets.correct_ticket"
    title = "Put back in the queue"
    verb = "Put back in the queue"
    sentence = "It waits in review again: nobody is charged until somebody assigns it."
    form_class = RestoreForm
    has_preview = False

    def preview(self, form: forms.Form) -> Any:
        """Nobody's money moves."""
        return None

    def act(self, form: forms.Form) -> Ticket:
        return services.restore_ticket(ticket_id=self.record.pk, reason=form.cleaned_data["reason"], actor=self.actor)

    def describe(self, result: Ticket) -> str:
        return f"{result} is back in the queue."


class DismissPage(TicketActPage):
    """A supervisor's; what is no cab of ours or of the congestion zone, the office's too, while it is in review."""

    title = "Dismiss"
    verb = "Dismiss"
    is_dangerous = True
    sentence = "Nobody owes it then, and what was paid of it is free again."

    needs = selectors.MAY_DISMISS

    def has_permission(self) -> bool:
        return may_dismiss(self.request.user, self.record)

    def act(self, form: forms.Form) -> Ticket:
        waiting_for = selectors.find_waits_to_dismiss(self.request.user)
        return services.dismiss_ticket(**self.facts_of(form), waiting_for=waiting_for)

    def describe(self, result: Ticket) -> str:
        return f"{result} is dismissed."
