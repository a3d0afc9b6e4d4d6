"""What is done with a driver besides their money: locked, and papers."""

from typing import Any

from django import forms

from core.admin import RecordActPage
from core.dossier import driver_url, vehicle_url
from core.words import say_full_day
from leases import services
from leases.forms import CorrectPaperForm, LockForm, PaperForm
from leases.models import Driver, DriverLock, Paper, Vehicle


class DriverActPage(RecordActPage):
    """An act on a driver, from their page and back to it."""

    model = Driver
    record_name = "driver"
    template_name = "leases/sentence.html"
    heading = ""

    def get_title(self) -> str:
        return f"{self.heading} {self.record.first_name} {self.record.last_name}"

    def get_record_url(self) -> str:
        return driver_url(self.kwargs["record_id"])


class LockPage(DriverActPage):
    permission_required = "leases.lock_driver"
    heading = "Lock"
    sentence = "While they are locked, nothing is paid out to them and no lease is started. They pay as always."
    form_class = LockForm
    verb = "Lock"
    is_dangerous = True

    def act(self, form: forms.Form) -> DriverLock:
        return services.lock_driver(driver_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: DriverLock) -> str:
        return f"{self.record} is locked: {result.reason}"


class UnlockPage(DriverActPage):
    permission_required = "leases.lock_driver"
    heading = "Lift the lock of"
    form_class = LockForm
    verb = "Lift the lock"

    def act(self, form: forms.Form) -> DriverLock:
        return services.unlock_driver(driver_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: DriverLock) -> str:
        return f"{self.record} is not locked any more."


class PaperPage(RecordActPage):
    """A new paper of a driver or a vehicle."""

    template_name = "leases/sentence.html"
    form_class = PaperForm
    verb = "Record"
    sentence = "The paper takes the place of the one before it of its kind, which is kept."

    def get_title(self) -> str:
        return f"Record a paper of {self.record}"

    def describe(self, result: Paper) -> str:
        return f"{result} is good to {say_full_day(result.good_to)}."


class DriverPaperPage(PaperPage):
    permission_required = "leases.change_driver"
    model = Driver

    def get_record_url(self) -> str:
        return driver_url(self.kwargs["record_id"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kinds": Paper.OF_DRIVERS}

    def act(self, form: forms.Form) -> Paper:
        return services.record_paper(driver_id=self.record.pk, **form.cleaned_data, actor=self.actor)


class VehiclePaperPage(PaperPage):
    permission_required = "leases.change_vehicle"
    model = Vehicle

    def get_record_url(self) -> str:
        return vehicle_url(self.kwargs["record_id"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"kinds": Paper.OF_VEHICLES}

    def act(self, form: forms.Form) -> Paper:
        return services.record_paper(vehicle_id=self.record.pk, **form.cleaned_data, actor=self.actor)


class CorrectPaperPage(RecordActPage):
    model = Paper
    related = ("driver", "vehicle")
    template_name = "leases/sentence.html"
    form_class = CorrectPaperForm
    verb = "Correct"
    sentence = "What stood there stays in the paper's history."

    def get_permission_required(self) -> tuple[str, ...]:
        """Whoever changes its owner."""
        return (f"leases.change_{'driver' if self.record.driver_id else 'vehicle'}",)

    def get_title(self) -> str:
        return f"Correct {self.record} of {self.record.driver or self.record.vehicle}"

    def get_record_url(self) -> str:
        if self.record.driver_id:
            return driver_url(self.record.driver_id)
        return vehicle_url(self.record.vehicle_id)

    def get_initial(self) -> dict[str, Any]:
        return {"number": self.record.number, "good_to": self.record.good_to}

    def act(self, form: forms.Form) -> Paper:
        return services.correct_paper(paper_id=self.record.pk, **form.cleaned_data, actor=self.actor)

    def describe(self, result: Paper) -> str:
        return f"{result} is good to {say_full_day(result.good_to)}."
