"""What can be done with a ticket: each act a form, a preview of the money, one service call."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.admin import ActPage
from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.money import format_dollars
from tickets import selectors, services
from tickets.forms import AssignForm, CorrectForm, ReasonForm, SummonsForm
from tickets.models import Ticket


class TicketActPage(ActPage):
    """An act on one ticket. Its preview is the service itself, run and rolled back, for each driver concerned."""

    template_name = "tickets/act.html"
    has_preview = True
    form_class: type[forms.Form] = ReasonForm
    sentence = ""

    @cached_property
    def ticket(self) -> Ticket:
        ticket = Ticket.objects.select_related("driver").filter(pk=self.kwargs["ticket_id"]).first()
        if ticket is None:
            raise Http404
        return ticket

    def list_drivers(self, form: forms.Form) -> list[Driver]:
        return [self.ticket.driver] if self.ticket.driver else []

    def preview(self, form: forms.Form) -> list[tuple[str, ledger.MoneyPreview]]:
        return [
            (
                str(driver),
                ledger.preview_money(driver_id=driver.pk, act=lambda: self.act(form), today=timezone.localdate()),
            )
            for driver in self.list_drivers(form)
        ]

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticket_change", args=[self.ticket.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(ticket=self.ticket, sentence=self.sentence, **kwargs)

    def facts_of(self, form: forms.Form) -> dict[str, Any]:
        return {"ticket_id": self.ticket.pk, "today": timezone.localdate(), "actor": self.actor}


class AssignPage(TicketActPage):
    permission_required = "tickets.assign_ticket"
    title = "Say whose it is"
    form_class = AssignForm
    verb = "Assign and charge"
    inputs = {"driver_id": "driver", "lease_id": "lease"}
    sentence = "Whoever was charged before gets back what he had paid of it."

    def get_initial(self) -> dict[str, Any]:
        known = {"driver": self.ticket.driver_id, "lease": self.ticket.lease_id}
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
        typed = form.cleaned_data
        return services.assign_ticket(
            **self.facts_of(form),
            driver_id=typed["driver"].pk,
            lease_id=typed["lease"].pk if typed["lease"] else None,
            reason=typed["reason"],
        )

    def describe(self, result: Ticket) -> str:
        return f"{result} is {result.get_state_display().lower()} to {result.driver}."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(candidates=selectors.list_candidates(self.ticket), **kwargs)


class CorrectPage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "Correct the amount"
    form_class = CorrectForm
    verb = "Correct"
    sentence = "What was paid of it stays on it; only the excess is free again."

    def act(self, form: forms.Form) -> Ticket:
        return services.correct_ticket(**self.facts_of(form), **form.cleaned_data)

    def describe(self, result: Ticket) -> str:
        return f"{result} now amounts to {format_dollars(result.amount)}."


class DisputePage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "Dispute"
    verb = "Dispute"
    sentence = "It is held and not charged until somebody charges or dismisses it."

    def act(self, form: forms.Form) -> Ticket:
        return services.dispute_ticket(**self.facts_of(form), reason=form.cleaned_data["reason"])

    def describe(self, result: Ticket) -> str:
        return f"{result} is disputed, and not charged."


class DismissPage(TicketActPage):
    permission_required = "tickets.correct_ticket"
    title = "Dismiss"
    verb = "Dismiss"
    is_dangerous = True
    sentence = "Nobody owes it then, and what was paid of it is free again."

    def act(self, form: forms.Form) -> Ticket:
        return services.dismiss_ticket(**self.facts_of(form), reason=form.cleaned_data["reason"])

    def describe(self, result: Ticket) -> str:
        return f"{result} is dismissed."


class RematchPage(ActPage):
    permission_required = "tickets.assign_ticket"
    title = "Match again all that waits"
    verb = "Match again"

    def act(self, form: forms.Form) -> int:
        return services.rematch_waiting(today=timezone.localdate(), actor=self.actor)

    def describe(self, result: int) -> str:
        return f"{result} of the waiting tickets found their driver."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticket_queue")


class SummonsPage(ActPage):
    permission_required = "tickets.add_ticket"
    title = "Enter a TLC summons"
    form_class = SummonsForm
    verb = "Enter and charge"

    def act(self, form: forms.Form) -> Ticket:
        return services.enter_summons(**form.cleaned_data, today=timezone.localdate(), actor=self.actor)

    def describe(self, result: Ticket) -> str:
        if result.state == Ticket.State.WAITING:
            return f"{result} waits in review: {result.get_waits_for_display()}."
        return f"{result} is charged."

    def get_success_url(self, result: Ticket) -> str:
        return reverse("admin:tickets_ticket_change", args=[result.pk])

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticket_changelist")
