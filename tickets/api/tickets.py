"""Tickets and tolls: listed, entered, given to their driver, and what the office decides about one."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from core.api.acts import Act
from core.api.fields import DayField, IdField, StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from core.previews import rolled_back
from ledger.api.fields import AmountField
from ledger.api.money_acts import ReasonBody, tell_preview
from ledger.services import preview_money
from tickets import selectors, services
from tickets.api.told import (
    OneTicketSerializer,
    RematchedSerializer,
    TicketChangeSerializer,
    TicketSerializer,
)
from tickets.models import ChangeKind, Ticket, TicketChange, Wait
from tickets.rules import SUMMONS_TYPES

_DECISIONS = [(act.value, act.label) for act in TicketChange.Act if act != TicketChange.Act.SUPERSEDED]


class TicketFilters(PageFilters):
    kind = choice_field(Ticket.Kind, required=False)
    state = choice_field(Ticket.State, required=False)
    waits_for = serializers.ChoiceField(
        [(value, label) for value, label in Wait.choices if value], required=False, help_text="Of what is in review."
    )
    number = TextField(required=False, max_length=40)
    driver = IdField(required=False)
    lease = IdField(required=False)
    vehicle = IdField(required=False)


class Tickets(Rows):
    """Tickets and tolls, newest first."""

    required_permissions = ("tickets.view_ticket",)
    serializer_class = TicketSerializer
    filters = TicketFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Ticket]:
        named = {"driver": "driver_id", "lease": "lease_id", "vehicle": "vehicle_id"}
        names = ("kind", "state", "waits_for", "number", *named)
        return selectors.list_tickets().filter(
            **{named.get(name, name): asked[name] for name in names if name in asked}
        )


class ShowTicket(Look):
    """One ticket, how the ledger has it, and who may have had the cab while it waits."""

    required_permissions = ("tickets.view_ticket",)
    answers = OneTicketSerializer

    def find(self, asked: dict[str, Any]) -> Ticket:
        return selectors.get_ticket(asked["ticket_id"])


class ChangeFilters(PageFilters):
    kind = choice_field(ChangeKind, required=False)


class TicketChanges(Rows):
    """What documents tell otherwise than before and nobody has decided, oldest first."""

    required_permissions = ("tickets.view_ticket",)
    serializer_class = TicketChangeSerializer
    filters = ChangeFilters
    ordering = "id"

    def find(self, asked: dict[str, Any]) -> QuerySet[TicketChange]:
        return selectors.list_changes(kind=asked.get("kind", ""))


class TicketAct(Act):
    """An act on a ticket. What it would do is told of whoever is charged or credited then, and of who was before."""

    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = OneTicketSerializer
    body: ClassVar[type[StrictSerializer]] = ReasonBody

    def find_driver(self, asked: dict[str, Any]) -> int | None:
        """Return whose it is before."""
        return selectors.get_ticket(asked["ticket_id"]).driver_id

    def preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        before = self.find_driver(asked)
        with rolled_back():
            done = self.perform(dict(asked))
            told, after = self.tell(done), self.driver_after(done)
        drivers = list(dict.fromkeys(driver for driver in (after, before) if driver is not None))
        previews = [{"driver_id": driver, **self._preview_of(driver, asked)} for driver in drivers]
        return {**told, "dry_run": {"drivers": previews}}

    def driver_after(self, done: Any) -> int | None:
        """Return whose it is then."""
        driver_id: int | None = done.driver_id
        return driver_id

    def _preview_of(self, driver_id: int, asked: dict[str, Any]) -> dict[str, Any]:
        would = preview_money(driver_id=driver_id, act=lambda: self.perform(dict(asked)), today=self.today)
        return tell_preview(would)


class SummonsBody(StrictSerializer):
    """A TLC summons. It names its driver by TLC license, or its cab by medallion or plate."""

    number = TextField(max_length=40)
    violation = serializers.ChoiceField([(name, name) for name in SUMMONS_TYPES])
    issued_on = DayField()
    issued_at = serializers.TimeField(required=False, allow_null=True, help_text="By New York's clock, as 17:05.")
    license = TextField(required=False, allow_blank=True, max_length=8)
    medallion = TextField(required=False, allow_blank=True, max_length=6)
    plate = TextField(required=False, allow_blank=True, max_length=10)
    plate_state = TextField(required=False, max_length=2)
    amount = AmountField()
    due_on = DayField(required=False, allow_null=True, help_text="As the summons states it.")
    note = TextField(required=False, allow_blank=True, max_length=120)


class EnterSummons(TicketAct):
    """Enter a TLC summons and charge its driver; where nobody is known for sure, it waits in review."""

    required_permissions = ("tickets.add_ticket",)
    body = SummonsBody
    status = 201
    example = {
        "number": "FN0012345",
        "violation": "Directive",
        "issued_on": "2026-03-05",
        "license": "5512345",
        "amount": "100.00",
    }

    def find_driver(self, asked: dict[str, Any]) -> int | None:
        return None

    def perform(self, asked: dict[str, Any]) -> Ticket:
        return services.enter_summons(**asked, today=self.today, actor=self.actor)


class AssignBody(StrictSerializer):
    """Whose it is."""

    driver_id = IdField()
    lease_id = IdField(required=False, allow_null=True, help_text="Under which they had the cab.")
    reason = TextField(
        required=False, allow_blank=True, max_length=500, help_text="Required where another driver is charged already."
    )


class AssignTicket(TicketAct):
    """Charge a driver, or credit them where it is a refund; whoever was charged before gets back what was paid."""

    required_permissions = ("tickets.assign_ticket",)
    body = AssignBody
    example = {"driver_id": 1, "lease_id": 12}

    def perform(self, asked: dict[str, Any]) -> Ticket:
        return services.assign_ticket(**asked, today=self.today, actor=self.actor)


class CorrectTicketBody(ReasonBody):
    """What it amounts to, and why."""

    amount = AmountField()


class CorrectTicket(TicketAct):
    """Set what a ticket amounts to. What was paid of it stays on it; only the excess is free again."""

    required_permissions = ("tickets.correct_ticket",)
    body = CorrectTicketBody
    example = {"amount": "40.00", "reason": "Reduced at the hearing"}

    def perform(self, asked: dict[str, Any]) -> Ticket:
        return services.correct_ticket(**asked, today=self.today, actor=self.actor)


class DisputeTicket(TicketAct):
    """Hold a ticket while it is disputed: it is not charged, and what was paid of it is free again."""

    required_permissions = ("tickets.correct_ticket",)
    example = {"reason": "The cab was in the shop"}

    def perform(self, asked: dict[str, Any]) -> Ticket:
        return services.dispute_ticket(**asked, today=self.today, actor=self.actor)


class DismissTicket(TicketAct):
    """Lay a ticket aside for good: nobody owes it, and what was paid of it is free again.

    What is in review because no cab of ours had its plate or tag, or of the congestion zone, `tickets.lay_aside_ticket`
    is enough to dismiss.
    """

    required_permissions = ("tickets.correct_ticket",)
    example = {"reason": "No cab of ours"}

    def check_permissions(self, request: Request) -> None:
        if selectors.find_waits_to_dismiss(request.user):
            # Of this request alone: which tickets those are, the service is told.
            self.__dict__["required_permissions"] = ("tickets.lay_aside_ticket",)
        super().check_permissions(request)

    def perform(self, asked: dict[str, Any]) -> Ticket:
        waiting_for = selectors.find_waits_to_dismiss(self.actor)
        return services.dismiss_ticket(**asked, waiting_for=waiting_for, today=self.today, actor=self.actor)


class RestoreTicket(TicketAct):
    """Put what was disputed, dismissed or left to the fleet back in the review queue; nobody is charged by it."""

    required_permissions = ("tickets.correct_ticket",)
    example = {"reason": "Dismissed by mistake"}

    def perform(self, asked: dict[str, Any]) -> Ticket:
        return services.restore_ticket(**asked, actor=self.actor)


class LetFleetPay(TicketAct):
    """Leave a ticket to the fleet: no driver is charged, and whoever was gets back what was paid of it."""

    required_permissions = ("tickets.correct_ticket",)
    example = {"reason": "The cab was on the lift"}

    def perform(self, asked: dict[str, Any]) -> Ticket:
        return services.let_fleet_pay(**asked, today=self.today, actor=self.actor)


class SignBody(ReasonBody):
    """Which it is, and why."""

    is_charge = serializers.BooleanField(help_text="`false`: it is a refund.")


class SettleSign(TicketAct):
    """Say of a row in review whose sign does not tell whether it is a charge or a refund."""

    required_permissions = ("tickets.assign_ticket",)
    body = SignBody
    example = {"is_charge": True, "reason": "The statement's total says so"}

    def perform(self, asked: dict[str, Any]) -> Ticket:
        return services.settle_sign(**asked, today=self.today, actor=self.actor)


class DecisionBody(ReasonBody):
    """What is done about it, one of the ticket's `change_acts`, and why."""

    act = serializers.ChoiceField(_DECISIONS)


class DecideChange(TicketAct):
    """Decide what becomes of a ticket that a document tells otherwise than before."""

    required_permissions = ("tickets.correct_ticket",)
    body = DecisionBody
    answers = TicketChangeSerializer
    example = {"act": "REDUCE", "reason": "The City reduced it"}

    def find_driver(self, asked: dict[str, Any]) -> int | None:
        return selectors.get_change(asked["change_id"]).ticket.driver_id

    def driver_after(self, done: TicketChange) -> int | None:
        return done.ticket.driver_id

    def perform(self, asked: dict[str, Any]) -> TicketChange:
        return services.decide_change(**asked, today=self.today, actor=self.actor)


class RematchTickets(Act):
    """Match all that waits anew, and charge what found its driver."""

    required_permissions = ("tickets.assign_ticket",)
    answers = RematchedSerializer

    def perform(self, asked: dict[str, Any]) -> int:
        return services.rematch_waiting(today=self.today, actor=self.actor)

    def tell(self, done: int) -> dict[str, Any]:
        return {"found": done}
