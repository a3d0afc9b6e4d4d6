"""Several loans chosen in their list, held or resumed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ledger.installments.several import HoldPlansPage, ResumePlansPage
from loans import services
from loans.models import DriverLoan


class HoldLoansPage(HoldPlansPage):
    model = DriverLoan
    permission_required = "loans.hold_driverloan"

    def amount_of(self, record: DriverLoan) -> Decimal:
        return record.principal

    def act_on(self, record: DriverLoan, facts: Mapping[str, Any]) -> DriverLoan:
        return services.hold_loan(loan_id=record.pk, reason=facts["reason"], actor=self.actor)


class ResumeLoansPage(ResumePlansPage):
    model = DriverLoan
    permission_required = "loans.hold_driverloan"
    sentence = "The pause bears no interest."

    def amount_of(self, record: DriverLoan) -> Decimal:
        return record.principal

    def act_on(self, record: DriverLoan, facts: Mapping[str, Any]) -> DriverLoan:
        return services.resume_loan(
            loan_id=record.pk, starts_on=facts["starts_on"], today=timezone.localdate(), actor=self.actor
        )
