"""The DTR as a document and as a table: complete, the same each time, and nothing in it is run."""

import csv
import io
import re
from decimal import Decimal
from zipfile import ZipFile

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from dtr import exports, selectors
from dtr.exports import documents
from dtr.exports.content import describe_dtr
from ledger import services as ledger
from tests.curb import trip
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, WEEK, card, cash, close, drive, get_dtr, leased_driver
from tests.factories import LeaseInstallmentFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    lease = leased_driver()
    driver = lease.primary_driver
    driver.last_name = '=HYPERLINK("http://evil")'
    driver.first_name = '#import "x" *bold* $1$'
    driver.save()
    LeaseInstallmentFactory.create(lease=lease, number=9)
    wrong = ledger.create_obligation(
        category="PVB",
        amount=Decimal("115.00"),
        reference_id="PVB-4664359196",
        driver_id=driver.pk,
        lease_id=lease.pk,
        due_on=SATURDAY,
        effective_on=SATURDAY,
    )
    ledger.void_posting(posting_id=wrong.pk, reason="Another cab's plate", actor=None, effective_on=SATURDAY)
    drive(
        card("603.30"),
        cash("14.30"),
        trip(T="D", TOTAL_AMOUNT="-8.30"),
        card("10.00", START_DATE="02/27/2026 23:50:00", END_DATE="02/28/2026 00:10:00"),
    )
    close()
    return lease


def count_pages(document):
    return len(re.findall(rb"/Type\s*/Page\b", document))


class TestDocument:
    def test_fits_one_page_and_is_the_same_each_time(self, lease):
        document = exports.print_dtrs([get_dtr(lease)])
        assert document.startswith(b"%PDF")
        assert count_pages(document) == 1
        assert exports.print_dtrs([get_dtr(lease)]) == document

    def test_a_week_is_one_file_with_a_page_for_each(self, lease):
        dtr = get_dtr(lease)
        assert count_pages(exports.print_dtrs([dtr, dtr, dtr])) == 3

    def test_a_long_week_is_set_in_lots_and_bound(self, lease, monkeypatch):
        monkeypatch.setattr(documents, "DTRS_IN_A_LOT", 2)
        dtr = get_dtr(lease)
        bound = exports.print_dtrs([dtr] * 5)
        assert len(PdfReader(io.BytesIO(bound)).pages) == 5
        assert exports.print_dtrs([dtr] * 5) == bound

    def test_a_busy_week_goes_on_a_second_page(self, lease):
        close(NEXT_WEEK)
        busy = NEXT_WEEK.next
        drive(
            *(
                card(START_DATE=f"03/{day:02}/2026 {hour:02}:00:00", END_DATE=f"03/{day:02}/2026 {hour:02}:20:00")
                for day in range(15, 22)
                for hour in range(24)
            )
        )
        close(busy)
        assert count_pages(exports.print_dtrs([get_dtr(lease, None, busy)])) == 2

    def test_names_the_drivers_other_dtrs_of_the_week(self, lease):
        dtr = get_dtr(lease)
        content = describe_dtr(dtr, [dtr])
        assert content["together"] == (
            f"Your other DTRs of this week: DTR-000001 ({lease}: $103.40). All together $206.80."
        )

    def test_a_document_says_everything_of_a_dtr(self, lease):
        content = describe_dtr(get_dtr(lease), [])
        assert content["net"] == ["Net due to you", "$103.40"]
        assert content["trips"] == [
            ["Card", "credited to you, gross", "2", "613.30"],
            ["Cash", "for information: you hold it", "1", "14.30"],
            ["No charge, dispute, private", "neither credited nor charged", "1", "−8.30"],
        ]
        assert content["taxes"] == (
            "Trip taxes of card and cash trips: 9.90 (MTA 1.50, improvement (TIF) 0.90, congestion 7.50)."
        )
        assert content["owed"]["names"] == [
            "", "Brought forward", "Charged", "From your credits", "Carried forward",
        ]  # fmt: skip
        assert content["owed"]["rows"] == [
            ["Trip taxes", "–", "9.90", "−9.90", "–"],
            ["Lease", "–", "500.00", "−500.00", "–"],
        ]
        assert content["owed"]["total"] == ["Together", "0.00", "509.90", "−509.90", "0.00"]
        assert [row[1:3] + row[4:] for row in content["entries"]] == [
            ["Parking and camera violations", "PVB-4664359196", "115.00", ""],
            ["Parking and camera violations", "PVB-4664359196", "−115.00", ""],
            ["Card earnings", f"CURB-2026-03-07-L{lease.pk}", "", "613.30"],
            ["Trip taxes", f"TAXES-2026-03-07-L{lease.pk}", "9.90", ""],
            ["Lease", f"LEASE-{lease.pk}-2026W10", "500.00", ""],
            ["Trip taxes", f"TAXES-2026-03-07-L{lease.pk}", "−9.90", "−9.90"],
            ["Lease", f"LEASE-{lease.pk}-2026W10", "−500.00", "−500.00"],
        ]
        assert "Another cab's plate" in content["entries"][1][3]
        assert [row[0] for row in content["days"]] == ["Fri Feb 27 · late", "Tue Mar 3"]
        assert content["log"][0][0][0] == "02/27 23:50\n03/03 10:00"


