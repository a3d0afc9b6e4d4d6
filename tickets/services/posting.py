"""From tickets to the ledger, many at once: charges, the fees that are turned on, refunds. Callers hold the locks."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import connection

from core.history import create_all_as
from leases.models import Vehicle
from ledger import services as ledger
from ledger.money import ZERO
from tickets import rules, words
from tickets.models import FOR_A_PERSON, ChargeType, MiscCharge, Ticket, Wait
from tickets.rules import Chargeable
from tickets.selectors import Match, is_live, list_ledger_states

ChargeableType = TypeVar("ChargeableType", bound=Chargeable)


def decide(ticket: Chargeable, match: Match) -> None:
    """Set on a ticket what its match says: whose it is, or what it waits for. A refund waits for its toll."""
    ticket.vehicle_id, ticket.trip_id = match.vehicle_id, match.trip_id
    ticket.driver_id = ticket.lease_id = None
    ticket.waits_for = Wait.NOTHING
    if ticket.amount == 0:
        ticket.state = Ticket.State.NOTHING_DUE
        ticket.driver_id, ticket.lease_id = match.driver_id, match.lease_id
        return
    ticket.state = Ticket.State.WAITING
    if ticket.is_refund:
        ticket.waits_for = match.waits_for if match.waits_for in FOR_A_PERSON else Wait.REFUND
    elif match.waits_for:
        ticket.waits_for = match.waits_for
    else:
        ticket.state = Ticket.State.CHARGED
        ticket.driver_id, ticket.lease_id = match.driver_id, match.lease_id


def post_charges(tickets: Iterable[Chargeable], *, charged_on: date, actor: User | None) -> int:
    """Charge those of the tickets that are to be, and the fees in use for their kinds; return how many tickets."""
    charged = [ticket for ticket in tickets if ticket.state == Ticket.State.CHARGED]
    medallions = read_medallions(charged)
    ledger.create_obligations(
        [
            ledger.Opening(
                category=ticket.kind,
                amount=ticket.amount,
                reference_id=ticket.reference_id,
                driver_id=_driver_of(ticket),
                lease_id=ticket.lease_id,
                vehicle_id=ticket.vehicle_id,
                due_on=rules.due_day(charged_on, ticket.due_on),
                effective_on=charged_on,
                description=words.say_ticket(
                    ticket, medallion=medallions.get(ticket.vehicle_id, ""), told_on=charged_on
                ),
            )
            for ticket in charged
        ],
        actor=actor,
    )
    add_fees(charged, charged_on=charged_on, actor=actor)
    return len(charged)


def add_fees(tickets: Sequence[Chargeable], *, charged_on: date, actor: User | None) -> None:
    """Charge the fees in use for tickets of these kinds; none, unless somebody turned one on."""
    kinds = {ticket.kind for ticket in tickets}
    types = list(ChargeType.objects.filter(is_active=True, added_to__in=kinds).order_by("pk")) if kinds else []
    fees = [
        MiscCharge(
            charge_type=fee,
            driver_id=_driver_of(ticket),
            lease_id=ticket.lease_id,
            vehicle_id=ticket.vehicle_id,
            amount=fee.default_amount,
            charged_on=charged_on,
            due_on=rules.due_day(charged_on),
            note=f"Added to {ticket}"[:500],
            ticket_id=ticket.pk,
        )
        for ticket in tickets
        for fee in types
        if fee.added_to == ticket.kind and fee.default_amount is not None
    ]
    if fees:
        post_misc_charges(create_all_as(fees, actor), actor=actor)


def post_misc_charges(charges: Iterable[MiscCharge], *, actor: User | None) -> None:
    """Charge miscellaneous charges that are saved already."""
    ledger.create_obligations(
        [
            ledger.Opening(
                category="MISC",
                amount=charge.amount,
                reference_id=charge.reference_id,
                driver_id=charge.driver_id,
                lease_id=charge.lease_id,
                vehicle_id=charge.vehicle_id,
                due_on=charge.due_on,
                effective_on=charge.charged_on,
                description=words.say_charge(charge, told_on=charge.charged_on),
            )
            for charge in charges
        ],
        actor=actor,
    )


@dataclass(frozen=True, slots=True)
class _Toll:
    pk: int
    driver_id: int
    lease_id: int | None
    vehicle_id: int | None


def find_refunded(refunds: Sequence[Chargeable]) -> dict[int, _Toll]:
    """Return the charged toll that each refund takes back, by the refund's place in the sequence.

    It is of the same tag or plate, moment and amount, and not refunded yet. Of several equal ones the oldest is taken,
    where all of them were charged to one driver and lease; otherwise, and of what a person has to look at, nothing is.
    """
    tolls = _list_equal_tolls(refunds)
    found: dict[int, _Toll] = {}
    taken: set[int] = set()
    for place, refund in enumerate(refunds):
        if refund.waits_for in FOR_A_PERSON:
            continue
        equal = [toll for toll in tolls[place] if toll.pk not in taken]
        if len({(toll.driver_id, toll.lease_id) for toll in equal}) == 1:
            found[place] = equal[0]
            taken.add(equal[0].pk)
    return found


def credit_refunds(
    refunds: Sequence[ChargeableType], locked: set[int], *, charged_on: date, actor: User | None
) -> list[ChargeableType]:
    """Credit the drivers of the tolls that these refunds take back, and return the refunds that did; set, not saved.

    Only what was paid of a toll is credited; the rest of its charge is taken back, forgiven or not.
    ``locked`` are the drivers whose accounts the caller holds: a toll that became another's meanwhile waits.
    """
    credited = []
    for place, toll in find_refunded(refunds).items():
        if toll.driver_id not in locked:
            continue
        refund = refunds[place]
        refund.state, refund.waits_for = Ticket.State.CREDITED, Wait.NOTHING
        refund.driver_id, refund.lease_id, refund.vehicle_id = toll.driver_id, toll.lease_id, toll.vehicle_id
        refund.refund_of_id = toll.pk
        credited.append(refund)
    _take_back_unpaid(credited, charged_on=charged_on, actor=actor)
    post_credits(credited, charged_on=charged_on, actor=actor)
    return credited


def _take_back_unpaid(refunds: Sequence[Chargeable], *, charged_on: date, actor: User | None) -> None:
    """Take back of the tolls' charges what nobody has paid, and set on each refund how much that is."""
    tolls = Ticket.objects.in_bulk([refund.refund_of_id for refund in refunds if refund.refund_of_id is not None])
    states = list_ledger_states(list(tolls.values()))
    live = {pk: states[toll.reference_id].pk for pk, toll in tolls.items() if is_live(states.get(toll.reference_id))}
    paid = ledger.reduce_to_paid(
        posting_ids=list(live.values()), reason="The toll was refunded", effective_on=charged_on, actor=actor
    )
    for refund in refunds:
        assert refund.refund_of_id is not None
        # Of a charge that was voided in the ledger nothing is paid.
        posting_id = live.get(refund.refund_of_id)
        refund.uncharged = -refund.amount - (paid[posting_id] if posting_id is not None else ZERO)


