"""The async twins of the repair services."""

import asyncio
import inspect

import pytest

from repairs import aio, services
from repairs.models import RepairInvoice
from tests.factories import LeaseFactory
from tests.repairs.office import count_rows, facts_of


class TestTwins:
    def test_every_service_has_its_twin(self) -> None:
        of_services = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}
        twins = {name: twin for name, twin in vars(aio).items() if inspect.iscoroutinefunction(twin)}
        assert set(twins) == of_services
        for name, twin in twins.items():
            assert inspect.signature(twin) == inspect.signature(getattr(services, name))


@pytest.mark.django_db(transaction=True)
class TestCalls:
    def test_many_in_flight_enter_an_invoice_once(self) -> None:
        facts = facts_of(LeaseFactory.create(), posts_at_once=True)

        async def enter_all() -> list[RepairInvoice | BaseException]:
            return await asyncio.gather(*(aio.create_invoice(**facts) for _ in range(5)), return_exceptions=True)

        outcomes = [type(outcome) for outcome in asyncio.run(enter_all())]
        assert (outcomes.count(RepairInvoice), outcomes.count(services.InvoiceAlreadyEntered)) == (1, 4)
        assert count_rows() == (1, 1, 3, 3)
