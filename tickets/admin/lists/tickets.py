"""Each ticket with its history and the acts that fit its state."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateFilter,
)
from unfold.decorators import display

from core.admin import Button, Fact, ListSum, MomentRangeFilter, Part, ReadOnlyAdmin, money_cell
from core.admin.history import HistoryAdmin
from core.admin.search import list_owners
from core.words import say_full_day, say_time
from leases.models import Driver
from ledger.money import format_dollars
from tickets import selectors
from tickets.admin.pages.borne import describe_borne, list_borne_buttons
from tickets.admin.pages.changes import ChangeActPage, ChangesPage, list_doors
from tickets.admin.pages.chosen import (
    AssignChosenPage,
    DismissChosenPage,
    DisputeChosenPage,
    FleetPaysChosenPage,
    RestoreChosenPage,
)
from tickets.admin.pages.decided import DisputedPage, FleetsPage
from tickets.admin.pages.due import DuePage
from tickets.admin.pages.queue import QueuePage, RematchPage
from tickets.admin.pages.summonses import SummonsPage
from tickets.admin.pages.tickets import (
    AssignPage,
    CorrectPage,
    DismissPage,
    DisputePage,
    FleetPaysPage,
    IsChargePage,
    IsRefundPage,
    OfReferencePage,
    RestorePage,
    may_dismiss,
)
from tickets.models import Ticket, Wait

State = Ticket.State


@dataclass(frozen=True, slots=True)
class Act:
    """A button of a ticket's page: what it says, where it leads, who sees it, and whether it undoes."""

    label: str
    page: str
    permission: str
    is_dangerous: bool = False


_ASSIGN = Act("Assign to a driver", "assign", "tickets.assign_ticket")
_CHARGE_ANOTHER = replace(_ASSIGN, label="Charge another driver")
_CHARGE_AGAIN = replace(_ASSIGN, label="Charge again")
_CHARGE_AFTER_ALL = replace(_ASSIGN, label="Charge after all")
_IS_CHARGE = Act("It is a charge", "is_charge", "tickets.assign_ticket")
_IS_REFUND = Act("It is a refund", "is_refund", "tickets.assign_ticket")
_CORRECT = Act("Correct the amount", "correct", "tickets.correct_ticket")
_DISPUTE = Act("Dispute", "dispute", "tickets.correct_ticket")
_RESTORE = Act("Put back in the queue", "restore", "tickets.correct_ticket")
_FLEET_PAYS = Act("The fleet pays", "fleet_pays", "tickets.correct_ticket")
#: Who may dismiss depends on the ticket: see ``may_dismiss``.
_DISMISS = Act("Dismiss", "dismiss", "", is_dangerous=True)

