"""What is noted of drivers, vehicles and leases."""

from typing import Any

from django.db.models import QuerySet

from core.api.acts import Act
from core.api.fields import StrictSerializer, TextField
from core.api.looks import Rows
from leases import services
from leases.api.records import get_driver, get_lease, get_vehicle
from leases.api.told import NoteSerializer
from leases.models import MAX_NOTE, Note


class NotesOf(Rows):
    required_permissions = ("leases.view_drivernote",)
    serializer_class = NoteSerializer


class DriverNotes(NotesOf):
    """What is noted of a driver, newest first."""

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        return Note.objects.filter(driver=get_driver(asked["driver_id"]))


class VehicleNotes(NotesOf):
    """What is noted of a vehicle, newest first."""

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        return Note.objects.filter(vehicle=get_vehicle(asked["vehicle_id"]))


class LeaseNotes(NotesOf):
    """What is noted of a lease, newest first."""

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        return Note.objects.filter(lease=get_lease(asked["lease_id"]))


class NoteBody(StrictSerializer):
    """What is noted."""

    text = TextField(max_length=MAX_NOTE)


class WriteNote(Act):
    required_permissions = ("leases.add_drivernote",)
    body = NoteBody
    answers = NoteSerializer
    status = 201
    needs_key = True

    def perform(self, asked: dict[str, Any]) -> Note:
        return services.write_note(**asked, actor=self.actor)


class WriteDriverNote(WriteNote):
    """Write a note on a driver. It can't be edited, only followed by another."""

    example = {"text": "Asked for a cab with a partition"}


class WriteVehicleNote(WriteNote):
    """Write a note on a vehicle. It can't be edited, only followed by another."""

    example = {"text": "Smells of smoke"}


class WriteLeaseNote(WriteNote):
    """Write a note on a lease. It can't be edited, only followed by another."""

    example = {"text": "Wants to keep the cab for another year"}
