"""Summonses that have to be answered soon."""

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.utils import timezone

from core.admin import Page
from tickets import selectors

DUE_ON_A_PAGE = 50


class DuePage(Page):
    """What has to be answered within a week and is not decided yet, the most urgent first."""

    permission_required = "tickets.view_ticket"
    title = "Due this week"
    template_name = "tickets/due.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        due = selectors.list_due(today=timezone.localdate())
        page = Paginator(due, DUE_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page=page,
            rows=[(ticket, selectors.find_answer_day(ticket)) for ticket in page],
            within=settings.ANSWER_WITHIN_DAYS,
            **kwargs,
        )
