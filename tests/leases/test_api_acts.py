"""Drivers, vehicles and leases for programs: each act by its address, seen beforehand and done."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.clock import at
from core.weeks import week_of
from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.models import LedgerPosting, Payout
from tests.factories import DriverFactory, VehicleFactory, VehiclePlateFactory
from tests.leases import office
from tests.leases.programs import client_but_for, count_rows, send
from tests.ledger.api.client import errors_of, problem_of

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


@pytest.fixture
def client() -> APIClient:
    """A program that may do all that leases and the ledger have."""
    return client_but_for()


@pytest.fixture
def lease() -> Lease:
    """500.00 a week for four whole weeks from this week's Sunday on; a fee of 250.00 for an early end."""
    sunday = week_of(TODAY()).start
    return office.start_lease(start_on=sunday, end_on=sunday + timedelta(days=27))


class TestDrivers:
    FACTS = {"first_name": "Anil", "last_name": "Jeudy", "tlc_license": "5401838"}

    def test_entered_changed_and_found(self, client):
        created = send(client, "drivers", self.FACTS)
        assert created.status_code == 201
        driver = Driver.objects.get()
        assert created.json() == {
            **self.FACTS,
            "id": driver.pk,
            "status": "ACTIVE",
            "is_locked": False,
            "phone": "",
            "email": "",
        }
        assert driver.history.get().history_user is not None

        # Zeros before a license make no other one.
        twice = send(client, "drivers", {**self.FACTS, "tlc_license": "005401838"})
        assert problem_of(twice) == (400, "invalid_driver")
        assert twice.json()["field"] == "tlc_license"
        assert problem_of(send(client, f"drivers/{driver.pk}", {"email": "nobody"})) == (400, "invalid_driver")

        changed = send(client, f"drivers/{driver.pk}", {"status": "INACTIVE", "phone": "718-555-0117"})
        assert changed.json() == {**created.json(), "status": "INACTIVE", "phone": "718-555-0117"}
        # What is known already makes no history.
        assert send(client, f"drivers/{driver.pk}", {"last_name": " Jeudy "}).json() == changed.json()
        assert driver.history.count() == 2
        DriverFactory.create()
        for query in ("q=jeudy+anil", "q=5401838", "status=INACTIVE"):
            assert client.get(f"/api/drivers?{query}").json()["results"] == [changed.json()]
        assert client.get(f"/api/drivers/{driver.pk}").json() == changed.json()

    def test_locked_noted_and_unlocked(self, client):
        driver = DriverFactory.create()
        at_driver = f"drivers/{driver.pk}"
        before = count_rows()
        dry = send(client, f"{at_driver}/lock", {"reason": "Hearing"}, query="?dry_run=true")
        assert (dry.status_code, dry.json()["reason"], dry.json()["dry_run"]) == (200, "Hearing", {})
        assert count_rows() == before
        assert problem_of(send(client, f"{at_driver}/lock", {"reason": " "})) == (400, "reason_required")

        locked = send(client, f"{at_driver}/lock", {"reason": "Hearing"})
        assert locked.status_code == 201
        assert client.get(f"/api/{at_driver}").json()["is_locked"] is True
        assert problem_of(send(client, f"{at_driver}/lock", {"reason": "Hearing"})) == (409, "already_locked")
        unlocked = send(client, f"{at_driver}/unlock", {"reason": "It is over"}).json()
        assert (unlocked["reason"], unlocked["unlock_reason"]) == ("Hearing", "It is over")
        assert client.get(f"/api/{at_driver}/locks").json()["results"] == [unlocked]
        assert problem_of(send(client, f"{at_driver}/unlock", {"reason": "Again"})) == (409, "driver_not_locked")

        assert problem_of(send(client, f"{at_driver}/notes", {"text": "Nights"})) == (400, "idempotency_key_required")
        for _ in range(2):
            note = send(client, f"{at_driver}/notes", {"text": "Nights"}, key="note-1")
        assert note.status_code == 201
        assert client.get(f"/api/{at_driver}/notes").json()["results"] == [note.json()]

    def test_their_money(self, client):
        driver, today = DriverFactory.create(), TODAY()
        address = f"/api/drivers/{driver.pk}"
        for reference_id, amount, due_on in (("MISC-1", "60.00", today), ("MISC-2", "40.00", today + timedelta(14))):
            ledger.create_obligation(
                category="MISC",
                amount=Decimal(amount),
                reference_id=reference_id,
                driver_id=driver.pk,
                due_on=due_on,
                effective_on=today,
            )
        ledger.credit_driver(
            driver_id=driver.pk,
            category="LEASE",
            amount=Decimal("25.00"),
            reference_id="CREDIT-1",
            reason="A day in the shop",
            effective_on=today,
        )

        dues = client.get(f"{address}/dues").json()
        assert (dues["due_now"], dues["due_by_saturday"], dues["owed"]) == ("60.00", "60.00", "100.00")
        assert [due["amount"] for due in (*dues["now"], *dues["later"])] == ["60.00", "40.00"]

        def position(as_of: date) -> tuple[str, ...]:
            told = client.get(f"{address}/position", {"as_of": as_of.isoformat()}).json()
            assert told["as_of"] == as_of.isoformat()
            return told["obligations_due"], told["obligations_not_due"], told["held_credits"], told["net_position"]

        # 60 + 40 - 25 = 75.
        assert position(today) == ("60.00", "40.00", "25.00", "75.00")
        assert position(today + timedelta(14)) == ("100.00", "0.00", "25.00", "75.00")
        assert position(today - timedelta(1)) == ("0.00", "0.00", "0.00", "0.00")

        statement = client.get(f"{address}/statement", {"from_on": today.isoformat()}).json()
        assert [line["balance"] for line in statement["lines"]] == ["60.00", "100.00", "75.00"]
        assert (statement["opening_balance"], statement["closing_balance"]) == ("0.00", "75.00")
        assert errors_of(client.get(f"{address}/statement")) == [("from_on", "required")]
        backwards = client.get(f"{address}/statement", {"from_on": "2026-03-02", "to_on": "2026-03-01"})
        assert problem_of(backwards) == (400, "invalid_value")
        assert errors_of(client.get(f"{address}/position", {"as_of": "0001-01-01"})) == [("as_of", "implausible")]


