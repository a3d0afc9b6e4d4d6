"""The life of a lease: started, changed, held, resumed, ended."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import ClockField, DayField, IdField, MomentField, StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from leases import selectors, services
from leases.api.records import get_lease
from leases.api.told import (
    LeasePreviewSerializer,
    LeaseRentsSerializer,
    LeaseSerializer,
    RentChangeSerializer,
    WholeLeaseSerializer,
)
from leases.models import Lease
from ledger.api.fields import AmountField
from ledger.api.money_acts import MoneyAct, ReasonBody, tell_preview


class LeaseFilters(PageFilters):
    q = TextField(required=False, max_length=200, help_text="A lease's number, or words that name its driver or cab.")
    driver = IdField(required=False, help_text="Who is or was on it, as primary or further driver.")
    vehicle = IdField(required=False, help_text="That it has or had.")
    status = choice_field(Lease.Status, required=False)
    lease_type = choice_field(Lease.Type, required=False)
    shift = choice_field(Lease.Shift, required=False)
    in_force_on = DayField(required=False, help_text="A day of it.")


class Leases(Rows):
    """Leases, newest first, those that are over too."""

    required_permissions = ("leases.view_lease",)
    serializer_class = LeaseSerializer
    filters = LeaseFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[Any]:
        leases = selectors.list_leases(driver_id=asked.get("driver"), vehicle_id=asked.get("vehicle"))
        leases = leases.filter(**{name: asked[name] for name in ("status", "lease_type", "shift") if name in asked})
        if "in_force_on" in asked:
            leases = leases.in_force(asked["in_force_on"])
        if "q" in asked:
            leases = leases.filter(pk__in=selectors.list_found_leases(asked["q"], at=timezone.now()))
        return leases


class ShowLease(Look):
    """One lease, with its drivers, vehicles, rates and days without a cab."""

    required_permissions = ("leases.view_lease",)
    answers = WholeLeaseSerializer

    def find(self, asked: dict[str, Any]) -> Lease:
        return get_lease(asked["lease_id"])


class ShowRents(Look):
    """A lease's rent week by week, as planned and as the ledger has it, and the weeks above the legal cap."""

    required_permissions = ("leases.view_lease",)
    answers = LeaseRentsSerializer

    def find(self, asked: dict[str, Any]) -> dict[str, Any]:
        lease = get_lease(asked["lease_id"])
        schedule = selectors.list_schedule(lease.pk)
        return {
            "lease_id": lease.pk,
            "rents": schedule,
            "totals": selectors.sum_schedule(schedule),
            "above_cap": selectors.list_weeks_above_cap(lease, schedule),
        }


class LeaseBody(StrictSerializer):
    """Who has which vehicle when, and what a week costs."""

    driver_id = IdField(help_text="The primary driver, who owes the rent.")
    vehicle_id = IdField()
    lease_type = choice_field(Lease.Type)
    shift = choice_field(Lease.Shift)
    shift_from = ClockField(required=False, help_text="05:00 by day and 17:00 by night, without it.")
    shift_until = ClockField(required=False, help_text="17:00 by day and 05:00 by night, without it.")
    start_on = DayField()
    end_on = DayField(help_text="The last day.")
    weekly_amount = AmountField()
    deposit = AmountField(required=False, allow_zero=True, help_text="What is asked. A payment brings it in.")
    cancellation_fee = AmountField(required=False, allow_zero=True, help_text="For an early end.")


class StartLease(Act):
    """Lease a vehicle to a driver, and lay down its weekly rent. Nothing is charged yet.

    A second request with the same facts is refused, since the vehicle is taken then. `?dry_run=true` tells the rent
    week by week, and the weeks above the legal cap.
    """

    required_permissions = ("leases.add_lease",)
    body = LeaseBody
    answers = WholeLeaseSerializer
    status = 201
    example = {
        "driver_id": 1,
        "vehicle_id": 1,
        "lease_type": "LONG_TERM",
        "shift": "FULL",
        "start_on": "2026-03-04",
        "end_on": "2026-09-01",
        "weekly_amount": "500.00",
        "deposit": "500.00",
    }

    def perform(self, asked: dict[str, Any]) -> Lease:
        return services.start_lease(**asked, actor=self.actor)

    def preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        would = services.preview_lease(**asked)
        return {**super().preview(asked), "dry_run": LeasePreviewSerializer(would).data}


