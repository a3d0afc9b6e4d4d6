"""The review queue, and all of it matched anew."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage, Page
from tickets import selectors, services
from tickets.models import Wait

QUEUE_ON_A_PAGE = 50


class QueuePage(Page):
    """The review queue, oldest first."""

    permission_required = "tickets.view_ticket"
    title = "Review queue"
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