class TestTables:
    def test_csv_has_a_row_for_each_dtr_and_no_formula(self, lease):
        rows = list(csv.DictReader(io.StringIO(exports.week_as_csv(WEEK).decode("utf-8-sig"))))
        (row,) = rows
        assert row["Driver"].startswith("#import")
        assert (row["DTR"], row["Card, gross"], row["Charged"]) == ("DTR-000001", "613.30", "509.90")
        assert (row["Net due for the week"], row["Payable on that day"]) == ("103.40", "103.40")

    def test_xlsx_has_numbers_as_numbers_and_no_formula(self, lease):
        content = exports.week_as_xlsx(WEEK)
        book = load_workbook(io.BytesIO(content))
        heads, values = book["DTRs"].iter_rows(values_only=True)
        row = dict(zip(heads, values, strict=True))
        assert row["Net due for the week"] == 103.40
        assert book["DTRs"]["C2"].data_type == "s"
        assert b"<f>" not in ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
        assert book["Lines"].max_row == 1 + get_dtr(lease).lines.count()


class TestDownloads:
    def test_whoever_may_see_dtrs_may_have_them_as_files(self, client, lease):
        client.force_login(UserFactory.create(groups=["Cashier"]))
        dtr = selectors.list_dtrs().get()
        document = client.get(reverse("admin:dtr_dtr_pdf", args=[dtr.pk]))
        assert (document.status_code, document["Content-Type"]) == (200, "application/pdf")
        assert document["Content-Disposition"] == 'inline; filename="DTR-000001.pdf"'
        for name in ("pdf", "csv", "xlsx"):
            file = client.get(reverse(f"admin:dtr_weekclose_{name}", args=["2026-03-07"]))
            assert (file.status_code, f"DTRs-2026-03-07.{name}" in file["Content-Disposition"]) == (200, True)

    def test_nobody_else_downloads_a_dtr(self, client, lease):
        client.force_login(UserFactory.create(is_staff=True))
        assert client.get(reverse("admin:dtr_weekclose_csv", args=["2026-03-07"])).status_code == 403

    def test_the_pages_offer_the_downloads(self, client, lease):
        client.force_login(UserFactory.create(groups=["Auditor"]))
        dtr = selectors.list_dtrs().get()
        assert f"/{dtr.pk}/pdf/" in client.get(reverse("admin:dtr_dtr_change", args=[dtr.pk])).content.decode()
        week = client.get(reverse("admin:dtr_weekclose_change", args=["2026-03-07"])).content.decode()
        assert all(f"dtrs.{name}" in week for name in ("pdf", "csv", "xlsx"))
