"""The DTR as a document and as a table: complete, the same each time, and nothing in it is run."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from dtr import exports, selectors
from dtr import services as dtr
from dtr.exports import documents
from dtr.models import Dtr
from leases.models import LeaseDriver
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from repairs import services as repairs
from tests.curb import trip
from tests.dtr.fleet import (
    NEXT_SATURDAY,
    NEXT_SUNDAY,
    NEXT_WEEK,
    SATURDAY,
    SUNDAY,
    WEEK,
    card,
    cash,
    close,
    drive,
    get_dtr,
    leased_driver,
)
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory, UserFactory

WEDNESDAY_AFTER = SATURDAY + timedelta(days=4)

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


def describe(dtr):
    (paper,) = selectors.list_papers([dtr])
    return exports.describe_dtr(paper)


def owe(lease, reference, amount, due, *, on=SATURDAY, words=""):
    return ledger.create_obligation(
        category=reference.split("-")[0],
        amount=Decimal(amount),
        reference_id=reference,
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        due_on=due,
        effective_on=on,
        description=words,
    )


class TestDocument:
    def test_fits_one_page_and_is_the_same_each_time(self, lease):
        document = exports.print_dtrs([get_dtr(lease)])
        assert document.startswith(b"%PDF")
        assert count_pages(document) == 1
        assert exports.print_dtrs([get_dtr(lease)]) == document

    def test_what_is_renamed_or_moved_afterwards_changes_no_byte(self, lease, settings):
        document = exports.print_dtrs([get_dtr(lease)])
        driver = lease.primary_driver
        driver.first_name, driver.last_name, driver.tlc_license = "Somebody", "Else", "5999999"
        driver.save()
        lease.vehicle.medallion = "1A11"
        lease.vehicle.save()
        lease.vehicle.plates.update(plate="9X99Z")
        lease.end_on = lease.end_on + timedelta(days=70)
        lease.lease_type = "SHORT_TERM"
        lease.deposit = Decimal("900.00")
        lease.save()
        settings.FLEET_NAME, settings.FLEET_ADDRESS, settings.FLEET_PHONE = "Another fleet", "Elsewhere", "1"
        assert exports.print_dtrs([get_dtr(lease)]) == document

    def test_what_is_posted_afterwards_changes_no_byte(self, lease):
        dtr_ = get_dtr(lease)
        owe(lease, "MISC-1", "30.00", NEXT_SATURDAY, on=SUNDAY, words="Lost key")
        document = exports.print_dtrs([dtr_])
        ledger.pay_out(driver_id=dtr_.driver_id, amount=Decimal("20.00"), method="CASH", effective_on=SUNDAY)
        rent = ledger_selectors.list_postings(kind="OBLIGATION", category="LEASE").get()
        ledger.void_posting(posting_id=rent.pk, reason="Cab in the shop", actor=None, effective_on=SUNDAY)
        close(NEXT_WEEK)
        # The one thing that may change: a later week closed the same day pays it.
        assert describe(dtr_)["charges"] == [["Mar 7", "Rent Mar 1–7", f"LEASE-{lease.pk}-2026W10", "500.00", "–"]]
        assert exports.print_dtrs([dtr_]) != document
        assert describe(dtr_)["answer"]["title"] == "Paid with 2026W11"

    def test_a_week_is_one_file_with_a_page_for_each(self, lease):
        dtr_ = get_dtr(lease)
        assert count_pages(exports.print_dtrs([dtr_, dtr_, dtr_])) == 3

    def test_a_long_week_is_set_in_lots_and_bound(self, lease, monkeypatch):
        monkeypatch.setattr(documents, "DTRS_IN_A_LOT", 2)
        dtr_ = get_dtr(lease)
        bound = exports.print_dtrs([dtr_] * 5)
        assert len(PdfReader(io.BytesIO(bound)).pages) == 5
        assert exports.print_dtrs([dtr_] * 5) == bound

    def test_a_week_is_sent_as_it_is_printed(self, lease, monkeypatch):
        monkeypatch.setattr(documents, "DTRS_IN_A_LOT", 1)
        leased_driver("5000002", "9Z91")
        close(NEXT_WEEK)
        dtrs = selectors.list_dtrs().order_by("number")
        assert len(dtrs) > 1
        assert b"".join(exports.stream_dtrs(dtrs)) == exports.print_dtrs(list(dtrs))

    def test_heights_that_are_given_are_those_that_the_typesetter_finds(self, lease, monkeypatch, tmp_path):
        """A font of other capitals, or another size, would have lines run into each other."""
        template = documents._TEMPLATES / "dtr-2.typ"
        found, count = re.subn(r"^ *rows: heights.*\n", "", template.read_text(), flags=re.MULTILINE)
        (tmp_path / template.name).write_text(found)
        document = exports.print_dtrs([get_dtr(lease)])
        monkeypatch.setattr(documents, "_TEMPLATES", tmp_path)
        assert count == 2
        assert exports.print_dtrs([get_dtr(lease)]) == document

    def test_a_busy_week_goes_on_further_pages(self, lease):
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

    def test_many_take_no_more_statements_than_one_but_for_their_trips(self, lease):
        other = leased_driver("5000002", "9Z91")
        close(NEXT_WEEK)
        drive(
            card(START_DATE="03/16/2026 10:00:00", END_DATE="03/16/2026 10:20:00"),
            card(
                DRIVER="5000002",
                CABNUMBER="9Z91",
                START_DATE="03/16/2026 10:00:00",
                END_DATE="03/16/2026 10:20:00",
            ),
        )
        close(NEXT_WEEK.next)
        dtrs = [get_dtr(lease, None, NEXT_WEEK.next), get_dtr(other, None, NEXT_WEEK.next)]
        with CaptureQueriesContext(connection) as one:
            selectors.list_papers(dtrs[:1])
        with CaptureQueriesContext(connection) as two:
            selectors.list_papers(dtrs)
        # The lines and the trips of the second; nothing else.
        assert len(two) <= len(one) + 2


class TestContent:
    def test_the_answer_first_then_what_it_is_made_of(self, lease):
        content = describe(get_dtr(lease))
        assert content["answer"] == {
            "title": "We pay you $103.40",
            "text": "Payable on Jan 1, 2027.",
            "rows": [["Held for you", "103.40"], ["Due by Mar 7", "0.00"]],
            "total": ["We pay you", "103.40"],
        }
        assert content["facts"] == [
            ["Driver", '#import "x" *bold* $1$ =HYPERLINK("http://evil")', "TLC license 5000001"],
            ["Cab and lease", f"9Z90, Lease {lease.pk}", content["facts"][1][2]],
            ["Pay week", "Mar 1 – Mar 7, 2026", "Sunday to Saturday"],
            ["Last DTR", "None before", ""],
        ]
        assert content["trips"]["rows"] == [
            ["Card", "credited to you in full", "2", "598.70", "6.00", "–", "2.00", "6.60", "613.30"],
            ["Cash", "for information: you hold it", "1", "10.00", "–", "–", "1.00", "3.30", "14.30"],
            ["No charge, dispute, private", "neither credited nor charged", "1", "−15.60", "3.00", "–", "1.00",
             "3.30", "−8.30"],
        ]  # fmt: skip
        assert content["taxes"] == [
            ["MTA tax", "3 × 0.50", "1.50"],
            ["Improvement surcharge (TIF)", "3 × 0.30", "0.90"],
            ["Congestion surcharge", "3 × 2.50", "7.50"],
        ]

    def test_the_tables_add_up_and_what_was_undone_stands_apart(self, lease):
        content = describe(get_dtr(lease))
        assert content["owed"]["names"] == ["", "Brought\nforward", "Charged", "From your\ncredits", "Carried\nforward"]
        assert content["owed"]["rows"] == [
            ["Trip taxes", "–", "9.90", "−9.90", "–"],
            ["Lease", "–", "500.00", "−500.00", "–"],
        ]
        assert content["owed"]["total"] == ["Together", "0.00", "509.90", "−509.90", "0.00"]
        assert content["deposits"] is None
        assert content["undone"] == [["Parking and camera violations", "Another cab's plate", "115.00"]]
        assert content["charges"] == [["Mar 7", "Rent Mar 1–7", f"LEASE-{lease.pk}-2026W10", "500.00", "–"]]
        assert content["year"] == [
            ["Card earnings, gross", "613.30"],
            ["Trip taxes", "9.90"],
            ["All charges, taxes included", "509.90"],
            ["Paid out to you", "0.00"],
        ]
        assert [row[1] for row in content["entries"]] == [
            "PVB-4664359196", "PVB-4664359196", f"CURB-2026-03-07-L{lease.pk}", f"TAXES-2026-03-07-L{lease.pk}",
            f"LEASE-{lease.pk}-2026W10", f"TAXES-2026-03-07-L{lease.pk}", f"LEASE-{lease.pk}-2026W10",
        ]  # fmt: skip
        assert content["entries"][-1][3:] == ["−500.00", "−500.00"]
        assert [row[0] for row in content["days"]] == ["Fri Feb 27 · late", "Tue Mar 3"]
        assert content["log"][0][0][0] == "02/27 23:50\n03/03 10:00"

    def test_what_fell_due_since_the_saturday_is_named(self):
        """250.00 net due for the week, 200.00 payable on the day of the seal: 50.00 fell due on Dec 19."""
        lease = leased_driver()
        for reference, amount, due in (("REPAIR-1-1", "100.00", SATURDAY), ("MISC-1", "50.00", WEDNESDAY_AFTER)):
            owe(lease, reference, amount, due, words=f"Words of {reference}")
        ledger.post_earnings(
            driver_id=lease.primary_driver_id, lease_id=lease.pk, amount=Decimal("350.00"), reference_id="CURB-1",
            effective_on=SATURDAY,
        )  # fmt: skip
        dtr.close_week(week=WEEK, today=WEDNESDAY_AFTER)
        sealed = get_dtr(lease)
        assert (sealed.net_due, sealed.payable, sealed.owed_since) == (Decimal(250), Decimal(200), Decimal(50))
        answer = describe(sealed)["answer"]
        assert answer["title"] == "We pay you $200.00"
        assert answer["text"] == "Fallen due since Mar 7: Words of MISC-1 (50.00, due Mar 11). Payable on Mar 11."
        assert answer["rows"][2:] == [["Net due for the week", "250.00"], ["Fallen due since", "−50.00"]]

    def test_a_late_close_tells_what_is_effective_after_its_saturday_apart(self):
        lease = leased_driver()
        owe(lease, "REPAIR-1-1", "100.00", SATURDAY)
        owe(lease, "TLC-1", "115.00", SATURDAY, on=WEDNESDAY_AFTER, words="TLC summons 1")
        dtr.close_week(week=WEEK, today=WEDNESDAY_AFTER)
        content = describe(get_dtr(lease))
        assert [row[1] for row in content["entries"]] == ["REPAIR-1-1"]
        assert [row[1] for row in content["after"]] == ["TLC-1"]

    def test_how_the_last_one_was_paid_as_known_at_the_seal(self, lease):
        first = get_dtr(lease)
        paid = dtr.pay_dtr(dtr_id=first.pk, method="CHECK", instrument_number="1003", effective_on=SUNDAY)
        close(NEXT_WEEK)
        told = describe(get_dtr(lease, None, NEXT_WEEK))["facts"][3]
        assert told == ["Last DTR", "DTR-000001, paid", "Paid to you, check 1003, Mar 8, OUT-000001, for DTR-000001"]
        ledger.void_payout(payout_id=paid.payout_id, reason="Stopped", actor=None, effective_on=NEXT_SUNDAY)
        assert describe(get_dtr(lease, None, NEXT_WEEK))["facts"][3] == told

    def test_names_the_drivers_other_dtrs_of_the_week(self, lease):
        owe(LeaseFactory.create(primary_driver=lease.primary_driver), "MISC-2", "20.00", NEXT_SATURDAY, on=SUNDAY)
        close(NEXT_WEEK)
        first, second = Dtr.objects.filter(week=NEXT_SATURDAY).order_by("number")
        assert describe(first)["together"] == (
            f"Your other DTRs of this week: {second} (lease {second.lease_id}: $0.00). All together $83.40."
        )

    def test_a_further_driver_has_a_page_of_the_lease_that_names_their_own_dtr(self):
        lease = leased_driver()
        night = LeaseDriver.objects.create(
            lease=lease,
            driver=DriverFactory.create(tlc_license="5000002", first_name="Bo", last_name="Ray"),
            start_on=lease.start_on,
            end_on=lease.end_on,
        ).driver
        drive(card("30.00"), card("17.30", DRIVER="5000002", START_DATE="03/04/2026 22:00:00"))
        close()
        (further,) = describe(get_dtr(lease))["further"]
        assert (further["name"], further["license"]) == ("Bo Ray", "5000002")
        assert [row[2:4] + row[-1:] for row in further["trips"]["rows"]] == [["1", "10.00", "17.30"]]
        assert further["dtr"] == get_dtr(lease, night).reference_id
        assert describe(get_dtr(lease, night))["further"] == []
        assert count_pages(exports.print_dtrs([get_dtr(lease)])) == 2

    def test_plans_with_what_is_left_and_what_is_missing_of_the_deposit(self):
        lease = leased_driver(deposit=Decimal("500.00"))
        amount = Decimal("500.50")
        repair = repairs.create_invoice(
            driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id, workshop="Queens Auto", workshop_number="1",
            invoiced_on=SATURDAY, lines=[repairs.InvoiceItem("Brakes", amount)], amount=amount, starts_on=WEEK.start,
            today=SATURDAY, posts_at_once=False, actor=None,
        )  # fmt: skip
        close()
        content = describe(get_dtr(lease))
        assert content["plans"] == [[f"Repair {repair.pk}", "2 parts to come, next Mar 14", "500.50"]]
        assert content["alerts"] == ["500.00 of the deposit of 500.00 is missing"]


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
        dtr_ = selectors.list_dtrs().get()
        document = client.get(reverse("admin:dtr_dtr_pdf", args=[dtr_.pk]))
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
        dtr_ = selectors.list_dtrs().get()
        assert f"/{dtr_.pk}/pdf/" in client.get(reverse("admin:dtr_dtr_change", args=[dtr_.pk])).content.decode()
        week = client.get(reverse("admin:dtr_weekclose_change", args=["2026-03-07"])).content.decode()
        assert all(f"dtrs.{name}" in week for name in ("pdf", "csv", "xlsx"))
