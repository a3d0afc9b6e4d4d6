"""The record that an address names; one that there is not is refused by name."""

from leases import selectors, services
from leases.models import Driver, Lease, Paper, Vehicle
from ledger import services as ledger


def get_driver(driver_id: int) -> Driver:
    """Return a driver with whether they are locked.

    :raises ledger.services.DriverNotFound: no driver has this number
    """
    driver = selectors.list_drivers().filter(pk=driver_id).first()
    if driver is None:
        raise ledger.DriverNotFound(f"No driver {driver_id}.")
    return driver


def get_vehicle(vehicle_id: int) -> Vehicle:
    """:raises ledger.services.VehicleNotFound: no vehicle has this number"""
    vehicle = Vehicle.objects.filter(pk=vehicle_id).first()
    if vehicle is None:
        raise ledger.VehicleNotFound(f"No vehicle {vehicle_id}.")
    return vehicle


def get_lease(lease_id: int) -> Lease:
    """:raises ledger.services.LeaseNotFound: no lease has this number"""
    lease = Lease.objects.filter(pk=lease_id).first()
    if lease is None:
        raise ledger.LeaseNotFound(f"No lease {lease_id}.")
    return lease


def get_paper(paper_id: int, **owner: int) -> Paper:
    """Return a paper of this ``driver`` or ``vehicle``.

    :raises PaperNotFound: no paper of theirs has this number
    """
    paper = Paper.objects.filter(pk=paper_id, **owner).first()
    if paper is None:
        raise services.PaperNotFound(f"No paper {paper_id} of theirs.")
    return paper
