"""Trips and their files by the API: each act dry and done, and who may."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from core.models import StoredAnswer
from curb import errors
from curb import services as curb
from curb.models import Trip, TripCorrection, TripFile, UnreadRecord
from tests.curb import trip_file
from tests.curb.counting import receive_transaction
from tests.dtr.fleet import SATURDAY, card, cash, close, drive, leased_driver
from tests.factories import UserFactory
from tests.ledger.api.client import client_of, errors_of, problem_of

pytestmark = pytest.mark.django_db

TRIPS = "/api/trips"
#: Those that a door of trips can answer; CURB's own service is asked by no door.
ANSWERED = {
    *(errors.TripNotFound, errors.TripFileNotFound, errors.TripNotWaiting, errors.LeaseDoesNotFit, errors.TripWaits),
    *(errors.TripSuperseded, errors.AlreadyTheirs, errors.AlreadyNobodys, errors.NotInDoubt, errors.AlreadyDecided),
    *(errors.AlreadySeen,),
}


def client_as(role: str) -> APIClient:
    return client_of(UserFactory.create(groups=[role]))


@pytest.fixture
def office() -> APIClient:
    return client_as("Office")


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


@pytest.fixture
def baker():
    return leased_driver("5000002", "9Z91")


def send(client: APIClient, address: str, body: Any = None) -> Any:
    return client.post(address, body or {}, format="json")


def look_at_rows() -> list[Any]:
    trips = list(Trip.objects.order_by("pk").values("driver", "lease", "waits_for", "counts_as", "awaits_count"))
    return [
        trips,
        TripCorrection.objects.count(),
        UnreadRecord.objects.filter(seen_at=None).count(),
        StoredAnswer.objects.count(),
    ]


def send_dry(client: APIClient, address: str, body: Any = None) -> Any:
    before = look_at_rows()
    response = send(client, f"{address}?dry_run=true", body)
    assert response.status_code == 200, response.json()
    assert look_at_rows() == before
    return response.json()


def test_listed_by_state_day_and_whose_it_is(office, adams):
    mine, nobodys = drive(card(), cash(DRIVER="6666666"))
    close()

    one = office.get(f"{TRIPS}/{mine.pk}").json()
    assert [one[name] for name in ("total", "paid_by", "driver_id", "counted_for_id", "week_end")] == [
        "17.30",
        "CARD",
        adams.primary_driver_id,
        adams.primary_driver_id,
        str(SATURDAY),
    ]
    assert [(row["sign"], row["total"], row["taxes_total"]) for row in one["counts"]] == [(1, "17.30", "3.30")]
    day = mine.start_at.date()
    for asked, found in (
        ({"state": "COUNTED"}, [mine.pk]),
        ({"state": "WAITING"}, [nobodys.pk]),
        ({"driver": adams.primary_driver_id, "day": str(day)}, [mine.pk]),
        ({"day": "2026-02-01"}, []),
        ({"week": str(SATURDAY), "vehicle": adams.vehicle_id}, [mine.pk]),
    ):
        assert [row["id"] for row in office.get(TRIPS, asked).json()["results"]] == found, asked
    assert problem_of(office.get(f"{TRIPS}/{2**40}")) == (404, "trip_not_found")
    assert errors_of(office.get(TRIPS, {"state": "x"})) == [("state", "invalid_choice")]
    assert problem_of(client_as("Cashier").get(TRIPS)) == (403, "permission_denied")


def test_one_that_waits_is_given_to_its_driver_with_those_alike(office, adams):
    first, _ = drive(card(DRIVER="6666666"), card(DRIVER="6666666"))

    queue = office.get(f"{TRIPS}/waiting").json()
    (group,) = queue["groups"]
    assert (queue["count"], group["trips"], group["total_together"]) == (2, 2, "34.60")
    assert group["example_id"] == first.pk
    assert send(office, f"{TRIPS}/rematch").json() == {"done": 0}
    address = f"{TRIPS}/{first.pk}/bind"
    body = {"driver_id": adams.primary_driver_id, "vehicle_id": adams.vehicle_id, "with_alike": True}
    assert send_dry(office, address, body) == {"done": 2, "dry_run": {}}
    assert send(office, address, body).json() == {"done": 2}
    assert office.get(f"{TRIPS}/waiting").json()["count"] == 0
    assert problem_of(send(office, f"{TRIPS}/{2**40}/bind", body)) == (404, "trip_not_found")
    assert problem_of(send(office, address, {**body, "driver_id": 2**40})) == (404, "driver_not_found")
    assert problem_of(send(client_as("Auditor"), address, body)) == (403, "permission_denied")


def test_moved_and_counted_back_by_the_next_close(office, adams, baker):
    (one,) = drive(card())
    close()
    address = f"{TRIPS}/{one.pk}/move"
    body = {"driver_id": baker.primary_driver_id, "vehicle_id": baker.vehicle_id, "reason": "Theirs"}

    steps = send_dry(office, address, body)["dry_run"]["steps"]
    assert [step.partition(" for")[0] for step in steps] == ["Counted back", "Counted"]
    moved = send(office, address, body).json()
    assert (moved["driver_id"], moved["pending"]) == (baker.primary_driver_id, steps)
    assert [(row["act"], row["reason"]) for row in moved["corrections"]] == [("MOVED", "Theirs")]
    assert problem_of(send(office, address, body)) == (409, "already_theirs")
    back = f"{TRIPS}/{one.pk}/count-back"
    assert len(send_dry(office, back, {"reason": "Test ride"})["dry_run"]["steps"]) == 1
    assert send(office, back, {"reason": "Test ride"}).json()["counts_as"] == "NOTHING"
    assert problem_of(send(office, back, {"reason": "Again"})) == (409, "already_nobodys")
    assert problem_of(send(client_as("Auditor"), back, {"reason": "x"})) == (403, "permission_denied")


def test_how_one_in_doubt_was_paid(office, adams):
    (one,) = drive(card())
    address, body = f"{TRIPS}/{one.pk}/paid", {"counts_as": "CASH", "reason": "The driver says so"}
    assert problem_of(send(office, address, body)) == (409, "trip_not_in_doubt")
    receive_transaction(one, "DC")

    assert [row["id"] for row in office.get(TRIPS, {"state": "LEFT_OUT"}).json()["results"]] == [one.pk]
    assert send_dry(office, address, body)["dry_run"]["steps"][0].endswith("$17.30 cash, taxes $3.30")
    assert send(office, address, body).json()["paid_by"] == "CASH"


def test_a_file_its_unread_records_and_its_trips(office, adams):
    curb.import_trips(file_name="t.xml", content=trip_file([card(), card("x", ID="2")]))
    file = TripFile.objects.get()

    one = office.get(f"{TRIPS}/files/{file.pk}").json()
    assert (one["file_name"], one["imported_count"], one["error_count"]) == ("t.xml", 1, 1)
    assert [(row["row"], row["attribute"], row["seen_at"]) for row in one["unread"]] == [(2, "TOTAL_AMOUNT", None)]
    for act, again in (("seen", "already_seen"), ("count-back", None)):
        address, body = f"{TRIPS}/files/{file.pk}/{act}", {"reason": "Another fleet's"}
        assert send_dry(office, address, body)["done"] == 1
        assert send(office, address, body).json() == {"done": 1}
        if again:
            assert problem_of(send(office, address, body)) == (409, again)
        assert problem_of(send(office, f"{TRIPS}/files/{2**40}/{act}", body)) == (404, "trip_file_not_found")
    assert problem_of(send(office, f"{TRIPS}/files/{file.pk}/sums", {"reason": "x"})) == (409, "already_seen")
    assert problem_of(office.get(f"{TRIPS}/files/{2**40}")) == (404, "trip_file_not_found")


def test_lists_ask_no_more_for_more_rows(office, adams):
    drive(card(), cash(), card())
    close()
    curb.import_trips(file_name="t.xml", content=trip_file([card(ID="77")]))

    office.get(TRIPS)  # whoever asks is known by now
    for address in (TRIPS, f"{TRIPS}/files"):
        counts = []
        for size in (1, 3):
            with CaptureQueriesContext(connection) as asked:
                assert office.get(address, {"page_size": size}).status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[1] <= 8, address


def test_every_code_is_in_the_documentation_with_its_status():
    documented = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()

    assert [e.code for e in ANSWERED if f"| `{e.code}` | {e.http_status} |" not in documented] == []
