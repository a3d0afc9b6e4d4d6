"""Weeks and DTRs by the API: readiness, preview, start, progress, what failed, DTRs as JSON and paper, payouts."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader
from rest_framework.test import APIClient

from core.errors import DomainError
from core.models import AuditRun, StoredAnswer
from dtr import errors, tasks
from dtr.models import CloseBatch, Dtr, Overrule, WeekClose
from dtr.services import batches
from ledger.models import LedgerPosting, Payout
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, WEEK, card, close, drive, expect, get_dtr, leased_driver, make_ready
from tests.factories import UserFactory
from tests.ledger.api.client import client_of, errors_of, problem_of

pytestmark = pytest.mark.django_db

WEEKS, DTRS = "/api/weeks", "/api/dtrs"
THIS = f"{WEEKS}/{SATURDAY}"


def client_as(role: str) -> APIClient:
    return client_of(UserFactory.create(groups=[role]))


@pytest.fixture
def supervisor() -> APIClient:
    return client_as("Supervisor")


def send(client: APIClient, address: str, body: Any = None, *, key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(address, body or {}, format="json", headers=headers)


def count_rows() -> list[int]:
    models = (LedgerPosting, Payout, WeekClose, CloseBatch, Dtr, Overrule, AuditRun, StoredAnswer)
    return [model._default_manager.count() for model in models]


def send_dry(client: APIClient, address: str, body: Any = None) -> Any:
    before = count_rows()
    response = send(client, f"{address}?dry_run=true", body)
    assert response.status_code == 200, response.json()
    assert count_rows() == before
    return response.json()


class TestWeeks:
    def test_ready_looked_at_begun_and_closed(self, supervisor, worker, django_capture_on_commit_callbacks):
        lease = leased_driver()
        drive(card("103.30"))
        make_ready()

        before = count_rows()
        assert supervisor.get(f"{THIS}/readiness").json()["is_ready"] is True
        preview = supervisor.get(f"{THIS}/preview").json()
        assert [(row["driver_id"], row["to_pay"]) for row in preview["drivers"]] == [
            (lease.primary_driver_id, "100.00")
        ]
        assert (preview["number"], preview["batches"], preview["total"]["card_total"]) == (1, 1, "103.30")
        assert count_rows() == before
        assert problem_of(supervisor.get(THIS)) == (404, "week_not_started")
        assert send_dry(supervisor, THIS)["state"] == "OPEN"

        with django_capture_on_commit_callbacks(execute=True):
            begun = send(supervisor, THIS, key="k")
        assert (begun.status_code, begun.json()["batch_count"], begun.json()["done_count"]) == (202, 4, 0)
        progress = supervisor.get(f"{THIS}/progress").json()
        assert (progress["state"], progress["percent"], progress["is_stuck"]) == ("CLOSED", 100, False)
        assert [step["step"] for step in progress["steps"]][-1] == "GENERATE_DTRS"
        one = supervisor.get(THIS).json()
        assert (one["sums"], one["done_count"]) == (
            {"dtrs": 1, "card_total": "103.30", "cash_total": "0.00", "taxes_total": "3.30"},
            4,
        )
        assert send(supervisor, THIS).json()["state"] == "CLOSED"
        assert supervisor.get(f"{WEEKS}/next").json()["week_end"] == str(NEXT_WEEK.end)

    def test_what_stops_it_is_told_and_overruled(self, supervisor):
        expect()
        leased_driver()

        told = supervisor.get(f"{THIS}/readiness").json()
        stopping = {check["check"]: check for check in told["checks"] if check["blocks"]}
        assert told["is_ready"] is False
        assert len(stopping["CARD_TRIPS"]["findings"]) == 7
        assert stopping["CARD_TRIPS"]["state"] == "BLOCKS"
        refusal = send(supervisor, THIS)
        assert problem_of(refusal) == (409, "week_not_ready")
        assert "CARD_TRIPS" in {found["check"] for found in refusal.json()["facts"]["findings"]}
        address, body = f"{THIS}/overrule", {"check": "CARD_TRIPS", "reason": "Snow"}
        assert len(send_dry(supervisor, address, body)["overruled"]) == 7
        done = send(supervisor, address, body)
        assert (done.status_code, {row["reason"] for row in done.json()["overruled"]}) == (201, {"Snow"})
        assert problem_of(send(supervisor, address, body)) == (409, "nothing_to_overrule")
        assert problem_of(send(supervisor, address, {**body, "check": "WEEK_BEFORE"})) == (409, "check_not_overrulable")
        assert errors_of(send(supervisor, address, {"check": "x"})) == [
            ("reason", "required"),
            ("check", "invalid_choice"),
        ]

    def test_what_failed_is_told_and_tried_again(
        self, supervisor, worker, monkeypatch, django_capture_on_commit_callbacks
    ):
        lease = leased_driver()
        make_ready()
        real = batches.credit_earnings

        def refuse(**_: Any) -> None:
            raise ZeroDivisionError("no meter")

        monkeypatch.setattr(batches, "credit_earnings", refuse)
        with django_capture_on_commit_callbacks(execute=True):
            send(supervisor, THIS)
        progress = supervisor.get(f"{THIS}/progress").json()
        assert progress["is_stuck"] is True
        (failed,) = progress["failed"]
        assert (failed["failure"], failed["driver_ids"]) == ("ZeroDivisionError: no meter", [lease.primary_driver_id])

        monkeypatch.setattr(batches, "credit_earnings", real)
        assert send_dry(supervisor, f"{THIS}/retry") == {"batches": 1, "dry_run": {}}
        with django_capture_on_commit_callbacks(execute=True):
            assert send(supervisor, f"{THIS}/retry").status_code == 202
        assert supervisor.get(THIS).json()["state"] == "CLOSED"
        assert problem_of(send(supervisor, f"{THIS}/retry")) == (409, "week_already_closed")

    def test_who_may_and_which_week(self, supervisor, monkeypatch):
        monkeypatch.setattr(tasks, "send_batches", None)
        office = client_as("Office")
        for address in (THIS, f"{THIS}/retry", f"{THIS}/overrule"):
            assert problem_of(send(office, address)) == (403, "permission_denied")
        assert problem_of(office.get(f"{THIS}/preview")) == (403, "permission_denied")
        for wrong in ("2026-03-06", "x", "9999-12-31"):
            assert problem_of(supervisor.get(f"{WEEKS}/{wrong}")) == (400, "not_a_saturday")
            assert problem_of(send(supervisor, f"{WEEKS}/{wrong}")) == (400, "not_a_saturday")
        assert problem_of(supervisor.get(f"{THIS}/progress")) == (404, "week_not_started")
        assert problem_of(send(supervisor, f"{WEEKS}/2099-01-03")) == (409, "week_not_over")
        assert problem_of(supervisor.get("/api/drivers/9/current-balance")) == (404, "driver_not_found")
        driver = leased_driver().primary_driver
        assert supervisor.get(f"/api/drivers/{driver.pk}/current-balance").json()["net_due"] == "0.00"


class TestDtrs:
    @pytest.fixture
    def dtr(self) -> Dtr:
        """100.00 is due to its driver."""
        lease = leased_driver()
        drive(card("103.30"))
        close()
        return get_dtr(lease)

    def test_as_json_and_on_paper(self, supervisor, dtr):
        one = supervisor.get(f"{DTRS}/{dtr.pk}").json()
        assert [one[name] for name in ("reference_id", "week_end", "net_due", "card_total", "taxes_total")] == [
            "DTR-000001",
            "2026-03-07",
            "100.00",
            "103.30",
            "3.30",
        ]
        assert {(line["entry_type"], line["category"], line["closing"]) for line in one["lines"]} == {
            ("CREDIT", "EARNINGS", "100.00"),
            ("DEBIT", "TAXES", "0.00"),
        }
        assert one["document"]["answer"]["title"] == "We pay you $100.00"
        paper = supervisor.get(f"{DTRS}/{dtr.pk}/pdf", headers={"Accept": "application/pdf"})
        assert paper["Content-Type"] == "application/pdf"
        assert "DTR-000001" in PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
        assert supervisor.get(f"{THIS}/dtrs.pdf").getvalue().startswith(b"%PDF")
        assert b"DTR-000001" in supervisor.get(f"{THIS}/dtrs.csv").content
        assert supervisor.get(f"{THIS}/dtrs.xlsx").content.startswith(b"PK")
        assert problem_of(supervisor.get(f"{DTRS}/9/pdf")) == (404, "dtr_not_found")
        json = {"Accept": "application/json"}
        assert problem_of(supervisor.get(f"{DTRS}/{dtr.pk}/pdf", headers=json)) == (406, "not_acceptable")

    def test_paid_once(self, supervisor, dtr):
        address, body = f"{DTRS}/{dtr.pk}/pay", {"method": "CHECK", "instrument_number": "1043"}
        assert problem_of(send(client_as("Office"), address, body)) == (403, "permission_denied")
        assert problem_of(send(supervisor, address, {**body, "amount": "100.01"})) == (409, "nothing_due")
        assert send_dry(supervisor, address, body)["dry_run"]["net_position_change"] == "100.00"
        paid = send(supervisor, address, body, key="k")
        assert (paid.status_code, paid.json()["amount"], paid.json()["reference_id"]) == (201, "100.00", "OUT-000001")
        assert send(supervisor, address, body).json() == paid.json()
        assert problem_of(send(supervisor, address, {**body, "instrument_number": "7"})) == (409, "dtr_already_paid")
        void = f"/api/ledger/payouts/{paid.json()['payout_id']}/void"
        assert send(supervisor, void, {"reason": "Lost"}).status_code == 200
        assert send(supervisor, address, body, key="k").json()["voided"]["status"] == "VOIDED"
        assert [payout["stands"] for payout in supervisor.get(f"{DTRS}/{dtr.pk}").json()["payouts"]] == [False]

    def test_several_are_paid_each_for_itself(self, supervisor, dtr):
        cash = {"method": "ACH", "instrument_number": "A-1"}
        body = {"payments": [{"dtr_id": 2**40, **cash}, {"dtr_id": dtr.pk, **cash}]}

        assert supervisor.get(DTRS, {"state": "UNPAID"}).json()["results"][0]["id"] == dtr.pk
        assert send_dry(supervisor, f"{DTRS}/pay", body)["outcomes"][1]["payout"]["amount"] == "100.00"
        told = send(supervisor, f"{DTRS}/pay", body, key="k").json()
        outcomes = told["outcomes"]

        assert (outcomes[0]["payout"], outcomes[0]["refusal"]["code"]) == (None, "dtr_not_found")
        assert (outcomes[1]["payout"]["amount"], outcomes[1]["refusal"]) == ("100.00", None)
        assert supervisor.get(DTRS, {"state": "UNPAID"}).json()["results"] == []
        assert errors_of(send(supervisor, f"{DTRS}/pay", {"payments": []})) == [("payments", "min_length")]
        assert send(supervisor, f"{DTRS}/pay", body, key="k").json() == told
        payout_id = outcomes[1]["payout"]["payout_id"]
        assert send(supervisor, f"/api/ledger/payouts/{payout_id}/void", {"reason": "Lost"}).status_code == 200
        again = send(supervisor, f"{DTRS}/pay", body, key="k").json()
        assert again == {**told, "voided": {"payouts": [payout_id]}}

    def test_lists_ask_no_more_for_more_rows(self, supervisor, dtr):
        drive(card("13.30", START_DATE="03/10/2026 10:00:00", END_DATE="03/10/2026 10:10:00"))
        close(NEXT_WEEK)

        assert [row["week_end"] for row in supervisor.get(DTRS, {"driver": dtr.driver_id}).json()["results"]] == [
            str(NEXT_WEEK.end),
            str(WEEK.end),
        ]
        assert len(supervisor.get(DTRS, {"week": str(WEEK.end), "state": "DUE_TO_DRIVER"}).json()["results"]) == 1
        first = supervisor.get(WEEKS, {"page_size": 1}).json()
        assert [row["week_end"] for row in first["results"]] == [str(NEXT_WEEK.end)]
        assert [row["week_end"] for row in supervisor.get(first["next"]).json()["results"]] == [str(WEEK.end)]
        for address in (DTRS, WEEKS):
            counts = []
            for size in (1, 2):
                with CaptureQueriesContext(connection) as asked:
                    assert supervisor.get(address, {"page_size": size}).status_code == 200
                counts.append(len(asked))
            assert counts[0] == counts[1] <= 6, address


def test_every_code_is_in_the_documentation_with_its_status():
    documented = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
    bases = (DomainError, errors.WeekError, errors.DtrNotPayable)
    named = [error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, DomainError)]
    refusals = [error for error in named if error not in bases]

    assert [e.code for e in refusals if f"| `{e.code}` | {e.http_status} |" not in documented] == []
    assert len(refusals) > 10