def charge_again(refund: Ticket, *, today: date, actor: User | None) -> None:
    """Charge what a refund that was wrong has taken off its toll; the caller holds the driver's account."""
    assert refund.refund_of_id is not None
    toll = Ticket.objects.get(pk=refund.refund_of_id)
    balance = list_ledger_states([toll]).get(toll.reference_id)
    if balance is None or not refund.uncharged:
        return
    description = words.say_ticket(toll, medallion=read_medallions([toll]).get(toll.vehicle_id, ""), told_on=today)
    if is_live(balance):
        ledger.replace_obligation(
            posting_id=balance.pk,
            amount=balance.original_amount + refund.uncharged,
            reason="The refund was wrong",
            description=description,
            effective_on=today,
            actor=actor,
        )
        return
    ledger.create_obligation(
        category=toll.kind,
        amount=refund.uncharged,
        reference_id=toll.reference_id,
        driver_id=_driver_of(toll),
        lease_id=toll.lease_id,
        vehicle_id=toll.vehicle_id,
        due_on=rules.due_day(today, toll.due_on),
        description=description,
        effective_on=today,
        replaces=balance.pk,
        actor=actor,
    )


def post_credits(refunds: Sequence[Chargeable], *, charged_on: date, actor: User | None) -> None:
    """Credit each refund to its driver, but for what was taken off its toll."""
    ledger.credit_drivers(
        [
            ledger.Opening(
                category=refund.kind,
                amount=-refund.amount - refund.uncharged,
                reference_id=refund.reference_id,
                driver_id=_driver_of(refund),
                lease_id=refund.lease_id,
                vehicle_id=refund.vehicle_id,
                effective_on=charged_on,
                reason=f"Refund of toll {refund.refund_of_id}" if refund.refund_of_id else "Refund of a toll",
                description=words.say_ticket(refund, told_on=charged_on),
            )
            for refund in refunds
            if refund.uncharged < -refund.amount
        ],
        actor=actor,
    )


