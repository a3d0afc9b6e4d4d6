"""On which of a driver's leases a ticket is theirs."""

from leases.models import LeaseDriver
from leases.rules import lease_day
from leases.selectors import hours_of
from tickets.models import Ticket


def find_own_lease(ticket: Ticket, driver_id: int) -> int | None:
    """Return the lease that the driver was on when it happened, with its cab where that is known; None unless one."""
    spans = (
        LeaseDriver.objects.filter(driver=driver_id).select_related("lease").prefetch_related("lease__vehicle_spans")
    )
    fitting = {span.lease_id for span in spans if _fits(span, ticket)}
    return fitting.pop() if len(fitting) == 1 else None


def _fits(span: LeaseDriver, ticket: Ticket) -> bool:
    hours = hours_of(span.lease)
    if not (span.start_on <= lease_day(ticket.at_latest, hours) and lease_day(ticket.at, hours) <= span.end_on):
        return False
    return ticket.vehicle_id is None or any(
        had.vehicle_id == ticket.vehicle_id and had.from_at <= ticket.at_latest and ticket.at < had.until_at
        for had in span.lease.vehicle_spans.all()
    )
