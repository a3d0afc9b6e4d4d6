"""What the demo's office takes to the bank and reads from its statements."""

from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from core.weeks import Week
from ledger import selectors
from ledger import services as ledger
from ledger.categories import TransferKind
from ledger.money import ZERO, round_cents

#: Codes of the chart of accounts.
CASH, BANK, CURB_CLEARING, TAXES_PAYABLE = "1010", "1030", "1040", "2110"
#: What stays in the drawer for change.
FLOAT = Decimal(200)
#: What CURB keeps of card money, in percent.
CARD_FEE_PERCENT = Decimal("3.5")
#: The week after whose close the taxes of the trips so far are paid over, counted from 0.
TAX_WEEK = 5


def bank_week(number: int, week: Week, *, latest: date, actor: User) -> None:
    """On the Monday after the week, not after ``latest``: the drawer goes to the bank, CURB's statement comes in."""
    on = min(week.end + timedelta(days=2), latest)
    of_week = f"{week.end:%Y-%m-%d}"
    held = {total.account.value: total.balance for total in selectors.list_trial_balance(to_on=on)}
    checks = [payment.pk for payment in selectors.list_undeposited_checks().filter(received_on__lte=on).order_by("pk")]
    cash = max(held.get(CASH, ZERO) - FLOAT, ZERO)
    if cash or checks:
        ledger.record_bank_deposit(
            cash=cash, payment_ids=checks, reference_id=f"SLIP-{of_week}", effective_on=on, today=latest, actor=actor
        )
    gross = held.get(CURB_CLEARING, ZERO)
    if gross > ZERO:
        ledger.record_curb_statement(
            gross=gross,
            fee=round_cents(gross * CARD_FEE_PERCENT / 100),
            reference_id=f"CURB-STATEMENT-{of_week}",
            effective_on=on,
            today=latest,
            actor=actor,
        )
    taxes = -held.get(TAXES_PAYABLE, ZERO)
    if number == TAX_WEEK and taxes > ZERO:
        ledger.record_transfer(
            kind=TransferKind.PAID_OVER,
            debit=TAXES_PAYABLE,
            credit=BANK,
            amount=taxes,
            reference_id=f"TRIP-TAXES-{of_week}",
            effective_on=on,
            today=latest,
            actor=actor,
        )