def read_medallions(tickets: Iterable[Chargeable]) -> dict[int | None, str]:
    """Return the medallions of the cabs that tickets name, by cab, in one statement."""
    cabs = {ticket.vehicle_id for ticket in tickets if ticket.vehicle_id is not None}
    if not cabs:
        return {}
    return dict(Vehicle.objects.filter(pk__among=cabs).values_list("pk", "medallion"))


def write_history(ticket_ids: Sequence[int], *, actor: User | None, reason: str) -> None:
    """Note the making of these tickets in their history, in one statement."""
    # Asked for once: each look at ``history`` makes a class.
    history = Ticket.history.model
    excluded = history._history_excluded_fields
    columns = ", ".join(str(field.column) for field in Ticket._meta.concrete_fields if field.name not in excluded)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {history._meta.db_table}
                ({columns}, history_date, history_change_reason, history_type, history_user_id)
            SELECT {columns}, now(), %s, '+', %s FROM tickets_tickets WHERE id = ANY(%s)
            """,
            [reason, actor.pk if actor else None, list(ticket_ids)],
        )


def _list_equal_tolls(refunds: Sequence[Chargeable]) -> dict[int, list[_Toll]]:
    tolls: dict[int, list[_Toll]] = defaultdict(list)
    if not refunds:
        return tolls
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.place, toll.id, toll.driver_id, toll.lease_id, toll.vehicle_id
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::numeric[])
                WITH ORDINALITY AS asked (kind, tag, plate, plate_state, at, amount, place)
            JOIN tickets_tickets AS toll
                ON toll.kind = asked.kind AND toll.at = asked.at AND toll.amount = asked.amount
                AND (ltrim(toll.tag, '0'), toll.plate, toll.plate_state) = (asked.tag, asked.plate, asked.plate_state)
            WHERE toll.state = 'CHARGED' AND NOT EXISTS (
                SELECT FROM tickets_tickets AS refund WHERE refund.refund_of_id = toll.id AND refund.state = 'CREDITED'
            )
            ORDER BY asked.place, toll.id
            """,
            [
                [refund.kind for refund in refunds],
                [refund.tag.lstrip("0") for refund in refunds],
                [refund.plate for refund in refunds],
                [refund.plate_state for refund in refunds],
                [refund.at for refund in refunds],
                [-refund.amount for refund in refunds],
            ],
        )
        for place, *toll in cursor.fetchall():
            tolls[place - 1].append(_Toll(*toll))
    return tolls


def _driver_of(ticket: Chargeable) -> int:
    assert ticket.driver_id is not None  # the database keeps it so for what is charged or credited
    return ticket.driver_id
