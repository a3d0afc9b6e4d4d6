"""Inputs of the admin's own forms."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_PLAIN = re.compile(r"-?(\d+\.?\d*|\.\d+)", re.ASCII)


class PlainDecimalField(forms.DecimalField):
    """A number in plain digits. Django's own also takes 1e3, 1_000 and the digits of other scripts."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip() and not _PLAIN.fullmatch(value.strip()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)
