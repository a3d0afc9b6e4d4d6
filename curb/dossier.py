"""CURB's trips on the pages of a driver, a vehicle and a lease."""

from datetime import date

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.dossier import SHOWN, Line, Linked, Section, Subject, Table, driver_url, register_section
from core.reports import say_figure
from core.words import say_moment
from curb.models import Trip


def read_trips(request: HttpRequest, driver_id: int, today: date) -> Table:
    return _tell(Trip.objects.filter(driver=driver_id), f"driver__id__exact={driver_id}", today)


def read_vehicle_trips(request: HttpRequest, vehicle_id: int, today: date) -> Table:
    return _tell(Trip.objects.filter(vehicle=vehicle_id), f"vehicle__id__exact={vehicle_id}", today)


def read_lease_trips(request: HttpRequest, lease_id: int, today: date) -> Table:
    return _tell(Trip.objects.filter(lease=lease_id), f"lease__id__exact={lease_id}", today)


def _tell(trips: QuerySet[Trip], narrowed: str, today: date) -> Table:
    newest = trips.filter(is_current=True).select_related("driver").order_by("-start_at", "-id")
    return Table(
        columns=["Trip", "Began", "Driver", "Cab", "Paid by", "Total#"],
        lines=[
            Line(
                [
                    trip,
                    say_moment(trip.start_at, told_on=today),
                    Linked(trip.driver, driver_url(trip.driver.pk)) if trip.driver else "nobody yet",
                    trip.cab,
                    trip.get_payment_type_display(),
                    say_figure(trip.total),
                ],
                reverse("admin:curb_trip_change", args=[trip.pk]),
            )
            for trip in newest[:SHOWN]
        ],
        empty="No trip came in from CURB.",
        list_url=f"{reverse('admin:curb_trip_changelist')}?{narrowed}",
    )


for subject, read in (
    (Subject.DRIVER, read_trips),
    (Subject.VEHICLE, read_vehicle_trips),
    (Subject.LEASE, read_lease_trips),
):
    register_section(
        Section(of=subject, place=50, tab="Trips", title="Trips by CURB", permission="curb.view_trip", read=read)
    )
