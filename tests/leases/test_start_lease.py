"""Starting a lease: what it writes, what it refuses, and who gets a vehicle that two want."""

import threading
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, ValueInvalid
from leases import services
from leases.models import Driver, Lease, LeaseInstallment, Vehicle
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.locks import is_somebody_waiting_for_us
from tests.threads import PATIENCE, list_winners, run_together

FOUR_WEEKS = {"start_on": date(2026, 3, 4), "end_on": date(2026, 3, 24)}


def start(driver: Driver, vehicle: Vehicle, **changed: Any) -> Lease:
    facts: dict[str, Any] = {
        "lease_type": "LONG_TERM",
        "shift": "FULL",
        "weekly_amount": Decimal("500.00"),
        "actor": None,
        **FOUR_WEEKS,
        **changed,
    }
    return services.start_lease(driver_id=driver.pk, vehicle_id=vehicle.pk, **facts)


def count_rows() -> tuple[int, int, int, int]:
    """Leases and their installments, each with its history."""
    return (
        Lease.objects.count(),
        Lease.history.count(),
        LeaseInstallment.objects.count(),
        LeaseInstallment.history.count(),
    )


@pytest.mark.django_db
class TestStartLease:
    def test_makes_the_lease_and_its_installments(self) -> None:
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        lease = start(driver, vehicle, shift="DAY", lease_type="SHIFT", weekly_amount="500")
        lease.refresh_from_db()
        assert (lease.primary_driver, lease.vehicle, lease.lease_type, lease.shift, lease.status) == (
            driver,
            vehicle,
            "SHIFT",
            "DAY",
            "ACTIVE",
        )
        assert (lease.start_on, lease.end_on, lease.weekly_amount) == (
            date(2026, 3, 4),
            date(2026, 3, 24),
            Decimal("500.00"),
        )
        rents = lease.installments.values_list("number", "reference_id", "week_start", "due_on", "amount")
        assert list(rents) == [
            (1, f"LEASE-{lease.pk}-2026W10", date(2026, 3, 1), date(2026, 3, 7), Decimal("285.71")),
            (2, f"LEASE-{lease.pk}-2026W11", date(2026, 3, 8), date(2026, 3, 14), Decimal("500.00")),
            (3, f"LEASE-{lease.pk}-2026W12", date(2026, 3, 15), date(2026, 3, 21), Decimal("500.00")),
            (4, f"LEASE-{lease.pk}-2026W13", date(2026, 3, 22), date(2026, 3, 28), Decimal("214.29")),
        ]
        assert not lease.installments.exclude(posted_at=None, on_hold=False).exists()
        assert count_rows() == (1, 1, 4, 4)

    def test_records_who_started_a_lease(self) -> None:
        office = UserFactory.create()
        lease = start(DriverFactory.create(), VehicleFactory.create(), actor=office)
        assert lease.history.get().history_user == office
        assert {rent.history_user for rent in LeaseInstallment.history.all()} == {office}

    def test_records_that_the_system_started_a_lease(self) -> None:
        lease = start(DriverFactory.create(), VehicleFactory.create())
        assert lease.history.get().history_user is None
        assert {rent.history_user for rent in LeaseInstallment.history.all()} == {None}

    def test_a_lease_of_ten_years_takes_as_many_statements_as_one_of_a_week(self) -> None:
        counts = []
        for end_on in (date(2026, 3, 5), date(2036, 3, 3)):
            with CaptureQueriesContext(
                connection,
            ) as captured:
                start(DriverFactory.create(), VehicleFactory.create(), end_on=end_on)
            counts.append(len(captured))
        assert counts[0] == counts[1]

    def test_starting_a_lease_posts_nothing(self) -> None:
        lease = start(DriverFactory.create(), VehicleFactory.create())
        assert not lease.postings.exists()

    def test_rent_is_posted_by_the_ledger_when_due(self) -> None:
        lease = start(DriverFactory.create(), VehicleFactory.create())
        ledger.post_scheduled_installments(as_of=date(2026, 3, 14), actor=None)
        posted = lease.balances.order_by("due_on").values_list("reference_id", "category", "due_on", "remaining")
        assert list(posted) == [
            (f"LEASE-{lease.pk}-2026W10", "LEASE", date(2026, 3, 7), Decimal("285.71")),
            (f"LEASE-{lease.pk}-2026W11", "LEASE", date(2026, 3, 14), Decimal("500.00")),
        ]
        assert {(row.driver_id, row.vehicle_id) for row in lease.balances.all()} == {
            (lease.primary_driver_id, lease.vehicle_id)
        }

    def test_starting_the_same_lease_again_is_refused_and_leases_once(self) -> None:
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        lease = start(driver, vehicle)
        with pytest.raises(services.VehicleTaken) as refusal:
            start(driver, vehicle)
        assert refusal.value.facts == {"lease": lease.pk}
        assert count_rows() == (1, 1, 4, 4)

    def test_starting_a_lease_locks_driver_then_vehicle_before_it_writes(self) -> None:
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        with CaptureQueriesContext(connection) as captured:
            start(driver, vehicle)
        statements = [query["sql"] for query in captured]
        locks = [number for number, sql in enumerate(statements) if "FOR NO KEY UPDATE" in sql]
        first_write = next(number for number, sql in enumerate(statements) if sql.startswith("INSERT"))
        assert ['"leases_driver"' in statements[locks[0]], '"leases_vehicle"' in statements[locks[1]]] == [True, True]
        assert len(locks) == 2
        assert max(locks) < first_write


