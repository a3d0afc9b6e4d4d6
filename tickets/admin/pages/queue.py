"""The review queue as a place to work: what waits and why, filtered; all of it matched anew."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from core.admin import ActPage, Button, Page
from tickets import selectors, services
from tickets.forms import QueueForm
from tickets.models import Ticket, Wait

QUEUE_ON_A_PAGE = 50


class QueuePage(Page):
    """The review queue, oldest first, with who may have had each cab; several are chosen and acted on together."""

    permission_required = "tickets.view_ticket"
    title = "Review queue"
    template_name = "tickets/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = QueueForm(self.request.GET)
        asked = form.read()
        page = Paginator(selectors.list_waiting(asked), QUEUE_ON_A_PAGE).get_page(self.request.GET.get("page"))
        tickets = list(page.object_list)
        counts = selectors.count_waiting_by_reason(asked)
        user = self.request.user
        return super().get_context_data(
            form=form,
            page=page,
            tickets=page,
            rows=list(zip(tickets, selectors.list_candidates_of(tickets), strict=True)),
            reasons=[
                (value, label, counts[value], value == asked.waits_for, self._query(waits_for=value))
                for value, label in Wait.choices
                if value
            ],
            total=sum(counts.values()),
            all_query=self._query(waits_for=""),
            query=self._query(),
            doors=self._list_doors(),
            may_assign=user.has_perm("tickets.assign_ticket"),
            may_dismiss=user.has_perm("tickets.correct_ticket") or user.has_perm("tickets.lay_aside_ticket"),
            may_correct=user.has_perm("tickets.correct_ticket"),
            assign_attrs=_leads_to("assign"),
            dismiss_attrs=_leads_to("dismiss"),
            fleet_attrs=_leads_to("fleet_pays"),
            **kwargs,
        )

    def _list_doors(self) -> list[Button]:
        """The ways to what else somebody has to look at, with how much that is."""
        states = selectors.count_by_state(Ticket.State.DISPUTED, Ticket.State.FLEET_PAYS)
        return [
            Button(f"{label}: {count}", reverse(f"admin:tickets_ticket_{name}"))
            for name, label, count in (
                ("changes", "Changed since charged", selectors.count_changes()),
                ("due", "Due this week", selectors.count_due(today=timezone.localdate())),
                ("disputed", "Disputed", states[Ticket.State.DISPUTED]),
                ("fleets", "The fleet pays", states[Ticket.State.FLEET_PAYS]),
            )
        ]

    def _query(self, **other: str) -> str:
        """What the address asks for, in other words where any are given, without the page."""
        asked = QueryDict(mutable=True)
        for name in QueueForm.base_fields:
            value = other.get(name, self.request.GET.get(name, ""))
            if value:
                asked[name] = value
        return asked.urlencode()


def _leads_to(act: str) -> str:
    """What sends the chosen tickets to the page of an act."""
    return format_html('formaction="{}"', reverse(f"admin:tickets_ticket_queue_{act}"))


class RematchPage(ActPage):
    permission_required = "tickets.assign_ticket"
    title = "Rematch all that waits"
    verb = "Rematch"

    def act(self, form: forms.Form) -> int:
        return services.rematch_waiting(today=timezone.localdate(), actor=self.actor)

    def describe(self, result: int) -> str:
        return f"{result} of the waiting tickets found their driver."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:tickets_ticket_queue")
