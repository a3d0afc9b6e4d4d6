"""Inputs of the admin's own forms."""

import re
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from core.checks import EARLIEST, LATEST

_PLAIN = re.compile(r"-?(\d+\.?\d*|\.\d+)", re.ASCII)


class PlainDecimalField(forms.DecimalField):
    """A number in plain digits. Django's own also takes 1e3, 1_000 and the digits of other scripts."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip() and not _PLAIN.fullmatch(value.strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        look = UnfoldAdminTextInputWidget().attrs.get("class", "")
        super().__init__(attrs={"class": look, **(attrs or {})}, format="%Y-%m-%d")


class PlausibleDateField(forms.DateField):
    """A day of which something is read, or its week. (What is written on a day, services check.)"""

    def __init__(self, *, latest: date = LATEST, too_late: str = "", **kwargs: Any) -> None:
        super().__init__(**{"widget": DateInput(), **kwargs})
        self.latest, self.too_late = latest, too_late

    def clean(self, value: Any) -> Any:
        day: date | None = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise ValidationError(f"A day from {EARLIEST.year} to {LATEST.year}.")
        if day is not None and day > self.latest:
            raise ValidationError(self.too_late)
        return day
