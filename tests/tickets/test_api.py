"""Tickets, their files and miscellaneous charges by the API: each act dry and done, and who may."""

import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from core.errors import DomainError
from core.models import StoredAnswer, Upload
from ledger.models import LedgerPosting
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.ledger.api.client import client_of, client_with, errors_of, problem_of
from tests.tickets.changed import REDUCED, change_of, tell
from tests.tickets.files import EZPASS_HEAD, held, owed, text, ticket_of
from tests.tickets.pages import current_lease, recent_toll
from tickets import errors, services
from tickets.admin.lists.tickets import ACTS
from tickets.models import ChargeType, ImportRow, MiscCharge, Ticket, TicketChange, TicketImport
from tickets.tasks import import_part_task, read_file_task

pytestmark = pytest.mark.django_db

TICKETS, CHARGES, IMPORTS = "/api/tickets", "/api/misc-charges", "/api/imports"
TODAY = timezone.localdate


def client_as(role: str) -> APIClient:
    return client_of(UserFactory.create(groups=[role]))


@pytest.fixture
def office() -> APIClient:
    return client_as("Office")


@pytest.fixture
def supervisor() -> APIClient:
    return client_as("Supervisor")


@pytest.fixture
def lease():
    return current_lease()


def send(client: APIClient, address: str, body: Any = None, *, key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(address, body or {}, format="json", headers=headers)


def count_rows() -> list[int]:
    models = (LedgerPosting, Ticket, TicketChange, MiscCharge, TicketImport, StoredAnswer, Ticket.history.model)
    return [model._default_manager.count() for model in models]


def send_dry(client: APIClient, address: str, body: Any = None, *, key: str | None = None) -> Any:
    """What the act would answer; it must leave everything as it was."""
    before = count_rows()
    response = send(client, f"{address}?dry_run=true", body, key=key)
    assert response.status_code == 200, response.json()
    assert count_rows() == before
    return response.json()


def charged_toll(number: int = 1, plate: str = "NY T100001C") -> Ticket:
    """A toll of $9.11 of yesterday, charged to the cab's driver."""
    stage_and_confirm(recent_toll(number, plate))
    return ticket_of(number)


def stage_and_confirm(*rows: str) -> None:
    staged = services.stage_file(
        kind="ezpass", file_name="t.csv", file=io.BytesIO(text(EZPASS_HEAD, rows)), today=TODAY()
    )
    services.confirm_import(import_id=staged.file.pk, today=TODAY())


class TestTickets:
    def test_one_has_its_charge_and_the_list_is_filtered(self, office, lease):
        toll = charged_toll()
        stage_and_confirm(recent_toll(2, "NY ZZZ9999"))

        one = office.get(f"{TICKETS}/{toll.pk}").json()
        assert (one["reference_id"], one["amount"], one["driver_id"], one["candidates"]) == (
            "EZPASS-1",
            "9.11",
            lease.primary_driver_id,
            [],
        )
        assert one["in_ledger"]["remaining"] == "9.11"
        waiting = office.get(TICKETS, {"state": "WAITING", "fields": "number,waits_for,driver_id"}).json()["results"]
        assert waiting == [{"number": "2", "waits_for": "VEHICLE", "driver_id": None}]
        assert len(office.get(TICKETS, {"vehicle": lease.vehicle_id}).json()["results"]) == 1
        assert errors_of(office.get(TICKETS, {"state": "x", "cab": 1})) == [
            ("cab", "unknown_field"),
            ("state", "invalid_choice"),
        ]
        assert problem_of(office.get(f"{TICKETS}/9")) == (404, "ticket_not_found")

    def test_who_waits_has_candidates(self, office):
        lease = current_lease()
        toll = charged_toll()
        services.dispute_ticket(ticket_id=toll.pk, reason="x", today=TODAY(), actor=None)
        Ticket.objects.filter(pk=toll.pk).update(state="WAITING", waits_for="DRIVER", driver=None, lease=None)

        (candidate,) = office.get(f"{TICKETS}/{toll.pk}").json()["candidates"]

        assert (candidate["driver_id"], candidate["lease_id"]) == (lease.primary_driver_id, lease.pk)

    def test_assigning_moves_the_charge_and_tells_of_both_drivers(self, office, lease):
        toll, other = charged_toll(), DriverFactory.create()
        address, body = f"{TICKETS}/{toll.pk}/assign", {"driver_id": other.pk, "reason": "They had it"}

        dry = send_dry(office, address, body)
        assert [(one["driver_id"], one["net_position_change"]) for one in dry["dry_run"]["drivers"]] == [
            (other.pk, "9.11"),
            (lease.primary_driver_id, "-9.11"),
        ]
        assert dry["driver_id"] == other.pk
        done = send(office, address, body)
        assert (done.status_code, done.json()["state"]) == (200, "CHARGED")
        assert (owed(other), owed(lease.primary_driver)) == ({"EZPASS-1": Decimal("9.11")}, {})
        assert problem_of(send(office, address, body)) == (409, "already_charged")
        assert problem_of(send(office, address, {"driver_id": 2**40})) == (404, "driver_not_found")

    @pytest.mark.parametrize(
        ("act", "body", "state", "left"),
        [
            ("correct", {"amount": 5}, "CHARGED", {"EZPASS-1": Decimal("5.00")}),
            ("dispute", {}, "DISPUTED", {}),
            ("fleet-pays", {}, "FLEET_PAYS", {}),
            ("dismiss", {}, "DISMISSED", {}),
        ],
    )
    def test_what_a_supervisor_decides(self, office, supervisor, lease, act, body, state, left):
        toll = charged_toll()
        address, body = f"{TICKETS}/{toll.pk}/{act}", {"reason": "As the letter says", **body}

        assert problem_of(send(client_as("Cashier"), address, body)) == (403, "permission_denied")
        refusal = (409, "not_waiting") if act == "dismiss" else (403, "permission_denied")
        assert problem_of(send(office, address, body)) == refusal
        assert problem_of(send(supervisor, address, {**body, "reason": " "})) == (400, "reason_required")
        dry = send_dry(supervisor, address, body)
        assert dry["dry_run"]["drivers"][0]["changes"][0]["before"] == "9.11"
        done = send(supervisor, address, body, key="k").json()
        assert (done["state"], owed(lease.primary_driver)) == (state, left)
        assert send(supervisor, address, body, key="k").headers["Idempotency-Replayed"] == "true"
        assert act.replace("-", "_") in {known.page for acts in ACTS.values() for known in acts}
        if act != "correct":
            back = send(supervisor, f"{TICKETS}/{toll.pk}/restore", {"reason": "By mistake"}).json()
            assert (back["state"], back["waits_for"]) == ("WAITING", "RESTORED")

    def test_the_office_lays_aside_what_is_no_cab_of_ours(self, office):
        stage_and_confirm(recent_toll(2, "NY ZZZ9999"))

        done = send(office, f"{TICKETS}/{ticket_of(2).pk}/dismiss", {"reason": "None of ours"})

        assert (done.status_code, done.json()["state"]) == (200, "DISMISSED")

    def test_a_row_whose_sign_does_not_tell(self, office, lease):
        stage_and_confirm(recent_toll(1), recent_toll(3, amount="$4.00"))
        unsure = ticket_of(3)
        assert unsure.waits_for in ("SIGN", "REFUND")

        send_dry(office, f"{TICKETS}/{unsure.pk}/sign", {"is_charge": True, "reason": "By its total"})
        done = send(office, f"{TICKETS}/{unsure.pk}/sign", {"is_charge": True, "reason": "By its total"}).json()

        assert (done["state"], done["amount"]) == ("CHARGED", "4.00")

    def test_a_summons_is_entered_once(self, office, lease):
        body = {
            "number": "FN7",
            "violation": "Directive",
            "issued_on": str(TODAY() - timedelta(days=2)),
            "plate": "T100001C",
            "amount": "100.00",
        }

        assert send_dry(office, TICKETS, body)["dry_run"]["drivers"][0]["net_position_change"] == "100.00"
        done = send(office, TICKETS, body)

        assert (done.status_code, done.json()["state"]) == (201, "CHARGED")
        assert owed(lease.primary_driver) == {"TLC-FN7": Decimal("100.00")}
        assert problem_of(send(office, TICKETS, body)) == (409, "ticket_known")
        assert problem_of(send(office, TICKETS, {**body, "number": "FN8", "plate": ""})) == (400, "invalid_ticket")

    def test_what_is_told_otherwise_is_decided(self, office, supervisor):
        lease = current_lease()
        tell()
        tell(**REDUCED)
        change = change_of()

        (listed,) = office.get(f"{TICKETS}/changes").json()["results"]
        assert (listed["id"], listed["kind"], listed["before_total"], listed["now_total"]) == (
            change.pk,
            "REDUCED",
            "40.00",
            "25.00",
        )
        one = office.get(f"{TICKETS}/{change.ticket_id}").json()
        assert one["change_acts"][0] == {"act": "REDUCE", "amount": "25.00"}
        address, body = f"{TICKETS}/changes/{change.pk}/decide", {"act": "REDUCE", "reason": "Letter"}
        assert problem_of(send(office, address, body)) == (403, "permission_denied")
        assert send_dry(supervisor, address, body)["dry_run"]["drivers"][0]["net_position_change"] == "-15.00"
        assert send(supervisor, address, body).json()["act"] == "REDUCE"
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("25.00")}
        assert problem_of(send(supervisor, address, body)) == (409, "change_decided")
        assert problem_of(send(supervisor, f"{TICKETS}/changes/9/decide", body)) == (404, "change_not_found")

    def test_a_cab_that_is_known_later_finds_its_tolls(self, office):
        stage_and_confirm(recent_toll(1))
        current_lease()

        assert send_dry(office, f"{TICKETS}/rematch")["found"] == 1
        assert send(office, f"{TICKETS}/rematch").json() == {"found": 1}


