"""The async twins of the lease services."""

import asyncio
import inspect
from datetime import date
from decimal import Decimal

import pytest

from leases import aio, services
from leases.models import Lease, LeaseInstallment
from tests.factories import DriverFactory, VehicleFactory


class TestTwins:
    def test_every_service_has_its_twin(self) -> None:
        of_services = {
            name
            for name, thing in vars(services).items()
            if inspect.isfunction(thing) and thing.__module__ == services.__name__ and not name.startswith("_")
        }
        twins = {name for name, thing in vars(aio).items() if inspect.iscoroutinefunction(thing)}
        assert twins == of_services == {"start_lease"}
        assert inspect.signature(aio.start_lease) == inspect.signature(services.start_lease)


@pytest.mark.django_db(transaction=True)
class TestStartLease:
    def test_many_in_flight_each_in_its_own_transaction(self) -> None:
        cab = VehicleFactory.create()
        drivers = DriverFactory.create_batch(5)

        async def start_all() -> list[Lease | BaseException]:
            return await asyncio.gather(
                *(
                    aio.start_lease(
                        driver_id=driver.pk,
                        vehicle_id=cab.pk,
                        lease_type="LONG_TERM",
                        shift="FULL",
                        start_on=date(2026, 3, 1),
                        end_on=date(2026, 3, 14),
                        weekly_amount=Decimal("500.00"),
                        actor=None,
                    )
                    for driver in drivers
                ),
                return_exceptions=True,
            )

        outcomes = asyncio.run(start_all())
        assert [type(outcome) for outcome in outcomes].count(Lease) == 1
        assert [type(outcome) for outcome in outcomes].count(services.VehicleTaken) == 4
        assert (Lease.objects.count(), LeaseInstallment.objects.count()) == (1, 2)
