"""Amounts in requests and answers."""

import re
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.parsers import WrittenNumber
from ledger.errors import AmountInvalid
from ledger.money import parse_amount

#: Every amount of the API, sent or answered; a JSON number is read as it is written.
PATTERN = r"^[0-9]{1,10}(\.[0-9]{1,2})?$"


@extend_schema_field({"type": "string", "format": "decimal", "pattern": PATTERN, "examples": ["100.00"]})
class AmountField(serializers.Field[Decimal, Any, str, Any]):
    """Dollars, as a decimal string or a JSON number, in plain digits with at most two decimals."""

    def __init__(self, *, allow_zero: bool = False, **options: Any) -> None:
        self.allow_zero = allow_zero
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Decimal:
        written = str(data) if isinstance(data, (str, WrittenNumber)) or type(data) is int else None
        if written is None or not re.fullmatch(PATTERN, written):
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
