"""E-ZPass statements in the three styles seen: what each row is, and what it is not."""

from decimal import Decimal

import pytest

from tests.tickets.files import (
    EZPASS_HEAD,
    LATER_HEAD,
    NJ_HEAD,
    nj_toll,
    read,
    read_one,
    sample,
    text,
    toll,
    workbook,
)
from tickets.importers import NobodysRow, ReceivedTicket, RowError


class TestFirstStyle:
    def test_a_toll(self):
        row = read_one(text(EZPASS_HEAD, [toll(1, amount="$-1,009.11")]))
        assert (row.number, row.plate, row.state, row.tag) == ("1", "T100001C", "NY", "")
        assert row.amount == Decimal("1009.11")
        assert row.moment.at.isoformat() == "2026-11-16T10:00:00-05:00"
        assert (row.place, row.look_at) == ("MTAB&T RKB", "")

    @pytest.mark.parametrize(
        ("written", "due"), [("$-9.11", "9.11"), ("($9.11)", "9.11"), ("-9.11", "9.11"), ("$0.00", "0.00")]
    )
    def test_what_is_below_zero_is_due(self, written, due):
        assert str(read_one(text(EZPASS_HEAD, [toll(1, amount=written)])).amount) == due

    def test_what_is_above_zero_comes_back(self):
        assert read_one(text(EZPASS_HEAD, [toll(1, amount="$9.11")])).amount == Decimal("-9.11")

    def test_a_tag_in_place_of_a_plate(self):
        row = read_one(text(EZPASS_HEAD, [toll(1, " 99900000111")]))
        assert (row.tag, row.plate, row.state) == ("99900000111", "", "")

    def test_without_a_time_any_second_of_the_day_may_be_meant(self):
        row = read_one(text(EZPASS_HEAD, [toll(1, at="")]))
        assert row.moment.at.isoformat() == "2026-11-16T00:00:00-05:00"
        assert row.moment.at_latest.isoformat() == "2026-11-16T23:59:59-05:00"

    @pytest.mark.parametrize(
        ("row", "column", "says"),
        [
            (toll(""), "Lane Txn ID", "The number is missing."),
            (toll("1 2"), "Lane Txn ID", "is not a number"),
            (toll(1, ""), "Tag/Plate #", "The tag or plate is missing."),
            (toll(1, "NY ????"), "Tag/Plate #", "neither a tag nor a plate"),
            (toll(1, on=""), "Date", "The date is missing."),
            (toll(1, on="11/19/2026"), "Date", "lies in the future"),
            (toll(1, at="25:00:00"), "Exit Time", "does not exist on a clock"),
            (toll(1, amount=""), "Amount", "The amount is missing."),
            (toll(1, amount="free"), "Amount", "is not an amount in dollars"),
        ],
    )
    def test_an_error_names_its_column(self, row, column, says):
        error = read_one(text(EZPASS_HEAD, [row]))
        assert isinstance(error, RowError)
        assert (error.row, error.column) == (2, column)
        assert says in error.message
        assert error.received["Class"] == "31"

    @pytest.mark.parametrize(
        "row",
        [
            ",' ',,,,PAYMENT,10/03/2025,,$25.00",
            ",' ',,,PAYMENT,,10/04/2025,,$50.00",
            ",' ',PAYMENT,,,,10/04/2025,,$50.00",
            ",' ',,,,payment,10/03/2025,,$25.00",
        ],
    )
    def test_a_payment_is_nobodys_wherever_it_is_named(self, row):
        payment = read_one(text(EZPASS_HEAD, [row]))
        assert isinstance(payment, NobodysRow)
        assert payment.message == "Payment: not a driver's."

    def test_the_rent_of_a_tag_is_nobodys(self):
        fee = read_one(text(EZPASS_HEAD, [",' ',,,,TAG LEASING FEE,10/03/2025,,$-1.00"]))
        assert (type(fee), fee.message) == (NobodysRow, "Tag leasing fee: not a driver's.")

    @pytest.mark.parametrize(
        ("facts", "look_at"),
        [
            ({"agency": "CBDTP"}, "CONGESTION"),
            ({"plaza": "CRZ 60ST"}, "CONGESTION"),
            ({"plaza": "crz"}, "CONGESTION"),
            ({"plaza": "CRZQ"}, ""),
        ],
    )
    def test_the_congestion_zone_is_to_be_looked_at(self, facts, look_at):
        assert read_one(text(EZPASS_HEAD, [toll(1, **facts)])).look_at == look_at

    def test_the_shared_statement(self):
        rows = read(sample("ezpass_synthetic.csv").read_bytes())
        tolls = [row for row in rows if isinstance(row, ReceivedTicket)]
        assert [(row.number[-1], row.tag or f"{row.state} {row.plate}", str(row.amount)) for row in tolls] == [
            ("1", "NY Y000001C", "9.11"),
            ("2", "NY 9Z90B", "14.06"),
            ("3", "99900000111", "2.86"),
            ("4", "99900000111", "2.86"),
            ("5", "NY Y000001C", "9.00"),
            ("6", "NY Y000001C", "-9.11"),
            ("7", "NY ZZZ9999", "1009.11"),
            ("1", "NY Y000001C", "9.11"),
        ]
        assert [row.row for row in rows if isinstance(row, NobodysRow)] == [9, 10, 11]


