"""Files in CURB's trip shape: names read tolerantly, values strictly, XML safely."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curb.errors import UnreadableTripFile
from curb.importers.attributes import TRIP_AMOUNTS
from curb.importers.trips import RowError, parse_trips
from curb.rules import PaymentType
from tests.curb import trip, trip_file


def parse_one(**attributes):
    parsed = parse_trips(trip_file([trip(**attributes)]))
    assert parsed.errors == []
    return parsed.trips[0]


def errors_of(**attributes):
    parsed = parse_trips(trip_file([trip(**attributes)]))
    assert parsed.trips == []
    return [(error.row, error.attribute, error.message) for error in parsed.errors]


class TestParseTrips:
    def test_reads_every_column(self):
        received = trip(airportFee="1.75", cbdt="0.75", EHAILFEE="0.10", HEALTHFEE="0.06", TOLLS="6.94")
        parsed = parse_trips(trip_file([received])).trips[0]

        assert (parsed.row, parsed.period, parsed.record_id) == (1, "202603", "1")
        assert (parsed.license, parsed.cab, parsed.payment_type) == ("5000001", "9Z90", PaymentType.CARD)
        assert parsed.start_at.astimezone(UTC) == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)
        assert parsed.end_at == datetime(2026, 3, 3, 15, 20, tzinfo=UTC)
        assert parsed.amounts == {
            "fare": Decimal("10.00"),
            "tips": Decimal("3.00"),
            "extras": Decimal("1.00"),
            "tolls": Decimal("6.94"),
            "mta_tax": Decimal("0.50"),
            "improvement": Decimal("0.30"),
            "congestion": Decimal("2.50"),
            "airport": Decimal("1.75"),
            "cbd": Decimal("0.75"),
            "ehail": Decimal("0.10"),
            "health": Decimal("0.06"),
        }
        assert parsed.total == Decimal("17.30")
        assert parsed.received == received

    @pytest.mark.parametrize(
        ("written", "known"),
        [("05401671", "5401671"), ("5401671", "5401671"), ("0000", ""), ("", ""), ("00ab1", "00AB1")],
    )
    def test_a_license_is_known_without_zeros_before_it_and_kept_as_it_came(self, written, known):
        parsed = parse_one(DRIVER=written)
        assert (parsed.license, parsed.received["DRIVER"]) == (known, written)

    def test_reads_names_in_any_spelling(self):
        spelt = {"CongFee": "2.50", "AIRPORT_FEE": "1.75", "total_amount": "19.05", "Start_Date": "03/03/2026 10:00"}
        record = trip()
        for name in ("CONGFEE", "airportFee", "TOTAL_AMOUNT", "START_DATE"):
            del record[name]
        parsed = parse_trips(trip_file([record | spelt])).trips[0]

        assert parsed.amounts["congestion"] == Decimal("2.50")
        assert parsed.amounts["airport"] == Decimal("1.75")
        assert parsed.total == Decimal("19.05")
        assert parsed.start_at.astimezone(UTC) == datetime(2026, 3, 3, 15, 0, tzinfo=UTC)

    def test_reads_the_elements_in_any_spelling(self):
        parsed = parse_trips(trip_file([trip()]).replace(b"trips>", b"Trips>").replace(b"RECORD", b"Record"))
        assert len(parsed.trips) == 1

    @pytest.mark.parametrize(
        ("letter", "payment_type"),
        [
            ("C", PaymentType.CARD),
            ("c", PaymentType.CARD),
            ("$", PaymentType.CASH),
            ("P", PaymentType.PRIVATE),
            ("N", PaymentType.NO_CHARGE),
            ("D", PaymentType.DISPUTE),
        ],
    )
    def test_knows_how_it_was_paid(self, letter, payment_type):
        assert parse_one(T=letter).payment_type == payment_type

    def test_takes_a_blank_component_for_nothing(self):
        assert parse_one(TOLLS="", cbdt=" ").amounts["tolls"] == Decimal("0.00")

    def test_takes_a_missing_component_for_nothing(self):
        record = trip()
        del record["cbdt"]
        assert parse_trips(trip_file([record])).trips[0].amounts["cbd"] == Decimal("0.00")

    def test_reads_refunds(self):
        assert parse_one(TOTAL_AMOUNT="-17.30").total == Decimal("-17.30")

    @pytest.mark.parametrize(("text", "cents"), [("-0.0", "0.00"), ("7", "7.00"), (".5", "0.50"), ("12.3000", "12.30")])
    def test_reads_amounts_to_the_cent(self, text, cents):
        total = parse_one(TOTAL_AMOUNT=text).total
        assert str(total) == cents

    def test_lets_a_trip_without_driver_or_end_wait(self):
        parsed = parse_one(DRIVER="", CABNUMBER="", END_DATE="")
        assert (parsed.license, parsed.cab, parsed.end_at) == ("", "", None)

    def test_an_hour_that_comes_twice(self):
        parsed = parse_one(START_DATE="11/01/2026 01:50:00", END_DATE="11/01/2026 01:10:00")
        assert (parsed.end_at.astimezone(UTC) - parsed.start_at.astimezone(UTC)).total_seconds() == 20 * 60

    def test_reads_no_trips_from_an_empty_list(self):
        parsed = parse_trips(b"<trips/>")
        assert (parsed.trips, parsed.errors, parsed.row_count) == ([], [], 0)

    @pytest.mark.parametrize(
        ("attribute", "value", "message"),
        [
            ("TOTAL_AMOUNT", "", "The amount is missing."),
            ("TOTAL_AMOUNT", "NaN", "'NaN' is not an amount in dollars."),
            ("TOTAL_AMOUNT", "Infinity", "'Infinity' is not an amount in dollars."),
            ("TOTAL_AMOUNT", "1e12", "'1e12' is not an amount in dollars."),
            ("TOTAL_AMOUNT", "1,00.00", "'1,00.00' is not an amount in dollars."),
            (
                "TOTAL_AMOUNT",
                "1000000.00",
                "'1000000.00' is above the largest amount of a trip, 999,999.99.",
            ),
            ("TOTAL_AMOUNT", "١٢", "'١٢' is not an amount in dollars."),
            ("TIPS", "0.001", "'0.001' is finer than a cent."),
            ("START_DATE", "", "'' is not a moment (MM/DD/YYYY HH:MM:SS)."),
            ("START_DATE", "2026-03-03 10:00:00", "'2026-03-03 10:00:00' is not a moment (MM/DD/YYYY HH:MM:SS)."),
            ("START_DATE", "51/71/2004 10:00:00", "'51/71/2004 10:00:00' does not exist in the calendar."),
            ("END_DATE", "02/29/2026 10:00", "'02/29/2026 10:00' does not exist in the calendar."),
            ("START_DATE", "03/03/0026 10:00", "'03/03/0026 10:00' is not a year of this century."),
            ("PERIOD", "202613", "'202613' is not a period (YYYYMM)."),
            ("PERIOD", "", "'' is not a period (YYYYMM)."),
            ("ID", "", "The record has no number."),
            ("ID", "x" * 21, f"'{'x' * 21}' is not a number of at most 20 plain characters."),
            ("T", "", "'' is not a payment type ($, C, P, N, D)."),
            ("T", "X", "'X' is not a payment type ($, C, P, N, D)."),
            ("DRIVER", "5" * 21, f"'{'5' * 21}' is not a number of at most 20 plain characters."),
        ],
    )
    def test_what_can_not_be_read_of_a_trip_is_said(self, attribute, value, message):
        assert errors_of(**{attribute: value}) == [(1, attribute, message)]

    def test_refuses_one_attribute_in_two_spellings(self):
        assert errors_of(total_amount="99.00") == [
            (1, "total_amount", "The attribute is given twice, in two spellings.")
        ]

    def test_a_bad_row_does_not_hinder_the_others(self):
        parsed = parse_trips(trip_file([trip(ID="1"), trip(ID="2", T="?"), trip(ID="3")]))
        assert [row.record_id for row in parsed.trips] == ["1", "3"]
        message = "'?' is not a payment type ($, C, P, N, D)."
        assert parsed.errors == [RowError(2, "T", message, date(2026, 3, 3))]
        assert parsed.row_count == 3

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "not well-formed XML: no element found"),
            (b"ID,PERIOD\n1,202603", "not well-formed XML"),
            (b"<trips><RECORD ID='1'></trips>", "not well-formed XML: mismatched tag"),
            (b"<trips><RECORD ID='1' ID='2'/></trips>", "not well-formed XML: duplicate attribute"),
            (b"<trans><tran ROWID='1'/></trans>", "it begins with <trans>, not <trips>"),
            (b"<trips><tran ROWID='1'/></trips>", "<tran> is not expected"),
            (b"<trips><RECORD ID='1'><x/></RECORD></trips>", "<x> is not expected"),
            (
                b"<?xml version='1.0' encoding='ebcdic-klingon'?><trips/>",
                "encoding that can't be read: 'ebcdic-klingon'",
            ),
            (b"<?xml version='1.0' encoding='utf-7'?><trips/>", "encoding that can't be read: 'utf-7'"),
            (b"<!DOCTYPE trips><trips/>", "no document type"),
            (b"<!DOCTYPE t [<!ENTITY a 'lol'><!ENTITY b '&a;&a;'>]><trips><RECORD ID='&b;'/></trips>", "no document"),
            (b"<!DOCTYPE t [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><trips/>", "no document type"),
            (b"<trips><RECORD ID='&undeclared;'/></trips>", "not well-formed XML: undefined entity"),
        ],
    )
    def test_refuses_what_is_not_a_file_of_trips(self, content, message):
        with pytest.raises(UnreadableTripFile) as refusal:
            parse_trips(content)
        assert message in refusal.value.message
        assert refusal.value.code == "unreadable_trip_file"

    def test_refuses_a_file_without_end(self):
        with pytest.raises(UnreadableTripFile, match="larger than 64 MB"):
            parse_trips(b" " * (64 * 1024 * 1024 + 1))


_spellings = {
    "amount": st.sampled_from(
        [lambda text: text, lambda text: text.removesuffix("0"), lambda text: f"0{text}", lambda text: f" {text} "]
    ),
    "name": st.sampled_from([str, str.upper, str.lower, str.title, lambda name: f"{name[0]}_{name[1:]}"]),
    "license": st.sampled_from(["5000001", "05000001", "0005000001", " 5000001"]),
    "moment": st.sampled_from([str, lambda text: text.removesuffix(":00"), lambda text: f"{text} "]),
}


@given(st.data())
def test_any_spelling_of_a_record_is_the_same_record(data):
    record = trip(newFund="1.05", PASSENGER_NUM="1", FROM_ADDRESS="JFK")
    amounts = {*TRIP_AMOUNTS.values(), "TOTAL_AMOUNT", "newFund"}
    spelt = {}
    for name in data.draw(st.permutations(list(record))):
        value = record[name]
        if name in amounts:
            value = data.draw(_spellings["amount"])(value)
        elif name == "DRIVER":
            value = data.draw(_spellings["license"])
        elif name.endswith("_DATE"):
            value = data.draw(_spellings["moment"])(value)
        spelt[data.draw(_spellings["name"])(name) if len(name) > 1 else name] = value
    (one,) = parse_trips(trip_file([spelt])).trips
    (other,) = parse_trips(trip_file([record])).trips
    assert one.says_the_same(other)
    assert not one.says_the_same(parse_trips(trip_file([{**record, "TIPS": "3.01"}])).trips[0])
    assert not one.says_the_same(parse_trips(trip_file([{**record, "newFund": "1.06"}])).trips[0])
    assert not one.says_the_same(parse_trips(trip_file([{**record, "FROM_ADDRESS": "LGA"}])).trips[0])
