"""Several tickets chosen in their list: each is acted on by itself, whatever becomes of the others."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone

from core.admin import SeveralPage
from core.previews import rolled_back
from tickets import selectors, services
from tickets.forms import AssignForm, ReasonForm, RestoreForm
from tickets.models import Ticket


class ChosenTicketsPage(SeveralPage):
    model = Ticket
    related = ("driver", "vehicle")
    form_class: type[forms.Form] = ReasonForm
    permission_required = "tickets.correct_ticket"
    heads = ("State", "Driver")

    def cells_of(self, record: Ticket) -> tuple[Any, ...]:
        return record.get_state_display(), record.driver

    @property
    def list_url(self) -> str:
        """The review queue, where they were chosen in it."""
        query = self.request.GET.copy()
        return (
            f"{reverse('admin:tickets_ticket_queue')}?{query.urlencode()}"
            if query.pop("from", None)
            else super().list_url
        )

    def facts_of(self, record: Ticket, facts: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "ticket_id": record.pk,
            "reason": facts["reason"],
            "today": timezone.localdate(),
            "actor": self.actor,
        }


class AssignChosenForm(ReasonForm):
    driver = AssignForm.base_fields["driver"]
    field_order = ("driver", "reason")


class AssignChosenPage(ChosenTicketsPage):
    """Charges them, also what was disputed, dismissed or left to the fleet before."""

    permission_required = "tickets.assign_ticket"
    name, verb, done = "assign", "Assign and charge", "charged"
    form_class = AssignChosenForm
    #: Whose they are, nobody has said yet.
    blank = None
    sentence = "Each on the lease that the driver was on when it happened, where there was exactly one."

    def act_on(self, record: Ticket, facts: Mapping[str, Any]) -> Ticket:
        driver_id = facts["driver"].pk
        lease_id = selectors.find_own_lease(record, driver_id)
        return services.assign_ticket(driver_id=driver_id, lease_id=lease_id, **self.facts_of(record, facts))

    def tell(self, result: Ticket) -> tuple[str, ...]:
        return (f"On lease {result.lease_id}." if result.lease_id else "On no lease.",)

    def foresee(self, record: Ticket, facts: Mapping[str, Any]) -> tuple[str, ...]:
        with rolled_back():
            return self.tell(self.act_on(record, facts))


class DisputeChosenPage(ChosenTicketsPage):
    name, verb, done = "dispute", "Dispute", "disputed"
    sentence = "They are held and not charged until somebody charges or dismisses them."

    def act_on(self, record: Ticket, facts: Mapping[str, Any]) -> Ticket:
        return services.dispute_ticket(**self.facts_of(record, facts))


class FleetPaysChosenPage(ChosenTicketsPage):
    name, verb, done = "fleet-pays", "Let the fleet pay", "left to the fleet"
    sentence = "No driver is charged then, and whoever was gets back what was paid of it."

    def act_on(self, record: Ticket, facts: Mapping[str, Any]) -> Ticket:
        return services.let_fleet_pay(**self.facts_of(record, facts))


class RestoreChosenPage(ChosenTicketsPage):
    name, verb, done = "restore", "Put back", "put back"
    form_class = RestoreForm
    sentence = "They wait in the review queue again: nobody is charged until somebody assigns them."

    @classmethod
    def label_in_list(cls) -> str:
        return "Put back in the queue \u2026"

    def act_on(self, record: Ticket, facts: Mapping[str, Any]) -> Ticket:
        return services.restore_ticket(ticket_id=record.pk, reason=facts["reason"], actor=self.actor)

    def tell(self, result: Ticket) -> tuple[str, ...]:
        waits = result.get_waits_for_display()
        return (waits if waits.endswith("?") else f"{waits}.",)

    def foresee(self, record: Ticket, facts: Mapping[str, Any]) -> tuple[str, ...]:
        with rolled_back():
            return self.tell(self.act_on(record, facts))


class DismissChosenPage(ChosenTicketsPage):
    name, verb, done = "dismiss", "Dismiss", "dismissed"
    is_dangerous = True
    needs = selectors.MAY_DISMISS
    sentence = "Nobody owes them then, and what was paid of them is free again."

    def has_permission(self) -> bool:
        waits = selectors.find_waits_to_dismiss(self.request.user)
        return waits is None or bool(waits)

    def act_on(self, record: Ticket, facts: Mapping[str, Any]) -> Ticket:
        waits = selectors.find_waits_to_dismiss(self.request.user)
        return services.dismiss_ticket(waiting_for=waits, **self.facts_of(record, facts))
