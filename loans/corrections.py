"""What corrects a loan's charges: never the charge's own page, since an installment follows its schedule."""

from core.corrections import Charge


def say_loan_act(charge: Charge) -> str:
    return (
        f"{charge.reference_id} follows its loan's schedule. On the loan's page it can be held, paid off, restored, "
        "written off or voided."
    )