@pytest.mark.django_db
class TestStartLeaseRefusals:
    @pytest.mark.parametrize(
        ("changed", "error", "field"),
        [
            ({"end_on": date(2026, 3, 3)}, services.LeaseDatesReversed, "end_on"),
            ({"start_on": date(1999, 12, 31)}, ValueInvalid, "start_on"),
            ({"start_on": date.min}, ValueInvalid, "start_on"),
            ({"end_on": date.max}, ValueInvalid, "end_on"),
            ({"end_on": date(2036, 4, 1)}, services.LeaseTooLong, "end_on"),
            ({"lease_type": "FOREVER"}, services.LeaseTypeInvalid, "lease_type"),
            ({"lease_type": ""}, services.LeaseTypeInvalid, "lease_type"),
            ({"shift": "full"}, services.ShiftInvalid, "shift"),
            ({"weekly_amount": Decimal("0")}, ledger.AmountInvalid, "weekly_amount"),
            ({"weekly_amount": Decimal("-500")}, ledger.AmountInvalid, "weekly_amount"),
            ({"weekly_amount": Decimal("0.001")}, ledger.AmountInvalid, "weekly_amount"),
            ({"weekly_amount": Decimal("NaN")}, ledger.AmountInvalid, "weekly_amount"),
            ({"weekly_amount": Decimal("Infinity")}, ledger.AmountInvalid, "weekly_amount"),
            ({"weekly_amount": Decimal("1e12")}, ledger.AmountInvalid, "weekly_amount"),
            ({"weekly_amount": 500.0}, ledger.AmountInvalid, "weekly_amount"),
        ],
    )
    def test_bad_input_is_named_at_its_field(
        self, changed: dict[str, Any], error: type[DomainError], field: str
    ) -> None:
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        with pytest.raises(error) as refusal:
            start(driver, vehicle, **changed)
        assert refusal.value.at_field == field
        assert count_rows() == (0, 0, 0, 0)

    @pytest.mark.parametrize("unknown", [0, -1, 10**9, 10**30])
    def test_refuses_an_unknown_driver_or_vehicle(self, unknown: int) -> None:
        with pytest.raises(ledger.DriverNotFound):
            start(Driver(pk=unknown), VehicleFactory.create())
        with pytest.raises(ledger.VehicleNotFound):
            start(DriverFactory.create(), Vehicle(pk=unknown))
        assert count_rows() == (0, 0, 0, 0)

    def test_refuses_an_inactive_driver(self) -> None:
        retired_driver = DriverFactory.create(status="INACTIVE")
        with pytest.raises(services.DriverNotActive, match="is inactive"):
            start(retired_driver, VehicleFactory.create())
        assert count_rows() == (0, 0, 0, 0)

    def test_refuses_a_retired_vehicle(self) -> None:
        scrapped_cab = VehicleFactory.create(status="RETIRED")
        with pytest.raises(services.VehicleRetired, match="is retired"):
            start(DriverFactory.create(), scrapped_cab)
        assert count_rows() == (0, 0, 0, 0)


OVERLAPPING_SHIFTS = [("FULL", "FULL"), ("FULL", "DAY"), ("FULL", "NIGHT"), ("DAY", "FULL"), ("DAY", "DAY"),
                      ("NIGHT", "FULL"), ("NIGHT", "NIGHT")]  # fmt: skip


