"""Who had a cab at a moment: a trip that contains it is proof, one nearby is a hint, and neither is made up."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.clock import at
from core.columns import as_column
from curb import services as curb
from curb.models import Trip
from curb.selectors import Asked, Inside, NearTrip, Side, find_trips_at, find_trips_near, who_drove
from tests.curb import trip
from tests.curb.counting import back
from tests.dtr.fleet import cash, drive, leased_driver
from tests.factories import DriverFactory, VehicleFactory
from tests.guards import copy_of

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 3)


def clock(text: str) -> datetime:
    return at(DAY, time.fromisoformat(text))


def ride(start: str, end: str, **attributes: str) -> Trip:
    """A card trip of 9Z90 by license 5000001 on that day, from one clock time to another; blank has no end."""
    clocks = {"START_DATE": f"03/03/2026 {start}", "END_DATE": f"03/03/2026 {end}" if end else ""}
    return drive(trip(**clocks, **attributes))[-1]


def inside(vehicle_id: int, start: str, end: str = "") -> Inside | None:
    asked = Asked(vehicle_id, clock(start), clock(end or start))
    return find_trips_at([asked]).get(0)


def proof(vehicle_id: int, moment: str) -> Inside:
    found = inside(vehicle_id, moment)
    assert found is not None
    return found


def near(vehicle_id: int, moment: str, minutes: int = 30) -> list[tuple[int | None, Side, int]]:
    found = find_trips_near([Asked(vehicle_id, clock(moment), clock(moment))], minutes=minutes)
    return [(one.driver_id, one.side, one.minutes) for one in found.get(0, [])]


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


@pytest.fixture
def further():
    return DriverFactory.create(tlc_license="5000003")


class TestInside:
    def test_a_trip_from_its_start_to_its_end_is_its_drivers(self, adams):
        one = ride("10:00:00", "10:20:00", TOLLS="6.94", TOTAL_AMOUNT="24.24")
        cab = adams.vehicle_id
        found = inside(cab, "10:10:30")
        assert found == Inside(
            trip_id=one.pk, driver_id=adams.primary_driver_id, lease_id=adams.pk, license="5000001",
            start_at=clock("10:00:00"), end_at=clock("10:20:00"), tolls=one.tolls,
        )  # fmt: skip
        assert str(found.tolls) == "6.94"
        assert [bool(inside(cab, moment)) for moment in ("09:59:59", "10:00:00", "10:20:00", "10:20:01")] == [
            False, True, True, False,
        ]  # fmt: skip

    def test_a_moment_that_is_not_known_exactly_must_lie_in_it_as_a_whole(self, adams):
        ride("10:00:00", "10:20:00")
        assert inside(adams.vehicle_id, "10:10:00", "10:10:59")
        assert inside(adams.vehicle_id, "10:19:30", "10:20:30") is None
        assert inside(adams.vehicle_id, "00:00:00", "23:59:59") is None

    def test_the_trip_of_another_cab_is_none(self, adams):
        other = leased_driver("5000002", "9Z91")
        ride("10:00:00", "10:20:00")
        assert inside(other.vehicle_id, "10:10:00") is None

    def test_a_driver_on_no_lease_of_the_cab_is_named_without_one(self, adams, further):
        ride("10:00:00", "10:20:00", DRIVER="5000003")
        found = proof(adams.vehicle_id, "10:10:00")
        assert (found.driver_id, found.lease_id) == (further.pk, None)

    def test_a_license_that_is_nobodys_yet_is_told_without_a_driver(self, adams):
        ride("10:00:00", "10:20:00", DRIVER="5999999")
        found = proof(adams.vehicle_id, "10:10:00")
        assert (found.driver_id, found.license, found.is_contradicted) == (None, "5999999", False)

    def test_what_a_person_said_of_a_trip_holds(self, adams):
        baker = leased_driver("5000002", "9Z91")
        one = ride("10:00:00", "10:20:00")
        curb.move_trip(
            trip_id=one.pk,
            driver_id=baker.primary_driver_id,
            vehicle_id=adams.vehicle_id,
            reason="Drove 9Z90 that day",
            actor=None,
        )
        assert proof(adams.vehicle_id, "10:10:00").driver_id == baker.primary_driver_id

    @pytest.mark.parametrize(
        "attributes",
        [
            {"end": ""},
            {"TRIP": "-10.00", "TIPS": "-3.00", "EXTRAS": "-1.00", "TAX": "-0.50", "IMPTAX": "-0.30",
             "CONGFEE": "-2.50", "TOTAL_AMOUNT": "-17.30"},
            {"end": "23:00:00"},
        ],
        ids=["no end", "refund", "forgotten meter"],
    )  # fmt: skip
    def test_is_no_proof(self, adams, attributes):
        ride("10:00:00", **{"end": "10:20:00", **attributes})
        assert inside(adams.vehicle_id, "10:10:00") is None

    def test_neither_nobodys_trips_nor_superseded_records_are_proof(self, adams):
        back(ride("10:00:00", "10:20:00", ID="71"))
        ride("11:00:00", "11:20:00", ID="72")
        ride("11:30:00", "11:50:00", ID="72")
        cab = adams.vehicle_id
        assert [bool(inside(cab, moment)) for moment in ("10:10:00", "11:10:00", "11:40:00")] == [False, False, True]

    @pytest.mark.parametrize("payment", ["$", "P", "N", "D"])
    def test_however_it_was_paid_the_cab_was_driven(self, adams, payment):
        ride("10:00:00", "10:20:00", T=payment)
        assert proof(adams.vehicle_id, "10:10:00").driver_id == adams.primary_driver_id

    @pytest.mark.parametrize("other", ["5000003", "5999999"])
    def test_trips_of_two_drivers_at_one_moment_prove_neither(self, adams, further, other):
        ride("10:00:00", "10:20:00", ID="71")
        ride("10:05:00", "10:25:00", ID="72", DRIVER=other)
        found = proof(adams.vehicle_id, "10:10:00")
        assert (found.driver_id, found.lease_id, found.is_contradicted) == (None, None, True)
        assert proof(adams.vehicle_id, "10:02:00").driver_id == adams.primary_driver_id

    def test_two_trips_of_one_driver_at_one_moment_are_no_contradiction(self, adams):
        ride("10:00:00", "10:20:00", ID="71")
        ride("10:20:00", "10:40:00", ID="72")
        found = proof(adams.vehicle_id, "10:20:00")
        assert (found.driver_id, found.lease_id, found.is_contradicted) == (adams.primary_driver_id, adams.pk, False)

    def test_many_questions_are_one_statement_and_keep_their_places(self, adams):
        ride("10:00:00", "10:20:00")
        asked = [Asked(adams.vehicle_id, clock(text), clock(text)) for text in ("09:00:00", "10:01:00", "10:02:00")]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            found = find_trips_at(asked * 50)
            find_trips_near(asked * 50)
        assert len(captured) == 2
        assert sorted(found) == [place for place in range(150) if place % 3]
        assert (find_trips_at([]), find_trips_near([])) == ({}, {})

    @pytest.mark.owner
    def test_each_question_goes_by_the_index_of_the_cabs_trips(self, adams):
        ride("10:00:00", "10:20:00")
        cabs = [cab.pk for cab in VehicleFactory.create_batch(20)]
        later = "start_at + n * interval '1 minute'"
        many = copy_of(
            "curb_trips",
            record_id="'R' || n",
            vehicle_id=f"(ARRAY{cabs})[1 + n % 20]",
            start_at=later,
            end_at=f"{later} + interval '9 minutes'",
        )
        asked: dict[str, Any] = {
            "places": as_column([0, 1, 2]), "vehicles": as_column([1, 2, 3]),
            "from": as_column([clock("10:00:00")] * 3), "to": as_column([clock("10:00:00")] * 3),
            "longest": who_drove.LONGEST_TRIP, "near": timedelta(minutes=30),
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(f"{many.removesuffix(' ORDER BY 1 LIMIT 1')}, generate_series(1, 3000) AS n")
            cursor.execute("ANALYZE curb_trips")
            # Of a few thousand rows the newest are as quickly read by time alone.
            cursor.execute("DROP INDEX curb_trips_newest")
            for sql in (who_drove._INSIDE, who_drove._NEAR):
                cursor.execute(f"EXPLAIN {sql}", asked)
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert "Index Scan using curb_trips_of_a_cab" in plan
                assert "(vehicle_id = asked.vehicle_id) AND (start_at <=" in plan


class TestNear:
    def test_trips_rank_by_the_minutes_from_their_end_or_to_their_start(self, adams, further):
        ride("09:00:00", "09:29:00", ID="70")
        ride("09:40:00", "09:55:00", ID="71")
        ride("10:07:59", "10:20:00", ID="72", DRIVER="5000003")
        ride("10:31:00", "10:40:00", ID="73")
        cab = adams.vehicle_id
        assert near(cab, "10:00:00") == [
            (adams.primary_driver_id, Side.OVER, 5), (further.pk, Side.TO_COME, 7),
        ]  # fmt: skip
        assert near(cab, "10:01:00") == [
            (adams.primary_driver_id, Side.OVER, 6), (further.pk, Side.TO_COME, 6),
            (adams.primary_driver_id, Side.TO_COME, 30),
        ]  # fmt: skip
        assert near(cab, "10:00:00", minutes=5) == [(adams.primary_driver_id, Side.OVER, 5)]

    def test_a_trip_around_the_moment_is_no_minutes_away(self, adams):
        one = ride("10:00:00", "10:20:00")
        (found,) = find_trips_near([Asked(adams.vehicle_id, clock("10:10:00"), clock("10:10:00"))])[0]
        assert found == NearTrip(
            trip_id=one.pk, driver_id=adams.primary_driver_id, lease_id=adams.pk, license="5000001",
            start_at=clock("10:00:00"), end_at=clock("10:20:00"), tolls=one.tolls, side=Side.AROUND, minutes=0,
        )  # fmt: skip

    def test_a_trip_without_an_end_is_near_by_its_start_alone(self, adams):
        ride("10:00:00", "")
        assert near(adams.vehicle_id, "10:10:00") == [(adams.primary_driver_id, Side.OVER, 10)]
        assert near(adams.vehicle_id, "09:50:00") == [(adams.primary_driver_id, Side.TO_COME, 10)]

    def test_a_refund_or_a_trip_that_is_nobodys_is_near_nothing(self, adams):
        ride("10:00:00", "10:20:00", ID="71", TOTAL_AMOUNT="-17.30")
        back(drive(cash(ID="72", START_DATE="03/03/2026 10:00:00"))[0])
        assert near(adams.vehicle_id, "10:25:00") == []
