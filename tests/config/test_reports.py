"""Every report, as those who read them do: the page, the files, the sums, who may, and what is typed wrong."""

import csv
import io
import re
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags
from openpyxl import load_workbook

from core.admin import files
from core.admin.pages import report_pages
from core.admin.pages.report_pages import TOGETHER
from core.admin.report_forms import ReportForm
from core.clock import at
from core.reports import READ_CONTROLS, Asked, Kind, Report, list_reports
from core.reports.columns import MINUS
from ledger import services as ledger
from tests.dtr.fleet import WEEK, card, cash, close, drive, leased_driver
from tests.factories import LeaseInstallmentFactory, UserFactory
from tests.ledger.admin_pages import browse
from tests.ledger.proofs import charge, hold_deposit, pay, pay_out
from tests.reports import list_opened
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

#: What a report's page asks of the database besides who is asking, where it is not one statement. Balances of the books
#: are two: what is kept of them, and what was written since; so is the count of receipts.
STATEMENTS = {"receipts": 3, "trial-balance": 3, "account": 5, "taxes": 8, "to-pay-over": 3, "current-balances": 8}
TODAY = date(2026, 3, 11)
READ_AT = at(TODAY, time(14, 30))
JUNK = ["\x00", "9999-99-99", "9999-12-31", "0001-01-01", "2026-02-30", "9" * 5000, "-1", "'%s", "٣", ""]


def page_of(report: Report) -> str:
    return reverse("reports:report", args=[report.slug])


def file_of(client: Client, report: Report, form: str, asked: dict[str, Any]) -> bytes:
    answer: Any = client.get(reverse("reports:file", args=[report.slug, form]), asked)
    assert answer.status_code == 200, (report.slug, form)
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{report.slug}')
    assert answer["Content-Disposition"].endswith(f'-read-2026-03-11-1430.{form}"')
    return b"".join(answer.streaming_content)


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    """Something in every report, on a Wednesday; returns what a report is asked besides what it asks by itself."""
    monkeypatch.setattr(report_pages, "timezone", SimpleNamespace(localdate=lambda: TODAY, now=lambda: READ_AT))
    UserFactory.create(username="rosa")
    lease = leased_driver("5000001", "9Z90", deposit=Decimal(400))
    driver = lease.primary_driver
    LeaseInstallmentFactory.create(lease=lease, number=10)
    drive(card(), cash())
    close(WEEK)
    hold_deposit(driver, lease.pk, "300.00", effective_on=TODAY)
    left = leased_driver("5000002", "9Z91", end_on=date(2026, 2, 28)).primary_driver
    on = {"effective_on": TODAY, "due_on": TODAY}
    owed = charge(left, "PVB-1", "115.00", **on)
    pay(left, "60.00", {"PVB-1": "50.00"}, effective_on=TODAY)
    pay_out(driver, "5.00", effective_on=TODAY)
    ledger.write_off_obligation(posting_id=owed.pk, amount=Decimal(5), reason="=1+1", actor=None, effective_on=TODAY)
    noon = at(TODAY)
    Ticket.objects.create(kind="PVB", number="1", at=noon, at_latest=noon, amount=115, state="CHARGED", driver=left)
    return {"deposit-statement": {"lease": lease.pk}, "account": {"account": "2010"}}


def test_counts_have_commas():
    found = {"heads": [1], "count": 1096, "last": 1050, "next": 2}
    told = " ".join(strip_tags(render_to_string("core/report_lines_under.html", found)).split())
    assert told.endswith("All 1,096 The first 1,050 of 1,096. All 1,096")
    for page in (settings.BASE_DIR / "templates" / "core").glob("report*.html"):
        assert not re.findall(r"[^\"=]{{ (?:count|first|last) }}", page.read_text()), page.name


