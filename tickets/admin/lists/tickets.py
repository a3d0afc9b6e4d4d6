"""Each ticket with its history and its acts, and the review queue."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter, RangeDateTimeFilter
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin, find_url
from core.admin.history import HistoryAdmin
from ledger.money import format_dollars
from tickets import selectors
from tickets.admin.pages.queue import OfReferencePage, QueuePage
from tickets.admin.pages.tickets import AssignPage, CorrectPage, DismissPage, DisputePage, RematchPage, SummonsPage
from tickets.models import Ticket

State = Ticket.State


_ASSIGN = ("Assign", "assign", "tickets.assign_ticket", False)


_CORRECT = ("Correct the amount", "correct", "tickets.correct_ticket", False)


_DISPUTE = ("Dispute", "dispute", "tickets.correct_ticket", False)


_DISMISS = ("Dismiss", "dismiss", "tickets.correct_ticket", True)


#: The acts that fit a state: what the button says, its address, the permission, whether it undoes.
ACTS: dict[str, list[tuple[str, str, str, bool]]] = {
    State.WAITING: [_ASSIGN, _CORRECT, _DISPUTE, _DISMISS],
    State.CHARGED: [("Charge another driver", *_ASSIGN[1:]), _CORRECT, _DISPUTE, _DISMISS],
    State.CREDITED: [_DISMISS],
    State.DISPUTED: [("Charge after all", *_ASSIGN[1:]), _CORRECT, _DISMISS],
    State.DISMISSED: [("Charge after all", *_ASSIGN[1:])],
    State.NOTHING_DUE: [_CORRECT, _DISMISS],
}


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["__str__", "at", "worn", "money", "place", "driver", "lease", "status"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("waits_for", ChoicesDropdownFilter),
        ("at", RangeDateTimeFilter),
        ("driver", AutocompleteSelectFilter),
        ("vehicle", AutocompleteSelectFilter),
    ]
    search_fields = ["number__exact"]
    search_help_text = "A number (or reference), a plate or a tag"
    ordering = ["-id"]
    change_list_template = "ledger/installments/list.html"
    detail_template = "tickets/ticket.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("of/<str:reference_id>/", OfReferencePage, "tickets_ticket_of_reference"),
            self.page("enter/", SummonsPage, "tickets_ticket_enter"),
            self.page("queue/", QueuePage, "tickets_ticket_queue"),
            self.page("rematch/", RematchPage, "tickets_ticket_rematch"),
            self.page("<int:ticket_id>/assign/", AssignPage, "tickets_ticket_assign"),
            self.page("<int:ticket_id>/correct/", CorrectPage, "tickets_ticket_correct"),
            self.page("<int:ticket_id>/dispute/", DisputePage, "tickets_ticket_dispute"),
            self.page("<int:ticket_id>/dismiss/", DismissPage, "tickets_ticket_dismiss"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return selectors.list_tickets()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        term = search_term.strip().upper()
        if not term:
            return queryset, False
        for prefix in Ticket.Kind.values:
            term = term.removeprefix(f"{prefix}-")
        # One question after the other, each on an index: an OR of them could use none.
        for conditions in ({"number": term, "kind__in": Ticket.Kind.values}, {"plate": term}, {"tag": term}):
            found = queryset.filter(**conditions)
            if found.exists():
                return found, False
        return queryset.none(), False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_add = request.user.has_perm("tickets.add_ticket")
        url = reverse("admin:tickets_ticket_enter") if may_add else ""
        context = {"add_url": url, "add_label": "Enter a TLC summons"}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    @admin.display(description="Plate or tag")
    def worn(self, ticket: Ticket) -> str:
        return describe_worn(ticket)

    @admin.display(description="Amount")
    def money(self, ticket: Ticket) -> str:
        return f"{ticket.amount:,.2f}"

    @display(
        description="State",
        label={
            "In review": "warning",
            "Charged": "info",
            "Credited": "success",
            "Disputed, not charged": "warning",
            "Dismissed": "danger",
        },
    )
    def status(self, ticket: Ticket) -> str:
        return ticket.get_state_display()

    def get_detail(self, request: HttpRequest, record: Ticket) -> dict[str, Any]:
        site = self.admin_site
        return {
            "facts": [
                Fact("Kind", record.get_kind_display()),
                Fact("State", record.get_state_display()),
                Fact("Waits for", record.get_waits_for_display() if record.waits_for else ""),
                Fact(
                    "When",
                    f"{timezone.localtime(record.at):%Y-%m-%d}, no time given" if record.is_dated_only else record.at,
                ),
                Fact("Plate or tag", describe_worn(record)),
                Fact("TLC license", record.license),
                Fact("Where", record.place),
                Fact("Violation", record.violation),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Due, as stated", record.due_on),
                Fact("Driver", record.driver, find_url(site, request, record.driver)),
                Fact("Lease", record.lease, find_url(site, request, record.lease)),
                Fact("Cab", record.vehicle, find_url(site, request, record.vehicle)),
                Fact("Refund of", record.refund_of, find_url(site, request, record.refund_of)),
                *_describe_ledger(request, record),
                Fact("Received in", record.file, find_url(site, request, record.file)),
                Fact("Row", record.row),
            ],
            "buttons": [
                Button(label, reverse(f"admin:tickets_ticket_{name}", args=[record.pk]), is_dangerous)
                for label, name, permission, is_dangerous in ACTS[record.state]
                if request.user.has_perm(permission)
            ],
            "history": record.history.select_related("history_user", "driver").order_by("-history_id")[:100],
            "candidates": selectors.list_candidates(record) if record.state == State.WAITING else [],
            "may_assign": request.user.has_perm("tickets.assign_ticket"),
            "received": record.received,
        }


def describe_worn(ticket: Ticket) -> str:
    """The plate, tag or medallion by which the cab was known."""
    plate = f"{ticket.plate_state} {ticket.plate}".strip()
    return plate or ticket.tag or ticket.medallion


def _describe_ledger(request: HttpRequest, ticket: Ticket) -> list[Fact]:
    balance = selectors.list_ledger_states([ticket]).get(ticket.reference_id)
    if balance is None:
        return []
    may_see = request.user.has_perm("ledger.view_ledgerbalance")
    url = reverse("admin:ledger_ledgerbalance_change", args=[balance.pk]) if may_see else ""
    state = (
        f"{ticket.reference_id}: {balance.get_status_display().lower()}, {format_dollars(balance.remaining)} remains"
    )
    return [Fact("In the ledger", state, url)]


def _describe_moment(ticket: Ticket) -> str:
    moment = timezone.localtime(ticket.at)
    return f"{moment:%Y-%m-%d}, no time given" if ticket.is_dated_only else f"{moment:%Y-%m-%d %H:%M:%S}"