#: The acts that fit a state.
ACTS: dict[str, list[Act]] = {
    State.WAITING: [_ASSIGN, _CORRECT, _DISPUTE, _FLEET_PAYS, _DISMISS],
    State.CHARGED: [_CHARGE_ANOTHER, _CORRECT, _DISPUTE, _FLEET_PAYS, _DISMISS],
    State.CREDITED: [_DISMISS],
    State.DISPUTED: [_CHARGE_AFTER_ALL, _CORRECT, _FLEET_PAYS, _RESTORE, _DISMISS],
    State.DISMISSED: [_CHARGE_AFTER_ALL, _RESTORE],
    State.NOTHING_DUE: [_CORRECT, _DISMISS],
    State.FLEET_PAYS: [_CHARGE_AFTER_ALL, _CORRECT, _RESTORE, _DISMISS],
}


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["__str__", "at", "known_by", "money", "place", "driver", "lease", "status", "decided"]
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
        ("waits_for", ChoicesDropdownFilter),
        ("at", MomentRangeFilter),
        ("decided_at", MomentRangeFilter),
        ("due_on", RangeDateFilter),
        ("driver", AutocompleteSelectFilter),
        ("vehicle", AutocompleteSelectFilter),
    ]
    search_fields = ["number__exact"]
    search_help_text = "A number (or reference), a plate or a tag, or a driver"
    several_pages = (AssignChosenPage, DisputeChosenPage, FleetPaysChosenPage, RestoreChosenPage, DismissChosenPage)
    list_sum = ListSum(
        (Part("amount", where=~Q(state=State.DISMISSED)),),
        counted=~Q(state=State.DISMISSED),
        apart=Part("amount", "dismissed", Q(state=State.DISMISSED)),
    )
    ordering = ["-id"]
    sortable_by = ["at", "money", "decided"]
    detail_template = "tickets/ticket.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("of/<str:reference_id>/", OfReferencePage, "tickets_ticket_of_reference"),
            self.page("enter/", SummonsPage, "tickets_ticket_enter"),
            self.page("queue/", QueuePage, "tickets_ticket_queue"),
            self.page("due/", DuePage, "tickets_ticket_due"),
            self.page("disputed/", DisputedPage, "tickets_ticket_disputed"),
            self.page("fleets/", FleetsPage, "tickets_ticket_fleets"),
            self.page("changes/", ChangesPage, "tickets_ticket_changes"),
            self.page("changes/<int:record_id>/<str:act>/", ChangeActPage, "tickets_ticket_change_act"),
            self.page("rematch/", RematchPage, "tickets_ticket_rematch"),
            self.page("<int:record_id>/assign/", AssignPage, "tickets_ticket_assign"),
            self.page("<int:record_id>/correct/", CorrectPage, "tickets_ticket_correct"),
            self.page("<int:record_id>/dispute/", DisputePage, "tickets_ticket_dispute"),
            self.page("<int:record_id>/fleet-pays/", FleetPaysPage, "tickets_ticket_fleet_pays"),
            self.page("<int:record_id>/is-charge/", IsChargePage, "tickets_ticket_is_charge"),
            self.page("<int:record_id>/is-refund/", IsRefundPage, "tickets_ticket_is_refund"),
            self.page("<int:record_id>/dismiss/", DismissPage, "tickets_ticket_dismiss"),
            self.page("<int:record_id>/restore/", RestorePage, "tickets_ticket_restore"),
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
        return queryset.filter(driver__in=list_owners(self.admin_site, request, Driver, search_term)), False

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("tickets.add_ticket"):
            return []
        return [Button("Enter a TLC summons", reverse("admin:tickets_ticket_enter"), is_main=True)]

    @admin.display(description="Plate or tag")
    def known_by(self, ticket: Ticket) -> str:
        return describe_known_by(ticket)

    @admin.display(description="Amount", ordering="amount")
    def money(self, ticket: Ticket) -> str:
        return money_cell(ticket.amount, is_void=self.is_void(ticket))

    def dollars_of(self, ticket: Ticket) -> Decimal:
        return ticket.amount

    def is_void(self, ticket: Ticket) -> bool:
        return ticket.state == State.DISMISSED

    @admin.display(description="Decided", ordering="decided_at")
    def decided(self, ticket: Ticket) -> date | None:
        """When a person decided; of what is disputed, since when."""
        return timezone.localdate(ticket.decided_at) if ticket.decided_at else None

    @display(
        description="State",
        label={
            "In review": "warning",
            "Charged": "info",
            "Credited": "success",
            "Disputed, not charged": "warning",
            "Dismissed": "danger",
            "The fleet pays": "info",
        },
    )
    def status(self, ticket: Ticket) -> str:
        return ticket.get_state_display()

    def get_detail(self, request: HttpRequest, record: Ticket) -> dict[str, Any]:
        changes = list(selectors.list_changes_of(record)[:100])
        return {
            "facts": [
                Fact("Kind", record.get_kind_display()),
                Fact("State", record.get_state_display()),
                Fact("Waits for", record.get_waits_for_display() if record.waits_for else ""),
                Fact("When", describe_moment(record)),
                Fact("Plate or tag", describe_known_by(record)),
                Fact("TLC license", record.license),
                Fact("Where", record.place),
                Fact("Violation", record.violation),
                Fact("Amount", format_dollars(record.amount)),
                Fact("Due, as stated", record.due_on),
                Fact("Answer by", selectors.find_answer_day(record)),
                Fact("Driver", record.driver, self.link_to(request, record.driver)),
                Fact("Lease", record.lease, self.link_to(request, record.lease)),
                Fact("Cab", record.vehicle, self.link_to(request, record.vehicle)),
                Fact("Inside the trip", _say_trip(record), self.link_to(request, record.trip)),
                Fact("Refund of", record.refund_of, self.link_to(request, record.refund_of)),
                *_describe_decision(record),
                *_describe_ledger(request, record),
                *describe_borne(request, record),
                Fact("Received in", record.file, self.link_to(request, record.file)),
                Fact("Row", record.row),
            ],
            "buttons": [
                *(
                    Button(act.label, reverse(f"admin:tickets_ticket_{act.page}", args=[record.pk]), act.is_dangerous)
                    for act in _list_acts(record)
                    if _may(request.user, act, record)
                ),
                *list_borne_buttons(request.user, record),
            ],
            "history": record.history.select_related("history_user", "driver").order_by("-history_id")[:100],
            "candidates": selectors.list_candidates(record) if record.state == State.WAITING else [],
            "may_assign": request.user.has_perm("tickets.assign_ticket") and record.waits_for != Wait.SIGN,
            "received": record.received,
            "changes": changes,
            "doors": list_doors(changes[0]) if changes and request.user.has_perm("tickets.correct_ticket") else [],
        }


