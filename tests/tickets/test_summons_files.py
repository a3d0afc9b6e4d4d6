"""TLC summonses by our own template: downloaded, filled in, read."""

from datetime import date
from decimal import Decimal

import pytest

from tests.tickets.files import TLC_HEAD, read_one, summons, text, workbook
from tickets.importers import RowError, make_template
from tickets.rules import SUMMONS_TYPES


def read_summons(**facts):
    return read_one(text(TLC_HEAD, [summons(**facts)]), "tlc")


class TestTemplate:
    def test_is_the_header_alone(self):
        assert make_template() == f"{TLC_HEAD}\r\n"

    def test_filled_in_it_reads_as_it_is(self):
        row = "FN1,directive,11/16/2026,5:05 PM,1234567,9Z90,,,100.00,12/15/2026,Seen at JFK\r\n"
        got = read_one(make_template().encode() + row.encode(), "tlc")
        assert (got.number, got.violation, got.license, got.medallion) == ("FN1", "Directive", "1234567", "9Z90")
        assert (got.amount, got.due_on, got.place) == (Decimal("100.00"), date(2026, 12, 15), "Seen at JFK")
        assert got.moment.at.isoformat() == "2026-11-16T17:05:00-05:00"


class TestRows:
    @pytest.mark.parametrize("name", SUMMONS_TYPES)
    def test_each_type_is_known_in_any_case(self, name):
        assert read_summons(type=name.upper(), license="123456").violation == name

    def test_a_plate_is_new_yorks_unless_the_row_says_otherwise(self):
        assert read_summons(plate="T100001C").state == "NY"
        assert read_summons(plate="T100001C", state="nj").state == "NJ"
        assert read_summons(license="123456").state == ""

    def test_a_due_day_may_lie_ahead(self):
        assert read_summons(license="123456", due="2027-01-15").due_on == date(2027, 1, 15)

    def test_without_a_due_day_there_is_none(self):
        assert read_summons(license="123456").due_on is None

    @pytest.mark.parametrize(
        ("facts", "column", "says"),
        [
            ({"type": "Jaywalking", "license": "1234567"}, "Type", "'Jaywalking' is not a type of summons"),
            ({"type": "", "license": "1234567"}, "Type", "'' is not a type of summons"),
            ({}, "TLC License", "The row names neither a license nor a medallion nor a plate."),
            ({"license": "1234"}, "TLC License", "'1234' is not a TLC license."),
            ({"license": "123456789"}, "TLC License", "'123456789' is not a TLC license."),
            ({"medallion": "9Z9"}, "Medallion", "'9Z9' is not a medallion."),
            ({"license": "1234567", "amount": "0.00"}, "Amount", "0.00 is not above zero."),
            ({"license": "1234567", "amount": "-5"}, "Amount", "-5.00 is not above zero."),
            ({"license": "1234567", "amount": ""}, "Amount", "The amount is missing."),
            ({"license": "1234567", "due": "12/45/2026"}, "Due Date", "does not exist in the calendar"),
            ({"license": "1234567", "at": "late"}, "Issue Time", "'late' is not a time of day."),
            ({"license": "1234567", "number": "X-REFUND"}, "Summons Number", "ends as only references of refunds do"),
        ],
    )
    def test_an_error_names_its_column(self, facts, column, says):
        error = read_summons(**facts)
        assert isinstance(error, RowError)
        assert error.column == column
        assert says in error.message

    def test_as_a_workbook_with_true_dates_and_numbers(self):
        row = ["FN1", "Directive", date(2026, 11, 16), None, 1234567, None, None, None, 100, date(2026, 12, 15), None]
        got = read_one(workbook(TLC_HEAD.split(","), row), "tlc")
        assert (got.license, str(got.amount), got.due_on) == ("1234567", "100.00", date(2026, 12, 15))

    @pytest.mark.parametrize("column", ["Summons Number", "Type", "Issue Date", "Amount"])
    def test_a_file_without_one_of_its_columns_is_none_of_these(self, column):
        with pytest.raises(Exception, match=f"names no column {column}"):
            read_one(text(TLC_HEAD.replace(column, "Other"), [summons(license="123456")]), "tlc")
