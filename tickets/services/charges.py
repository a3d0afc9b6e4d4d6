"""Miscellaneous charges: made and voided."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from core.checks import check_paper_number, check_reason, check_text
from core.errors import ValueInvalid
from core.history import save_as
from leases.errors import LeaseMismatch
from leases.models import LeaseDriver
from ledger import services as ledger
from ledger.locks import lock_accounts
from ledger.money import parse_amount
from tickets import rules
from tickets.errors import ChargeAlreadyVoided, ChargeNotFound, ChargeTypeNotActive, TicketInvalid
from tickets.models import ChargeType, MiscCharge
from tickets.selectors import is_live, list_ledger_states
from tickets.services.posting import post_misc_charges

MAX_NOTE = 500
MAX_ENTRY_KEY = 64


@ledger.money_transaction
def create_misc_charge(
    *,
    charge_type_id: int,
    driver_id: int,
    amount: Decimal | None = None,
    lease_id: int | None = None,
    vehicle_id: int | None = None,
    due_on: date | None = None,
    note: str = "",
    entry_key: str | None = None,
    paper_number: str = "",
    today: date,
    actor: User | None,
) -> MiscCharge:
    """Charge a driver, by default the amount of the charge's type, due the Saturday of the week of ``today``.

    ``entry_key`` makes a repeated entry harmless: the same key returns the first charge.
    ``paper_number`` is that of the agreement the driver signed.

    :raises ChargeTypeNotActive: no such type, or it is not in use
    :raises AmountInvalid: not above zero, or finer than a cent, or none given where the type has none
    :raises TicketInvalid: the note is too long
    :raises ValueInvalid: the entry key is longer than 64 characters
    :raises LeaseMismatch: the driver is not on that lease
    :raises DriverNotFound, VehicleNotFound: it names something that does not exist
    :raises IdempotencyConflict: the key was used for another charge
    """
    charge_type = ChargeType.objects.filter(pk=charge_type_id, is_active=True, added_to="").first()
    if charge_type is None:
        raise ChargeTypeNotActive("This type of charge is not in use.")
    given = charge_type.default_amount if amount is None else amount
    if given is None:
        raise ledger.AmountInvalid(f"{charge_type} has no usual amount: give one.", field="amount")
    amount = parse_amount(given)
    note = _check_note(note)
    entry_key = check_text(entry_key or "", field="entry_key", longest=MAX_ENTRY_KEY, required=False)
    lock_accounts([driver_id])
    if lease_id is not None and not LeaseDriver.objects.filter(lease_id=lease_id, driver_id=driver_id).exists():
        raise LeaseMismatch(f"The driver is not on lease {lease_id}.")
    facts: dict[str, Any] = {
        "charge_type_id": charge_type_id,
        "driver_id": driver_id,
        "lease_id": lease_id,
        "vehicle_id": vehicle_id,
        "amount": amount,
        "note": note,
        "paper_number": check_paper_number(paper_number),
    }
    known = MiscCharge.objects.filter(entry_key=entry_key).first() if entry_key else None
    if known is not None:
        if any(getattr(known, name) != value for name, value in facts.items()):
            raise ledger.IdempotencyConflict("This key was used for another charge.", first=known.reference_id)
        return known
    due_on = due_on or rules.due_day(today)
    charge = MiscCharge(**facts, charged_on=today, due_on=due_on, entry_key=entry_key or None)
    save_as(charge, actor)
    post_misc_charges([charge], actor=actor)
    return charge


@ledger.money_transaction
def void_misc_charge(*, charge_id: int, reason: str, today: date, actor: User | None) -> MiscCharge:
    """Undo a miscellaneous charge: its driver gets back what was paid of it.

    :raises ChargeNotFound, ReasonRequired: an argument is not what it should be
    :raises ChargeAlreadyVoided: it was voided before
    """
    reason = check_reason(reason)
    seen = MiscCharge.objects.filter(pk=charge_id).first()
    if seen is None:
        raise ChargeNotFound(f"No charge {charge_id}.", charge_id=charge_id)
    lock_accounts([seen.driver_id])
    charge = MiscCharge.objects.select_for_update().get(pk=charge_id)
    balance = list_ledger_states([charge]).get(charge.reference_id)
    if balance is None or not is_live(balance):
        raise ChargeAlreadyVoided(f"{charge} was voided before.")
    ledger.void_posting(posting_id=balance.posting_id, reason=reason, actor=actor, effective_on=today)
    note_void(charge, reason, actor)
    return charge


def note_void(charge: MiscCharge, reason: str, actor: User | None) -> None:
    """Keep with a charge why the ledger has it no more."""
    charge.void_reason = reason
    save_as(charge, actor, reason=reason)


def _check_note(note: str) -> str:
    try:
        return check_text(note, field="note", longest=MAX_NOTE, required=False)
    except ValueInvalid as refusal:
        raise TicketInvalid(
            f"A note has at most {MAX_NOTE} characters, all of them visible.", field="note"
        ) from refusal
