"""The life of a lease: start, swap, drivers, hold, resume, amount, early end."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from core.admin import ActPage, RecordActPage
from core.dossier import lease_url
from core.words import say_full_day
from leases import selectors, services
from leases.forms import (
    AddDriverForm,
    ChangeAmountForm,
    EndDriverForm,
    HoldForm,
    StartLeaseForm,
    SwapForm,
    TakeBackDaysForm,
    TerminateForm,
)
from leases.models import Driver, Lease, LeaseDaysAway, LeaseDriver, LeaseVehicle
from ledger.money import ZERO, format_dollars


class StartLeasePage(ActPage):
    permission_required = "leases.add_lease"
    template_name = "leases/start.html"
    title = "Start a lease"
    form_class = StartLeaseForm
    verb = "Start the lease"
    has_preview = True
    inputs = {"driver": "primary_driver"}
    filled_in = ("primary_driver", "vehicle")

    def facts(self, form: forms.Form) -> dict[str, Any]:
        """What was typed, as the service takes it."""
        facts = dict(form.cleaned_data)
        driver, vehicle = facts.pop("primary_driver"), facts.pop("vehicle")
        for amount in ("deposit", "cancellation_fee"):
            facts[amount] = facts[amount] or ZERO
        return {**facts, "driver_id": driver.pk, "vehicle_id": vehicle.pk}

    def preview(self, form: forms.Form) -> services.LeasePreview:
        return services.preview_lease(**self.facts(form))

    def act(self, form: forms.Form) -> Lease:
        return services.start_lease(**self.facts(form), actor=self.actor)

    def describe(self, result: Lease) -> str:
        return f"{result} of {result.primary_driver} is started."

    def get_success_url(self, result: Lease) -> str:
        return lease_url(result.pk)

    def get_cancel_url(self) -> str:
        return reverse("admin:leases_lease_changelist")


class LeasePage(RecordActPage):
    """An act on one lease. A preview is the service itself, run and rolled back."""

    model = Lease
    related = ("primary_driver", "vehicle")
    record_name = "lease"
    permission_required = "leases.change_lease"
    template_name = "leases/act.html"
    heading = ""

    def get_title(self) -> str:
        return f"{self.heading} {self.record}"

    def get_record_url(self) -> str:
        return lease_url(self.kwargs["record_id"])

    def preview(self, form: forms.Form) -> services.LeaseActPreview | None:
        if not self.has_preview:
            return None
        return services.preview_lease_act(
            lease_id=self.record.pk, act=lambda: self.act(form), today=timezone.localdate()
        )


class SwapPage(LeasePage):
    heading = "Swap the vehicle of"
    form_class = SwapForm
    verb = "Swap"
    has_preview = True

    def act(self, form: forms.Form) -> LeaseVehicle:
        return services.swap_vehicle(
            lease_id=self.record.pk,
            vehicle_id=form.cleaned_data["vehicle"].pk,
            swapped_at=form.cleaned_data["swapped_at"],
            effective_on=timezone.localdate(),
            actor=self.actor,
        )

    def describe(self, result: LeaseVehicle) -> str:
        return f"{self.record} has vehicle {result.vehicle} now."


class AddDriverPage(LeasePage):
    heading = "Further driver on"
    form_class = AddDriverForm
    verb = "Add driver"

    def act(self, form: forms.Form) -> LeaseDriver:
        return services.add_driver(
            lease_id=self.record.pk,
            driver_id=form.cleaned_data["driver"].pk,
            start_on=form.cleaned_data["start_on"],
            end_on=form.cleaned_data["end_on"],
            actor=self.actor,
        )

    def describe(self, result: LeaseDriver) -> str:
        days = f"from {say_full_day(result.start_on)} to {say_full_day(result.end_on)}"
        return f"{result.driver} drives on {self.record} {days}."


class EndDriverPage(LeasePage):
    heading = "A driver leaves"
    form_class = EndDriverForm
    verb = "End"

    def get_form_kwargs(self) -> dict[str, Any]:
        further = Driver.objects.filter(lease_spans__lease=self.record, lease_spans__is_primary=False)
        return {"drivers": further.distinct()}

    def act(self, form: forms.Form) -> LeaseDriver:
        return services.end_driver(
            lease_id=self.record.pk,
            driver_id=form.cleaned_data["driver"].pk,
            last_on=form.cleaned_data["last_on"],
            actor=self.actor,
        )

    def describe(self, result: LeaseDriver) -> str:
        return f"{result.driver} drives on {self.record} to {say_full_day(result.end_on)}."


class HoldPage(LeasePage):
    heading = "Hold"
    form_class = HoldForm
    verb = "Hold"
    has_preview = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kinds": list_hold_kinds(self.actor, self.record)}

    def act(self, form: forms.Form) -> Lease | LeaseDaysAway:
        facts = dict(form.cleaned_data)
        if facts.pop("kind") == HoldForm.CAB_AWAY:
            return services.record_days_away(
                lease_id=self.record.pk, **facts, effective_on=timezone.localdate(), actor=self.actor
            )
        return services.hold_lease(lease_id=self.record.pk, reason=facts["reason"], actor=self.actor)

    def describe(self, result: Lease | LeaseDaysAway) -> str:
        if isinstance(result, LeaseDaysAway):
            return (
                f"{self.record} is without a cab from {say_full_day(result.start_on)} to {say_full_day(result.end_on)}."
            )
        return f"{result} is on hold."


def list_hold_kinds(user: User, lease: Lease) -> list[str]:
    """Return which kinds of hold a person may put a lease on now."""
    kinds = [HoldForm.CAB_AWAY] if user.has_perm("leases.record_days_away") else []
    return [*kinds, HoldForm.RENT_LATER] if lease.status == Lease.Status.ACTIVE else kinds


class TakeBackDaysPage(LeasePage):
    permission_required = "leases.record_days_away"
    heading = "Take back days without a cab of"
    form_class = TakeBackDaysForm
    verb = "Take back"
    has_preview = True

    def get_initial(self) -> dict[str, Any]:
        last = selectors.list_days_away(self.record.pk).last()
        return {"start_on": last.start_on, "end_on": last.end_on} if last else {}

    def act(self, form: forms.Form) -> list[LeaseDaysAway]:
        return services.take_back_days_away(
            lease_id=self.record.pk, **form.cleaned_data, effective_on=timezone.localdate(), actor=self.actor
        )

    def describe(self, result: list[LeaseDaysAway]) -> str:
        return f"Days of {self.record} are taken back: their rent is owed."


class ResumePage(LeasePage):
    heading = "Resume"
    verb = "Resume"
    has_preview = True

    def look_ahead(self) -> services.LeaseActPreview | None:
        form = self.make_form({})
        form.is_valid()
        try:
            return self.preview(form)
        except services.LeaseNotHeld:
            return None

    def act(self, form: forms.Form) -> Lease:
        return services.resume_lease(lease_id=self.record.pk, actor=self.actor)

    def describe(self, result: Lease) -> str:
        return f"The rent of {result} is resumed."


class ChangeAmountPage(LeasePage):
    heading = "Weekly amount of"
    form_class = ChangeAmountForm
    verb = "Change"
    has_preview = True

    def act(self, form: forms.Form) -> Lease:
        return services.change_weekly_amount(lease_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: Lease) -> str:
        return f"The weekly amount of {result} is {format_dollars(result.weekly_amount)} now."


class TerminatePage(LeasePage):
    permission_required = "leases.terminate_lease"
    heading = "Terminate"
    form_class = TerminateForm
    verb = "Terminate"
    is_dangerous = True
    has_preview = True

    def act(self, form: forms.Form) -> Lease:
        return services.terminate_lease(
            lease_id=self.record.pk, effective_on=timezone.localdate(), **form.cleaned_data, actor=self.actor
        )

    def describe(self, result: Lease) -> str:
        return f"{result} ends on {say_full_day(result.end_on)}."
