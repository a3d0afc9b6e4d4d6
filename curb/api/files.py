"""The files that trips came in, and CURB's answers: what could not be read of them, and what is done about it."""

from typing import Any

from django.db.models import QuerySet

from core.api.looks import Look, Rows
from curb import selectors, services
from curb.api.told import OneTripFileSerializer, TripFileSerializer
from curb.api.trips import TripsAct
from curb.models import TripFile
from ledger.api.money_acts import ReasonBody


class TripFiles(Rows):
    """Files of trips and answers of CURB's service, newest first."""

    required_permissions = ("curb.view_tripfile",)
    serializer_class = TripFileSerializer

    def find(self, asked: dict[str, Any]) -> QuerySet[TripFile]:
        return selectors.list_trip_files()


class ShowTripFile(Look):
    """One file of trips, with its records that could not be read."""

    required_permissions = ("curb.view_tripfile",)
    answers = OneTripFileSerializer

    def find(self, asked: dict[str, Any]) -> TripFile:
        return selectors.get_trip_file(asked["file_id"])


class MarkRecordsSeen(TripsAct):
    """Say that a file's records that could not be read were looked at, and what was found."""

    required_permissions = ("curb.see_unread",)
    body = ReasonBody
    example = {"reason": "Meters of another fleet"}

    def perform(self, asked: dict[str, Any]) -> int:
        return services.mark_seen(**asked, actor=self.actor)


class MarkSumsSeen(TripsAct):
    """Say that a file's records whose parts are not their total were looked at, and what was found."""

    required_permissions = ("curb.see_unread",)
    body = ReasonBody

    def perform(self, asked: dict[str, Any]) -> int:
        return services.look_at_sums(**asked, actor=self.actor)


class CountFileBack(TripsAct):
    """Say that the trips of a file are nobody's: the next close counts back what was counted."""

    required_permissions = ("curb.correct_trip",)
    body = ReasonBody
    example = {"reason": "The file of another fleet"}

    def perform(self, asked: dict[str, Any]) -> int:
        return services.count_file_back(**asked, actor=self.actor)
