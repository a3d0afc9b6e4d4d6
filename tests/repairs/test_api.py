"""Repair invoices for programs: who may, each act seen beforehand and done."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from core.weeks import week_of
from leases.models import Lease
from repairs import errors
from repairs.api import urlpatterns
from repairs.models import RepairInvoice
from tests.config.test_structure import PROJECT
from tests.leases.programs import NOBODY, TOO_LONG, Doors, client_but_for, send
from tests.ledger.api.client import errors_of, problem_of
from tests.repairs.factories import RepairInvoiceFactory
from tests.repairs.office import count_rows
from tests.repairs.test_admin import enter_now, lease_now

pytestmark = pytest.mark.django_db

NEEDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("repairs", "GET"): ("repairs.view_repairinvoice",),
    ("repairs", "POST"): ("repairs.add_repairinvoice",),
    ("repair", "GET"): ("repairs.view_repairinvoice",),
    ("hold-repair", "POST"): ("repairs.hold_repairinvoice",),
    ("resume-repair", "POST"): ("repairs.hold_repairinvoice",),
    ("void-repair", "POST"): ("repairs.void_repairinvoice",),
}
DOORS = Doors(urlpatterns)


@pytest.fixture
def client() -> APIClient:
    return client_but_for()


@pytest.fixture
def lease() -> Lease:
    return lease_now()


def body_of(lease: Lease, **changed: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "driver_id": lease.primary_driver_id,
        "vehicle_id": lease.vehicle_id,
        "workshop": "Queens Auto",
        "workshop_number": "QA-1",
        "invoiced_on": today.isoformat(),
        "lines": [{"description": "Brake pads", "amount": "380.50"}, {"description": "Labor", "amount": "120"}],
        "amount": "500.50",
        "starts_on": week_of(today).start.isoformat(),
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
            assert problem_of(DOORS.ask(client, name, method, number)) == (404, "repair_invoice_not_found")


class TestEnter:
    def test_seen_beforehand_entered_and_found(self, client, lease):
        before = count_rows()
        dry = send(client, "repairs", body_of(lease, posts_at_once=True), query="?dry_run=true")
        assert dry.status_code == 200
        # More than 500 and up to 1,000 dollars are repaid by 200 a week.
        assert [part["amount"] for part in dry.json()["installments"]] == ["200.00", "200.00", "100.50"]
        assert dry.json()["dry_run"]["net_position_change"] == "500.50"
        assert count_rows() == before

        entered = send(client, "repairs", body_of(lease))
        assert entered.status_code == 201
        told = entered.json()
        assert told["lines"] == [
            {"description": "Brake pads", "amount": "380.50"},
            {"description": "Labor", "amount": "120.00"},
        ]
        first = told["installments"][0]
        assert (first["reference_id"], first["state"]) == (f"REPAIR-{told['id']}-1", "Scheduled")
        assert client.get(f"/api/repairs/{told['id']}").json() == told
        found = client.get("/api/repairs", {"driver": lease.primary_driver_id, "workshop_number": "qa-1"})
        assert [row["id"] for row in found.json()["results"]] == [told["id"]]
        assert client.get("/api/repairs?status=VOIDED").json()["results"] == []
        assert problem_of(send(client, "repairs", body_of(lease))) == (409, "repair_invoice_known")

    @pytest.mark.parametrize(
        ("changed", "refusal"),
        [
            ({"amount": "500.00"}, (400, "repair_lines_do_not_sum")),
            ({"lines": []}, (400, "repair_lines_refused")),
            ({"driver_id": NOBODY}, (404, "driver_not_found")),
            ({"vehicle_id": NOBODY}, (409, "vehicle_not_held")),
            ({"starts_on": "2026-03-08"}, (400, "plan_start_refused")),
        ],
    )
    def test_refused_by_name(self, client, lease, changed, refusal):
        before = count_rows()
        assert problem_of(send(client, "repairs", body_of(lease, **changed))) == refusal
        assert count_rows() == before

    def test_a_line_that_is_none_is_said_at_its_place(self, client, lease):
        body = body_of(lease, lines=[{"description": "Labor", "amount": "1e2"}])
        assert errors_of(send(client, "repairs", body)) == [("lines.0.amount", "invalid_amount")]


class TestActs:
    def test_held_resumed_and_voided(self, client, lease):
        invoice = enter_now(lease, posts_at_once=False)
        address, sunday = f"repairs/{invoice.pk}", week_of(timezone.localdate()).start.isoformat()

        held = send(client, f"{address}/hold", {"reason": "Dispute"}).json()
        assert (held["status"], held["reason"]) == ("ON_HOLD", "Dispute")
        assert {part["state"] for part in held["installments"]} == {"On hold"}
        assert problem_of(send(client, f"{address}/hold", {"reason": "Dispute"})) == (409, "repair_invoice_not_active")
        assert send(client, f"{address}/resume", {"starts_on": sunday}).json()["status"] == "ACTIVE"
        assert problem_of(send(client, f"{address}/resume", {"starts_on": sunday})) == (
            409,
            "repair_invoice_not_on_hold",
        )

        voided = send(client, f"{address}/void", {"reason": "Wrong driver"}).json()
        assert (voided["status"], {part["state"] for part in voided["installments"]}) == ("VOIDED", {"Dropped"})
        again = send(client, f"{address}/void", {"reason": "Wrong driver"})
        assert problem_of(again) == (409, "repair_invoice_already_voided")

    def test_a_void_is_seen_beforehand_with_the_money(self, client, lease):
        invoice = enter_now(lease, posts_at_once=True)
        before = count_rows()

        dry = send(client, f"repairs/{invoice.pk}/void", {"reason": "Wrong driver"}, query="?dry_run=true").json()

        assert (dry["status"], dry["dry_run"]["net_position_change"]) == ("VOIDED", "-500.50")
        assert [(change["before"], change["after"]) for change in dry["dry_run"]["changes"]] == [
            ("200.00", "0.00"),
            ("200.00", "0.00"),
            ("100.50", "0.00"),
        ]
        assert count_rows() == before
        assert RepairInvoice.objects.get().status == "ACTIVE"


def test_the_list_asks_as_often_for_many_rows_as_for_one(client):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/api/repairs").status_code == 200
        return len(asked)

    RepairInvoiceFactory.create()
    count()  # the token's use of today is written once
    one = count()
    RepairInvoiceFactory.create_batch(3)
    assert count() == one


def test_every_code_is_in_the_documentation():
    documented = (PROJECT / "docs" / "api.md").read_text()
    rows = {f"| `{error.code}` | {error.http_status} |" for error in errors.RepairError.__subclasses__()}
    assert {row for row in rows if row not in documented} == set()
