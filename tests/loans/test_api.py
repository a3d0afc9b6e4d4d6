"""Loans for programs: who may, each act seen beforehand and done, and what would end one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from core.weeks import week_of
from leases.models import Driver
from ledger.installments.services import PlanError
from loans import errors
from loans.api import urlpatterns
from loans.models import DriverLoan
from tests.config.test_structure import PROJECT
from tests.factories import DriverFactory
from tests.leases.programs import NOBODY, TOO_LONG, Doors, client_but_for, send
from tests.ledger.api.client import errors_of, problem_of
from tests.loans.factories import DriverLoanFactory
from tests.loans.office import count_rows, lend

pytestmark = pytest.mark.django_db

NEEDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("loans", "GET"): ("loans.view_driverloan",),
    ("loans", "POST"): ("loans.add_driverloan",),
    ("loan", "GET"): ("loans.view_driverloan",),
    ("loan-payoff", "GET"): ("loans.view_driverloan", "ledger.view_ledgerbalance"),
    ("hold-loan", "POST"): ("loans.hold_driverloan",),
    ("resume-loan", "POST"): ("loans.hold_driverloan",),
    ("void-loan", "POST"): ("loans.void_driverloan",),
    ("pay-off-loan", "POST"): ("loans.pay_off_driverloan",),
    ("restore-loan", "POST"): ("loans.pay_off_driverloan",),
    ("write-off-loan", "POST"): ("loans.write_off_driverloan",),
}
DOORS = Doors(urlpatterns)


@pytest.fixture
def client() -> APIClient:
    return client_but_for()


@pytest.fixture
def driver() -> Driver:
    return DriverFactory.create()


@pytest.fixture
def loan(driver: Driver) -> DriverLoan:
    """1,200.00 at 10 %, lent on this week's Sunday, of which nothing is charged yet."""
    today = timezone.localdate()
    return lend(driver, disbursed_on=week_of(today).start, starts_on=week_of(today).start, today=today)


def body_of(driver: Driver, **changed: Any) -> dict[str, Any]:
    sunday = week_of(timezone.localdate()).start.isoformat()
    return {
        "driver_id": driver.pk,
        "principal": "1200.00",
        "rate_percent": "10",
        "disbursed_on": sunday,
        "method": "CASH",
        "starts_on": sunday,
        **changed,
    }


class TestWhoMay:
    def test_each_method_of_each_address_is_looked_at(self):
        assert DOORS.list_methods() == set(NEEDED)

    @pytest.mark.parametrize(("name", "method"), NEEDED)
    def test_needs_what_its_page_needs_and_no_more(self, name, method):
        DOORS.check_permissions(name, method, NEEDED[name, method])

    @pytest.mark.parametrize(("name", "method"), list(NEEDED)[2:])
    def test_what_is_not_there_is_refused_by_name(self, client, name, method):
        for number in (NOBODY, TOO_LONG):
            assert problem_of(DOORS.ask(client, name, method, number)) == (404, "loan_not_found")


class TestLend:
    def test_seen_beforehand_lent_once_and_found(self, client, driver):
        before = count_rows()
        dry = send(client, "loans", body_of(driver), query="?dry_run=true", key="dry")
        assert dry.status_code == 200
        # 250 a week; 1,200 x 10 % x 6/365, 950 x 10 % x 7/365, 700 …, 450 …, 200 …
        assert [(part["principal"], part["interest"]) for part in dry.json()["installments"]] == [
            ("250.00", "1.97"),
            ("250.00", "1.82"),
            ("250.00", "1.34"),
            ("250.00", "0.86"),
            ("200.00", "0.38"),
        ]
        assert count_rows() == before

        assert problem_of(send(client, "loans", body_of(driver))) == (400, "idempotency_key_required")
        lent = send(client, "loans", body_of(driver, rate_percent=10.0), key="loan-1")
        assert (lent.status_code, lent.json()["rate_percent"], lent.json()["payoff"]) == (201, "10.00", None)
        assert send(client, "loans", body_of(driver, rate_percent=10.0), key="loan-1").json() == lent.json()
        assert DriverLoan.objects.count() == 1
        assert client.get(f"/api/loans/{lent.json()['id']}").json() == lent.json()
        found = client.get("/api/loans", {"driver": driver.pk, "status": "ACTIVE"}).json()["results"]
        assert [row["id"] for row in found] == [lent.json()["id"]]
        assert client.get("/api/loans", {"driver": NOBODY}).json()["results"] == []

        send(client, f"loans/{lent.json()['id']}/void", {"reason": "Never handed over"})
        again = send(client, "loans", body_of(driver, rate_percent=10.0), key="loan-1").json()
        assert again == {**lent.json(), "voided": {"status": "VOIDED", "amount": "1200.00"}}

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"rate_percent": "16.01"}, (400, "loan_rate_refused")),
            ({"method": "CHECK"}, (400, "loan_method_refused")),
            ({"driver_id": NOBODY}, (404, "driver_not_found")),
            ({"lease_id": NOBODY}, (409, "lease_not_the_drivers")),
            ({"starts_on": "2026-03-08"}, (400, "plan_start_refused")),
            ({"rate_percent": "1e1"}, (400, "invalid_input")),
        ],
    )
    def test_refused_by_name(self, client, driver, changed, refusal):
        before = count_rows()
        assert problem_of(send(client, "loans", body_of(driver, **changed), key="loan-1")) == refusal
        assert count_rows() == before

    def test_a_rate_is_no_amount(self, client, driver):
        refusal = send(client, "loans", body_of(driver, rate_percent=True), key="loan-1")
        assert errors_of(refusal) == [("rate_percent", "invalid")]