class TestVehicles:
    def test_registered_marked_retired_and_returned(self, client):
        body = {
            "vin": "1FTDX000000000017",
            "medallion": "8h59",
            "plate": "Y205771C",
            "tag": "2200000017",
            "from_at": "2026-03-02T00:00:00-05:00",
        }
        before = count_rows()
        assert send(client, "vehicles", body, query="?dry_run=true").json()["medallion"] == "8H59"
        assert count_rows() == before
        told = send(client, "vehicles", body)
        assert told.status_code == 201
        assert told.json()["plates"] == [
            {"plate": "Y205771C", "state": "NY", "from_at": "2026-03-02T00:00:00-05:00", "until_at": None}
        ]
        assert problem_of(send(client, "vehicles", {**body, "vin": "1FTDX000000000018"})) == (400, "invalid_vehicle")
        assert errors_of(send(client, "vehicles", {**body, "from_at": "2026-03-02T00:00:00"})) == [
            ("from_at", "invalid")
        ]

        at_vehicle, noon = f"vehicles/{told.json()['id']}", "2026-03-09T12:00:00-04:00"
        plates = send(client, f"{at_vehicle}/plates", {"plate": "Y205772C", "from_at": noon})
        assert plates.status_code == 201
        assert [(plate["plate"], plate["until_at"]) for plate in plates.json()["plates"]] == [
            ("Y205771C", noon),
            ("Y205772C", None),
        ]
        tags = send(client, f"{at_vehicle}/tags", {"tag": "2200000018", "from_at": noon}).json()["tags"]
        assert [tag["tag"] for tag in tags] == ["2200000017", "2200000018"]
        later = {"until_at": "2026-03-10T12:00:00-04:00"}
        assert send(client, f"{at_vehicle}/plates/remove", later).json()["plate"] == ""
        assert send(client, f"{at_vehicle}/tags/remove", later).json()["tags"][1]["until_at"] == later["until_at"]
        assert problem_of(send(client, f"{at_vehicle}/tags/remove", later)) == (409, "nothing_borne")

        retired = send(client, f"{at_vehicle}/retire", {"retired_at": "2026-03-11T00:00:00-04:00"})
        assert retired.json()["status"] == "RETIRED"
        assert send(client, f"{at_vehicle}/return").json()["status"] == "IN_SERVICE"
        assert problem_of(send(client, f"{at_vehicle}/return")) == (409, "not_retired")

    def test_what_is_known_of_them_changes_but_for_what_acts_change(self, client):
        vehicle, other = VehicleFactory.create(), VehicleFactory.create()
        changed = send(client, f"vehicles/{vehicle.pk}", {"medallion": "9z90", "make_and_model": "Sienna"})
        assert (changed.json()["medallion"], changed.json()["make_and_model"]) == ("9Z90", "Sienna")
        assert send(client, f"vehicles/{vehicle.pk}", {"medallion": "9z90"}).json() == changed.json()
        assert vehicle.history.count() == 2
        taken = send(client, f"vehicles/{other.pk}", {"medallion": "9Z90"})
        assert (problem_of(taken), taken.json()["field"]) == ((400, "invalid_vehicle"), "medallion")
        assert errors_of(send(client, f"vehicles/{vehicle.pk}", {"status": "RETIRED"})) == [("status", "unknown_field")]

    def test_found_by_what_is_on_them_and_by_who_has_them(self, client, lease):
        other = VehicleFactory.create()
        VehiclePlateFactory.create(vehicle=other, plate="Y999999C")

        def found(**asked: str) -> list[int]:
            return [row["id"] for row in client.get("/api/vehicles", asked).json()["results"]]

        assert found() == [other.pk, lease.vehicle_id]
        assert found(q="y999999c") == [other.pk]
        assert found(q=lease.primary_driver.last_name) == [lease.vehicle_id]
        assert found(leased="true") == [lease.vehicle_id]
        assert found(leased="false", status="IN_SERVICE") == [other.pk]


