"""The async twins of the lease services."""

import asyncio
import inspect
from datetime import date
from decimal import Decimal

import pytest

from leases import aio, services
from leases.models import Lease, LeaseInstallment
from tests.factories import DriverFactory, VehicleFactory

#: It takes a function to run inside its transaction, which an async caller has none of.
FOR_PAGES = {"preview_lease_act"}

SERVICES = {
    name: getattr(services, name)
    for name in services.__all__
    if inspect.isfunction(getattr(services, name)) and name not in FOR_PAGES
}


class TestTwins:
    def test_every_service_has_its_twin(self) -> None:
        assert {name for name, thing in vars(aio).items() if inspect.iscoroutinefunction(thing)} == set(SERVICES)

    @pytest.mark.parametrize("name", sorted(SERVICES))
    def test_a_twin_is_the_service(self, name: str) -> None:
        twin, service = getattr(aio, name), SERVICES[name]
        assert inspect.unwrap(twin) is inspect.unwrap(service)
        assert inspect.signature(twin) == inspect.signature(service)

    @pytest.mark.parametrize("name", sorted(SERVICES))
    def test_every_argument_of_a_service_is_named(self, name: str) -> None:
        parameters = inspect.signature(SERVICES[name]).parameters.values()
        assert [parameter.name for parameter in parameters if parameter.kind != parameter.KEYWORD_ONLY] == []


@pytest.mark.django_db(transaction=True)
class TestStartLease:
    def test_five_leases_in_flight_are_each_in_their_own_transaction(self) -> None:
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
