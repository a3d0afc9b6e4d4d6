"""An opening from its workbook to balances and plans, once, and whole or not at all."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.urls import reverse
from openpyxl import load_workbook

from core.sources import find_source
from core.weeks import week_of
from golive import rules, services
from golive.errors import OpeningAlreadyImported, OpeningRefused, UnreadableWorkbook
from golive.importers.workbook import make_template, read_opening
from golive.models import OpeningImport, OpeningRow
from leases.models import Driver, Lease, LeaseInstallment, Vehicle, VehiclePlate
from ledger import selectors as books
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from loans.models import LoanInstallment
from repairs.models import RepairInstallment
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.golive.workbooks import CUT_OVER, TODAY, empty, fleet, workbook

pytestmark = pytest.mark.django_db


def open_books(content=None, **changed):
    facts = {"file_name": "opening.xlsx", "content": content or workbook(), "today": TODAY, "actor": None, **changed}
    return services.import_opening(**facts)


def count_all():
    tables = (Driver, Vehicle, VehiclePlate, Lease, LedgerPosting, RepairInstallment, LoanInstallment, OpeningRow)
    return [table._default_manager.count() for table in tables]


def refused(sheets):
    """What is wrong with a workbook, as (sheet, row, column, message); nothing of it is written."""
    with pytest.raises(OpeningRefused) as refusal:
        open_books(workbook(sheets))
    assert count_all() == [0] * 8
    assert OpeningImport.objects.count() == 0
    return [(wrong.sheet, wrong.row, wrong.column, wrong.message) for wrong in refusal.value.errors]


def balances():
    return [
        (str(row.driver.last_name), row.reference_id, row.category, row.entry_type, str(row.remaining), row.due_on)
        for row in LedgerBalance.objects.select_related("driver").order_by("posting_id")
    ]


class TestTemplate:
    def test_it_offers_the_words_that_it_takes_and_says_what_it_wants(self):
        book = load_workbook(io.BytesIO(make_template()))
        offered = {
            (
                page.title,
                page.cell(row=1, column=min(area.min_col for area in one.sqref.ranges)).value,
            ): one.formula1.strip('"').split(",")
            for page in book
            for one in page.data_validations.dataValidation
        }
        sheets = (rules.CUT_OVER, *rules.SHEETS, rules.CONTROL)
        vocabularies = {
            (sheet.name, column.name): list(column.choices)
            for sheet in sheets
            for column in sheet.columns
            if column.choices
        }
        assert offered.pop(("Accounts", "Account"))[:3] == ["1010", "1020", "1030"]
        assert offered == vocabularies
        assert all(head.comment and head.comment.text for page in book for head in page[1])
        assert all(len(one.formula1) <= 257 for page in book for one in page.data_validations.dataValidation)

    def test_filled_in_it_is_imported(self):
        book = load_workbook(io.BytesIO(make_template()))
        for name, rows in fleet().items():
            page = book[name]
            for number, row in enumerate(rows, start=1):
                for place, value in enumerate(row, start=1):
                    page.cell(row=number, column=place).value = value
        filled = io.BytesIO()
        book.save(filled)
        assert open_books(filled.getvalue()).is_new


class TestClosedWeeks:
    """A week that closed before the balances came has its DTRs without them."""

    def test_a_cut_over_in_a_closed_week_is_refused_by_name(self):
        ledger.close_books_with_week(week=week_of(CUT_OVER), actor=None)

        assert refused(fleet()) == [
            (
                "Cut-over",
                0,
                "Date",
                "The week ending Mar 7, 2026 is closed here, so nothing can be carried over to Mar 1, 2026.",
            )
        ]

    def test_one_after_it_is_not(self):
        ledger.close_books_with_week(week=week_of(CUT_OVER).previous, actor=None)
        assert open_books().is_new

    def test_the_database_refuses_it_whoever_asks(self):
        opening = services.stage_opening(file_name="opening.xlsx", content=workbook(), actor=None)
        ledger.close_books_with_week(week=week_of(CUT_OVER), actor=None)
        with (
            pytest.raises(IntegrityError, match="is closed, and the cut-over would be 2026-03-01"),
            transaction.atomic(),
        ):
            OpeningImport.objects.filter(pk=opening.pk).update(cut_on=CUT_OVER, imported_at=Now())


class TestImport:
    def test_an_import_carries_the_fleet_over(self):
        """Ana owes 615.25 and leaves a deposit; Bo is owed 80.40; Cy, who left, owes 1,040.10."""
        clerk = UserFactory.create()
        done = open_books(actor=clerk)

        assert (done.is_new, done.opening.cut_on, done.opening.imported_by) == (True, CUT_OVER, clerk)
        assert balances() == [
            ("Reyes", "OPEN-DEBT-D-1", "LEASE", "DEBIT", "500.00", date(2026, 2, 28)),
            ("Reyes", "OPEN-DEBT-D-2", "PVB", "DEBIT", "115.25", date(2026, 2, 14)),
            ("Old", "OPEN-DEBT-D-3", "MISC", "DEBIT", "1040.10", date(2025, 12, 31)),
            ("Chen", "OPEN-CREDIT-D-1", "MISC", "CREDIT", "80.40", None),
            ("Reyes", "OPEN-DEPOSIT-P-1", "DEPOSIT", "CREDIT", "500.00", None),
        ]
        assert set(LedgerPosting.objects.values_list("effective_on", "posted_by")) == {(CUT_OVER, clerk.pk)}
        assert Driver.objects.get(tlc_license="0654321").history.get().history_user == clerk
        assert VehiclePlate.objects.get(plate="Y100000C").vehicle.medallion == "9Z90"
        page = find_source("OPEN-DEBT-D-3")
        assert page is not None
        assert page.url == reverse("admin:golive_openingimport_change", args=[done.opening.pk])
        assert find_source("OPEN-DEPOSIT-P-1") == page
        assert find_source("OPEN-CREDIT-D-3") is find_source("OPEN-OTHER-1") is None
        assert_books_clean()

    def test_what_was_before_stands_against_the_opening_balances(self):
        """500.00 + 115.25 + 1,040.10 owed, 80.40 and a deposit of 500.00 held, 700.00 lent; the bank at 10,000.00, and
        1,200.55 of taxes not paid over. Nothing of it is income of the time from the cut-over on, and no receipt of
        ours says that we received it."""
        open_books()
        assert {(str(total.account), str(total.balance)) for total in books.list_trial_balance() if total.balance} == {
            ("1030", "10000.00"),
            ("1100", "1655.35"),
            ("1150", "700.00"),
            ("2010", "-80.40"),
            ("2020", "-500.00"),
            ("2110", "-1200.55"),
            ("3010", "-10574.40"),
        }
        assert {total.account: (total.debit, total.credit) for total in books.list_trial_balance(to_on=CUT_OVER)}[
            books.Account.LEASE_INCOME
        ] == (Decimal("500.00"), Decimal("500.00"))
        assert not InterimPayment.objects.exists()
        assert_books_clean()

    def test_a_corrected_debt_is_no_income_either(self):
        """500.00 should have been 450.00: the opening balances lose 50.00, and lease income stays at nothing."""
        open_books()
        debt = LedgerPosting.objects.get(reference_id="OPEN-DEBT-D-1")
        ledger.replace_obligation(
            posting_id=debt.pk, amount=Decimal("450.00"), reason="Paid in part before", actor=None, effective_on=TODAY
        )
        after = {total.account: total.balance for total in books.list_trial_balance()}
        assert after[books.Account.LEASE_INCOME] == 0
        assert after[books.Account.OPENING_BALANCES] == Decimal("-10524.40")
        assert_books_clean()

    def test_rent_is_charged_from_the_cut_over_on_and_leases_keep_their_dates(self):
        """500 a week: two whole weeks are left, and 3 of 7 days. 350.50 for 4 days is 200.29."""
        open_books()
        lease = Lease.objects.get(primary_driver__tlc_license="1234567")
        assert (lease.start_on, lease.deposit, lease.vehicle.medallion) == (date(2025, 6, 4), Decimal("500.00"), "9Z90")
        assert list(lease.installments.order_by("number").values_list("due_on", "amount")) == [
            (date(2026, 3, 7), Decimal("500.00")),
            (date(2026, 3, 14), Decimal("500.00")),
            (date(2026, 3, 21), Decimal("214.29")),
        ]
        assert LeaseInstallment.objects.exclude(lease=lease).order_by("due_on")[0].amount == Decimal("200.29")

    def test_plans_go_on_with_what_is_left(self):
        """700 at 10 %: 14 days are 2.68, then 7 days on 400 are 0.77, on 100 0.19."""
        open_books()
        assert list(RepairInstallment.objects.order_by("number").values_list("due_on", "amount")) == [
            (date(2026, 3, 7), Decimal("200.00")),
            (date(2026, 3, 14), Decimal("200.00")),
            (date(2026, 3, 21), Decimal("50.00")),
        ]
        assert list(LoanInstallment.objects.order_by("number").values_list("due_on", "principal", "interest")) == [
            (date(2026, 3, 14), Decimal("300.00"), Decimal("2.68")),
            (date(2026, 3, 21), Decimal("300.00"), Decimal("0.77")),
            (date(2026, 3, 28), Decimal("100.00"), Decimal("0.19")),
        ]

    def test_the_first_week_closes_on_it(self):
        """Rent 500 and 200.29 and 200 of the repair fall due; Bo's 80.40 pays a part of the rent."""
        open_books()
        saturday = CUT_OVER + timedelta(days=6)
        ledger.post_scheduled_installments(as_of=saturday)
        ledger.apply_weekly_earnings(as_of=saturday)
        owed = LedgerBalance.objects.open().filter(entry_type="DEBIT").order_by().values_list("category")
        assert dict(owed.annotate(Sum("remaining"))) == {
            "LEASE": Decimal("1119.89"),
            "PVB": Decimal("115.25"),
            "MISC": Decimal("1040.10"),
            "REPAIR": Decimal("200.00"),
        }
        assert_books_clean()

    def test_the_books_are_closed_through_the_day_before(self):
        """Whoever runs it; the cut-over itself is open, a preview closes nothing, and so does a second file."""
        clerk, content = UserFactory.create(), workbook()
        services.preview_opening(content=content, today=TODAY)
        assert not books.list_closings().exists()
        open_books(content, actor=clerk)
        entry = books.list_closings().get()
        assert (entry.kind, entry.day, entry.by) == ("GO_LIVE", CUT_OVER - timedelta(days=1), clerk)
        driver = Driver.objects.get(tlc_license="1234567")
        with pytest.raises(ledger.BooksClosed):
            ledger.create_obligation(
                category="MISC", amount=Decimal(1), reference_id="MISC-1", driver_id=driver.pk, effective_on=entry.day
            )
        assert open_books(content).is_new is False
        assert books.list_closings().count() == 1

    def test_a_second_run_imports_nothing(self):
        content = workbook()
        first = open_books(content)
        before = count_all()
        again = open_books(content, file_name="renamed.xlsx")
        assert (again.is_new, again.opening) == (False, first.opening)
        assert (count_all(), OpeningImport.objects.count()) == (before, 1)

    def test_another_file_brings_what_was_left_out_and_repeats_nothing(self):
        open_books()
        before = count_all()
        with pytest.raises(OpeningRefused) as refusal:
            open_books(workbook({**fleet(), "Cut-over": [["Date"], [CUT_OVER - timedelta(days=7)]]}))
        assert {wrong.sheet for wrong in refusal.value.errors} == set(fleet()) - {"Cut-over", "Control"}
        assert count_all() == before

        later = empty()
        later["Debts"].append(["D-4", "1234567", "TLC", 50, date(2026, 2, 1), "L-1"])
        later["Control"][4] = ["Debts", 1, 50]
        assert open_books(workbook(later)).is_new
        debt = LedgerBalance.objects.select_related("driver", "vehicle").get(reference_id="OPEN-DEBT-D-4")
        assert (debt.driver.last_name, str(debt.vehicle)) == ("Reyes", "9Z90")
        assert_books_clean()


