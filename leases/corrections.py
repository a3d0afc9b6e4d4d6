"""What corrects a rent: its own page, as long as the lease has the days it is for."""

import re

from core.corrections import Charge
from leases.models import LeaseInstallment

_RENT = re.compile(r"LEASE-[1-9][0-9]{0,17}-[0-9]{4}W[0-9]{2}")


def say_rent_act(charge: Charge) -> str | None:
    if (
        not _RENT.fullmatch(charge.reference_id)
        or LeaseInstallment.objects.filter(reference_id=charge.reference_id).exists()
    ):
        return None
    return f"The lease has no day in the week of {charge.reference_id}: it ended before. Nothing is charged for it."
