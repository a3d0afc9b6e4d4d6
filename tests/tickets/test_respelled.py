"""However a row is written, it is the same row: the same number, and the same facts."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.files import (
    ACTIVITY_HEAD,
    EZPASS_HEAD,
    FLEET_HEAD,
    LATER_HEAD,
    NJ_HEAD,
    PVB_HEAD,
    TLC_HEAD,
    nj_toll,
    read,
    read_one,
    text,
)
from tests.tickets.respelling import (
    spell_amount,
    spell_city_clock,
    spell_clock,
    spell_day,
    spell_digits,
    spell_plate,
    spell_words,
    write_file,
)
from tickets.importers import NobodysRow, ReceivedTicket

FEW = settings(max_examples=40, deadline=None)
days = st.dates(date(2026, 1, 1), date(2026, 11, 17))
clocks = st.times().map(lambda clock: clock.replace(microsecond=0))
minutes = clocks.map(lambda clock: clock.replace(second=0))
tolls = st.integers(1, 999_999).map(lambda cents: -Decimal(cents).scaleb(-2))
tags = st.integers(400_000_000, 499_999_999).map(lambda number: f"00{number}")
lanes = st.sampled_from(["03", "7", "04E", "10W", "0021"])


def facts_of(row: Any) -> tuple[Any, ...]:
    """What a row says, without how it said it: cells as they came, and zeros before a tag or license."""
    assert isinstance(row, ReceivedTicket), row
    bare = row._replace(received={}, tag=row.tag.lstrip("0"), license=row.license.lstrip("0"))
    return tuple(text.upper() if isinstance(text, str) else text for text in bare)


def spell_lane(lane: str) -> st.SearchStrategy[Any]:
    bare = lane.lstrip("0")
    return st.sampled_from([bare, f"0{bare}", bare.lower(), *([int(bare)] if bare.isdecimal() else [])])


class TestTolls:
    @FEW
    @given(st.data())
    def test_new_york(self, data):
        day, clock, amount = data.draw(days), data.draw(clocks), data.draw(tolls)
        number, classed = data.draw(st.integers(10**9, 10**11).map(str)), data.draw(st.sampled_from(["31", "2L"]))

        def write(head: str) -> bytes:
            row = {
                "Lane Txn ID": spell_digits(number),
                "Tag/Plate #": spell_plate("T100001C", "NY"),
                "Agency": spell_words("MTAB&T"),
                "Exit Plaza": spell_words("RKB"),
                "Class": st.just(classed),
                "Date": spell_day(day),
                "Exit Time": spell_clock(clock, day),
                "Time": spell_clock(clock, day),
                "Amount": spell_amount(amount),
            }
            return write_file(data.draw, head.split(","), row)

        once, again, later = (facts_of(read_one(write(head))) for head in (EZPASS_HEAD, EZPASS_HEAD, LATER_HEAD))
        assert once == again == later
        assert (once[1], once[3]) == (number, -amount)

    @FEW
    @given(st.data())
    def test_new_jersey(self, data):
        day, clock, amount, tag = data.draw(days), data.draw(clocks), data.draw(tolls), data.draw(tags)
        lane, with_plate = data.draw(lanes), data.draw(st.booleans())

        def write(head: str) -> bytes:
            row = {
                "POSTING DATE": spell_day(data.draw(days)),
                "TRANSACTION DATE": spell_day(day),
                "TAG/PLATE NUMBER": spell_plate("7G52C", "NJ") if with_plate else spell_digits(tag),
                "AGENCY": spell_words("PANYNJ"),
                "DESCRIPTION": spell_words("TOLL"),
                "ACTIVITY": spell_words("TOLL"),
                "EXIT TIME": spell_clock(clock, day),
                "EXIT PLAZA": spell_words("NEWARK AIRPORT"),
                "EXIT LANE": spell_lane(lane),
                "AMOUNT": spell_amount(amount),
                "BALANCE": spell_amount(data.draw(tolls)),
            }
            return write_file(data.draw, head.split(","), row)

        once, again, later = (facts_of(read_one(write(head))) for head in (NJ_HEAD, NJ_HEAD, ACTIVITY_HEAD))
        # Blanks between words are kept where it was.
        assert once[1:10] == again[1:10] == later[1:10]
        assert once[3] == -amount

    @FEW
    @given(st.data(), st.sampled_from(["PREPAID PAYMENT", "STATEMENT FEE", "TAG LEASING FEE", "AUTO REPLENISHMENT"]))
    def test_the_account_holders_rows(self, data, words):
        row = {"ACTIVITY": spell_words(words), "AMOUNT": spell_amount(data.draw(tolls))}
        assert isinstance(read_one(write_file(data.draw, ACTIVITY_HEAD.split(","), row)), NobodysRow)


class TestViolations:
    @FEW
    @given(st.data(), st.sampled_from([("pvb", PVB_HEAD), ("pvb-fleet", FLEET_HEAD)]))
    def test_the_citys_files(self, data, kind_and_head):
        kind, head = kind_and_head
        day, clock = data.draw(days), data.draw(minutes)
        number, fine = data.draw(st.integers(10**9, 10**10 - 1).map(str)), -data.draw(tolls)

        def write() -> bytes:
            row = {
                **dict.fromkeys(("Plate", "PLATE"), spell_plate("7G52C", "NY")),
                **dict.fromkeys(("State", "STATE"), st.sampled_from(["NY", "ny"])),
                **dict.fromkeys(("Summons Number", "SUMMONS"), spell_digits(number)),
                **dict.fromkeys(("Issue Date", "ISSUE DATE"), spell_day(day)),
                **dict.fromkeys(("Violation Time", "ISSUE TIME"), spell_city_clock(clock)),
                **dict.fromkeys(("Fine Amount", "FINE", "Amount Due", "AMOUNT DUE"), spell_amount(fine)),
            }
            return write_file(data.draw, head.split(","), row)

        once, again = (facts_of(read_one(write(), kind)) for _ in range(2))
        assert once == again
        assert (once[1], once[3], once[5], once[6]) == (number, fine, "7G52C", "NY")

    @FEW
    @given(st.data())
    def test_our_template(self, data):
        day, clock, amount = data.draw(days), data.draw(clocks), -data.draw(tolls)

        def write() -> bytes:
            row = {
                "Summons Number": spell_words("FN7000001"),
                "Type": spell_words("Directive"),
                "Issue Date": spell_day(day),
                "Issue Time": spell_clock(clock, day),
                "TLC License": spell_digits("5401671", zeros=1),
                "Medallion": spell_words("7G52"),
                "Plate": spell_plate("7G52C", "NY"),
                "Amount": spell_amount(amount),
                "Due Date": spell_day(day),
            }
            return write_file(data.draw, TLC_HEAD.split(","), row)

        once, again = (facts_of(read_one(write(), "tlc")) for _ in range(2))
        assert once == again
        assert (once[3], once[5], once[6], once[8]) == (amount, "7G52C", "NY", "5401671")


@pytest.mark.parametrize("second", [time(21, 2), time(21, 2, 1)])
def test_equal_values_are_counted_and_others_are_not(second):
    first, again = read(text(NJ_HEAD, [nj_toll(at="9:02:00 PM"), nj_toll(at=f"{second:%H:%M:%S}", amount="-$14.06")]))
    assert again.number == f"{first.number}-2" if second == time(21, 2) else again.number != first.number
