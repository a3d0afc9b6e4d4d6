"""What happens at the counter and in the supervisor's office during the demo's weeks."""

import random
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib.auth.models import User

from core.clock import week_starts_at
from core.weeks import Week
from dtr.selectors import list_dtrs
from leases.models import Lease
from ledger import selectors
from ledger import services as ledger
from ledger.money import ZERO, round_cents
from tickets import services as tickets
from tickets.models import MiscCharge, Ticket

if TYPE_CHECKING:
    from ledger.models import LedgerBalance

METHODS = (("CASH", ""), ("CASH", ""), ("CASH", ""), ("CHECK", ""), ("ACH", ""))


def take_deposits(leases: list[Lease], *, on: date, actor: User) -> None:
    """Take one week's lease as a deposit of every fourth lease."""
    for lease in leases[::4]:
        ledger.apply_interim_payment(
            payment_amount=lease.weekly_amount,
            deposit=lease.weekly_amount,
            allocations={},
            driver_id=lease.primary_driver_id,
            lease_id=lease.pk,
            payment_method="CASH",
            effective_on=on,
            idempotency_key=f"demo-deposit-{lease.pk}",
            actor=actor,
        )


def take_payments(chance: random.Random, leases: list[Lease], *, on: date, actor: User) -> None:
    """Take a payment from about half of those who owe something overdue, spent by priority."""
    for lease in leases:
        owed = list(selectors.list_open_obligations(lease.primary_driver_id, on=on))
        total = sum((balance.remaining for balance in owed), start=ZERO)
        if not owed or chance.random() < 0.5:
            continue
        amount = total if total < 150 else round_cents(total * chance.randrange(3, 9) / 10)
        method, prefix = chance.choice(METHODS)
        # Now and then a driver hands over a round sum, and the rest stays on account.
        on_account = Decimal(20) if chance.random() < 0.2 else ZERO
        ledger.apply_interim_payment(
            payment_amount=amount + on_account,
            allocations=_spend(amount, owed),
            driver_id=lease.primary_driver_id,
            lease_id=lease.pk,
            payment_method=method,
            instrument_number="" if method == "CASH" else f"{prefix}{chance.randrange(1000, 9999)}",
            effective_on=on,
            idempotency_key=f"demo-payment-{on}-{lease.pk}",
            actor=actor,
        )


def pay_out_week(chance: random.Random, week: Week, *, latest: date, actor: User) -> None:
    """Pay most drivers what their DTRs say is due to them, on the Monday after the week but not after ``latest``."""
    monday = min(week.end + timedelta(days=2), latest)
    for dtr in list_dtrs().filter(week_id=week.end).order_by("number"):
        scope = selectors.PayoutScope(dtr.lease_id)
        net_due = min(dtr.net_due, selectors.get_payable(dtr.driver_id, on=monday, scope=scope).amount)
        if net_due >= 20 and chance.random() < 0.85:
            ledger.pay_out(
                driver_id=dtr.driver_id,
                amount=net_due,
                method="ACH",
                instrument_number=f"{dtr.number:06d}",
                dtr_number=dtr.reference_id,
                lease_id=dtr.lease_id,
                effective_on=monday,
                idempotency_key=f"demo-payout-{dtr.number}",
                actor=actor,
            )


def correct(number: int, week: Week, *, actor: User) -> None:
    """Do in certain weeks what a supervisor does now and then; ``number`` counts the demo's weeks from 0.

    What is corrected is of a week before: it is done on a Wednesday, and nothing is undone before it was done.
    """
    midweek = week.start + timedelta(days=3)
    if number == 4:
        _return_a_check(week, midweek, actor)
    if number == 5:
        charged = Ticket.objects.filter(kind=Ticket.Kind.PVB, state=Ticket.State.CHARGED, at__lt=week_starts_at(week))
        ticket = charged.order_by("-pk").first()
        if ticket is not None:
            tickets.correct_ticket(
                ticket_id=ticket.pk,
                amount=Decimal("35.00"),
                reason="Reduced at hearing",
                today=midweek,
                actor=actor,
            )
    if number == 6:
        charge = MiscCharge.objects.filter(charged_on__lt=week.start).order_by("-pk").first()
        if charge is not None:
            tickets.void_misc_charge(
                charge_id=charge.pk, reason="The key was found in the cab", today=midweek, actor=actor
            )


def _spend(amount: Decimal, owed: "Iterable[LedgerBalance]") -> dict[str, Decimal]:
    """Spend ``amount`` on what is owed, in its order."""
    left = amount
    allocations: dict[str, Decimal] = {}
    for balance in owed:
        part = min(left, balance.remaining)
        if part > 0:
            allocations[balance.reference_id] = part
            left -= part
    return allocations


def _return_a_check(week: Week, on: date, actor: User) -> None:
    bounced = selectors.list_payments().filter(method="CHECK", received_on__lt=week.start).order_by("-pk").first()
    if bounced is not None:
        ledger.void_payment(
            payment_id=bounced.pk,
            reason="Check returned: insufficient funds",
            actor=actor,
            cascade=True,
            returned_item=True,
            was_at_bank=None if selectors.is_on_slip(bounced.pk) else True,
            effective_on=on,
        )
