"""Loans, ended before their time: pay one off, write it off, and restore its schedule."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from core.admin import Fact
from ledger.money import ZERO, format_dollars
from loans import rules, selectors, services
from loans.admin.pages.loans import LoanActPage
from loans.forms import PayoffForm, RestoreForm, WriteOffForm
from loans.models import DriverLoan, LoanPayoff


class PayOffPage(LoanActPage):
    permission_required = "loans.pay_off_driverloan"
    title = "Pay off early"
    verb = "Charge the payoff"
    form_class = PayoffForm
    sentence = "One charge takes the place of the installments that are not charged yet; it is paid like any other."

    def get_initial(self) -> dict[str, Any]:
        return {"as_of": timezone.localdate()}

    def list_facts(self) -> Sequence[Fact]:
        payoff = selectors.find_payoff(self.record)
        return describe_payoff(payoff) if payoff else ()

    def act(self, form: forms.Form) -> LoanPayoff:
        return services.pay_off_loan(
            loan_id=self.kwargs["record_id"],
            as_of=form.cleaned_data["as_of"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: LoanPayoff) -> str:
        return f"{rules.name_payoff(result.loan_id)} of {format_dollars(result.amount)} is charged."


class RestorePage(LoanActPage):
    permission_required = "loans.pay_off_driverloan"
    title = "Restore the schedule"
    verb = "Restore"
    form_class = RestoreForm
    sentence = "The payoff is taken back, and its installments are charged when due, as before."

    def act(self, form: forms.Form) -> DriverLoan:
        today = timezone.localdate()
        return services.restore_schedule(
            loan_id=self.kwargs["record_id"],
            reason=form.cleaned_data["reason"],
            starts_on=form.cleaned_data["starts_on"],
            today=today,
            effective_on=today,
            actor=self.actor,
        )

    def describe(self, result: DriverLoan) -> str:
        return f"The schedule of {result} is in force again."


class WriteOffPage(LoanActPage):
    permission_required = "loans.write_off_driverloan"
    title = "Write off the loan"
    verb = "Write off"
    form_class = WriteOffForm
    is_dangerous = True
    sentence = "What is not charged yet is charged with the interest earned by then, and all that is open is forgiven."

    def get_initial(self) -> dict[str, Any]:
        return {"as_of": timezone.localdate()}

    def act(self, form: forms.Form) -> DriverLoan:
        return services.write_off_loan(
            loan_id=self.kwargs["record_id"],
            reason=form.cleaned_data["reason"],
            as_of=form.cleaned_data["as_of"],
            today=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: DriverLoan) -> str:
        return f"{result} is written off."


def describe_payoff(payoff: LoanPayoff) -> list[Fact]:
    """Return the lines that tell a payoff."""
    facts = [
        Fact("Payoff as of", payoff.as_of),
        Fact("Principal", format_dollars(payoff.principal)),
        Fact("Interest", format_dollars(payoff.interest)),
        Fact("Charged", format_dollars(payoff.amount)),
    ]
    if payoff.interest_back:
        facts.append(Fact("Interest given back", format_dollars(payoff.interest_back)))
        facts.append(Fact("Rest of it", format_dollars(max(payoff.amount - payoff.interest_back, ZERO))))
    return facts