@pytest.mark.django_db
class TestOneLeasePerVehicleAndShift:
    @pytest.mark.parametrize(("held", "wanted"), OVERLAPPING_SHIFTS)
    def test_refuses_a_shift_that_is_held(self, held: str, wanted: str) -> None:
        cab = VehicleFactory.create()
        holder = start(DriverFactory.create(), cab, shift=held)
        with pytest.raises(services.VehicleTaken) as refusal:
            start(DriverFactory.create(), cab, shift=wanted)
        assert (refusal.value.at_field, refusal.value.facts) == ("vehicle", {"lease": holder.pk})
        assert count_rows() == (1, 1, 4, 4)

    @pytest.mark.parametrize(("held", "wanted"), OVERLAPPING_SHIFTS)
    def test_the_database_refuses_a_shift_that_is_held_to_everybody(self, held: str, wanted: str) -> None:
        holder = LeaseFactory.create(shift=held)
        with pytest.raises(IntegrityError, match="leases_leasevehicle_one_per_shift"), transaction.atomic():
            LeaseFactory.create(vehicle=holder.vehicle, shift=wanted)
        assert Lease.objects.count() == 1

    def test_day_and_night_share_a_cab(self) -> None:
        cab = VehicleFactory.create()
        by_day = start(DriverFactory.create(), cab, shift="DAY", lease_type="SHIFT")
        by_night = start(DriverFactory.create(), cab, shift="NIGHT", lease_type="SHIFT")
        assert set(cab.leases.all()) == {by_day, by_night}

    @pytest.mark.parametrize(
        ("start_on", "end_on", "is_taken"),
        [
            (date(2026, 3, 24), date(2026, 4, 30), True),
            (date(2026, 3, 25), date(2026, 4, 30), False),
            (date(2026, 2, 1), date(2026, 3, 4), True),
            (date(2026, 2, 1), date(2026, 3, 3), False),
            (date(2026, 3, 10), date(2026, 3, 10), True),
            (date(2026, 1, 1), date(2026, 12, 31), True),
        ],
    )
    def test_both_ends_of_a_lease_are_held(self, start_on: date, end_on: date, is_taken: bool) -> None:
        cab = VehicleFactory.create()
        start(DriverFactory.create(), cab)
        if is_taken:
            with pytest.raises(services.VehicleTaken):
                start(DriverFactory.create(), cab, start_on=start_on, end_on=end_on)
            with pytest.raises(IntegrityError, match="leases_leasevehicle_one_per_shift"), transaction.atomic():
                LeaseFactory.create(vehicle=cab, start_on=start_on, end_on=end_on)
        else:
            start(DriverFactory.create(), cab, start_on=start_on, end_on=end_on)
        assert Lease.objects.count() == (1 if is_taken else 2)

    def test_one_driver_may_hold_two_cabs(self) -> None:
        driver = DriverFactory.create()
        start(driver, VehicleFactory.create())
        start(driver, VehicleFactory.create())
        assert driver.leases.count() == 2


@pytest.mark.django_db
class TestLeaseTable:
    """What PostgreSQL refuses to every writer, the services' own care aside."""

    @pytest.mark.parametrize(
        ("assignment", "constraint"),
        [
            ("weekly_amount = 0", "leases_lease_weekly_amount_positive"),
            ("weekly_amount = -1", "leases_lease_weekly_amount_positive"),
            ("weekly_amount = 'NaN'", "leases_lease_weekly_amount_positive"),
            ("end_on = start_on - 1", "leases_lease_ends_after_start"),
            ("shift = 'LATE'", "leases_lease_choices_known"),
            ("lease_type = 'FREE'", "leases_lease_choices_known"),
            ("status = 'GONE'", "leases_lease_choices_known"),
        ],
    )
    def test_the_table_refuses_a_lease_that_cannot_be(self, assignment: str, constraint: str) -> None:
        LeaseFactory.create()
        with pytest.raises((IntegrityError, DataError), match=constraint), connection.cursor() as cursor:
            cursor.execute(f"UPDATE leases_lease SET {assignment}")


@pytest.mark.django_db(transaction=True)
class TestRivalLeases:
    def test_of_eight_leases_at_once_one_wins_and_the_others_are_told(self) -> None:
        cab = VehicleFactory.create()
        outcomes = run_together(*(partial(start, driver, cab) for driver in DriverFactory.create_batch(8)))
        (winner,) = list_winners(outcomes)
        assert isinstance(winner, Lease)
        assert [outcome.facts for outcome in outcomes if isinstance(outcome, services.VehicleTaken)] == [
            {"lease": winner.pk}
        ] * 7
        assert count_rows() == (1, 1, 4, 4)

    def test_day_and_night_at_once_both_win(self) -> None:
        cab = VehicleFactory.create()
        by_day, by_night = DriverFactory.create_batch(2)
        outcomes = run_together(
            partial(start, by_day, cab, shift="DAY"),
            partial(start, by_night, cab, shift="NIGHT"),
        )
        assert [type(outcome) for outcome in outcomes] == [Lease, Lease]
        assert sorted(cab.leases.values_list("shift", flat=True)) == ["DAY", "NIGHT"]

    def test_a_vehicle_retired_meanwhile_is_not_leased(self) -> None:
        cab = VehicleFactory.create()
        driver = DriverFactory.create()
        is_locked, is_answered = threading.Event(), threading.Event()

        def retire_it() -> None:
            with transaction.atomic():
                Vehicle.objects.select_for_update().get(pk=cab.pk)
                is_locked.set()
                # The lessor waits for the row rather than trust what it saw.
                while not is_somebody_waiting_for_us():
                    assert not is_answered.wait(timeout=0.01)
                cab.status = Vehicle.Status.RETIRED
                cab.save()

        def lease_it() -> Lease:
            assert is_locked.wait(timeout=PATIENCE)
            try:
                return start(driver, cab)
            finally:
                is_answered.set()

        _, refusal = run_together(retire_it, lease_it)
        assert type(refusal) is services.VehicleRetired
        assert count_rows() == (0, 0, 0, 0)
