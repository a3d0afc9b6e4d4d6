"""What corrects a ticket's charge: the ticket's page; and a miscellaneous one: its own, unless it was voided whole."""

import re

from core.corrections import Charge
from tickets.models import MiscCharge

_MISC = re.compile(r"MISC-([1-9][0-9]{0,17})")


def say_ticket_act(charge: Charge) -> str:
    return (
        f"{charge.reference_id} follows its ticket. On the ticket's page its amount is corrected, and it is assigned, "
        "disputed or dismissed."
    )


def say_charge_act(charge: Charge) -> str | None:
    match = _MISC.fullmatch(charge.reference_id)
    voided = match and MiscCharge.objects.exclude(void_reason="").filter(pk=int(match.group(1))).exists()
    if not voided:
        return None
    return f"{charge.reference_id} was voided as a whole. Enter it anew under Miscellaneous charges."
