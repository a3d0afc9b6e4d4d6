"""What may still be charged for a cab in the time of a lease: tickets that are disputed, or wait for a person."""

from datetime import date

from django.db.models import OuterRef, Q

from core.expressions import ExistsForRow
from leases.models import Lease, LeaseVehicle
from leases.rules import is_in_shift
from leases.selectors import PendingClaim, hours_of
from tickets.models import Ticket
from tickets.words import say_ticket


def list_claims_on_lease(lease_id: int, driver_id: int, on: date) -> list[PendingClaim]:
    """Return the tickets in review or in dispute that may become this driver's on this lease, oldest first.

    They happened to a cab of the lease while it had it, in the hours of its shift; or are this driver's, on this lease
    or on none.
    """
    lease = Lease.objects.get(pk=lease_id)
    held = LeaseVehicle.objects.filter(
        lease_id=lease_id, vehicle=OuterRef("vehicle"), from_at__lte=OuterRef("at_latest"), until_at__gt=OuterRef("at")
    )
    undecided = Ticket.objects.filter(state__in=[Ticket.State.WAITING, Ticket.State.DISPUTED], amount__gt=0)
    nobody_elses = Q(driver=None) | Q(driver_id=driver_id)
    here_or_nowhere = Q(lease=None) | Q(lease_id=lease_id)
    found = undecided.filter(nobody_elses & here_or_nowhere).annotate(was_held=ExistsForRow(held))
    of_lease = found.filter(Q(was_held=True) | Q(driver_id=driver_id) | Q(lease_id=lease_id))
    hours = hours_of(lease)
    return [
        PendingClaim(ticket.reference_id, _say(ticket, on), ticket.amount, _why(ticket))
        for ticket in of_lease.select_related("vehicle").order_by("at", "pk")
        if ticket.driver_id or ticket.lease_id or ticket.is_dated_only or is_in_shift(ticket.at, hours)
    ]


def _say(ticket: Ticket, on: date) -> str:
    return say_ticket(ticket, medallion=ticket.vehicle.medallion if ticket.vehicle else ticket.medallion, told_on=on)


def _why(ticket: Ticket) -> str:
    if ticket.state == Ticket.State.DISPUTED:
        return "disputed: until it is decided"
    return f"in review ({ticket.get_waits_for_display()}): until somebody says whose it is"
