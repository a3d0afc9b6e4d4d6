"""CURB's trips on a driver's page."""

from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from core.dossier import SHOWN, Line, Section, Table, register_section
from core.reports import say_figure
from core.words import say_moment
from curb.models import Trip


def read_trips(request: HttpRequest, driver_id: int, today: date) -> Table:
    trips = Trip.objects.filter(driver=driver_id, is_current=True).order_by("-start_at", "-id")
    return Table(
        columns=["Trip", "Began", "Cab", "Paid by", "Total#"],
        lines=[
            Line(
                [
                    trip,
                    say_moment(trip.start_at, told_on=today),
                    trip.cab,
                    trip.get_payment_type_display(),
                    say_figure(trip.total),
                ],
                reverse("admin:curb_trip_change", args=[trip.pk]),
            )
            for trip in trips[:SHOWN]
        ],
        empty="No trip came in from CURB.",
        list_url=f"{reverse('admin:curb_trip_changelist')}?driver__id__exact={driver_id}",
    )


register_section(Section(place=50, tab="Trips", title="Trips by CURB", permission="curb.view_trip", read=read_trips))
