"""What documents tell otherwise than before: the list, and one page for each act."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.admin import Page
from leases.models import Driver
from ledger.money import format_dollars
from tickets import selectors, services
from tickets.admin.pages.acts import DriverActPage
from tickets.models import ChangeKind, Ticket, TicketChange

CHANGES_ON_A_PAGE = 50

Act = TicketChange.Act


@dataclass(frozen=True, slots=True)
class _Words:
    """What an act is called, what its button says, and what it does, in a sentence; ``{}`` is its amount."""

    title: str
    verb: str
    sentence: str
    is_dangerous: bool = False


_WORDS = {
    Act.REDUCE: _Words("Reduce to {}", "Reduce", "What was paid of it stays on it; only the excess is free again."),
    Act.DISMISS: _Words("Dismiss", "Dismiss", "Nobody owes it then, and what was paid of it is free again.", True),
    Act.CHARGE_REST: _Words("Charge the rest: {} in all", "Charge", "What was paid of it stays on it."),
    Act.FLEET_PAID: _Words(
        "The fleet paid it: charge the driver {}", "Charge", "The driver owes what it came to before it was paid."
    ),
    Act.DRIVER_PAID: _Words(
        "The driver paid it: {} is left", "Take it off", "What the driver paid the City is not owed here."
    ),
    Act.LEAVE: _Words("Leave as it is", "Leave as it is", "No money moves. What it was told last is kept with it."),
}


@dataclass(frozen=True, slots=True)
class ChangeDoor:
    """The way to one act about a change."""

    label: str
    url: str


def list_doors(change: TicketChange) -> list[ChangeDoor]:
    """Return the ways to what fits a change."""
    return [
        ChangeDoor(_name(fitting), reverse("admin:tickets_ticket_change_act", args=[change.pk, fitting.act.lower()]))
        for fitting in selectors.list_change_acts(change)
    ]


def describe_change(change: TicketChange) -> str:
    """Return what was told before and is told now, in a sentence."""
    before, now = _describe(change.before_total, change.before_paid), _describe(change.now_total, change.now_paid)
    told = f", {change.status.lower()}" if change.status else ""
    return f"It was {before}, and is {now}{told}."


def _describe(total: Decimal, paid: Decimal) -> str:
    return f"{format_dollars(total)}, {format_dollars(paid)} of it paid" if paid else format_dollars(total)


def _name(fitting: selectors.ChangeAct) -> str:
    words = _WORDS[Act(fitting.act)]
    amount = "nothing" if fitting.amount == 0 else format_dollars(fitting.amount or Decimal(0))
    return words.title.format(amount)


class ChangesPage(Page):
    """All that waits to be decided, oldest first."""

    permission_required = "tickets.view_ticket"
    title = "Changed since charged"
    template_name = "tickets/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self.request.GET.get("kind", "")
        chosen = chosen if chosen in ChangeKind.values else ""
        counts = selectors.count_changes_by_kind()
        page = Paginator(selectors.list_changes(kind=chosen), CHANGES_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            changes=page,
            kinds=[(kind, label, counts[kind], kind == chosen) for kind, label in ChangeKind.choices],
            total=sum(counts.values()),
            chosen=chosen,
            **kwargs,
        )


class ChangeActPage(DriverActPage):
    """One act about one change."""

    permission_required = "tickets.correct_ticket"
    model = TicketChange
    record_name = "change"
    related = ("ticket__driver",)

    @cached_property
    def words(self) -> _Words:
        name = self.kwargs["act"].upper()
        if name not in _WORDS:
            raise Http404
        return _WORDS[Act(name)]

    @property
    def asked(self) -> str:
        return str(self.kwargs["act"].upper())

    def get_title(self) -> str:
        fitting = next((f for f in selectors.list_change_acts(self.record) if f.act == self.asked), None)
        return _name(fitting) if fitting else self.words.verb

    @property
    def verb(self) -> str:  # type: ignore[override]
        return self.words.verb

    @property
    def is_dangerous(self) -> bool:  # type: ignore[override]
        return self.words.is_dangerous

    def list_drivers(self, form: forms.Form) -> list[Driver]:
        driver_id = selectors.match_if_due(self.record.ticket).driver_id
        return [] if driver_id is None else [Driver.objects.get(pk=driver_id)]

    def act(self, form: forms.Form) -> TicketChange:
        return services.decide_change(
            change_id=self.record.pk,
            act=self.asked,
            reason=form.cleaned_data["reason"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: TicketChange) -> str:
        ticket = result.ticket
        state = f"{ticket.get_state_display().lower()}, {format_dollars(ticket.amount)}"
        return f"{ticket}: {result.get_act_display().lower()}. It is {state}."

    def get_success_url(self, result: TicketChange) -> str:
        return reverse("admin:tickets_ticket_changes")

    def get_record_url(self) -> str:
        return reverse("admin:tickets_ticket_change", args=[self.record.ticket_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        ticket: Ticket = self.record.ticket
        told = f"{ticket}{f' of {ticket.driver}' if ticket.driver else ''}: {ticket.get_state_display().lower()}, "
        return {
            **context,
            "sentence": f"{told}{format_dollars(ticket.amount)}. {describe_change(self.record)} {self.words.sentence}",
        }
