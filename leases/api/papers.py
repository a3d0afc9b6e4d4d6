"""Papers of drivers and vehicles, and the days on which they end."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import DayField, IdField, StrictSerializer, TextField, choice_field
from core.api.looks import PageFilters, Rows
from leases import services
from leases.api.records import get_paper
from leases.api.told import PaperSerializer
from leases.models import Paper
from ledger.api.money_acts import ReasonBody


class PaperFilters(PageFilters):
    driver = IdField(required=False)
    vehicle = IdField(required=False)
    kind = choice_field(Paper.Kind, required=False)
    ending_by = DayField(
        required=False,
        help_text="Over by this day, and the last of their kind, of active drivers and vehicles in service.",
    )


class Papers(Rows):
    """Papers, newest first, those too that a later one has taken the place of."""

    required_permissions = ("leases.view_paper",)
    serializer_class = PaperSerializer
    filters = PaperFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        papers = Paper.objects.ending_by(asked["ending_by"]) if "ending_by" in asked else Paper.objects.all()
        return papers.filter(**{name: asked[name] for name in ("driver", "vehicle", "kind") if name in asked})


class PaperBody(StrictSerializer):
    """Which paper, and the last day on which it is good."""

    kind = choice_field(Paper.Kind)
    number = TextField(required=False, allow_blank=True, max_length=40)
    good_to = DayField()


class PaperAct(Act):
    """Answers the paper."""

    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = PaperSerializer


class RecordDriverPaper(PaperAct):
    """Record a paper of a driver. It takes the place of the one before it of its kind, which is kept."""

    required_permissions = ("leases.change_driver",)
    body = PaperBody
    status = 201
    example = {"kind": "TLC_LICENSE", "number": "5401838", "good_to": "2027-03-31"}

    def perform(self, asked: dict[str, Any]) -> Paper:
        return services.record_paper(**asked, actor=self.actor)


class RecordVehiclePaper(PaperAct):
    """Record a paper of a vehicle. It takes the place of the one before it of its kind, which is kept."""

    required_permissions = ("leases.change_vehicle",)
    body = PaperBody
    status = 201
    example = {"kind": "INSPECTION", "good_to": "2026-07-31"}

    def perform(self, asked: dict[str, Any]) -> Paper:
        return services.record_paper(**asked, actor=self.actor)


class CorrectPaperBody(ReasonBody):
    """What the paper says, and why it stood there otherwise."""

    number = TextField(required=False, allow_blank=True, max_length=40, help_text="None without it.")
    good_to = DayField()


class CorrectDriverPaper(PaperAct):
    """Correct what was written down wrong of a driver's paper; what stood there stays in its history."""

    required_permissions = ("leases.change_driver",)
    body = CorrectPaperBody
    example = {"number": "5401838", "good_to": "2027-03-30", "reason": "Misread"}

    def perform(self, asked: dict[str, Any]) -> Paper:
        get_paper(asked["paper_id"], driver=asked.pop("driver_id"))
        return services.correct_paper(**asked, actor=self.actor)


class CorrectVehiclePaper(PaperAct):
    """Correct what was written down wrong of a vehicle's paper; what stood there stays in its history."""

    required_permissions = ("leases.change_vehicle",)
    body = CorrectPaperBody
    example = {"good_to": "2026-07-30", "reason": "Misread"}

    def perform(self, asked: dict[str, Any]) -> Paper:
        get_paper(asked["paper_id"], vehicle=asked.pop("vehicle_id"))
        return services.correct_paper(**asked, actor=self.actor)
