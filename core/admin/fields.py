"""Inputs of the admin's own forms."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

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
