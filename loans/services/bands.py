"""The bands that cut a loan's principal, from a date on."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from simple_history.utils import bulk_create_with_history

from ledger.installments.models import make_bands
from ledger.installments.rules import Band, BandsInThePast, check_bands
from loans.models import LoanBand


@transaction.atomic
def set_plan_bands(*, effective_on: date, bands: Sequence[Band], today: date, actor: User | None) -> list[LoanBand]:
    """Have loans disbursed on ``effective_on`` or later repaid by these bands, until newer ones are in force.

    Given again for one day, the later set replaces the earlier one. Plans laid down before stay as they are.

    :raises ledger.installments.rules.BandsInThePast: ``effective_on`` is before ``today``
    :raises ledger.installments.rules.BandsIncomplete: not in rising order, or amounts are left without a band
    :raises ledger.services.InvalidAmount: an amount is not a positive number of whole cents
    """
    if effective_on < today:
        raise BandsInThePast("Bands are in force from today or a later day, never from a day past.")
    checked = check_bands(bands)
    # Two who set them at once wait for each other; the later counts.
    list(LoanBand.objects.select_for_update().order_by("pk"))
    for replaced in LoanBand.objects.filter(effective_on=effective_on):
        replaced._history_user = actor  # type: ignore[attr-defined]
        replaced.delete()
    rows: list[LoanBand] = bulk_create_with_history(
        make_bands(LoanBand, effective_on, checked), LoanBand, default_user=actor
    )
    return rows
