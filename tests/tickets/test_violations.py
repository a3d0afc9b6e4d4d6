"""Parking and camera violations: the city's open data, and the fleet program's file."""

from datetime import date
from decimal import Decimal

import pytest

from tests.tickets.files import (
    FLEET_HEAD,
    PVB_HEAD,
    fleet_violation,
    read,
    read_one,
    sample,
    text,
    violation,
    workbook,
)
from tickets.importers import ReceivedTicket, RowError


def money(fine: str, penalty: str, interest: str, reduction: str, payment: str, due: str) -> str:
    """A row of the open data with these figures."""
    return violation(7001).replace(
        "50.00,0.00,0.00,0.00,0.00,50.00", f"{fine},{penalty},{interest},{reduction},{payment},{due}"
    )


class TestOpenData:
    def test_a_violation(self):
        row = read_one(text(PVB_HEAD, [violation(7001)]), "pvb")
        assert (row.number, row.plate, row.state, row.amount) == ("7001", "T100001C", "NY", Decimal("50.00"))
        assert (row.place, row.violation) == ("BX", "PHTO SCHOOL ZN SPEED VIOLATION")
        assert row.moment.at.isoformat() == "2026-11-16T10:00:00-05:00"
        assert row.due_on is None

    def test_the_shared_row_is_paid(self):
        row = read_one(sample("nyc_parking_one_row.csv").read_bytes(), "pvb")
        assert (row.number, row.plate, str(row.amount)) == ("4664359196", "JAL2979", "0.00")
        assert row.moment.at.isoformat() == "2019-08-28T18:56:00-04:00"

    @pytest.mark.parametrize(
        ("figures", "due"),
        [
            (("115.00", "10.00", "1.23", "0.00", "0.00", "126.23"), "126.23"),
            (("115.00", "10.00", "1.23", "26.23", "50.00", "50.00"), "50.00"),
            (("115.00", "", "", "", "", "115.00"), "115.00"),
            (("50.00", "0.00", "0.00", "50.00", "0.00", "0.00"), "0.00"),
        ],
        ids=["with penalty and interest", "reduced and part paid", "blank is nothing", "found not guilty"],
    )
    def test_due_is_fine_and_additions_less_reduction_and_payment(self, figures, due):
        assert str(read_one(text(PVB_HEAD, [money(*figures)]), "pvb").amount) == due

    @pytest.mark.parametrize(
        ("figures", "column", "says"),
        [
            (
                ("50.00", "0.00", "0.00", "0.00", "0.00", "40.00"),
                "Amount Due",
                "40.00 is due by the file, 50.00 by its own fine, additions and payments.",
            ),
            (
                ("50.00", "0.00", "0.00", "0.00", "60.00", "-10.00"),
                "Amount Due",
                "-10.00 is below zero: more was paid than was due.",
            ),
            (("", "0.00", "0.00", "0.00", "0.00", "0.00"), "Fine Amount", "The amount is missing."),
            (("50.00", "-5.00", "0.00", "0.00", "0.00", "45.00"), "Penalty Amount", "-5.00 is below zero."),
            (("50.00", "0.00", "0.00", "0.00", "0.00", ""), "Amount Due", "The amount is missing."),
        ],
    )
    def test_figures_that_do_not_add_up_are_an_error(self, figures, column, says):
        error = read_one(text(PVB_HEAD, [money(*figures)]), "pvb")
        assert isinstance(error, RowError)
        assert (error.column, error.message) == (column, says)

    @pytest.mark.parametrize(
        ("old", "new", "column"),
        [
            ("11/16/2026", "51/71/2004", "Issue Date"),
            ("11/16/2026", "", "Issue Date"),
            ("11/16/2026", "11/19/2026", "Issue Date"),
            ("10:00A", "25:00P", "Violation Time"),
            (",7001,", ",,", "Summons Number"),
            ("T100001C", "", "Plate"),
            ("T100001C", "T_1", "Plate"),
            (",NY,", ",New York,", "State"),
            ("50.00,0.00", "fifty,0.00", "Fine Amount"),
        ],
    )
    def test_an_error_names_its_column(self, old, new, column):
        error = read_one(text(PVB_HEAD, [violation(7001).replace(old, new, 1)]), "pvb")
        assert isinstance(error, RowError)
        assert (error.row, error.column) == (2, column)

    def test_a_blank_time_is_any_of_the_day(self):
        row = read_one(text(PVB_HEAD, [violation(7001).replace("10:00A", "")]), "pvb")
        assert row.moment.at.isoformat() == "2026-11-16T00:00:00-05:00"
        assert row.moment.at_latest.isoformat() == "2026-11-16T23:59:59-05:00"

    def test_as_a_workbook_with_true_dates(self):
        cells = violation(7001).split(",")
        sheet = workbook(PVB_HEAD.split(","), [*cells[:4], date(2026, 11, 16), *cells[5:8], 50, 0, 0, 0, 0, 50])
        assert read_one(sheet, "pvb").moment == read_one(text(PVB_HEAD, [violation(7001)]), "pvb").moment


class TestFleetProgram:
    def test_a_violation(self):
        row = read_one(text(FLEET_HEAD, [fleet_violation()]), "pvb-fleet")
        # 65.00 + 10.00 penalty − 25.00 paid
        assert (row.number, row.plate, row.state, row.amount) == ("1400000001", "9Z90B", "NY", Decimal("50.00"))
        assert (row.place, row.violation) == ("12 BROADWAY, NY", "21")
        assert row.moment.at.isoformat() == "2026-11-16T07:52:00-05:00"

    @pytest.mark.parametrize(
        ("clock", "shown"), [("0752A", "07:52"), ("1205A", "00:05"), ("0630P", "18:30"), ("1200P", "12:00")]
    )
    def test_times_without_a_colon(self, clock, shown):
        row = read_one(text(FLEET_HEAD, [fleet_violation(at=clock)]), "pvb-fleet")
        assert f"{row.moment.at:%H:%M}" == shown

    def test_a_row_of_one_field_more_is_refused_with_its_line(self):
        error, fine = read(text(FLEET_HEAD, [fleet_violation() + ",9", fleet_violation()]), "pvb-fleet")
        assert (error.row, error.message) == (2, "The row has 31 fields, the header 30.")
        assert isinstance(fine, ReceivedTicket)

    @pytest.mark.parametrize(
        ("facts", "column"),
        [
            ({"number": ""}, "SUMMONS"),
            ({"plate": ""}, "PLATE"),
            ({"on": "13/13/2026"}, "ISSUE DATE"),
            ({"at": "2500A"}, "ISSUE TIME"),
            ({"money": "65.00,x,0.00,0.00,25.00"}, "PENALTY"),
            ({"due": "49.00"}, "AMOUNT DUE"),
            ({"money": ",10.00,0.00,0.00,25.00"}, "FINE"),
        ],
    )
    def test_an_error_names_its_column(self, facts, column):
        error = read_one(text(FLEET_HEAD, [fleet_violation(**facts)]), "pvb-fleet")
        assert isinstance(error, RowError)
        assert error.column == column

    def test_the_open_data_is_not_this_file(self):
        with pytest.raises(Exception, match="This is not a file of the fleet program: its first row names no column"):
            read(text(PVB_HEAD, [violation(1)]), "pvb-fleet")
