"""Who may use the ledger's API, at which addresses, and where it says so."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from core import errors as core_errors
from core.errors import DomainError
from ledger import errors
from tests.factories import DriverFactory, UserFactory
from tests.ledger.api.client import (
    BALANCES,
    EVERYTHING,
    PAYMENT,
    POSTINGS,
    client_of,
    client_with,
    count_written,
    pay,
    problem_of,
    user_with,
    void,
)

pytestmark = pytest.mark.django_db

PROJECT = Path(__file__).resolve().parents[3]


class TestWhoMay:
    @pytest.mark.parametrize(
        ("needed", "ask", "refusal"),
        [
            ("view_ledgerbalance", lambda client: client.get(BALANCES), 200),
            ("view_ledgerposting", lambda client: client.get(POSTINGS), 200),
            ("add_interimpayment", lambda client: pay(client, {}), 400),
            ("void_ledgerposting", lambda client: void(client, 1, {}), 400),
        ],
    )
    def test_each_needs_its_own_permission(
        self, nothing_written, needed: str, ask: Callable[[APIClient], Any], refusal: int
    ):
        assert ask(client_with(needed)).status_code == refusal
        others = client_with(*(codename for codename in EVERYTHING if codename != needed))
        assert problem_of(ask(others)) == (403, "permission_denied")
        stranger = APIClient()
        assert problem_of(ask(stranger)) == (401, "not_authenticated")
        assert ask(stranger)["WWW-Authenticate"] == 'Bearer realm="api"'

    @pytest.mark.parametrize(
        ("role", "sees_postings", "may_pay", "may_void"),
        [
            ("Cashier", False, True, False),
            ("Supervisor", True, True, True),
            ("Office", True, False, False),
            ("Auditor", True, False, False),
        ],
    )
    def test_each_role_may_what_it_is_for(self, nothing_written, role, sees_postings, may_pay, may_void):
        client = client_of(UserFactory.create(groups=[role]))

        assert client.get(BALANCES).status_code == 200
        assert client.get(POSTINGS).status_code == (200 if sees_postings else 403)
        assert pay(client, {}).status_code == (400 if may_pay else 403)
        assert void(client, 1, {}).status_code == (400 if may_void else 403)

    def test_a_permission_taken_away_is_gone_at_once_and_for_stored_answers_too(self, body):
        user = user_with(EVERYTHING)
        client = client_of(user)
        assert pay(client, body).status_code == 201

        user.user_permissions.clear()

        assert problem_of(pay(client, body)) == (403, "permission_denied")


class TestAddresses:
    @pytest.mark.parametrize(
        "address", ["/api/", "/api/nothing", "/api/ledger/balances/", f"{POSTINGS}/abc/void", f"{POSTINGS}/-1/void"]
    )
    def test_an_unknown_address_is_not_found(self, client, address):
        assert problem_of(client.get(address)) == (404, "not_found")
        assert problem_of(Client().post(address)) == (404, "not_found")

    @pytest.mark.parametrize(
        ("method", "address"),
        [
            ("get", PAYMENT),
            ("put", PAYMENT),
            ("options", PAYMENT),
            ("delete", BALANCES),
            ("post", BALANCES),
            ("get", f"{POSTINGS}/1/void"),
        ],
    )
    def test_another_method_is_not_allowed(self, client, nothing_written, method, address):
        response = getattr(client, method)(address)

        assert problem_of(response) == (405, "method_not_allowed")
        assert response["Allow"] == ("GET, HEAD" if address == BALANCES else "POST")

    def test_a_media_type_that_is_not_had(self, client):
        assert problem_of(client.get(BALANCES, headers={"Accept": "text/csv"})) == (406, "not_acceptable")


class TestSession:
    """A person logged in to the admin uses the API as themselves, from the admin's own pages only."""

    def test_a_session_reads(self):
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(user_with(["view_ledgerbalance"]))

        assert client.get(BALANCES).status_code == 200

    def test_writes_only_with_the_csrf_token(self):
        driver = DriverFactory.create()
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(user_with(["add_interimpayment"]))
        body = {"driver_id": driver.pk, "payment_amount": "5.00", "payment_method": "CASH"}
        before = count_written()

        assert problem_of(pay(client, body)) == (403, "csrf_failed")
        assert count_written() == before

        client.get("/admin/login/")
        token = "a" * 32
        client.cookies["csrftoken"] = token
        client.credentials(HTTP_X_CSRFTOKEN=token)
        assert pay(client, body).status_code == 201


#: Which acts say in their answer what was undone since, when their key comes again.
SINCE = {"transfers": True, "obligations/batch": True, "payouts": True, "credits/apply": False, "closed-days": False}


class TestSchema:
    def test_is_valid_and_complete(self):
        described = StringIO()
        call_command("spectacular", validate=True, fail_on_warn=True, stdout=described)

        assert all(
            path in described.getvalue() for path in (BALANCES, POSTINGS, "interim-payment", "{posting_id}/void")
        )
        paths = yaml.safe_load(described.getvalue())["paths"]
        since = {act: "`voided`" in paths[f"/api/ledger/{act}"]["post"]["description"] for act in SINCE}
        assert since == SINCE

    @pytest.mark.parametrize("address", ["/api/schema", "/api/docs"])
    def test_is_for_staff_only(self, address):
        client = APIClient()
        assert client.get(address).status_code == 401

        client.force_login(user_with([]))
        assert client.get(address).status_code == 200

    def test_the_page_loads_nothing_from_elsewhere(self):
        client = APIClient()
        client.force_login(user_with([]))

        page = client.get("/api/docs").content.decode()

        assert "swagger-ui-bundle.js" in page
        assert "http" not in page.replace("http-equiv", "")


def all_of(error: type[DomainError]) -> set[type[DomainError]]:
    return {error}.union(*(all_of(child) for child in error.__subclasses__()))


def test_every_code_is_in_the_documentation_with_its_status():
    documented = (PROJECT / "docs" / "api.md").read_text()
    of_requests = {
        core_errors.IdempotencyKeyReused,
        core_errors.RequestInProgress,
        core_errors.IdempotencyKeyRequired,
        core_errors.IdempotencyKeyInvalid,
        core_errors.CursorInvalid,
        core_errors.Busy,
    }

    rows = {f"| `{error.code}` | {error.http_status} |" for error in all_of(errors.LedgerError) | of_requests}

    assert {row for row in rows if row not in documented} == set()
