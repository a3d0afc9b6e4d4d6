"""Serializers that take exactly what they say: no unknown names, no number where a text is wanted, no float at all."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any, ClassVar, TypeVar

from django.core.validators import RegexValidator
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from core.api.parsers import WrittenNumber
from core.checks import EARLIEST, LATEST

#: What a primary key may be.
MAX_ID = 2**63 - 1
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[-+][0-9]{2}:[0-9]{2})"
)


class LengthRequired(APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Send the body with its Content-Length, not in chunks."


Input = TypeVar("Input", bound="StrictSerializer")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses names it does not know: a misspelled option that is silently ignored is worse than an error."""

    #: The one that reads what is sent, once there is one.
    reader: "ClassVar[StrictSerializer | None]" = None
    #: What JSON Schema says of members that need or exclude each other.
    takes_together: ClassVar[dict[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        unknown = [name for name in data if name not in self.fields] if isinstance(data, dict) else []
        if not unknown:
            return super().to_internal_value(data)
        errors: dict[str, Any] = {name[:80]: [_unknown_field(self.fields)] for name in unknown}
        try:
            super().to_internal_value(data)
        except serializers.ValidationError as error:
            if isinstance(error.detail, dict):
                errors |= error.detail
        raise serializers.ValidationError(errors)


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1})
class IdField(serializers.Field[int, Any, int, Any]):
    """A primary key: a whole number above zero, in digits. JSON's 5.0 is 5; true is none."""

    default_error_messages = {"invalid": "An id is a whole number above zero."}

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, WrittenNumber):
            data = data.text.removesuffix(".0")
        if isinstance(data, str) and data.isascii() and data.isdecimal() and len(data) <= len(str(MAX_ID)):
            data = int(data)
        if type(data) is not int or not 0 < data <= MAX_ID:
            self.fail("invalid")
        return data

    def to_representation(self, value: int) -> int:
        return value


class TextField(serializers.CharField):
    """Text as it was sent. A number is refused rather than turned into text: its leading zeros are lost already."""

    def __init__(self, **options: Any) -> None:
        if not options.get("allow_blank"):
            options.setdefault("min_length", 1)
        super().__init__(trim_whitespace=False, **options)
        # No text that PostgreSQL can't hold, so that the description says so too.
        self.validators.append(RegexValidator(r"^[^\x00]*$", "Text may not have the character U+0000."))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(data)


class NumberField(serializers.IntegerField):
    """Digits alone: DRF's own also takes 5.0, blanks and the digits of other scripts."""

    def to_internal_value(self, data: Any) -> int:
        if not (isinstance(data, str) and data.isascii() and data.isdecimal()):
            self.fail("invalid")
        number: int = super().to_internal_value(data)
        return number


@extend_schema_field({"type": "string", "format": "date", "pattern": "^20[0-9]{2}-"})
class DayField(serializers.DateField):
    """A day as 2026-03-09, New York's, of the years from 2000 to 2099.

    Another is a slip wherever it stands, and the days around it may be beyond what a date can be.
    """

    default_error_messages = {
        "invalid": "A day is written as 2026-03-09.",
        "implausible": f"A day is from {EARLIEST} to {LATEST}.",
    }

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", data):
            self.fail("invalid")
        day = super().to_internal_value(data)
        if not EARLIEST <= day <= LATEST:
            self.fail("implausible")
        return day


@extend_schema_field({"type": "string", "pattern": f"^{_CLOCK}$", "examples": ["05:00"]})
class ClockField(serializers.TimeField):
    """What New York's clocks show, as 05:00."""

    default_error_messages = {"invalid": "A time is written as 05:00."}

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not re.fullmatch(_CLOCK, data):
            self.fail("invalid")
        return super().to_internal_value(data)


class MomentField(serializers.DateTimeField):
    """A moment with its offset, as 2026-03-09T08:00:00-04:00: without one nobody knows which hour is meant."""

    default_error_messages = {"invalid": "A moment is written with its offset, as 2026-03-09T08:00:00-04:00."}

    def to_internal_value(self, data: Any) -> datetime:
        if not isinstance(data, str) or not _MOMENT.fullmatch(data):
            self.fail("invalid")
        try:
            return super().to_internal_value(data)
        except OverflowError:
            self.fail("invalid")


def choice_field(choices: Any, *, only: Sequence[str] = (), **options: Any) -> serializers.ChoiceField:
    """Return a field that takes one of a Django enumeration, or of ``only`` those, and says which there are."""
    taken = [(value, label) for value, label in choices.choices if not only or value in only]
    one_of = f"It is one of {', '.join(str(value) for value, _ in taken)}."
    return serializers.ChoiceField(taken, error_messages={"invalid_choice": one_of}, **options)


def read_body(serializer: type[Input], request: Request) -> dict[str, Any]:
    """Return the request's body as validated.

    :raises ValidationError: with every error there is
    :raises LengthRequired: it came in chunks, which DRF takes for no body at all
    """
    if "Transfer-Encoding" in request.headers and "Content-Length" not in request.headers:
        raise LengthRequired
    return _validated(serializer, request.data)


def read_query(serializer: type[Input], request: Request) -> dict[str, Any]:
    """Return the query string as validated; what was left out is not in it.

    :raises ValidationError: also for a name given twice, since only one of its values could count
    """
    repeated = {name[:80]: ["It is given more than once."] for name, given in request.query_params.lists() if given[1:]}
    if repeated:
        raise serializers.ValidationError(repeated, code="repeated")
    return _validated(serializer, request.query_params.dict())


def _validated(serializer: type[Input], data: Any) -> dict[str, Any]:
    """Return what the one serializer of its kind reads: to make one, with a copy of each field, takes longer than that.

    It keeps nothing of what it reads. What it refuses is read by one of its own, for the words of the errors.
    """
    reader = vars(serializer).get("reader")
    if reader is None:
        reader = serializer.reader = serializer()  # of the class itself, which may be made for one request
    validated: dict[str, Any]
    try:
        validated = reader.run_validation(data)
    except serializers.ValidationError:
        asked = serializer(data=data)
        asked.is_valid(raise_exception=True)
        validated = asked.validated_data
    return validated


def _unknown_field(fields: Any) -> serializers.ErrorDetail:
    known = ", ".join(name for name, field in fields.items() if not field.read_only)
    return serializers.ErrorDetail(f"There is no such field here; there are {known}.", code="unknown_field")