class TestLaterStyle:
    ROW = "11/17/2026,55,($2.86),11/16/2026,05:13:32 PM,NYSTA,15,19,99900000111,$1.00,2L"

    def test_a_toll_in_another_order_of_columns(self):
        row = read_one(text(LATER_HEAD, [self.ROW]))
        assert (row.number, row.tag, row.amount, row.place) == ("55", "99900000111", Decimal("2.86"), "NYSTA 15 to 19")
        assert row.moment.at.isoformat() == "2026-11-16T17:13:32-05:00"

    def test_the_day_is_that_of_the_toll_not_of_the_posting(self):
        assert read_one(text(LATER_HEAD, [self.ROW])).moment.at.day == 16

    def test_as_a_workbook(self):
        from_sheet = read_one(workbook(LATER_HEAD.split(","), self.ROW.split(",")))
        from_text = read_one(text(LATER_HEAD, [self.ROW]))
        assert from_sheet == from_text


class TestNewJersey:
    def test_a_toll(self):
        row = read_one(text(NJ_HEAD, [nj_toll()]))
        assert (row.tag, row.amount, row.place) == ("00412345678", Decimal("14.06"), "PANYNJ GWB")
        assert row.moment.at.isoformat() == "2026-11-16T17:05:01-05:00"

    def test_a_row_is_known_by_its_facts_whatever_the_balance(self):
        row = read_one(text(NJ_HEAD, [nj_toll()]))
        again = read_one(text(NJ_HEAD, [nj_toll().replace("$85.94", "$1.00")]))
        assert row.number == again.number
        assert row.number.startswith("NJ")
        assert len(row.number) == 22

    @pytest.mark.parametrize(
        "other", [{"on": "11/15/2026"}, {"at": "17:05:02"}, {"amount": "($14.07)"}, {"lane": "04"}, {"tag": "0" * 11}]
    )
    def test_another_fact_is_another_number(self, other):
        assert read_one(text(NJ_HEAD, [nj_toll(**other)])).number != read_one(text(NJ_HEAD, [nj_toll()])).number

    def test_equal_rows_of_one_file_are_counted(self):
        first, second, third = read(text(NJ_HEAD, [nj_toll()] * 3))
        assert (second.number, third.number) == (f"{first.number}-2", f"{first.number}-3")

    def test_the_count_begins_anew_with_each_file(self):
        assert read(text(NJ_HEAD, [nj_toll()])) == read(text(NJ_HEAD, [nj_toll()]))

    def test_the_entry_time_serves_where_there_is_no_exit_time(self):
        row = read_one(text(NJ_HEAD, [nj_toll(at="").replace("TOLL,,", "TOLL,16:31:06,8A")]))
        assert row.moment.at.isoformat() == "2026-11-16T16:31:06-05:00"
        assert row.place == "PANYNJ 8A to GWB"

    def test_a_payment_needs_neither_a_tag_nor_a_number(self):
        payment = read_one(text(NJ_HEAD, [nj_toll("", at="").replace("TOLL", "PAYMENT")]))
        assert isinstance(payment, NobodysRow)
