"""What corrects a repair's charges: their own page, unless the whole repair was voided."""

import re

from core.corrections import Charge
from repairs.models import RepairInvoice

_REPAIR = re.compile(r"REPAIR-([1-9][0-9]{0,17})-.+")


def say_repair_act(charge: Charge) -> str | None:
    match = _REPAIR.fullmatch(charge.reference_id)
    invoice = RepairInvoice.objects.filter(pk=int(match.group(1))).first() if match else None
    if invoice is None or invoice.status != RepairInvoice.Status.VOIDED:
        return None
    return f"{invoice} was voided as a whole. Enter the invoice anew under Repairs."