class TestMiscCharges:
    @pytest.fixture
    def body(self) -> dict[str, Any]:
        key = ChargeType.objects.create(name="Lost spare key", default_amount="45.00", is_active=True)
        return {"charge_type_id": key.pk, "driver_id": DriverFactory.create().pk, "note": "Left in the cab"}

    def test_made_once_and_voided(self, office, supervisor, body):
        assert send_dry(office, CHARGES, body, key="k")["dry_run"]["net_position_change"] == "45.00"
        assert problem_of(send(office, CHARGES, body)) == (400, "idempotency_key_required")
        first = send(office, CHARGES, body, key="k")
        assert (first.status_code, first.json()["amount"], first.json()["in_ledger"]["remaining"]) == (
            201,
            "45.00",
            "45.00",
        )
        assert send(office, CHARGES, body, key="k").content == first.content
        StoredAnswer.objects.all().delete()
        assert send(office, CHARGES, body, key="k").json()["id"] == first.json()["id"]
        charge = MiscCharge.objects.get()

        address = f"{CHARGES}/{charge.pk}/void"
        assert problem_of(send(office, address, {"reason": "Found"})) == (403, "permission_denied")
        assert send_dry(supervisor, address, {"reason": "Found"})["dry_run"]["net_position_change"] == "-45.00"
        assert send(supervisor, address, {"reason": "Found"}).json()["void_reason"] == "Found"
        assert send(office, CHARGES, body, key="k").json()["voided"] == {"reason": "Found"}
        assert problem_of(send(supervisor, address, {"reason": "Found"})) == (409, "charge_already_voided")
        assert office.get(f"{CHARGES}/{charge.pk}").json()["in_ledger"]["status"] == "VOIDED"
        assert [len(office.get(CHARGES, {"voided": asked}).json()["results"]) for asked in ("true", "false")] == [1, 0]
        assert held(charge.driver) == {}

    def test_what_is_refused(self, office, body):
        assert problem_of(send(office, CHARGES, {**body, "charge_type_id": 2**40}, key="k")) == (409, "charge_type_off")
        assert problem_of(send(office, CHARGES, {**body, "driver_id": 2**40}, key="k")) == (404, "driver_not_found")
        lease = LeaseFactory.create()
        assert problem_of(send(office, CHARGES, {**body, "lease_id": lease.pk}, key="k")) == (409, "lease_mismatch")
        assert problem_of(send(office, CHARGES, {**body, "vehicle_id": 2**40}, key="k")) == (404, "vehicle_not_found")
        assert problem_of(office.get(f"{CHARGES}/9")) == (404, "charge_not_found")
        assert problem_of(send(client_with("tickets.view_misccharge"), CHARGES, body)) == (403, "permission_denied")

    def test_its_types(self, office, body):
        kinds = client_with("tickets.view_chargetype").get(f"{CHARGES}/types").json()["results"]
        assert ("Lost spare key", "45.00") in {(kind["name"], kind["default_amount"]) for kind in kinds}