class LeaseAct(MoneyAct):
    """Answers the lease as it is then. A subclass calls its service in :meth:`act`."""

    required_permissions: ClassVar[tuple[str, ...]] = ("leases.change_lease",)
    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = WholeLeaseSerializer

    def act(self, asked: dict[str, Any]) -> Any:
        """Ask the service."""
        raise NotImplementedError

    def perform(self, asked: dict[str, Any]) -> Lease:
        self.act(asked)
        return get_lease(asked["lease_id"])

    def preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return the lease as it would be, and which weeks' rent and whose money would change."""
        told: list[dict[str, Any]] = []
        would = services.preview_lease_act(
            lease_id=asked["lease_id"], act=lambda: told.append(self.tell(self.perform(asked))), today=self.today
        )
        rents: Any = would.rents
        dry_run = {
            **tell_preview(would.money),
            "rents": RentChangeSerializer(rents, many=True).data,
            "cap_warnings": would.cap_warnings,
        }
        return {**told[0], "dry_run": dry_run}


class SwapBody(StrictSerializer):
    """Which vehicle, and from when on."""

    vehicle_id = IdField()
    swapped_at = MomentField()


class SwapVehicle(LeaseAct):
    """Give a lease another vehicle from a moment on. Days without a cab end with it."""

    body = SwapBody
    example = {"vehicle_id": 2, "swapped_at": "2026-03-09T08:00:00-04:00"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.swap_vehicle(**asked, effective_on=self.today, actor=self.actor)


class AddDriverBody(StrictSerializer):
    """Who drives too, and on which days, both included."""

    driver_id = IdField()
    start_on = DayField()
    end_on = DayField(required=False, help_text="The end of the lease, without it.")


class AddDriver(LeaseAct):
    """Let a further driver drive on a lease. The rent stays the primary driver's."""

    body = AddDriverBody
    status = 201
    example = {"driver_id": 2, "start_on": "2026-03-09"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.add_driver(**asked, actor=self.actor)


class EndDriverBody(StrictSerializer):
    """Who leaves, and their last day."""

    driver_id = IdField()
    last_on = DayField()


class EndDriver(LeaseAct):
    """Let a further driver leave a lease."""

    body = EndDriverBody
    example = {"driver_id": 2, "last_on": "2026-03-14"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.end_driver(**asked, actor=self.actor)


class HoldLease(LeaseAct):
    """Hold the rent of a lease: nothing more is charged until it is resumed, then all of it.

    For days on which no rent is owed, since the cab is away, record the days.
    """

    body = ReasonBody
    example = {"reason": "Agreed with the driver"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.hold_lease(**asked, actor=self.actor)


class ResumeLease(LeaseAct):
    """Resume the rent of a lease on hold: what is due by then is charged by the next run."""

    def act(self, asked: dict[str, Any]) -> Any:
        return services.resume_lease(**asked, actor=self.actor)


class DaysBody(ReasonBody):
    """Days, both ends included, past or to come, and why."""

    start_on = DayField()
    end_on = DayField()


class RecordDaysAway(LeaseAct):
    """Record days on which a lease has no cab: their rent is taken off, or comes back as a credit where it was paid."""

    required_permissions = ("leases.change_lease", "leases.record_days_away")
    body = DaysBody
    status = 201
    example = {"start_on": "2026-03-09", "end_on": "2026-03-10", "reason": "In the shop"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.record_days_away(**asked, effective_on=self.today, actor=self.actor)


class TakeBackDaysAway(LeaseAct):
    """Take days without a cab back: their rent is owed."""

    required_permissions = ("leases.record_days_away",)
    body = DaysBody
    example = {"start_on": "2026-03-10", "end_on": "2026-03-10", "reason": "It was back in the morning"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.take_back_days_away(**asked, effective_on=self.today, actor=self.actor)


class WeeklyAmountBody(StrictSerializer):
    """What a week costs, and from which day on."""

    weekly_amount = AmountField()
    from_on = DayField()


class ChangeWeeklyAmount(LeaseAct):
    """Change what a week costs from a day on. Only rent that is not charged yet changes."""

    body = WeeklyAmountBody
    example = {"weekly_amount": "450.00", "from_on": "2026-04-05"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.change_weekly_amount(**asked, actor=self.actor)


class TerminateBody(ReasonBody):
    """The last day, and why."""

    last_on = DayField(help_text="Rent is owed up to this day.")
    cancellation_charge = AmountField(
        required=False, allow_zero=True, help_text="The lease's own fee without it; 0 charges nothing."
    )


class TerminateLease(LeaseAct):
    """End a lease early. Later rent is dropped, and what was paid of it is the driver's again."""

    required_permissions = ("leases.terminate_lease",)
    body = TerminateBody
    example = {"last_on": "2026-06-30", "reason": "The driver moves away", "cancellation_charge": "0"}

    def act(self, asked: dict[str, Any]) -> Any:
        return services.terminate_lease(**asked, effective_on=self.today, actor=self.actor)
