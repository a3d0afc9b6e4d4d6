"""Every report, as those who read them do: the page, the files, the sums, who may, and what is typed wrong."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from core.admin.pages.report_pages import TOGETHER
from core.admin.report_forms import ReportForm
from core.reports import READ_CONTROLS, Asked, Report, list_reports
from tests.ledger.admin_pages import browse

pytestmark = pytest.mark.django_db

#: What a report's page asks of the database besides who is asking, where it is not one statement.
STATEMENTS = {"receipts": 2, "trial-balance": 2, "account": 4, "taxes": 5, "to-pay-over": 2}
TODAY = date(2026, 11, 26)
JUNK = ["\x00", "9999-99-99", "9999-12-31", "0001-01-01", "2026-02-30", "9" * 5000, "-1", "'%s", "٣", ""]


def page_of(report: Report) -> str:
    return reverse("reports:report", args=[report.slug])


def file_of(client: Client, report: Report, form: str, query: str = "") -> bytes:
    answer: Any = client.get(reverse("reports:file", args=[report.slug, form]) + query)
    assert answer.status_code == 200, (report.slug, form)
    assert answer["Content-Disposition"].startswith(f'attachment; filename="{report.slug}')
    return b"".join(answer.streaming_content)


def test_every_report_has_a_page_and_files_of_the_same_rows():
    client = browse("Auditor")
    assert {report.slug for report in list_reports()} >= set(STATEMENTS)
    client.get(reverse("reports:index"))  # the session is there, and the permissions' names are known
    for report in list_reports():
        with CaptureQueriesContext(connection) as asked:
            page = client.get(page_of(report))
        assert page.status_code == 200, report.slug
        # Who asks: session, user, and the permissions of user and groups.
        assert len(asked) - 4 == STATEMENTS.get(report.slug, 1), (report.slug, [q["sql"] for q in asked])
        shown = [[cell.text for cell in cells] for _, cells in page.context["rows"]]
        heads = [column.title for column in report.columns]
        rows = list(csv.reader(io.StringIO(file_of(client, report, "csv").decode("utf-8-sig"))))
        book = load_workbook(io.BytesIO(file_of(client, report, "xlsx")), read_only=True)
        cells = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        assert rows[0] == heads == cells[0], report.slug
        assert len(rows) == len(cells)
        if page.context["totals"]:
            assert rows.pop()[0] == TOGETHER == cells.pop()[0], report.slug
        assert len(rows) - 1 == page.context["count"] == len(shown), report.slug


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
        answer = client.get(page_of(report), dict.fromkeys([*names, "page"], "\x00"))
        assert answer.status_code == 200, report.slug
        assert set(answer.context["form"].errors) == names
        assert answer.content.decode().count('class="field-error"') == len(names)
        if names:
            file = client.get(reverse("reports:file", args=[report.slug, "csv"]), dict.fromkeys(names, "\x00"))
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
