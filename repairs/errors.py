"""Every refusal that only repairs can give; nothing was written then. Callers take them from ``repairs.services``."""

from core.errors import DomainError


class RepairError(DomainError):
    """The base: the act on a repair was refused."""

    code = "repair_refused"


class InvoiceNotFound(RepairError):
    code = "repair_invoice_not_found"
    http_status = 404


class LinesInvalid(RepairError):
    """No line, or more than an invoice has."""

    code = "repair_lines_refused"
    field = "lines"
    http_status = 400


class LinesDoNotSum(RepairError):
    """The lines add up to something else than the invoice's amount."""

    code = "repair_lines_do_not_sum"
    field = "amount"
    http_status = 400


class InvoiceAlreadyEntered(RepairError):
    """This invoice of the workshop was entered before; ``facts["invoice"]`` is its number here."""

    code = "repair_invoice_known"
    field = "workshop_number"


class VehicleNotHeld(RepairError):
    """The driver did not have the vehicle that day."""

    code = "vehicle_not_held"
    field = "vehicle"


class LeaseNotNamed(RepairError):
    """The driver held the vehicle by several leases that day; ``facts["leases"]`` lists them."""

    code = "lease_not_named"
    field = "lease"


class MaintenanceIsOwners(RepairError):
    """Under this type of lease the law has the owner bear the maintenance; ``facts["citation"]`` says where."""

    code = "maintenance_is_owners"
    field = "lease"


class InvoiceNotActive(RepairError):
    """It is on hold or voided."""

    code = "repair_invoice_not_active"


class InvoiceNotOnHold(RepairError):
    code = "repair_invoice_not_on_hold"


class InvoiceAlreadyVoided(RepairError):
    code = "repair_invoice_already_voided"
