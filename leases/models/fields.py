"""How licenses, medallions, plates and tags are written, and ranges that the database keeps apart."""

from typing import Any

from django.contrib.postgres.fields import (
    BigIntegerRangeField,
    DateRangeField,
    DateTimeRangeField,
    IntegerRangeField,
    RangeOperators,
)
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Func, Value, When
from django.db.models.functions import Replace, Upper
from django.db.models.lookups import StartsWith

from leases.rules import license_key

TLC_LICENSE = RegexValidator(
    r"\A(?!0+\Z)0*[0-9]{6,7}\Z", "A TLC license number has six or seven digits, with or without zeros before them."
)
MEDALLION = RegexValidator(r"\A([0-9][A-Z][0-9]{2}|[A-Z]{2,3}[0-9]{3})\Z", "A medallion looks like 9Z90 or SBV123.")
VIN = RegexValidator(r"\A[A-HJ-NPR-Z0-9]{17}\Z", "A VIN has seventeen letters and digits, without I, O and Q.")
PLATE = RegexValidator(r"\A[A-Z0-9]{2,10}\Z", "A plate has two to ten letters and digits.")
STATE = RegexValidator(r"\A[A-Z]{2}\Z", "A state is two letters, like NY.")
TAG = RegexValidator(r"\A(?!0+\Z)[0-9]{8,16}\Z", "An E-ZPass tag has eight to sixteen digits.")


class CapitalField(models.CharField):
    """Text kept and looked up in capitals, so that 9z90 and 9Z90 are one medallion."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return text.strip().upper() if isinstance(text, str) else text


class KeyField(models.CharField):
    """The key of a license or tag: looked up by any of its spellings."""

    def get_prep_value(self, value: Any) -> Any:
        text = super().get_prep_value(value)
        return license_key(text) if isinstance(text, str) else text


@KeyField.register_lookup
class KeyStartsWith(StartsWith):
    """``054`` begins what ``54`` begins."""

    def get_prep_lookup(self) -> Any:
        return license_key(self.rhs) if isinstance(self.rhs, str) else self.rhs


def key_of(field: str, *, max_length: int) -> models.GeneratedField:
    """Return a column that PostgreSQL fills with a field's key, as ``leases.rules`` says it: no zeros before digits."""
    plain = Replace(Upper(field), Value(" "), Value(""))
    return models.GeneratedField(
        expression=Func(plain, Value("^0+([0-9]*)$"), Value(r"\1"), function="regexp_replace"),
        output_field=KeyField(max_length=max_length),
        db_persist=True,
    )


# Parts of exclusion constraints. A range of one value stands for equality, which a GiST index knows for plain values
# only with an extension that not every PostgreSQL has.


def same_row(key: str) -> tuple[Func, str]:
    """The same foreign key."""
    return (
        Func(key, key, Value("[]"), function="int8range", output_field=BigIntegerRangeField()),
        RangeOperators.OVERLAPS,
    )


def same_text(field: str) -> tuple[Func, str]:
    """The same text; the migration makes the range type, which PostgreSQL has for numbers and dates only."""
    return (
        Func(field, field, Value("[]"), function="leases_textrange", output_field=models.CharField()),
        RangeOperators.OVERLAPS,
    )


def shared_moments() -> tuple[Func, str]:
    """A moment in common, of ``from_at`` (included) to ``until_at`` (not); null is open."""
    return (
        Func("from_at", "until_at", function="tstzrange", output_field=DateTimeRangeField()),
        RangeOperators.OVERLAPS,
    )


def shared_days() -> tuple[Func, str]:
    """A day in common, of ``start_on`` to ``end_on``, both included."""
    return (
        Func("start_on", "end_on", Value("[]"), function="daterange", output_field=DateRangeField()),
        RangeOperators.OVERLAPS,
    )


def shared_shift() -> tuple[Func, str]:
    """A part of the day in common: a day is slot 1, a night slot 2, full time both."""
    return (
        Func(
            Case(When(shift="NIGHT", then=2), default=1),
            Case(When(shift="DAY", then=1), default=2),
            Value("[]"),
            function="int4range",
            output_field=IntegerRangeField(),
        ),
        RangeOperators.OVERLAPS,
    )
