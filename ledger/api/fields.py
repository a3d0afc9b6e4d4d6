"""Amounts in requests and answers."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.parsers import WrittenNumber
from ledger.errors import AmountInvalid
from ledger.money import parse_amount

#: Every amount that is sent; a JSON number is read as it is written.
PATTERN = r"^([1-9][0-9]{0,9}(\.[0-9]{1,2})?|0\.(0[1-9]|[1-9][0-9]?))$"
#: The same where nothing is an amount too.
PATTERN_WITH_ZERO = r"^(0|[1-9][0-9]{0,9})(\.[0-9]{1,2})?$"


class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """Dollars, as a decimal string or a JSON number, in plain digits with at most two decimals."""

    def __init__(self, *, allow_zero: bool = False, **options: Any) -> None:
        self.allow_zero = allow_zero
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        written = str(data) if isinstance(data, (str, WrittenNumber)) or type(data) is int else None
        if written is None or not re.fullmatch(PATTERN_WITH_ZERO, written):
            raise serializers.ValidationError(
                f"{str(data)[:40]!r} is not an amount: dollars in plain digits, as 10 or 10.50.",
                code=AmountInvalid.code,
            )
        try:
            return parse_amount(written, allow_zero=self.allow_zero)
        except AmountInvalid as refusal:
            raise serializers.ValidationError(refusal.message, code=refusal.code) from None

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


@extend_schema_field({"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+\.[0-9]{2}$"})
class FigureField(serializers.Field[Decimal, Any, str, Any]):
    """Dollars that are only answered, below zero too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.2f}"


class AmountFieldInWords(OpenApiSerializerFieldExtension):
    """How an amount is described."""

    target_class = "ledger.api.fields.AmountField"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        if direction == "response":
            return {"type": "string", "format": "decimal", "pattern": r"^[0-9]+\.[0-9]{2}$", "examples": ["100.00"]}
        return describe_amount(allow_zero=self.target.allow_zero)


def describe_amount(*, allow_zero: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of an amount that is sent."""
    return {
        "type": ["string", "number"],
        "pattern": PATTERN_WITH_ZERO if allow_zero else PATTERN,
        **({"minimum": 0} if allow_zero else {"exclusiveMinimum": 0}),
        "maximum": 9999999999.99,
        "multipleOf": 0.01,
        "examples": ["100.00"],
    }