class TestActs:
    def test_held_resumed_and_voided(self, client, loan):
        address, sunday = f"loans/{loan.pk}", week_of(timezone.localdate()).start.isoformat()
        assert send(client, f"{address}/hold", {"reason": "Ill"}).json()["status"] == "ON_HOLD"
        assert problem_of(send(client, f"{address}/hold", {"reason": "Ill"})) == (409, "loan_not_active")
        assert send(client, f"{address}/resume", {"starts_on": sunday}).json()["status"] == "ACTIVE"
        voided = send(client, f"{address}/void", {"reason": "Never handed over"}).json()
        assert (voided["status"], {part["state"] for part in voided["installments"]}) == ("VOIDED", {"Dropped"})
        assert problem_of(send(client, f"{address}/void", {"reason": "Again"})) == (409, "loan_ended")

    def test_quoted_paid_off_and_restored(self, client, loan):
        address, sunday = f"loans/{loan.pk}", week_of(timezone.localdate()).start
        saturday = sunday + timedelta(days=6)
        quote = client.get(f"/api/{address}/payoff", {"on": saturday.isoformat()}).json()
        # All of the principal, and six days of interest.
        assert (quote["principal"], quote["interest"], quote["total"]) == ("1200.00", "1.97", "1201.97")
        assert client.get(f"/api/{address}/payoff", {"on": sunday.isoformat()}).json()["total"] == "1200.00"

        before, body = count_rows(), {"as_of": sunday.isoformat()}
        dry = send(client, f"{address}/pay-off", body, query="?dry_run=true").json()
        assert (dry["status"], dry["dry_run"]["net_position_change"]) == ("PAID_OFF", "1200.00")
        assert count_rows() == before
        paid = send(client, f"{address}/pay-off", body, key="pay-off").json()
        assert send(client, f"{address}/pay-off", body, key="pay-off").json() == paid
        assert paid["payoff"] == {
            "as_of": sunday.isoformat(),
            "principal": "1200.00",
            "interest": "0.00",
            "interest_back": "0.00",
        }
        assert problem_of(client.get(f"/api/{address}/payoff")) == (409, "loan_ended")
        assert problem_of(send(client, f"{address}/pay-off", body)) == (409, "loan_not_active")

        again = {"reason": "Bounced", "starts_on": sunday.isoformat()}
        restored = send(client, f"{address}/restore", again).json()
        assert (restored["status"], restored["payoff"]) == ("ACTIVE", None)
        since = {"voided": {"status": "VOIDED", "amount": "1200.00"}}
        assert send(client, f"{address}/pay-off", body, key="pay-off").json() == {**paid, **since}
        assert problem_of(send(client, f"{address}/restore", again)) == (409, "loan_not_paid_off")
        early = send(client, f"{address}/pay-off", {"as_of": (sunday - timedelta(days=1)).isoformat()})
        assert problem_of(early) == (400, "payoff_date_refused")

    def test_written_off(self, client, loan):
        written = send(client, f"loans/{loan.pk}/write-off", {"reason": "Left the country"}).json()
        assert (written["status"], written["reason"]) == ("WRITTEN_OFF", "Left the country")
        again = send(client, f"loans/{loan.pk}/write-off", {"reason": "Left the country"})
        assert problem_of(again) == (409, "loan_ended")


def test_the_list_asks_as_often_for_many_rows_as_for_one(client):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/api/loans").status_code == 200
        return len(asked)

    DriverLoanFactory.create()
    count()  # the token's use of today is written once
    one = count()
    DriverLoanFactory.create_batch(3)
    assert count() == one


def test_every_code_is_in_the_documentation():
    documented = (PROJECT / "docs" / "api.md").read_text()
    answered = {*errors.LoanError.__subclasses__(), *PlanError.__subclasses__()}
    # Bands have no door.
    rows = {f"| `{error.code}` | {error.http_status} |" for error in answered if not error.code.startswith("bands")}
    assert {row for row in rows if row not in documented} == set()
