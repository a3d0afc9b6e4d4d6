"""The review queue, and from a reference to its ticket."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.admin import Page
from tickets import selectors
from tickets.models import Wait

QUEUE_ON_A_PAGE = 50


class OfReferencePage(Page):
    """Leads from a reference of the ledger to its ticket."""

    permission_required = "tickets.view_ticket"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ticket = selectors.find_ticket_by_reference(self.kwargs["reference_id"])
        if ticket is None:
            raise Http404("No ticket has this reference.")
        return redirect("admin:tickets_ticket_change", ticket.pk)


class QueuePage(Page):
    """The review queue, oldest first."""

    permission_required = "tickets.view_ticket"
    title = "Tickets in review"
    template_name = "tickets/queue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self.request.GET.get("waits_for", "")
        waiting = selectors.list_waiting()
        if chosen in Wait.values and chosen:
            waiting = waiting.filter(waits_for=chosen)
        return super().get_context_data(
            tickets=Paginator(waiting, QUEUE_ON_A_PAGE).get_page(self.request.GET.get("page")),
            waits=[(value, label, value == chosen) for value, label in Wait.choices if value],
            chosen=chosen,
            may_assign=self.request.user.has_perm("tickets.assign_ticket"),
            **kwargs,
        )
