"""The locks of the services: taken in one order, before anything is written, and never waited for without an end."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import Busy, DomainError
from leases import services
from leases.models import Driver, Lease, Vehicle
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, VehicleFactory, VehiclePlateFactory, VehicleTagFactory
from tests.leases.office import WEDNESDAY, at, charge_rent, everything, pay, start_lease
from tests.locks import assert_locks_first
from tests.threads import run_together

FEBRUARY, MARCH = at(date(2026, 2, 1)), at(date(2026, 3, 1))
ACCOUNT, LEASE, DRIVER, VEHICLE = "ledger_accounts", "leases_lease", "leases_driver", "leases_vehicle"

Act = Callable[[], Any]


def start() -> Act:
    return partial(start_lease, driver=DriverFactory.create(), vehicle=VehicleFactory.create())


def give_plate() -> Act:
    cab = VehicleFactory.create()
    return partial(services.give_plate, vehicle_id=cab.pk, plate="Y900001C", from_at=FEBRUARY, actor=None)


def give_tag() -> Act:
    cab = VehicleFactory.create()
    return partial(services.give_tag, vehicle_id=cab.pk, tag="22001234567", from_at=FEBRUARY, actor=None)


def remove_plate() -> Act:
    plate = VehiclePlateFactory.create()
    return partial(services.remove_plate, vehicle_id=plate.vehicle_id, until_at=FEBRUARY, actor=None)


def remove_tag() -> Act:
    tag = VehicleTagFactory.create()
    return partial(services.remove_tag, vehicle_id=tag.vehicle_id, until_at=FEBRUARY, actor=None)


def retire() -> Act:
    return partial(services.retire_vehicle, vehicle_id=VehicleFactory.create().pk, retired_at=MARCH, actor=None)


def bring_back() -> Act:
    return partial(services.return_vehicle, vehicle_id=VehicleFactory.create(status="RETIRED").pk, actor=None)


def charged_lease() -> Lease:
    """A lease whose driver has an account."""
    lease = start_lease()
    charge_rent(date(2026, 3, 7))
    return lease


def swap() -> Act:
    cab = VehicleFactory.create()
    swapped_at = at(date(2026, 3, 11))
    return partial(
        services.swap_vehicle,
        lease_id=charged_lease().pk,
        vehicle_id=cab.pk,
        swapped_at=swapped_at,
        effective_on=date(2026, 3, 11),
        actor=None,
    )


def add_driver() -> Act:
    further = DriverFactory.create()
    return partial(
        services.add_driver,
        lease_id=charged_lease().pk,
        driver_id=further.pk,
        start_on=date(2026, 3, 10),
        actor=None,
    )


def end_driver() -> Act:
    lease, further = charged_lease(), DriverFactory.create()
    services.add_driver(lease_id=lease.pk, driver_id=further.pk, start_on=WEDNESDAY, actor=None)
    return partial(services.end_driver, lease_id=lease.pk, driver_id=further.pk, last_on=date(2026, 3, 12), actor=None)


def hold() -> Act:
    return partial(services.hold_lease, lease_id=charged_lease().pk, reason="Gearbox", actor=None)


def resume() -> Act:
    lease = charged_lease()
    services.hold_lease(lease_id=lease.pk, reason="Gearbox", actor=None)
    return partial(services.resume_lease, lease_id=lease.pk, actor=None)


def change_amount() -> Act:
    return partial(
        services.change_weekly_amount,
        lease_id=charged_lease().pk,
        weekly_amount=Decimal("560.00"),
        from_on=date(2026, 3, 15),
        actor=None,
    )


def terminate() -> Act:
    last_on = date(2026, 3, 19)
    return partial(
        services.terminate_lease,
        lease_id=charged_lease().pk,
        last_on=last_on,
        reason="Gone",
        effective_on=last_on,
        actor=None,
    )


def settle() -> Act:
    lease = charged_lease()
    pay(lease, "500.00", deposit="500.00")
    return partial(services.settle_deposit, lease_id=lease.pk, as_of=date(2026, 4, 23), reason="Lease over", actor=None)


#: What prepares each service's call → the rows that it locks, in their order.
LOCKS: dict[Callable[[], Act], list[str]] = {
    start: [DRIVER, VEHICLE],
    give_plate: [VEHICLE],
    give_tag: [VEHICLE],
    remove_plate: [VEHICLE],
    remove_tag: [VEHICLE],
    retire: [VEHICLE],
    bring_back: [VEHICLE],
    swap: [ACCOUNT, LEASE, VEHICLE],
    add_driver: [ACCOUNT, LEASE, DRIVER],
    end_driver: [ACCOUNT, LEASE],
    hold: [ACCOUNT, LEASE],
    resume: [ACCOUNT, LEASE],
    change_amount: [ACCOUNT, LEASE],
    terminate: [ACCOUNT, LEASE],
    settle: [ACCOUNT, LEASE],
}

each_service = pytest.mark.parametrize("prepare", LOCKS, ids=lambda prepare: prepare.__name__)


def statements_of(act: Act) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"] for query in captured]


def is_lock(sql: str) -> bool:
    return " FOR UPDATE" in sql or " FOR NO KEY UPDATE" in sql


@pytest.mark.django_db
class TestLocks:
    @each_service
    def test_each_service_locks_in_order_before_it_writes(self, prepare: Callable[[], Act]) -> None:
        assert_locks_first(prepare(), LOCKS[prepare])

    @each_service
    def test_each_service_bounds_its_wait_before_its_first_lock(self, prepare: Callable[[], Act]) -> None:
        statements = statements_of(prepare())
        bound = next(number for number, sql in enumerate(statements) if "set_config('lock_timeout', '5s'" in sql)
        first_lock = next(number for number, sql in enumerate(statements) if is_lock(sql))
        assert bound < first_lock

    def test_registering_a_vehicle_bounds_its_wait_before_it_writes(self) -> None:
        register = partial(
            services.register_vehicle,
            vin="1FTDX000000000001",
            medallion="9Z90",
            plate="9Z90A",
            from_at=FEBRUARY,
            actor=None,
        )
        statements = statements_of(register)
        bound = next(number for number, sql in enumerate(statements) if "set_config('lock_timeout', '5s'" in sql)
        first_write = next(number for number, sql in enumerate(statements) if sql.startswith("INSERT"))
        assert bound < first_write

    def test_a_preview_of_a_lease_bounds_its_wait_and_takes_its_locks(self) -> None:
        preview = partial(
            services.preview_lease,
            driver_id=DriverFactory.create().pk,
            vehicle_id=VehicleFactory.create().pk,
            lease_type="LONG_TERM",
            shift="FULL",
            start_on=date(2026, 3, 4),
            end_on=date(2026, 3, 24),
            weekly_amount=Decimal("500.00"),
        )
        assert_locks_first(preview, [DRIVER, VEHICLE])
        assert Lease.objects.count() == 0


@pytest.mark.django_db(transaction=True)
class TestALockNotHadInTime:
    """Somebody else keeps a row that a service needs; the service gives up, and nothing was written."""

    @pytest.fixture(autouse=True)
    def _little_patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("core.transactions.LOCK_TIMEOUT", "100ms")

    @pytest.mark.parametrize("kept", [Driver, Vehicle])
    def test_starting_a_lease_answers_busy(self, kept: type[Driver] | type[Vehicle]) -> None:
        act = start()
        self.assert_busy(act, kept, Busy)

    @pytest.mark.parametrize(
        "prepare",
        [give_plate, give_tag, remove_plate, remove_tag, retire, bring_back],
        ids=lambda prepare: prepare.__name__,
    )
    def test_an_act_on_a_vehicle_answers_busy(self, prepare: Callable[[], Act]) -> None:
        self.assert_busy(prepare(), Vehicle, Busy)

    def test_a_swap_waits_no_longer_for_its_new_vehicle(self) -> None:
        self.assert_busy(swap(), Vehicle, ledger.LedgerBusy)

    def test_the_same_call_succeeds_once_the_row_is_free(self) -> None:
        act = give_plate()
        self.assert_busy(act, Vehicle, Busy)
        assert act().plate == "Y900001C"

    def assert_busy(self, act: Act, kept: type[Driver] | type[Vehicle], error: type[DomainError]) -> None:
        LeaseFactory.create()
        before = (everything(), list(Vehicle.objects.order_by("pk").values_list()))
        with transaction.atomic():
            # Evaluated here: a lazy queryset takes no lock.
            list(kept._default_manager.select_for_update())
            (outcome,) = run_together(act)
        assert type(outcome) is error
        assert outcome.retry_after == 1
        assert (everything(), list(Vehicle.objects.order_by("pk").values_list())) == before