def _may(user: Any, act: Act, ticket: Ticket) -> bool:
    return may_dismiss(user, ticket) if act is _DISMISS else bool(user.has_perm(act.permission))


def _list_acts(ticket: Ticket) -> list[Act]:
    """The acts that fit a ticket; one whose charge was voided in the ledger is charged again before it is corrected."""
    if ticket.state == State.WAITING and ticket.waits_for == Wait.SIGN:
        return [_IS_CHARGE, _IS_REFUND, _DISMISS]
    if ticket.state == State.WAITING and ticket.is_refund:
        is_sign_doubtful = ticket.waits_for == Wait.REFUND
        return [_ASSIGN, *([_IS_CHARGE] if is_sign_doubtful else []), _DISMISS]
    if ticket.state == State.CHARGED and not ticket.refunds.filter(state=State.CREDITED).exists():
        balance = selectors.list_ledger_states([ticket]).get(ticket.reference_id)
        if balance is not None and not selectors.is_live(balance):
            return [_CHARGE_AGAIN, _DISPUTE, _FLEET_PAYS, _DISMISS]
    if ticket.state == State.DISMISSED and not selectors.may_be_restored(ticket):
        # Nothing is due of it, or it is a refund that was credited once: nothing is to be decided any more.
        return []
    return ACTS[ticket.state]


def describe_known_by(ticket: Ticket) -> str:
    """The plate, tag or medallion by which the cab was known."""
    plate = f"{ticket.plate_state} {ticket.plate}".strip()
    return plate or ticket.tag or ticket.medallion


def _describe_decision(ticket: Ticket) -> list[Fact]:
    if ticket.decided_at is None:
        return []
    label = "Disputed since" if ticket.state == State.DISPUTED else "Decided"
    return [Fact(label, ticket.decided_at), Fact("Because", ticket.decided_reason)]


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


def _say_trip(ticket: Ticket) -> str:
    """The trip in which it happened, its driver, and what the passenger paid of tolls on it."""
    trip = ticket.trip
    if trip is None:
        return ""
    until = f" to {say_time(trip.end_at)}" if trip.end_at else ""
    tolls = f", the passenger paid {format_dollars(trip.tolls)} of tolls" if trip.tolls else ""
    return f"{say_time(trip.start_at)}{until}, {trip.driver or f'license {trip.license}'}{tolls}"


def describe_moment(ticket: Ticket) -> datetime | str:
    """Return when it was, or the day alone where no time is told."""
    return f"{say_full_day(timezone.localdate(ticket.at))}, no time given" if ticket.is_dated_only else ticket.at