class TestImports:
    @pytest.fixture(autouse=True)
    def sent(self, monkeypatch) -> list[Any]:
        sent: list[Any] = []
        for task in (read_file_task, import_part_task):
            monkeypatch.setattr(task, "apply_async", sent.append)
        return sent

    def upload(self, client: APIClient, *rows: str, content: bytes | None = None, **typed: Any) -> Any:
        file = SimpleUploadedFile("tolls.csv", text(EZPASS_HEAD, rows) if content is None else content)
        return client.post(IMPORTS, {"file": file, **typed}, format="multipart")

    def test_sent_looked_at_and_confirmed(self, office, lease, sent, django_capture_on_commit_callbacks):
        rows = [recent_toll(1), recent_toll(2, amount="x"), recent_toll(3, "NY ZZZ9999")]
        with django_capture_on_commit_callbacks(execute=True):
            kept = self.upload(office, *rows)
        file = kept.json()
        assert (kept.status_code, file["state"], file["file_name"], sent) == (
            202,
            "RECEIVED",
            "tolls.csv",
            [(file["id"],)],
        )
        address = f"{IMPORTS}/{file['id']}"
        assert problem_of(send(office, f"{address}/confirm")) == (409, "import_not_read")
        read_file_task(file["id"])

        staged = office.get(address).json()
        assert [staged[name] for name in ("state", "kind", "row_count", "new_count", "unmatched_count")] == [
            "STAGED",
            "ezpass",
            3,
            2,
            1,
        ]
        assert [(row["row"], row["column"]) for row in staged["errors"]] == [(3, "Amount")]
        (unmatched,) = office.get(f"{address}/rows", {"unmatched": "true"}).json()["results"]
        assert (unmatched["number"], unmatched["waits_for"], unmatched["amount"]) == ("3", "VEHICLE", "9.11")

        again = self.upload(office, *rows)
        assert (again.status_code, again.json()["id"], again.json()["state"]) == (200, file["id"], "STAGED")
        assert send_dry(office, f"{address}/confirm")["state"] == "IMPORTING"
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            confirmed = send(office, f"{address}/confirm", key="k")
        assert (confirmed.status_code, confirmed.json()["state"], sent) == (202, "IMPORTING", [(file["id"], 0)])
        import_part_task(file["id"], 0)
        assert office.get(address).json()["state"] == "IMPORTED"
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}
        assert [row["number"] for row in office.get(f"{address}/rows", {"state": "SENT"}).json()["results"]] == [
            "1",
            "3",
        ]
        assert problem_of(send(office, f"{address}/confirm")) == (409, "already_imported")

    def test_one_that_was_refused_is_read_again(self, office, sent, django_capture_on_commit_callbacks):
        file = self.upload(office, content=b"a,b\n1,2\n", kind="pvb").json()
        address = f"{IMPORTS}/{file['id']}"
        assert problem_of(send(office, f"{address}/read-again")) == (409, "not_refused")
        read_file_task(file["id"])
        assert office.get(address).json()["refusal_code"] == "unreadable_ticket_file"

        assert send_dry(office, f"{address}/read-again", {"kind": "ezpass"})["state"] == "RECEIVED"
        with django_capture_on_commit_callbacks(execute=True):
            assert send(office, f"{address}/read-again", {"kind": "ezpass"}).status_code == 202
        assert sent == [(file["id"],)]

    def test_a_form_that_is_none(self, office):
        boundary = {"content_type": "multipart/form-data; boundary=x"}
        part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na\r\n'
        odd = b"--x\r\nContent-Disposition: form-data; name*=none''%41; filename=\"a\"\r\n\r\na\r\n--x--\r\n"

        def ask(body: bytes, **given: Any) -> tuple[int, str]:
            return problem_of(office.post(IMPORTS, body, **{**boundary, **given}))

        assert errors_of(self.upload(office, recent_toll(1), kind="x", colour="red")) == [
            ("colour", "unknown_field"),
            ("kind", "invalid_choice"),
        ]
        assert errors_of(office.post(IMPORTS, {"file": "text"}, format="multipart")) == [("file", "invalid")]
        assert ask(part + part + b"--x--\r\n") == (400, "invalid_input")
        assert ask(b"", content_type="multipart/form-data") == (400, "invalid_input")
        assert ask(part, content_type="multipart/form-data") == (400, "parse_error")
        assert ask(odd) in {(400, "parse_error"), (400, "invalid_input")}
        assert ask(b"{}", content_type="application/json") == (415, "unsupported_media_type")
        assert ask(part, CONTENT_LENGTH=str(201 * 2**20)) == (413, "body_too_large")
        assert problem_of(self.upload(office, content=b"")) == (400, "unreadable_ticket_file")
        assert problem_of(self.upload(client_as("Cashier"), recent_toll(1))) == (403, "permission_denied")
        assert problem_of(office.get(f"{IMPORTS}/9")) == (404, "import_not_found")
        assert (TicketImport.objects.count(), Upload.objects.count()) == (0, 0)

    def test_a_session_sends_its_csrf_token_in_the_header_or_the_form(self):
        client = APIClient(enforce_csrf_checks=True, raise_request_exception=False)
        client.force_login(UserFactory.create(groups=["Office"]))
        client.cookies["csrftoken"] = token = "a" * 32

        assert problem_of(client.post(IMPORTS, b"--x", content_type="multipart/form-data")) == (400, "parse_error")
        assert problem_of(self.upload(client, recent_toll(1))) == (403, "csrf_failed")
        client.credentials(HTTP_X_CSRFTOKEN=token)
        assert self.upload(client, recent_toll(1)).status_code == 202


def test_lists_ask_no_more_for_more_rows(supervisor, lease):
    stage_and_confirm(*(recent_toll(number) for number in range(3)))
    kind = ChargeType.objects.create(name="Cleaning it", default_amount="45.00", is_active=True)
    for number in range(3):
        send(supervisor, CHARGES, {"charge_type_id": kind.pk, "driver_id": lease.primary_driver_id}, key=f"{number}")
    file = TicketImport.objects.get()

    for address in (TICKETS, CHARGES, IMPORTS, f"{IMPORTS}/{file.pk}/rows"):
        counts = []
        for size in (1, 3):
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert supervisor.get(address, {"page_size": size}).status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 6, address
    assert ImportRow.objects.count() == 3


def test_every_code_is_in_the_documentation_with_its_status():
    documented = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()
    named = [error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, DomainError)]
    refusals = [error for error in named if error.code != "refused"]

    assert [e.code for e in refusals if f"| `{e.code}` | {e.http_status} |" not in documented] == []
    assert len(refusals) > 25
