"""Several tickets of the review queue, acted on together: one reason, one preview, all of them or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage
from core.errors import DomainError
from core.previews import rolled_back
from ledger import services as ledger
from ledger.money import ZERO, format_dollars
from tickets import selectors, services
from tickets.admin.pages.tickets import find_waits_to_dismiss
from tickets.forms import AssignSeveralForm, SeveralForm
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class PreviewedTicket:
    """What would become of one of the tickets."""

    ticket_id: int
    outcome: str


@dataclass(frozen=True, slots=True)
class SeveralPreview:
    """What would become of each, the dollars of all of them, and the driver's money where any moves."""

    outcomes: tuple[PreviewedTicket, ...]
    total: Decimal
    driver: str = ""
    money: ledger.MoneyPreview | None = None


class SeveralPage(ActPage):
    """An act on the tickets that the address names (``?ticket=7&ticket=8``), from the queue and back to it."""

    template_name = "tickets/several.html"
    form_class = SeveralForm
    has_preview = True
    sentence: ClassVar[str] = ""
    done: ClassVar[str] = ""

    #: Why tickets were refused, by ticket.
    refusals: Mapping[int, str] = {}

    def get_initial(self) -> dict[str, Any]:
        return {"tickets": ",".join(self.request.GET.getlist("ticket"))}

    def run(self, form: forms.Form, **facts: Any) -> list[Ticket]:
        """Call the service."""
        raise NotImplementedError

    def act(self, form: forms.Form) -> list[Ticket]:
        typed = form.cleaned_data
        facts = {"today": timezone.localdate(), "actor": self.actor}
        return self.run(form, ticket_ids=typed["tickets"], reason=typed["reason"], **facts)

    def preview(self, form: forms.Form) -> SeveralPreview:
        with rolled_back():
            return self.foresee(self.act(form))

    def foresee(
        self, tickets: list[Ticket], driver: str = "", money: ledger.MoneyPreview | None = None
    ) -> SeveralPreview:
        outcomes = tuple(PreviewedTicket(ticket.pk, self.say_outcome(ticket)) for ticket in tickets)
        return SeveralPreview(outcomes, sum((ticket.amount for ticket in tickets), start=ZERO), driver, money)

    def say_outcome(self, ticket: Ticket) -> str:
        return ticket.get_state_display()

    def refuse(self, form: forms.Form, refusal: DomainError) -> None:
        self.refusals = refusal.facts.get("refusals", {})
        super().refuse(form, refusal)

    def describe(self, result: list[Ticket]) -> str:
        together = format_dollars(sum((ticket.amount for ticket in result), start=ZERO))
        return f"{len(result)} tickets, {together} together: {self.done}."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticket_queue")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = kwargs["form"].list_chosen()
        preview: SeveralPreview | None = kwargs["preview"]
        outcomes = {one.ticket_id: one.outcome for one in preview.outcomes} if preview else {}
        tickets = selectors.list_tickets().filter(pk__in=chosen).order_by("pk")
        return super().get_context_data(
            sentence=self.sentence,
            rows=[(ticket, outcomes.get(ticket.pk, ""), self.refusals.get(ticket.pk, "")) for ticket in tickets],
            **kwargs,
        )


class AssignSeveralPage(SeveralPage):
    permission_required = "tickets.assign_ticket"
    title = "Assign to one driver"
    form_class = AssignSeveralForm
    verb = "Assign and charge"
    sentence = "Each on the lease that the driver was on when it happened, where there was exactly one."
    done = "assigned"

    def run(self, form: forms.Form, **facts: Any) -> list[Ticket]:
        return services.assign_tickets(driver_id=form.cleaned_data["driver"].pk, **facts)

    def preview(self, form: forms.Form) -> SeveralPreview:
        driver = form.cleaned_data["driver"]
        assigned: list[Ticket] = []
        money = ledger.preview_money(
            driver_id=driver.pk, act=lambda: assigned.extend(self.act(form)), today=timezone.localdate()
        )
        return self.foresee(assigned, str(driver), money)

    def say_outcome(self, ticket: Ticket) -> str:
        on = f"on lease {ticket.lease_id}" if ticket.lease_id else "on no lease"
        return f"{ticket.get_state_display()}, {on}"


class DismissSeveralPage(SeveralPage):
    title = "Dismiss"
    verb = "Dismiss"
    is_dangerous = True
    sentence = "Nobody owes them then."
    done = "dismissed"

    def has_permission(self) -> bool:
        waits = find_waits_to_dismiss(self.request.user)
        return waits is None or bool(waits)

    def run(self, form: forms.Form, **facts: Any) -> list[Ticket]:
        return services.dismiss_tickets(waiting_for=find_waits_to_dismiss(self.request.user), **facts)


class FleetPaysSeveralPage(SeveralPage):
    permission_required = "tickets.correct_ticket"
    title = "The fleet pays"
    verb = "Let the fleet pay"
    sentence = "No driver is charged with them then."
    done = "left to the fleet"

    def run(self, form: forms.Form, **facts: Any) -> list[Ticket]:
        return services.let_fleet_pay_for(**facts)
