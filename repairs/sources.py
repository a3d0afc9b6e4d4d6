"""From ``REPAIR-5-2`` to the page of invoice 5."""

from ledger.installments.sources import make_plan_finder
from repairs.models import RepairInvoice

find_page = make_plan_finder(
    prefix="REPAIR", model=RepairInvoice, label="Repair", permission="repairs.view_repairinvoice"
)