class TestPreview:
    def test_a_preview_says_all_and_writes_nothing(self):
        summary = services.preview_opening(content=workbook(), today=TODAY)
        assert [(total.name, total.rows, total.amount) for total in summary.sheets[2:6]] == [
            ("Leases", 2, "850.50"),
            ("Debts", 3, "1655.35"),
            ("Credits", 1, "80.40"),
            ("Deposits", 1, "500.00"),
        ]
        assert {(total.sheet, total.category, total.amount) for total in summary.categories} == {
            ("Debts", "LEASE", "500.00"),
            ("Debts", "PVB", "115.25"),
            ("Debts", "MISC", "1040.10"),
            ("Credits", "MISC", "80.40"),
        }
        effects = {effect.account: (effect.debit, effect.credit) for effect in summary.accounts}
        assert effects["1100 Drivers' receivable"] == ("1655.35", "0.00")
        assert effects["2020 Deposits held"] == ("0.00", "500.00")
        assert (count_all(), OpeningImport.objects.count()) == ([0] * 8, 0)

    def test_a_preview_is_what_the_import_does(self):
        content = workbook()
        summary = services.preview_opening(content=content, today=TODAY)
        assert open_books(content).summary == summary
        assert sum(Decimal(effect.debit) for effect in summary.accounts) == sum(
            total.debit for total in books.list_trial_balance()
        )
        with pytest.raises(OpeningAlreadyImported):
            services.preview_opening(content=content, today=TODAY)


