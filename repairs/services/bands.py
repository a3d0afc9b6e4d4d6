"""The bands that cut an invoice, from a date on."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User

from ledger.installments import services as plans
from ledger.installments.rules import Band
from repairs.models import RepairBand


def set_plan_bands(*, effective_on: date, bands: Sequence[Band], today: date, actor: User | None) -> list[RepairBand]:
    """Have invoices dated ``effective_on`` or later repaid by these bands, until newer ones are in force.

    :raises: what ``ledger.installments.services.set_plan_bands`` raises
    """
    return plans.set_plan_bands(model=RepairBand, effective_on=effective_on, bands=bands, today=today, actor=actor)