def test_every_report_has_a_page_and_files_of_the_same_rows(fleet):
    client = browse("Auditor")
    client.get(reverse("reports:index"))  # whoever asks is known by now
    for report in list_reports():
        asked = fleet.get(report.slug, {})
        with CaptureQueriesContext(connection) as captured:
            page = client.get(page_of(report), asked)
        assert page.status_code == 200, report.slug
        # Who asks is five statements: session, user, the permissions of the user and of their groups, and their roles.
        assert len(captured) - 5 == STATEMENTS.get(report.slug, 1), (report.slug, [q["sql"] for q in captured])
        heads = [column.title for column in report.columns]
        rows = list(csv.reader(io.StringIO(file_of(client, report, "csv", asked).decode("utf-8-sig"))))
        book = load_workbook(io.BytesIO(file_of(client, report, "xlsx", asked)), read_only=True)
        cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        assert rows.pop(0) == heads == cells.pop(0), report.slug
        assert len(rows) == len(cells)
        # A workbook leaves out the empty cells at the end of a row.
        cells = [row + [None] * (len(heads) - len(row)) for row in cells]
        left_out = page.context["left_out"]
        on_page = {column.name: column for column in report.columns if column.title not in left_out}
        place_of = {name: place for place, name in enumerate(name for name in on_page if not on_page[name].beside)}
        assert "read Mar 11, 2026 2:30 PM" in page.content.decode()
        if page.context["totals"]:
            sums = dict(zip(heads, rows.pop(), strict=True))
            assert sums[heads[0]] == TOGETHER == cells.pop()[0], report.slug
            for place, column in enumerate(report.columns):
                if column.has_sum:
                    together = sum((Decimal(row[place]) for row in rows if row[place]), Decimal(0))
                    told = page.context["totals"][place_of[column.name]].text if column.name in place_of else "0"
                    told = told.replace(",", "").replace(MINUS, "-")
                    assert together == Decimal(sums[column.title]) == Decimal(told), (report.slug, column.name)
                    is_blank = not any(Decimal(row[place] or 0) for row in rows)
                    assert (column.title in left_out) == (len(heads) > 12 and is_blank and not column.is_answer)
        shown = [[cell.text for cell in line] for _, line in page.context["rows"]]
        assert len(rows) == page.context["count"] == len(shown) > 0, report.slug
        shared = [name for name, after in pairwise(on_page) if on_page[after].beside]
        text = [
            (place, place_of[column.name])
            for place, column in enumerate(report.columns)
            if column.kind == Kind.TEXT and column.name in place_of and column.name not in shared
        ]
        of_page = [[line[shown_at] for _, shown_at in text] for line in shown]
        assert [[row[place].removeprefix("'") for place, _ in text] for row in rows] == of_page
        assert [[str(row[place] or "") for place, _ in text] for row in cells] == of_page
        printed = client.get(page_of(report), {**asked, "print": "1"})
        assert [[cell.text for cell in line] for _, line in printed.context["rows"]] == shown


def test_a_wide_report_shows_what_has_figures_and_the_files_all(fleet):
    client = browse("Auditor")
    (report,) = (report for report in list_reports() if report.slug == "current-balances")
    page = client.get(page_of(report))
    shown = [head.text for head in page.context["heads"]]
    assert shown == [
        "Driver", "Cab\u00a0·\u00a0lease", "From before", "Rent", "Parking, cameras", "Paid this week",
        "Paid out, credited, forgiven", "Driver owes", "Due to driver", "Due by Saturday", "Deposit held",
        "Deposit asked", "Last payment",
    ]  # fmt: skip
    left_out = "Trip taxes, E-ZPass tolls, Recovery, TLC summonses, Repairs, Loans, Miscellaneous, Card so far"
    told = " ".join(strip_tags(page.content.decode()).split())
    aside = "Due by Saturday, Deposit held, Deposit asked, Last payment: in"
    assert f"Columns without a figure are left out: {left_out}. {aside}" in told
    assert "The files hold all columns, and as the print all 2 rows." in told
    assert len(next(csv.reader(io.StringIO(file_of(client, report, "csv", {}).decode("utf-8-sig"))))) == 22
    assert "Columns without" not in client.get(reverse("reports:report", args=["aging"])).content.decode()
    nobody = client.get(page_of(report), {"who": "nobody of this name"}).content.decode()
    assert "Read Mar 11, 2026 2:30 PM." in nobody


def test_an_earlier_day_of_current_balances_is_a_position(fleet):
    """Wednesday leads to Tuesday, Monday, Sunday, and to the Saturday with which the week before ended."""
    page = browse("Office").get(reverse("reports:report", args=["current-balances"]))
    leads = page.context["leads"]
    assert [words for words, _ in leads["links"]] == ["Mar 10", "Mar 9", "Mar 8", "Mar 7"]
    position = browse("Office").get(leads["links"][-1][1])
    assert position.context["report"].title == leads["title"]
    assert position.context["form"].cleaned_data["as_of"] == date(2026, 3, 7)


#: What an entry leaves behind it is no sum of rows that there are.
UNOPENED = {("account", "balance"), ("deposit-statement", "held")}


def test_every_figure_opens_the_rows_it_is_the_sum_of(fleet):
    """Or leads to the one record it is of."""
    opened = set()
    for report in list_reports():
        for name, figure, together in list_opened(report, today=TODAY, **fleet.get(report.slug, {})):
            assert figure == together, (report.slug, name)
            opened.add((report.slug, name))
        for column in report.columns:
            opens = report.behind is not None and column.name in report.behind.figures
            if column.is_figure and not opens and (report.slug, column.name) not in UNOPENED:
                assert column.link, f"{report.slug}: {column.name} leads nowhere"
    assert len(opened) > 35, "the fleet has something in most of them"


