"""Every report by the API: the rows and sums of its page, its files, what a figure is the sum of, and who may."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from core import errors
from core.admin.files import MOST_ROWS
from core.api import looks
from core.reports import Kind, list_reports
from tests.config.test_reports import TODAY, file_of, fleet  # noqa: F401  (a fixture)
from tests.factories import UserFactory
from tests.ledger.admin_pages import browse
from tests.ledger.api.client import client_of, errors_of, problem_of
from tests.reports import read

pytestmark = pytest.mark.django_db

REPORTS = "/api/reports"
CODES = {errors.ReportNotFound, errors.FigureNotFound, errors.TooManyRows}


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "timezone", SimpleNamespace(localdate=lambda: TODAY))


def client_as(role: str) -> APIClient:
    return client_of(UserFactory.create(groups=[role]))


def test_every_report_has_the_rows_sums_and_files_of_its_page(fleet):  # noqa: F811
    client, browser = client_as("Auditor"), browse("Auditor")
    listed = {report["slug"]: report for report in client.get(REPORTS).json()["results"]}
    assert set(listed) == {report.slug for report in list_reports()}
    for report in list_reports():
        given = fleet.get(report.slug, {})
        page = read(report.slug, today=TODAY, **given)
        answered = client.get(f"{REPORTS}/{report.slug}", given)
        assert answered.status_code == 200, (report.slug, answered.json())
        told = answered.json()
        assert [column["name"] for column in told["columns"]] == [column.name for column in report.columns]
        assert (told["count"], told["next"]) == (page.count, None), report.slug
        assert told["sums"].keys() == page.sums.keys()
        assert all(str(page.sums[name]) == str(told["sums"][name]) for name in page.sums), report.slug
        assert len(told["rows"]) == len(page.rows) > 0
        for row, shown in zip(told["rows"], page.rows, strict=True):
            for column in report.columns:
                value, before = row[column.name], shown[column.name]
                if column.kind == Kind.MONEY and before is not None:
                    assert value == f"{before:.2f}", (report.slug, column.name)
                elif column.kind == Kind.DAY and before is not None:
                    assert value == before.isoformat()
                assert not isinstance(value, float), (report.slug, column.name)
        by_api: Any = client.get(f"{REPORTS}/{report.slug}", {**given, "as": "csv"})
        assert b"".join(by_api.streaming_content) == file_of(browser, report, "csv", given), report.slug


def test_pages_and_figures(fleet):  # noqa: F811
    client = client_as("Auditor")
    whole = client.get(f"{REPORTS}/trial-balance").json()
    first = client.get(f"{REPORTS}/trial-balance", {"limit": 1}).json()
    second = client.get(first["next"]).json()
    assert [*first["rows"], *second["rows"]] == whole["rows"][:2]
    row = next(row for row in whole["rows"] if row["debit"] != "0.00")
    behind = client.get(f"{REPORTS}/trial-balance/figures/debit", {"of": row["of"]}).json()
    assert behind["sums"] == {"amount": row["debit"]}
    assert behind["count"] == len(behind["rows"]) > 0
    xlsx = client.get(f"{REPORTS}/trial-balance", headers={"Accept": "application/vnd.openxmlformats-officedocument.*"})
    assert problem_of(xlsx) == (406, "not_acceptable")
    table = client.get(f"{REPORTS}/trial-balance", headers={"Accept": "text/csv"})
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    plain = client.get(f"{REPORTS}/trial-balance?as=json", headers={"Accept": "text/csv"})
    assert plain.json()["rows"] == whole["rows"]
    workbook: Any = client.get(f"{REPORTS}/trial-balance?as=xlsx")
    assert b"".join(workbook.streaming_content).startswith(b"PK")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("from_on=soon", "from_on"),
        ("from_on=%00", "from_on"),
        ("from_on=2026-03-09&to_on=2026-03-01", "to_on"),
        ("from=2026-03-09", "from"),
        ("limit=0", "limit"),
        ("offset=1000001", "offset"),
        ("as=pdf", "as"),
        ("from_on=2026-03-09&from_on=2026-03-10", "from_on"),
    ],
)
def test_a_parameter_that_is_wrong_is_named(asked: str, field: str) -> None:
    assert {name for name, _ in errors_of(client_as("Auditor").get(f"{REPORTS}/collections?{asked}"))} == {field}


def test_who_may(fleet: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    office, cashier = client_as("Office"), client_as("Cashier")
    by_slug = {report["slug"] for report in office.get(REPORTS).json()["results"]}
    for report in list_reports():
        assert (office.get(f"{REPORTS}/{report.slug}?limit=1").status_code == 200) == (report.slug in by_slug)
    assert {"reasons"} & by_slug == set()
    assert problem_of(cashier.get(REPORTS)) == (403, "permission_denied")
    assert problem_of(cashier.get(f"{REPORTS}/trial-balance/figures/debit?of=1")) == (403, "permission_denied")
    assert problem_of(APIClient().get(f"{REPORTS}/nothing")) == (401, "not_authenticated")
    auditor = client_as("Auditor")
    assert problem_of(auditor.get(f"{REPORTS}/nothing")) == (404, "report_not_found")
    assert problem_of(auditor.get(f"{REPORTS}/trial-balance/figures/name?of=1")) == (404, "figure_not_found")
    assert errors_of(auditor.get(f"{REPORTS}/trial-balance/figures/debit?of=%D9%A3")) == [("of", "invalid")]
    monkeypatch.setitem(MOST_ROWS, "csv", 0)
    assert problem_of(auditor.get(f"{REPORTS}/trial-balance?as=csv")) == (400, "too_many_rows")


def test_every_code_is_in_the_documentation_with_its_status() -> None:
    documented = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()

    assert [e.code for e in CODES if f"| `{e.code}` | {e.http_status} |" not in documented] == []
