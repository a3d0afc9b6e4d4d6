"""The review queue as a place to work: what waits and why, filtered; all of it matched anew."""

from dataclasses import replace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage, Button, Page
from tickets import selectors, services
from tickets.admin.pages.chosen import AssignChosenPage, DismissChosenPage, DisputeChosenPage, FleetPaysChosenPage
from tickets.admin.pages.tickets import may_dismiss
from tickets.forms import QueueForm
from tickets.models import Ticket, Wait

QUEUE_ON_A_PAGE = 50
#: What a ticket waits for, as short as a tab is; its own line says it in full.
TABS = {
    Wait.VEHICLE: "Plate or tag not ours",
    Wait.LEASE: "No lease then",
    Wait.DRIVER: "Several drivers on the cab",
    Wait.LICENSE: "License not ours",
    Wait.CONGESTION: "Congestion zone",
    Wait.REFUND: "A refund of no one toll",
    Wait.KIND: "Kind not known",
    Wait.SIGN: "A charge or a refund?",
    Wait.CONTRADICTS: "Contradicts itself",
    Wait.TRIP: "Trip and lease differ",
    Wait.RESTORED: "Put back",
}


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
            rows=[
                (ticket, candidates, may_dismiss(user, ticket))
                for ticket, candidates in zip(tickets, selectors.list_candidates_of(tickets), strict=True)
            ],
            reasons=[
                (TABS[wait], counts[wait], wait == asked.waits_for, self._query(waits_for=wait.value))
                for wait in Wait
                if wait
            ],
            total=sum(counts.values()),
            all_query=self._query(waits_for=""),
            query=self._query(),
            doors=self._list_doors(),
            may_assign=user.has_perm("tickets.assign_ticket"),
            may_correct=user.has_perm("tickets.correct_ticket"),
            acts=self._list_acts(),
            dollars=selectors.list_waiting(replace(asked, waits_for="")).aggregate(sum=Sum("amount"))["sum"],
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

    def _list_acts(self) -> list[tuple[str, str]]:
        """The acts on the chosen tickets, for whoever may do them: what the button says, and where it sends them."""
        query = "&".join(filter(None, ("from=queue", self._query())))
        return [
            ("Assign chosen \u2026" if act is AssignChosenPage else act.label_in_list(), f"{act.address()}?{query}")
            for act in (AssignChosenPage, DismissChosenPage, DisputeChosenPage, FleetPaysChosenPage)
            if act(model_admin=self.model_admin, request=self.request).has_permission()
        ]

    def _query(self, **other: str) -> str:
        """What the address asks for, in other words where any are given, without the page."""
        asked = QueryDict(mutable=True)
        for name in QueueForm.base_fields:
            value = other.get(name, self.request.GET.get(name, ""))
            if value:
                asked[name] = value
        return asked.urlencode()


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