class TestPapers:
    def test_recorded_corrected_and_listed_by_their_end(self, client, lease):
        drivers, vehicles = f"drivers/{lease.primary_driver_id}/papers", f"vehicles/{lease.vehicle_id}/papers"
        body = {"kind": "TLC_LICENSE", "number": "5401838", "good_to": "2027-03-31"}
        recorded = send(client, drivers, body)
        assert recorded.status_code == 201
        assert recorded.json() == {
            **body,
            "id": recorded.json()["id"],
            "driver_id": lease.primary_driver_id,
            "vehicle_id": None,
        }
        assert problem_of(send(client, drivers, body)) == (409, "paper_recorded_before")
        # A cab has no license of its own.
        assert problem_of(send(client, vehicles, body)) == (400, "invalid_paper")
        inspection = send(client, vehicles, {"kind": "INSPECTION", "good_to": "2027-07-31"}).json()

        right = {"number": "5401838", "good_to": "2027-03-30", "reason": "Misread"}
        # Another's paper is none of theirs.
        elsewhere = send(client, f"{vehicles}/{recorded.json()['id']}/correct", right)
        assert problem_of(elsewhere) == (404, "paper_not_found")
        corrected = send(client, f"{drivers}/{recorded.json()['id']}/correct", right).json()
        assert corrected == {**recorded.json(), "good_to": "2027-03-30"}
        assert send(client, f"{vehicles}/{inspection['id']}/correct", {**right, "number": "7"}).json()["number"] == "7"

        def found(**asked: Any) -> list[int]:
            return [row["id"] for row in client.get("/api/papers", asked).json()["results"]]

        assert found() == [inspection["id"], corrected["id"]]
        assert found(driver=lease.primary_driver_id, ending_by="2027-03-30") == [corrected["id"]]
        assert found(ending_by="2027-03-29") == []


