"""Papers and when they end."""

from datetime import date, timedelta

from leases.models import Paper, PaperQuerySet

#: So far ahead, the end of a paper is told.
ENDING_DAYS = 30


def list_papers_of_driver(driver_id: int) -> list[Paper]:
    """Return a driver's papers, the last of each kind, by the day on which they end."""
    return list(Paper.objects.filter(driver=driver_id).last_of_each())


def list_papers_of_vehicle(vehicle_id: int) -> list[Paper]:
    """Return a vehicle's papers, the last of each kind, by the day on which they end."""
    return list(Paper.objects.filter(vehicle=vehicle_id).last_of_each())


def list_ending_papers(today: date) -> PaperQuerySet:
    """Return what is over within 30 days or already, of who drives and what is in service."""
    return Paper.objects.ending_by(today + timedelta(days=ENDING_DAYS))
