"""What a person has decided and is not over: tickets in dispute, since when; and those that the fleet pays."""

from typing import Any, ClassVar

from django.core.paginator import Paginator

from core.admin import Page
from tickets import selectors
from tickets.admin.pages.borne import find_borne_url
from tickets.models import Ticket

DECIDED_ON_A_PAGE = 50


class DecidedPage(Page):
    """Tickets in one state, whoever has waited longest first."""

    permission_required = "tickets.view_ticket"
    template_name = "tickets/decided.html"
    state: ClassVar[str]
    since: ClassVar[str]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(selectors.list_decided(self.state), DECIDED_ON_A_PAGE).get_page(self.request.GET.get("page"))
        tickets = list(page.object_list)
        borne = {transfer.reference_id: transfer for transfer in selectors.list_borne(tickets)}
        may_record = self.request.user.has_perm("ledger.add_transfer")
        return super().get_context_data(
            page=page,
            rows=[
                (
                    ticket,
                    selectors.find_answer_day(ticket),
                    borne.get(ticket.reference_id),
                    find_borne_url(ticket) if may_record else "",
                )
                for ticket in tickets
            ],
            since=self.since,
            is_fleets=self.state == Ticket.State.FLEET_PAYS,
            **kwargs,
        )


class DisputedPage(DecidedPage):
    title = "Disputed"
    state = Ticket.State.DISPUTED.value
    since = "Disputed since"


class FleetsPage(DecidedPage):
    title = "The fleet pays"
    state = Ticket.State.FLEET_PAYS.value
    since = "Since"
