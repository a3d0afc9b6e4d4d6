"""What corrects a rent: its own page, as long as the lease has the days it is for; and what those days come to now."""

import re
from datetime import date
from typing import Any

from core.corrections import Charge, Price, VoidedCharge
from core.history import save_as
from core.weeks import week_of
from leases import rules, selectors
from leases.models import LeaseInstallment
from leases.services.charged_rents import read_weeks
from leases.services.records import rates_of

_RENT = re.compile(r"LEASE-[1-9][0-9]{0,17}-[0-9]{4}W[0-9]{2}")


def say_rent_act(charge: Charge) -> str | None:
    if (
        not _RENT.fullmatch(charge.reference_id)
        or LeaseInstallment.objects.filter(reference_id=charge.reference_id).exists()
    ):
        return None
    return f"The lease has no day in the week of {charge.reference_id}: it ended before. Nothing is charged for it."


def price_rent(charge: VoidedCharge, on: date) -> Price | None:
    """What the week's days come to now: the lease may have ended since, or its cab been away.

    What memos have given back of it is owed on top. A charge that somebody had corrected does not rise again.
    """
    rent = LeaseInstallment.objects.filter(reference_id=charge.reference_id).select_related("lease").first()
    if rent is None:
        return None
    lease, rates, week = rent.lease, rates_of(rent.lease), week_of(rent.week_start)
    full, left = (
        rules.sum_rent(week, start_on=lease.start_on, end_on=lease.end_on, rates=rates, away=away)
        for away in ((), selectors.find_away(lease.pk))
    )
    amount = left + read_weeks([rent])[rent.pk].given_back
    if charge.amount != rent.amount:
        amount = min(amount, charge.amount)

    def note(actor: Any) -> None:
        rent.amount, rent.relief = amount, full - left
        save_as(rent, actor, update_fields=["amount", "relief"])

    return Price(amount, LeaseInstallment.tell([rent.pk], effective_on=on)[rent.pk].description, note)