class TestRefusals:
    @pytest.mark.parametrize(
        ("sheet", "row", "place", "value", "column", "says"),
        [
            ("Cut-over", 2, 0, date(2026, 3, 2), "Date", "not a Sunday"),
            ("Cut-over", 2, 0, date(2026, 3, 8), "Date", "in the future"),
            ("Cut-over", 2, 0, "soon", "Date", "not a date"),
            ("Drivers", 3, 0, "1234567", "TLC license", "in row 2 already"),
            ("Drivers", 2, 0, "12", "TLC license", "six or seven digits"),
            ("Drivers", 2, 4, "nobody", "Email", "valid email"),
            ("Vehicles", 2, 1, "X", "VIN", "seventeen letters"),
            ("Leases", 2, 6, date(2025, 6, 3), "End", "before it starts"),
            ("Leases", 3, 2, "9Z90", "Medallion", "is held by Lease"),
            ("Leases", 3, 4, "DUSK", "Shift", "none of FULL, DAY, NIGHT"),
            ("Debts", 2, 1, "7777777", "TLC license", "No driver has the license 7777777"),
            ("Debts", 2, 2, "DEPOSIT", "Category", "is none of"),
            ("Debts", 2, 3, -5, "Amount", "must be above zero"),
            ("Debts", 2, 3, 0.001, "Amount", "finer than a cent"),
            ("Debts", 2, 3, "lots", "Amount", "is not an amount"),
            ("Debts", 2, 4, "2026-02-30", "Due", "does not exist in the calendar"),
            ("Debts", 2, 4, None, "Due", "blank"),
            ("Debts", 2, 5, "L-2", "Lease", "is Chen, Bo (0654321)'s"),
            ("Debts", 2, 0, "D 1", "Reference", "not a reference"),
            ("Credits", 2, 2, "RECOVERY", "Category", "is none of"),
            ("Accounts", 2, 0, 1100, "Account", "not an account that opens"),
            ("Accounts", 2, 0, 9999, "Account", "not an account that opens"),
            ("Accounts", 2, 1, "left", "Side", "is none of"),
            ("Accounts", 2, 2, 0, "Amount", "above zero"),
            ("Deposits", 2, 1, "L-9", "Lease", "No lease of an opening is called L-9"),
            ("Repairs", 2, 6, date(2025, 5, 1), "Medallion", "did not have this vehicle"),
            ("Repairs", 2, 9, date(2026, 3, 3), "Resumes on", "this week or next week"),
            ("Loans", 2, 4, 101, "Rate", "rate"),
            ("Control", 5, 2, Decimal("1655.34"), "Dollars", "should come to 1,655.34, and comes to 1,655.35"),
            ("Control", 5, 1, 4, "Rows", "should come to 4, and comes to 3"),
        ],
    )
    def test_a_bad_cell_is_reported_by_sheet_row_and_column(self, sheet, row, place, value, column, says):
        sheets = fleet()
        sheets[sheet][row - 1][place] = value
        reported = refused(sheets)
        assert [(where, number, at) for where, number, at, message in reported if says in message] == [
            (sheet, row, column)
        ], reported

    def test_missing_sheets_and_columns_are_reported_by_name(self):
        sheets = fleet()
        del sheets["Loans"]
        sheets["Notes"] = [["Anything"]]
        sheets["Debts"][0][3] = "Sum"
        reported = refused(sheets)
        assert ("Loans", 0, "", "The sheet is missing.") in reported
        assert ("Notes", 0, "", "There is no such sheet in an opening workbook.") in reported
        assert ("Debts", 1, "Sum", "There is no such column.") in reported
        assert ("Debts", 1, "Amount", "The column is missing.") in reported

    def test_every_bad_row_is_reported_at_once(self):
        sheets = fleet()
        sheets["Debts"][1][1] = sheets["Credits"][1][1] = "7777777"
        sheets["Loans"][1][2] = "L-2"
        assert [(where, row) for where, row, _, _ in refused(sheets)] == [("Debts", 2), ("Credits", 2), ("Loans", 2)]

    def test_a_missing_total_is_reported(self):
        sheets = fleet()
        del sheets["Control"][8]
        assert refused(sheets) == [("Control", 0, "Sheet", "No totals are given for Loans.")]

    @pytest.mark.parametrize("content", [b"x", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18])
    def test_what_is_no_workbook_is_refused(self, content):
        with pytest.raises(UnreadableWorkbook):
            open_books(content)
        assert OpeningImport.objects.count() == 0

    def test_the_template_lacks_only_its_date(self):
        with pytest.raises(OpeningRefused) as refusal:
            read_opening(make_template(), today=TODAY)
        assert [str(wrong) for wrong in refusal.value.errors] == ["Cut-over, Date: Exactly one date is wanted."]
