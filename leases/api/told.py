"""What the API answers of drivers, vehicles and leases."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import ClockField
from leases import selectors, services
from leases.models import (
    DepositSettlement,
    Driver,
    DriverLock,
    Lease,
    LeaseDaysAway,
    LeaseDriver,
    LeaseRate,
    LeaseVehicle,
    Note,
    Paper,
    Vehicle,
    VehiclePlate,
    VehicleTag,
)
from leases.rules import WeeklyRent
from ledger.api.fields import AmountField, FigureField
from ledger.selectors import Due


class DriverSerializer(serializers.ModelSerializer[Driver]):
    """A driver. Only an active one who is not locked is put on a new lease."""

    is_locked = serializers.BooleanField(help_text="Nothing is paid out to them, and no lease is started.")

    class Meta:
        model = Driver
        fields = ("id", "first_name", "last_name", "tlc_license", "status", "is_locked", "phone", "email")


class DriverLockSerializer(serializers.ModelSerializer[DriverLock]):
    """A lock: who put it there and why, and who lifted it and why."""

    class Meta:
        model = DriverLock
        fields = (
            "id",
            "driver_id",
            "reason",
            "locked_at",
            "locked_by_id",
            "unlocked_at",
            "unlocked_by_id",
            "unlock_reason",
        )


class NoteSerializer(serializers.ModelSerializer[Note]):
    """What somebody wrote down about a driver, a vehicle or a lease."""

    class Meta:
        model = Note
        fields = ("id", "driver_id", "vehicle_id", "lease_id", "text", "written_at", "written_by_id")


class PaperSerializer(serializers.ModelSerializer[Paper]):
    """A paper of a driver or of a vehicle; `good_to` is the last day on which it is good."""

    class Meta:
        model = Paper
        fields = ("id", "driver_id", "vehicle_id", "kind", "number", "good_to")


class DueSerializer(serializers.Serializer[Due]):
    """A charge; or several of a category, due from `due_on` to `last_due_on`."""

    description = serializers.CharField(source="words")
    amount = FigureField(help_text="Still open.")
    due_on = serializers.DateField()
    last_due_on = serializers.DateField()


class DuesSerializer(serializers.Serializer[Any]):
    """What a driver owes, in the order of priority: by today, by this week's Saturday, and in all."""

    driver_id = serializers.IntegerField()
    as_of = serializers.DateField()
    due_now = FigureField()
    saturday = serializers.DateField()
    due_by_saturday = FigureField(help_text="What is due now, and what falls due up to Saturday.")
    owed = FigureField(help_text="All that is charged and open, whenever it is due.")
    now = DueSerializer(many=True)
    later = DueSerializer(many=True)


class VehicleSerializer(serializers.ModelSerializer[Vehicle]):
    """A cab. `plate` is the one on it since the last change of plates."""

    class Meta:
        model = Vehicle
        fields: tuple[str, ...] = ("id", "vin", "medallion", "plate", "make_and_model", "status")


class PlateSerializer(serializers.ModelSerializer[VehiclePlate]):
    """A plate's time on a vehicle; null is open."""

    class Meta:
        model = VehiclePlate
        fields = ("plate", "state", "from_at", "until_at")


class TagSerializer(serializers.ModelSerializer[VehicleTag]):
    """An E-ZPass tag's time in a vehicle; null is open."""

    class Meta:
        model = VehicleTag
        fields = ("tag", "from_at", "until_at")


class WholeVehicleSerializer(VehicleSerializer):
    """A cab with all of its plates and E-ZPass tags, oldest first."""

    plates = PlateSerializer(many=True)
    tags = TagSerializer(many=True)

    class Meta(VehicleSerializer.Meta):
        fields: tuple[str, ...] = (*VehicleSerializer.Meta.fields, "plates", "tags")


class LeaseSerializer(serializers.ModelSerializer[Lease]):
    """A lease: the vehicle that it had last, and the weekly amount agreed last."""

    driver_id = serializers.IntegerField(source="primary_driver_id", help_text="The primary driver, who owes the rent.")
    # Its choices are whoever may be chosen now, and would be asked for.
    vehicle_id = serializers.IntegerField()
    shift_from = ClockField(format="%H:%M", allow_null=True, help_text="By New York's clocks, as 05:00.")
    shift_until = ClockField(format="%H:%M", allow_null=True)
    weekly_amount = AmountField()
    deposit = AmountField(help_text="What is asked; payments bring it in.")
    cancellation_fee = AmountField()

    class Meta:
        model = Lease
        fields: tuple[str, ...] = (
            "id",
            "driver_id",
            "vehicle_id",
            "lease_type",
            "shift",
            "shift_from",
            "shift_until",
            "start_on",
            "end_on",
            "weekly_amount",
            "deposit",
            "cancellation_fee",
            "status",
            "status_reason",
        )


class LeaseDriverSerializer(serializers.ModelSerializer[LeaseDriver]):
    """A driver's days on a lease, both included."""

    class Meta:
        model = LeaseDriver
        fields = ("driver_id", "is_primary", "start_on", "end_on")


class LeaseVehicleSerializer(serializers.ModelSerializer[LeaseVehicle]):
    """A lease's time with a vehicle, up to `until_at`."""

    class Meta:
        model = LeaseVehicle
        fields = ("vehicle_id", "from_at", "until_at")


