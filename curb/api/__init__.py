"""Trips and the files that they came in, for programs: each with the permission of its page."""

from django.urls import path

from curb.api import files, trips

app_name = "curb-api"

_TRIP = "trips/<int:trip_id>"
_FILE = "trips/files/<int:file_id>"

urlpatterns = [
    path("trips", trips.Trips.as_view(), name="trips"),
    path("trips/files", files.TripFiles.as_view(), name="trip-files"),
    path("trips/rematch", trips.RematchTrips.as_view(), name="rematch-trips"),
    path("trips/waiting", trips.WaitingTrips.as_view(), name="waiting-trips"),
    path(_FILE, files.ShowTripFile.as_view(), name="trip-file"),
    path(f"{_FILE}/count-back", files.CountFileBack.as_view(), name="count-file-back"),
    path(f"{_FILE}/seen", files.MarkRecordsSeen.as_view(), name="mark-seen"),
    path(f"{_FILE}/sums", files.MarkSumsSeen.as_view(), name="look-at-sums"),
    path(_TRIP, trips.ShowTrip.as_view(), name="trip"),
    path(f"{_TRIP}/bind", trips.BindTrip.as_view(), name="bind-trip"),
    path(f"{_TRIP}/count-back", trips.CountTripBack.as_view(), name="count-trip-back"),
    path(f"{_TRIP}/move", trips.MoveTrip.as_view(), name="move-trip"),
    path(f"{_TRIP}/paid", trips.DecidePayment.as_view(), name="decide-payment"),
]
