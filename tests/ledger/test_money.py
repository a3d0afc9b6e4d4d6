"""Amounts as text: one reader for all that is typed, uploaded and sent."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.admin import PlainDecimalField
from curb.importers.values import read_amount as read_curb_amount
from golive.rules import Column, read_cell
from ledger.errors import AmountInvalid
from ledger.forms import DollarsField
from ledger.money import parse_amount, read_dollars
from tickets.importers.values import read_amount as read_ticket_amount

NONE = [
    *(
        "12,50",
        "1,2,3,4",
        "1,0000",
        ",100",
        "1,",
        "1e9",
        "1E2",
        "1_000",
        "0x10",
        "ten",
        "$",
        "-",
        ".",
        "()",
        "(1",
        "1)",
    ),
    *("\u0661\u0662.\u0665\u0660", "\u0663", "\uff11\uff12", "\u00b2", "\u22125", "+5", "5$", "$$5"),
    *("NaN", "sNaN", "Infinity", "-inf", "1.2.3", "1 2", "9 .11", "1" * 41),
]
READERS: dict[str, Callable[[str], Any]] = {
    "dollars": read_dollars,
    "the ledger": parse_amount,
    "forms": DollarsField().clean,
    "go-live": lambda text: read_cell(text, Column("Amount", "amount")),
    "tickets": read_ticket_amount,
    "CURB": read_curb_amount,
}


@pytest.mark.parametrize("reader", READERS)
class TestEveryReader:
    @pytest.mark.parametrize("text", NONE)
    def test_refuses_what_is_no_amount(self, reader, text):
        with pytest.raises((ValueError, AmountInvalid, ValidationError)) as refusal:
            READERS[reader](text)
        assert any(word in str(refusal.value) for word in ("amount", "characters", "blank"))

    @pytest.mark.parametrize(
        ("text", "amount"),
        [
            ("1,014.00", "1014.00"),
            ("$1,014", "1014.00"),
            ("$ 9.11", "9.11"),
            ("9.", "9.00"),
            (".5", "0.50"),
            ("12.5000", "12.50"),
            ("007", "7.00"),
        ],
    )
    def test_reads_an_amount_to_the_cent(self, reader, text, amount):
        assert str(READERS[reader](text)) == amount


class TestReadDollars:
    @pytest.mark.parametrize("text", [" 5", "5 ", "5\n", "\t5"])
    def test_margins_are_its_callers_to_cut(self, text):
        with pytest.raises(ValueError, match="is not an amount"):
            read_dollars(text)

    @pytest.mark.parametrize("text", ["-1,014.00", "-$1,014", "$-1014.00", "(1,014.00)", "($1,014)", "- $1014"])
    def test_below_zero_however_it_is_written(self, text):
        assert read_dollars(text) == Decimal("-1014.00")

    @pytest.mark.parametrize("text", ["-(1)", "(-1)", "--1", "-$-1"])
    def test_not_twice_over(self, text):
        with pytest.raises(ValueError, match=r"twice over|not an amount"):
            read_dollars(text)

    @pytest.mark.parametrize("text", ["-0", "-0.00", "($0.00)"])
    def test_there_is_no_minus_nothing(self, text):
        assert str(read_dollars(text)) == "0.00"

    @pytest.mark.parametrize("text", ["0.001", "-2.999", "1.0001"])
    def test_nothing_finer_than_a_cent(self, text):
        with pytest.raises(ValueError, match="finer than a cent"):
            read_dollars(text)

    @given(st.text(max_size=12))
    def test_whatever_it_reads_is_whole_cents_of_plain_digits(self, text):
        try:
            amount = read_dollars(text)
        except ValueError:
            return
        assert text.isascii()
        assert amount.as_tuple().exponent == -2

    @given(st.integers(-(10**11), 10**11), st.booleans())
    def test_every_amount_reads_back(self, cents, with_commas):
        amount = Decimal(cents).scaleb(-2)
        assert read_dollars(f"{amount:,.2f}" if with_commas else f"{amount:.2f}") == amount


class TestPlainDecimalField:
    @pytest.mark.parametrize("text", ["1e1", "1_0", "\u0661\u0660", "\uff11", "NaN", "1,5"])
    def test_refuses_what_only_programs_write(self, text):
        with pytest.raises(ValidationError, match="Enter a number"):
            PlainDecimalField().clean(text)

    def test_reads_plain_digits(self):
        assert PlainDecimalField().clean(" 3.5 ") == Decimal("3.5")
