"""Every write of repairs. Functions are keyword-only and own their transaction; their errors are importable from here.

The lock order is the ledger's: the driver's account, then the invoice's row, then its installments.
"""

from leases.errors import LeaseMismatch
from repairs.errors import (
    InvoiceAlreadyEntered,
    InvoiceAlreadyVoided,
    InvoiceNotActive,
    InvoiceNotFound,
    InvoiceNotOnHold,
    LeaseNotNamed,
    LinesDoNotSum,
    LinesInvalid,
    MaintenanceIsOwners,
    RepairError,
    VehicleNotHeld,
)
from repairs.services.bands import set_plan_bands
from repairs.services.holds import hold_invoice, resume_invoice, void_invoice
from repairs.services.invoices import InvoiceItem, create_invoice, preview_invoice

__all__ = [
    "InvoiceAlreadyEntered",
    "InvoiceAlreadyVoided",
    "InvoiceItem",
    "InvoiceNotActive",
    "InvoiceNotFound",
    "InvoiceNotOnHold",
    "LeaseMismatch",
    "LeaseNotNamed",
    "LinesDoNotSum",
    "LinesInvalid",
    "MaintenanceIsOwners",
    "RepairError",
    "VehicleNotHeld",
    "create_invoice",
    "hold_invoice",
    "preview_invoice",
    "resume_invoice",
    "set_plan_bands",
    "void_invoice",
]
