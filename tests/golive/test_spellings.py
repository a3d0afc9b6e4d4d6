"""A workbook as people and spreadsheets write it: other dates, zeros before a license or tag, dashes for blanks."""

from datetime import date, datetime

import pytest

from golive import services
from golive.errors import CellInvalid
from golive.importers.workbook import read_opening
from golive.rules import Column, read_cell
from leases.models import Driver, VehicleTag
from ledger.models import LedgerPosting
from tests.golive.workbooks import TODAY, fleet, workbook


def import_sheets(sheets):
    return services.import_opening(file_name="opening.xlsx", content=workbook(sheets), today=TODAY, actor=None)


def refused(sheets):
    with pytest.raises(services.OpeningRefused) as refusal:
        import_sheets(sheets)
    return [(wrong.sheet, wrong.row, wrong.column, wrong.message) for wrong in refusal.value.errors]


class TestCells:
    @pytest.mark.parametrize(
        "written", ["03/01/2026", "3/1/2026", "2026-03-01", "2026-03-01T00:00:00", "03/01/2026 00:00", " 3/1/2026 "]
    )
    def test_a_date_in_either_order(self, written):
        assert read_cell(written, Column("Date", "date")) == date(2026, 3, 1)

    @pytest.mark.parametrize("odd", ["13/01/2026", "2026-02-30", "1.3.2026", "03/01/26", "46082", "03/01/2026 10:00"])
    def test_no_date(self, odd):
        with pytest.raises(CellInvalid, match=r"is not a date|in the calendar"):
            read_cell(odd, Column("Date", "date"))

    @pytest.mark.parametrize("dash", ["", " ", "-", "--", "–", "N/A"])
    def test_a_dash_is_a_blank(self, dash):
        assert read_cell(dash, Column("Phone", required=False)) is None
        with pytest.raises(CellInvalid, match="It is blank"):
            read_cell(dash, Column("First name"))

    @pytest.mark.parametrize("odd", ["12,50", "1,2,3,4", "1e9", "1_000", "٣", "NaN"])
    def test_no_amount(self, odd):
        with pytest.raises(CellInvalid, match="amount"):
            read_cell(odd, Column("Amount", "amount"))


@pytest.mark.django_db
class TestWorkbooks:
    def test_dates_as_text_in_us_order_and_as_moments(self):
        sheets = fleet()
        sheets["Cut-over"][1][0] = "3/1/2026"
        sheets["Leases"][1][5] = "06/04/2025"
        sheets["Debts"][1][4] = datetime(2026, 2, 28)  # noqa: DTZ001  (how a workbook holds a day)
        opening = read_opening(workbook(sheets), today=TODAY)
        assert opening.cut_on == date(2026, 3, 1)
        assert opening.rows["Leases"][0]["Start"] == date(2025, 6, 4)
        assert opening.rows["Debts"][0]["Due"] == date(2026, 2, 28)

    @pytest.mark.parametrize(
        ("sheet", "column"), [("Debts", "Lease"), ("Debts", "Amount"), ("Drivers", "Phone"), ("Control", "Rows")]
    )
    def test_a_formula_that_was_never_reckoned_is_no_blank(self, sheet, column):
        sheets = fleet()
        head, row = sheets[sheet][:2]
        row[head.index(column)] = "=A1"
        says = "It is a formula that was never reckoned: save the workbook in a spreadsheet first."
        assert (sheet, 2, column, says) in refused(sheets)

    def test_a_license_with_zeros_and_without_is_one_driver_and_kept_as_first_written(self):
        sheets = fleet()
        sheets["Leases"][1][1] = "01234567"
        sheets["Debts"][1][1] = 1234567
        sheets["Credits"][1][1] = 654321
        import_sheets(sheets)
        licenses = set(Driver.objects.values_list("tlc_license", flat=True))
        assert licenses == {"1234567", "0654321", "765432"}
        assert LedgerPosting.objects.get(reference_id="OPEN-CREDIT-D-1").driver.tlc_license == "0654321"

    def test_but_stands_once_among_the_drivers(self):
        sheets = fleet()
        sheets["Drivers"].append(["01234567", "Ana", "Again", None, None, "ACTIVE"])
        sheets["Control"][1][1] = 4
        assert ("Drivers", 5, "TLC license", "01234567 is in row 2 already.") in refused(sheets)

    def test_a_driver_of_an_earlier_file_is_the_same_with_zeros(self):
        import_sheets(fleet())
        sheets = fleet()
        sheets["Drivers"] = [sheets["Drivers"][0], ["01234567", "Ana", "Reyes", None, None, "ACTIVE"]]
        sheets["Control"][1][1] = 1
        told = refused(sheets)
        assert ("Drivers", 2, "TLC license", "01234567 was imported before, from another file.") in told

    def test_a_tag_keeps_its_spelling_and_is_one_with_zeros(self):
        sheets = fleet()
        sheets["Vehicles"][1][5] = "002200000001"
        sheets["Vehicles"][2][5] = 2200000001
        told = refused(sheets)
        assert ("Vehicles", 3, "E-ZPass tag") in [(sheet, row, column) for sheet, row, column, _ in told]
        sheets["Vehicles"][2][5] = "-"
        import_sheets(sheets)
        assert VehicleTag.objects.get().tag == "002200000001"

    def test_dashes_where_a_cell_may_be_blank(self):
        sheets = fleet()
        sheets["Drivers"][2][3] = sheets["Drivers"][2][4] = "-"
        sheets["Vehicles"][2][2:6] = ["-", "-", "--", "N/A"]
        sheets["Debts"][3][5] = "-"
        assert import_sheets(sheets).is_new

    def test_rows_and_columns_have_an_end(self):
        sheets = fleet()
        sheets["Debts"][1] += [None] * 60 + ["x"]
        with pytest.raises(services.UnreadableWorkbook, match="at most 50 are read"):
            read_opening(workbook(sheets), today=TODAY)