def test_what_opens_is_some_lines_under_the_row_or_a_page_of_all(fleet, monkeypatch):
    monkeypatch.setattr(report_pages, "LINES_UNDER_A_ROW", 1)
    client = browse("Auditor")
    (report,) = (report for report in list_reports() if report.slug == "trial-balance")
    page = client.get(page_of(report))
    cell = next(cell for _, cells in page.context["rows"] for cell in cells if cell.opens)
    under = client.get(page_of(report) + cell.url, headers={"HX-Request": "true"})
    assert under.content.decode().startswith('<tr class="is-behind"><td colspan="6">')
    assert [len(under.context["rows"]), under.context["together"]] == [1, cell.text]
    assert f">All {under.context['count']}</a>" in under.content.decode()
    whole = client.get(page_of(report) + cell.url)
    assert [len(whole.context["rows"]), whole.context["together"]] == [under.context["count"], cell.text]
    for line in whole.context["rows"]:
        assert client.get(line[1].url).status_code == 200
    for wrong in ("rows/name/", "rows/debit/?of=77", "rows/debit/?of=%D9%A3", "rows/debit/", "rows/debit/?of=1010~1"):
        assert client.get(page_of(report) + wrong).status_code == 404
    assert client.get(page_of(report) + "rows/debit/?as_of=soon").status_code == 200
    assert client.get(f"/admin/reports/collections/rows/received/?of=2026-03-11~{'9' * 18}~CASH").status_code == 200
    assert browse("Cashier").get(page_of(report) + cell.url).status_code == 403


def test_what_looks_like_a_formula_is_text(fleet):
    (report,) = (report for report in list_reports() if report.slug == "undone-and-forgiven")
    client = browse("Auditor")
    assert b"'=1+1" in file_of(client, report, "csv", {})
    workbook = ZipFile(io.BytesIO(file_of(client, report, "xlsx", {})))
    assert b"<f>" not in workbook.read("xl/worksheets/sheet1.xml")


def test_pages_of_fifty_and_sums_of_all(fleet, monkeypatch):
    monkeypatch.setattr(report_pages, "ROWS_ON_A_PAGE", 2)
    client = browse("Auditor")
    (report,) = (report for report in list_reports() if report.slug == "journal")
    first, second = client.get(page_of(report)), client.get(page_of(report), {"page": "2"})
    assert len(first.context["rows"]) == len(second.context["rows"]) == 2
    assert first.context["rows"] != second.context["rows"]
    assert first.context["totals"] == second.context["totals"]
    assert client.get(page_of(report), {"page": "999999"}).context["rows"] == []
    monkeypatch.setitem(files.MOST_ROWS, "csv", 2)
    refused = client.get(reverse("reports:file", args=["journal", "csv"]), follow=True)
    assert "more than 2 rows" in str(next(iter(refused.context["messages"])))


def test_what_is_typed_wrong_is_named_at_its_field():
    client = browse("Auditor")
    for report in list_reports():
        names = {parameter.name for parameter in report.parameters}
        for junk in JUNK:
            form = ReportForm(report, dict.fromkeys(names, junk), today=TODAY)
            if form.is_valid():
                asked = Asked(TODAY, form.cleaned_data)
                report.read(asked).read_page(report.columns, asked.words, start=0, limit=1)
            assert set(form.errors) <= names
        answer = client.get(page_of(report), dict.fromkeys([*names, "page"], "x" * 90))
        assert answer.status_code == 200, report.slug
        assert set(answer.context["form"].errors) == names
        assert answer.content.decode().count('class="field-error"') == len(names)
        if names:
            file = client.get(reverse("reports:file", args=[report.slug, "csv"]), dict.fromkeys(names, "x" * 90))
            assert file.status_code == 302, "the page says what is wrong"
    assert client.get(reverse("reports:report", args=["nothing"])).status_code == 404
    assert client.get(reverse("reports:file", args=["aging", "pdf"])).status_code == 404


def test_who_may_read():
    """Auditors and supervisors read all, the office all but who did what with the money, cashiers none."""
    reports = list_reports()
    office = [report for report in reports if READ_CONTROLS not in report.permissions]
    may_read: dict[str, list[Report]] = {"Auditor": reports, "Supervisor": reports, "Office": office, "Cashier": []}
    for role, wanted in may_read.items():
        client = browse(role)
        index = client.get(reverse("reports:index"))
        assert index.status_code == (200 if wanted else 403)
        listed = [report for _, group in index.context["groups"] for report in group] if wanted else []
        assert sorted(report.slug for report in listed) == sorted(report.slug for report in wanted), role
        for report in reports:
            if report not in wanted:
                assert client.get(page_of(report)).status_code == 403, (role, report.slug)
                assert client.get(reverse("reports:file", args=[report.slug, "csv"])).status_code == 403
    assert Client().get(reverse("reports:index")).status_code == 302
