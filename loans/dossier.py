"""Loans on the pages of a driver and a lease, and what became of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from core.dossier import Act, Linked, Subject, driver_url, register_act
from core.words import say_amount, say_day
from ledger.installments.dossier import Plans, register_plans
from loans.models import DriverLoan


def tell_loan(loan: DriverLoan, today: date) -> Sequence[Any]:
    return [
        Linked(loan.driver, driver_url(loan.driver_id)),
        say_day(loan.disbursed_on, told_on=today),
        loan.get_status_display(),
        say_amount(loan.principal),
        loan.rate_percent,
        say_amount(loan.weekly_amount),
    ]


def say_loan_given(loan: Any) -> str:
    return f"Loan given: ${say_amount(loan.principal)}, ${say_amount(loan.weekly_amount)} a week"


register_plans(
    Plans(
        model=DriverLoan,
        word="Loan",
        title="Loans",
        place=36,
        related=["driver"],
        columns=["Driver", "Given on", "State", "Principal#", "% a year#", "A week#"],
        beside=["State", "A week#"],
        tell=tell_loan,
        begin=say_loan_given,
        empty="No loan was given.",
    ),
    {Subject.DRIVER: "Plans", Subject.LEASE: "Plans"},
)
register_act(
    Act(
        place=40,
        title="Give loan",
        permission="loans.add_driverloan",
        url=lambda state: f"{reverse('admin:loans_driverloan_disburse')}?driver={state.pk}",
    )
)
