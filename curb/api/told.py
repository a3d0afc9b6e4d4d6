"""What the API answers about trips and their files."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from curb import selectors
from curb.models import Trip, TripCorrection, TripCount, TripFile, UnreadRecord, WaitsFor
from curb.models.trips import PAYMENT_TYPE_LABELS
from ledger.api.fields import FigureField


class TripSerializer(serializers.ModelSerializer[Trip]):
    """A trip as received, whose it is, and for whom a close counted it."""

    record = serializers.CharField(source="__str__", help_text="Its period and record, as 202603-4711.")
    paid_by = serializers.ChoiceField(
        list(PAYMENT_TYPE_LABELS.items()), help_text="As a person said, or as its record says."
    )
    fare = FigureField()
    tips = FigureField()
    extras = FigureField()
    tolls = FigureField()
    mta_tax = FigureField()
    improvement = FigureField()
    congestion = FigureField()
    airport = FigureField()
    cbd = FigureField()
    ehail = FigureField()
    health = FigureField()
    total = FigureField()
    passed_through = FigureField()
    counted_for_id = serializers.SerializerMethodField(help_text="The driver for whom it counts now.")
    received_in_id = serializers.IntegerField(source="file_id", help_text="The file that it came in.")

    class Meta:
        model = Trip
        fields: tuple[str, ...] = (
            "id",
            "record",
            "start_at",
            "end_at",
            "license",
            "cab",
            "driver_id",
            "vehicle_id",
            "lease_id",
            "paid_by",
            "payment_type",
            "fare",
            "tips",
            "extras",
            "tolls",
            "mta_tax",
            "improvement",
            "congestion",
            "airport",
            "cbd",
            "ehail",
            "health",
            "total",
            "passed_through",
            "waits_for",
            "counts_as",
            "paired_with_id",
            "counted_for_id",
            "week_end",
            "awaits_count",
            "is_current",
            "supersedes_id",
            "bound_by_id",
            "bound_at",
            "received_in_id",
        )

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_counted_for_id(self, trip: Trip) -> int | None:
        live = selectors.find_live_count(trip)
        return live.driver_id if live else None


class TripCountSerializer(serializers.ModelSerializer[TripCount]):
    """What a close counted of a trip (`sign` 1), or counted back (-1)."""

    total = FigureField()
    taxes_total = FigureField()

    class Meta:
        model = TripCount
        fields = (
            "sign",
            "is_void",
            "week_end",
            "driver_id",
            "lease_id",
            "vehicle_id",
            "payment_type",
            "total",
            "taxes_total",
        )


class TripCorrectionSerializer(serializers.ModelSerializer[TripCorrection]):
    """What a person changed about a trip, and why."""

    class Meta:
        model = TripCorrection
        fields = (
            "act",
            "from_driver_id",
            "from_lease_id",
            "to_driver_id",
            "to_lease_id",
            "counts_as",
            "reason",
            "made_by_id",
            "made_at",
        )


class OneTripSerializer(TripSerializer):
    """A trip, what closes counted of it, what the next one is going to, and what people corrected."""

    counts = serializers.SerializerMethodField(help_text="In the order of the closes.")
    pending = serializers.SerializerMethodField(help_text="What the next close does with it, in words.")
    corrections = TripCorrectionSerializer(many=True)

    class Meta(TripSerializer.Meta):
        fields: tuple[str, ...] = (*TripSerializer.Meta.fields, "counts", "pending", "corrections")

    @extend_schema_field(TripCountSerializer(many=True))
    def get_counts(self, trip: Trip) -> Any:
        return TripCountSerializer(selectors.list_counts_of(trip), many=True).data

    def get_pending(self, trip: Trip) -> list[str]:
        return [row.words for row in selectors.list_pending(trip)]


class TripFileSerializer(serializers.ModelSerializer[TripFile]):
    """A file of trips that was imported, or an answer of CURB's service, and what became of its rows."""

    amended_by = FigureField()

    class Meta:
        model = TripFile
        fields: tuple[str, ...] = (
            "id",
            "file_name",
            "origin",
            "asked_on",
            "sha256",
            "imported_at",
            "imported_by_id",
            "row_count",
            "imported_count",
            "known_count",
            "amended_count",
            "amended_by",
            "remarked_count",
            "error_count",
        )


class UnreadRecordSerializer(serializers.ModelSerializer[UnreadRecord]):
    """A record that could not be read: in which attribute, and why."""

    class Meta:
        model = UnreadRecord
        fields = ("row", "attribute", "message", "day", "seen_by_id", "seen_at", "seen_reason")


class OneTripFileSerializer(TripFileSerializer):
    """A file of trips, with its records that could not be read."""

    unread = serializers.SerializerMethodField(help_text="The first of them are kept.")

    class Meta(TripFileSerializer.Meta):
        fields: tuple[str, ...] = (*TripFileSerializer.Meta.fields, "unread")

    @extend_schema_field(UnreadRecordSerializer(many=True))
    def get_unread(self, file: TripFile) -> Any:
        return UnreadRecordSerializer(selectors.list_unread_records(file), many=True).data


class WaitingGroupSerializer(serializers.Serializer[Any]):
    """Waiting trips of one license and cab; `example_id` is one of them, to be assigned with those alike."""

    license = serializers.CharField()
    cab = serializers.CharField()
    waits_for = serializers.ChoiceField(WaitsFor.choices)
    trips = serializers.IntegerField()
    total_together = FigureField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()
    example_id = serializers.IntegerField()


class WaitingTripsSerializer(serializers.Serializer[Any]):
    """The queue: how many trips wait in all, and at most 200 groups of them, the most numerous first."""

    count = serializers.IntegerField()
    groups = WaitingGroupSerializer(many=True)


class TripsDoneSerializer(serializers.Serializer[Any]):
    """How many trips, or records, the act was about."""

    done = serializers.IntegerField()
