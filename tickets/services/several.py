"""Tickets of the review queue, acted on together: all of them, or none; in a fixed number of statements.

The lock order is the ledger's: the driver's account, and then the tickets' rows by id.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import date

from django.contrib.auth.models import User

from core.checks import check_reason
from core.errors import DomainError
from core.history import update_all_as
from leases.models import Driver, LeaseDriver
from leases.rules import lease_day
from leases.selectors import hours_of
from ledger import services as ledger
from ledger.locks import lock_accounts
from tickets.errors import NotWaiting, TicketInvalid, TicketsRefused
from tickets.models import Ticket, Wait
from tickets.selectors import list_borne
from tickets.services import acts
from tickets.services.decisions import refuse_doubtful_sign, refuse_for_fleet, refuse_other_waits, set_fleet_pays
from tickets.services.posting import post_charges, post_credits

State = Ticket.State

#: As many as anybody has looked at.
MAX_TOGETHER = 200
_CHANGED = ["state", "waits_for", "vehicle", "driver", "lease", "decided_at", "decided_reason"]


@ledger.money_transaction
def assign_tickets(
    *, ticket_ids: Collection[int], driver_id: int, reason: str, today: date, actor: User | None
) -> list[Ticket]:
    """Assign tickets in review to one driver: charges are charged, refunds credited; all of them, or none.

    Each is on the lease that the driver was on when it happened, with that cab where the cab is known, if there is
    exactly one; otherwise on none.

    :raises TicketInvalid, DriverNotFound, ReasonRequired: an argument is not what it should be
    :raises TicketsRefused: some are not in review, or can't be charged; ``facts["refusals"]`` says why, by ticket
    """
    reason, wanted = check_reason(reason), _check_ids(ticket_ids)
    if not Driver.objects.filter(pk=driver_id).exists():
        raise ledger.DriverNotFound(f"No driver {driver_id}.", field="driver_id")
    lock_accounts([driver_id])
    tickets = _lock(wanted, refuse_doubtful_sign)
    _refuse_borne(tickets)
    own = _Leases(driver_id)
    for ticket in tickets:
        ticket.driver_id = driver_id
        ticket.lease_id, ticket.vehicle_id = own.find(ticket)
        ticket.state = State.CREDITED if ticket.is_refund else State.CHARGED
        ticket.waits_for = Wait.NOTHING
    _save(tickets, reason, actor)
    post_charges(tickets, charged_on=today, actor=actor)
    post_credits([ticket for ticket in tickets if ticket.is_refund], charged_on=today, actor=actor)
    return tickets


@ledger.money_transaction
def dismiss_tickets(
    *,
    ticket_ids: Collection[int],
    reason: str,
    waiting_for: Collection[str] | None = None,
    today: date,
    actor: User | None,
) -> list[Ticket]:
    """Lay tickets in review aside for good: all of them, or none. No money moves.

    ``waiting_for`` is given where only what waits for one of these may be dismissed.

    :raises TicketInvalid, ReasonRequired: an argument is not what it should be
    :raises TicketsRefused: some are not in review, or not for one of ``waiting_for``
    """
    reason, wanted = check_reason(reason), _check_ids(ticket_ids)
    tickets = _lock(wanted, lambda ticket: refuse_other_waits(ticket, waiting_for))
    for ticket in tickets:
        ticket.state, ticket.waits_for = State.DISMISSED, Wait.NOTHING
    _save(tickets, reason, actor)
    return tickets


@ledger.money_transaction
def let_fleet_pay_for(*, ticket_ids: Collection[int], reason: str, today: date, actor: User | None) -> list[Ticket]:
    """Leave tickets in review to the fleet: all of them, or none. No money moves.

    :raises TicketInvalid, ReasonRequired: an argument is not what it should be
    :raises TicketsRefused: some are not in review, or refunds
    """
    reason, wanted = check_reason(reason), _check_ids(ticket_ids)
    tickets = _lock(wanted, refuse_for_fleet)
    for ticket in tickets:
        set_fleet_pays(ticket)
    _save(tickets, reason, actor)
    return tickets


def _check_ids(ticket_ids: Collection[int]) -> list[int]:
    wanted = sorted(set(ticket_ids))
    if not wanted:
        raise TicketInvalid("Choose at least one.", field="tickets")
    if len(wanted) > MAX_TOGETHER:
        raise TicketInvalid(f"At most {MAX_TOGETHER} tickets are acted on together.", field="tickets")
    return wanted


def _lock(wanted: Sequence[int], check: Callable[[Ticket], None]) -> list[Ticket]:
    """Lock the tickets' rows by id and return them, each in review and checked."""
    locked = Ticket.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    tickets = {ticket.pk: ticket for ticket in locked}
    refusals = {ticket_id: f"No ticket {ticket_id}." for ticket_id in wanted if ticket_id not in tickets}
    for ticket in tickets.values():
        try:
            if ticket.state != State.WAITING:
                raise NotWaiting(f"{ticket} is not in review: {ticket.get_state_display().lower()}.")
            check(ticket)
        except DomainError as refusal:
            refusals[ticket.pk] = refusal.message
    _refuse_all(refusals, len(wanted))
    return list(tickets.values())


def _refuse_all(refusals: dict[int, str], asked: int) -> None:
    if refusals:
        raise TicketsRefused(
            f"{len(refusals)} of the {asked} can't be acted on so; nothing was written.", refusals=refusals
        )


def _refuse_borne(tickets: Sequence[Ticket]) -> None:
    borne = {transfer.reference_id for transfer in list_borne(tickets)}
    found = {ticket.pk: f"The fleet has borne {ticket}." for ticket in tickets if ticket.reference_id in borne}
    _refuse_all(found, len(tickets))


def _save(tickets: Sequence[Ticket], reason: str, actor: User | None) -> None:
    moment = acts.read_moment()
    for ticket in tickets:
        ticket.decided_at, ticket.decided_reason = moment, reason
    update_all_as(tickets, _CHANGED, actor, reason=reason)


class _Leases:
    """A driver's own leases, each with the driver's days and the cabs it had when; read once."""

    def __init__(self, driver_id: int) -> None:
        driver = Driver.objects.prefetch_related("lease_spans__lease__vehicle_spans").get(pk=driver_id)
        self._spans = list(driver.lease_spans.all())

    def find(self, ticket: Ticket) -> tuple[int | None, int | None]:
        """The one lease that fits a ticket, and the cab that its charge names."""
        fitting = {span.lease_id: span.lease for span in self._spans if _fits(span, ticket)}
        if len(fitting) != 1:
            return None, ticket.vehicle_id
        ((lease_id, lease),) = fitting.items()
        return lease_id, ticket.vehicle_id or lease.vehicle_id


def _fits(span: LeaseDriver, ticket: Ticket) -> bool:
    hours = hours_of(span.lease)
    if not (span.start_on <= lease_day(ticket.at_latest, hours) and lease_day(ticket.at, hours) <= span.end_on):
        return False
    return ticket.vehicle_id is None or any(
        had.vehicle_id == ticket.vehicle_id and had.from_at <= ticket.at_latest and ticket.at < had.until_at
        for had in span.lease.vehicle_spans.all()
    )
