"""The bands that cut a loan's principal, from a date on."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User

from ledger.installments import services as plans
from ledger.installments.rules import Band
from loans.models import LoanBand


def set_plan_bands(*, effective_on: date, bands: Sequence[Band], today: date, actor: User | None) -> list[LoanBand]:
    """Have loans disbursed on ``effective_on`` or later repaid by these bands, until newer ones are in force.

    :raises: what ``ledger.installments.services.set_plan_bands`` raises
    """
    return plans.set_plan_bands(model=LoanBand, effective_on=effective_on, bands=bands, today=today, actor=actor)