class TestLeases:
    def test_started_and_seen_beforehand(self, client):
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        body = {
            "driver_id": driver.pk,
            "vehicle_id": vehicle.pk,
            "lease_type": "SHIFT",
            "shift": "NIGHT",
            "shift_from": "18:00",
            "shift_until": "06:00",
            "start_on": "2026-03-04",
            "end_on": "2026-03-24",
            "weekly_amount": "500.00",
            "deposit": "300",
        }
        before = count_rows()

        dry = send(client, "leases", body, query="?dry_run=true")

        assert dry.status_code == 200
        # 500 x 4/7, two whole weeks, 500 x 3/7.
        assert [rent["amount"] for rent in dry.json()["dry_run"]["rents"]] == ["285.71", "500.00", "500.00", "214.29"]
        assert dry.json()["dry_run"]["total"] == "1500.00"
        assert count_rows() == before

        started = send(client, "leases", body)
        assert started.status_code == 201
        told = started.json()
        assert (told["shift_from"], told["deposit"], told["cancellation_fee"]) == ("18:00", "300.00", "0.00")
        assert told["drivers"] == [
            {"driver_id": driver.pk, "is_primary": True, "start_on": "2026-03-04", "end_on": "2026-03-24"}
        ]
        assert problem_of(send(client, "leases", body)) == (409, "vehicle_taken")
        unknown = {**body, "driver_id": 987_654_321}
        assert problem_of(send(client, "leases", unknown)) == (404, "driver_not_found")
        assert errors_of(send(client, "leases", {**body, "shift_from": "6pm"})) == [("shift_from", "invalid")]
        rents = client.get(f"/api/leases/{told['id']}/rents").json()
        assert [(rent["amount"], rent["state"]) for rent in rents["rents"]][:2] == [
            ("285.71", "Scheduled"),
            ("500.00", "Scheduled"),
        ]
        assert rents["totals"] == {"total": "1500.00", "settled": "0.00", "remaining": "1500.00"}

        def found(**asked: Any) -> int:
            return len(client.get("/api/leases", asked).json()["results"])

        assert found(driver=driver.pk, vehicle=vehicle.pk, status="ACTIVE", shift="NIGHT", q=driver.last_name) == 1
        assert (found(in_force_on="2026-03-24"), found(in_force_on="2026-03-25"), found(status="HELD")) == (1, 0, 0)

    @pytest.mark.parametrize(
        ("act", "body", "changes", "then"),
        [
            # Two of seven days off: 500 x 5/7 = 357.14.
            ("days-away", {"start_on": 0, "end_on": 1, "reason": "Shop"}, [("500.00", "357.14")], {}),
            (
                "amount",
                {"weekly_amount": "450.00", "from_on": 14},
                [("500.00", "450.00")] * 2,
                {"weekly_amount": "450.00"},
            ),
            ("hold", {"reason": "Agreed"}, [("500.00", "500.00")] * 4, {"status": "HELD", "status_reason": "Agreed"}),
            ("terminate", {"last_on": 13, "reason": "Moves away"}, [("500.00", None)] * 2, {"status": "ENDED"}),
        ],
    )
    def test_acts_on_rent_are_seen_beforehand(self, client, lease, act, body, changes, then):
        named = {
            name: (lease.start_on + timedelta(days=value)).isoformat() if isinstance(value, int) else value
            for name, value in body.items()
        }
        before = count_rows()

        dry = send(client, f"leases/{lease.pk}/{act}", named, query="?dry_run=true")

        assert dry.status_code == 200
        assert [(rent["before"], rent["after"]) for rent in dry.json()["dry_run"]["rents"]] == changes
        # The fee of an early end is all that is charged at once.
        owed = "250.00" if act == "terminate" else "0.00"
        assert dry.json()["dry_run"]["net_position_change"] == owed
        assert count_rows() == before
        done = send(client, f"leases/{lease.pk}/{act}", named)
        assert done.status_code in (200, 201)
        told = {name: value for name, value in dry.json().items() if name != "dry_run"}
        assert done.json() == told
        assert {name: told[name] for name in then} == then
        assert sum(posting.amount for posting in LedgerPosting.objects.all()) == Decimal(owed)

    def test_drivers_vehicles_and_what_is_undone(self, client, lease):
        address, second, cab = f"leases/{lease.pk}", DriverFactory.create(), VehicleFactory.create()
        sunday = lease.start_on.isoformat()
        further = {"driver_id": second.pk, "start_on": sunday}
        added = send(client, f"{address}/drivers", further)
        assert added.status_code == 201
        assert added.json()["drivers"][1]["end_on"] == lease.end_on.isoformat()
        assert problem_of(send(client, f"{address}/drivers", further)) == (409, "already_on_lease")
        ended = send(client, f"{address}/drivers/end", {"driver_id": second.pk, "last_on": sunday}).json()
        assert [driver["end_on"] for driver in ended["drivers"]] == [lease.end_on.isoformat(), sunday]

        moment = at(lease.start_on + timedelta(days=3)).isoformat()
        swapped = send(client, f"{address}/swap", {"vehicle_id": cab.pk, "swapped_at": moment}).json()
        assert [span["vehicle_id"] for span in swapped["vehicles"]] == [lease.vehicle_id, cab.pk]
        assert (swapped["vehicle_id"], swapped["vehicles"][0]["until_at"]) == (cab.pk, moment)

        days = {"start_on": sunday, "end_on": sunday, "reason": "Shop"}
        assert send(client, f"{address}/days-away", days).status_code == 201
        taken = send(client, f"{address}/days-away/take-back", days).json()
        assert [day["is_taken_back"] for day in taken["days_away"]] == [True]
        assert problem_of(send(client, f"{address}/days-away/take-back", days)) == (409, "no_days_away")

        send(client, f"{address}/hold", {"reason": "Agreed"})
        assert send(client, f"{address}/resume").json()["status"] == "ACTIVE"
        assert problem_of(send(client, f"{address}/resume")) == (409, "lease_not_held")

    def test_a_deposit_is_settled_and_seen_beforehand(self, client):
        # One whole week, over for more than thirty days: 100.00 of rent, and 300.00 held.
        saturday = week_of(TODAY() - timedelta(days=40)).end
        lease = office.start_lease(
            start_on=saturday - timedelta(days=6),
            end_on=saturday,
            weekly_amount=Decimal("100.00"),
            deposit=Decimal("300.00"),
        )
        office.pay(lease, "300.00", deposit="300.00", on=TODAY())
        address, before = f"leases/{lease.pk}/deposit", count_rows()
        body = {"method": "CASH", "reason": "It is over"}

        dry = send(client, f"{address}/settle", body, query="?dry_run=true", key="dry")

        figures = {"held": "300.00", "applied": "100.00", "released": "200.00", "kept": "0.00"}
        assert {name: dry.json()[name] for name in figures} == figures
        assert count_rows() == before
        assert problem_of(send(client, f"{address}/settle", body)) == (400, "idempotency_key_required")
        settled = send(client, f"{address}/settle", body, key="settle-1")
        assert settled.status_code == 201
        assert {name: settled.json()[name] for name in figures} == figures
        assert [(line["part"], line["amount"]) for line in settled.json()["lines"]] == [
            ("RECEIVED", "300.00"),
            ("PAID", "100.00"),
        ]
        shown = client.get(f"/api/{address}").json()
        assert (shown["asked"], shown["held"], shown["missing"]) == ("300.00", "0.00", "0.00")
        assert shown["settlements"] == [settled.json()]
        assert problem_of(send(client, f"{address}/settle", body, key="settle-2")) == (409, "no_deposit_held")
        assert send(client, f"{address}/settle", body, key="settle-1").json() == settled.json()
        payout = Payout.objects.get()
        ledger.void_payout(payout_id=payout.pk, reason="Never picked up", effective_on=TODAY(), actor=None)
        again = send(client, f"{address}/settle", body, key="settle-1").json()
        assert again == {**settled.json(), "voided": {"payouts": [payout.pk]}}
