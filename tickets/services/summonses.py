"""TLC summonses entered by hand, as they come in the mail."""

import re
from datetime import date, time
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from core.checks import EARLIEST
from core.history import save_as
from core.words import say_full_day
from ledger import services as ledger
from ledger.locks import lock_accounts
from ledger.money import ZERO, parse_amount
from tickets.errors import TicketChanged, TicketInvalid, TicketKnown
from tickets.importers.values import moment_of, read_number, read_plate, read_state
from tickets.models import Ticket
from tickets.rules import SUMMONS_TYPES
from tickets.selectors import TicketMatcher
from tickets.services.posting import decide, post_charges

_LICENSE = re.compile(r"\d{5,8}", re.ASCII)
_MEDALLION = re.compile(r"[A-Z0-9]{4,6}", re.ASCII)


@ledger.money_transaction
def enter_summons(
    *,
    number: str,
    violation: str,
    issued_on: date,
    amount: Decimal,
    issued_at: time | None = None,
    license: str = "",  # noqa: A002  (what the summons calls it)
    medallion: str = "",
    plate: str = "",
    plate_state: str = "NY",
    due_on: date | None = None,
    note: str = "",
    today: date,
    actor: User | None,
) -> Ticket:
    """Enter a TLC summons and charge its driver; where the driver is not known for sure, it waits in review.

    It names its driver by TLC license, or its cab by medallion or plate. ``issued_at`` is New York's clock.

    :raises TicketInvalid: an argument is not what it should be
    :raises AmountInvalid: not above zero, or finer than a cent
    :raises TicketKnown: a summons of this number was entered or imported before
    """
    amount = parse_amount(amount)
    if violation not in SUMMONS_TYPES:
        raise TicketInvalid(f"{violation[:80]!r} is not a type of summons.", field="violation")
    if not EARLIEST <= issued_on <= today:
        raise TicketInvalid(
            f"{say_full_day(issued_on)} is not a plausible day of issue on {say_full_day(today)}.", field="issued_on"
        )
    moment = moment_of(issued_on, issued_at)
    ticket = Ticket(
        kind=Ticket.Kind.TLC,
        violation=violation,
        at=moment.at,
        at_latest=moment.at_latest,
        amount=amount,
        told_total=amount,
        told_paid=ZERO,
        due_on=due_on,
        place=note.strip()[:120],
        license=_check_shape(license, _LICENSE, "license"),
        medallion=_check_shape(medallion, _MEDALLION, "medallion"),
    )
    try:
        ticket.number = read_number(number.strip())
        plate, ticket.plate_state = read_plate(plate.strip(), read_state(plate_state.strip()))
        ticket.plate, ticket.plate_state = plate, ticket.plate_state if plate else ""
    except ValueError as bad:
        raise TicketInvalid(str(bad), field="plate" if ticket.number else "number") from None
    if not (ticket.license or ticket.medallion or ticket.plate):
        raise TicketInvalid("Give a TLC license, a medallion or a plate.", field="license")
    decide(ticket, TicketMatcher().match(ticket))
    drivers = {ticket.driver_id} if ticket.driver_id else set()
    lock_accounts(drivers)
    _save_new(ticket, actor)
    post_charges([ticket], charged_on=today, actor=actor)
    return ticket


def _save_new(ticket: Ticket, actor: User | None) -> None:
    try:
        with transaction.atomic():
            save_as(ticket, actor, reason="Entered by hand")
    except IntegrityError as twice:
        known = Ticket.objects.filter(kind=ticket.kind, number=ticket.number).first()
        if known is None:
            raise TicketChanged(f"{ticket} could not be saved just now; try again.") from twice
        raise TicketKnown(f"{known} was entered before.", ticket_id=known.pk) from twice


def _check_shape(text: str, shape: re.Pattern[str], field: str) -> str:
    text = text.strip().upper()
    if text and not shape.fullmatch(text):
        raise TicketInvalid(f"{text[:40]!r} is not a TLC {field}.", field=field)
    return text