class LeaseRateSerializer(serializers.ModelSerializer[LeaseRate]):
    """What a week costs from a day on."""

    weekly_amount = AmountField()

    class Meta:
        model = LeaseRate
        fields = ("from_on", "weekly_amount")


class DaysAwaySerializer(serializers.ModelSerializer[LeaseDaysAway]):
    """Days without a cab, both ends included. Those taken back count no more."""

    class Meta:
        model = LeaseDaysAway
        fields = ("start_on", "end_on", "reason", "is_taken_back")


class WholeLeaseSerializer(LeaseSerializer):
    """A lease with who drives on it, which vehicles it has when, its rates, and its days without a cab."""

    drivers = LeaseDriverSerializer(many=True, source="driver_spans")
    vehicles = LeaseVehicleSerializer(many=True, source="vehicle_spans")
    rates = LeaseRateSerializer(many=True)
    days_away = DaysAwaySerializer(many=True)

    class Meta(LeaseSerializer.Meta):
        fields: tuple[str, ...] = (*LeaseSerializer.Meta.fields, "drivers", "vehicles", "rates", "days_away")


class WeeklyRentSerializer(serializers.Serializer[WeeklyRent]):
    """A week's rent as it would be laid down."""

    number = serializers.IntegerField()
    week_start = serializers.DateField(source="week.start")
    due_on = serializers.DateField()
    amount = FigureField()


class LeasePreviewSerializer(serializers.Serializer[services.LeasePreview]):
    """What starting a lease would lay down."""

    rents = WeeklyRentSerializer(many=True)
    total = FigureField()
    cap_warnings = serializers.ListField(child=serializers.CharField())


class RentChangeSerializer(serializers.Serializer[services.RentChange]):
    """A week's rent before and after an act; null where there is none."""

    reference_id = serializers.CharField()
    description = serializers.CharField(source="name")
    before = FigureField(allow_null=True)
    after = FigureField(allow_null=True)
    held_before = serializers.BooleanField()
    held_after = serializers.BooleanField()


class RentSerializer(serializers.Serializer[selectors.ScheduledRent]):
    """A week's rent as planned, and as the ledger has it; `balance_id` is null until it is charged."""

    number = serializers.IntegerField()
    week_start = serializers.DateField()
    due_on = serializers.DateField()
    description = serializers.CharField(source="words")
    reference_id = serializers.CharField()
    state = serializers.CharField(help_text="How it stands, in a word for people.")
    amount = FigureField()
    settled = FigureField(help_text="Paid or forgiven, without what was given back.")
    remaining = FigureField()
    given_back = FigureField(help_text="By credit memos for days without a cab.")
    balance_id = serializers.IntegerField(allow_null=True)


class RentTotalsSerializer(serializers.Serializer[selectors.LeaseTotals]):
    """The rent in all: what is settled of it, and what is still to be, charged or not."""

    total = FigureField()
    settled = FigureField()
    remaining = FigureField()


class WeekAboveCapSerializer(serializers.Serializer[selectors.WeekAboveCap]):
    """A week that costs more than the legal cap allows for its days of rent."""

    week_start = serializers.DateField()
    days = serializers.IntegerField()
    amount = FigureField()
    cap = FigureField(help_text="On a whole week.")
    allowed = FigureField(help_text="For these days.")


class LeaseRentsSerializer(serializers.Serializer[Any]):
    """A lease's rent, week by week."""

    lease_id = serializers.IntegerField()
    rents = RentSerializer(many=True)
    totals = RentTotalsSerializer()
    above_cap = WeekAboveCapSerializer(many=True)


class SettlementItemSerializer(serializers.Serializer[selectors.SettlementItem]):
    """A line of a settlement."""

    part = serializers.ChoiceField([part.value for part in selectors.Part])
    reference_id = serializers.CharField()
    description = serializers.CharField(source="words")
    amount = FigureField()
    note = serializers.CharField()


class DepositSettlementSerializer(serializers.ModelSerializer[DepositSettlement]):
    """A deposit as it was settled: what it paid, what went back to the driver, and what is kept."""

    received = AmountField(help_text="In all.")
    held = AmountField(help_text="Before it was settled.")
    from_credits = AmountField(help_text="Paid from the driver's own credits, before the deposit.")
    applied = AmountField(help_text="Paid from the deposit.")
    released = AmountField(help_text="Paid back, by the payout that `payout_reference` names.")
    kept = AmountField(help_text="Still held.")
    lines: Any = serializers.SerializerMethodField()

    class Meta:
        model = DepositSettlement
        fields = (
            "id",
            "lease_id",
            "driver_id",
            "settled_on",
            "settled_at",
            "settled_by_id",
            "reason",
            "received",
            "held",
            "from_credits",
            "applied",
            "released",
            "kept",
            "payout_reference",
            "lines",
        )

    @extend_schema_field(SettlementItemSerializer(many=True))
    def get_lines(self, settlement: DepositSettlement) -> Any:
        items: Any = selectors.list_settlement_items(settlement)
        return SettlementItemSerializer(items, many=True).data


class LeaseDepositSerializer(serializers.Serializer[Any]):
    """A lease's deposit, the first day on which it may be settled, and its settlements, newest first."""

    lease_id = serializers.IntegerField()
    asked = FigureField()
    received = FigureField()
    held = FigureField()
    missing = FigureField()
    settle_from = serializers.DateField()
    settlements = DepositSettlementSerializer(many=True)
