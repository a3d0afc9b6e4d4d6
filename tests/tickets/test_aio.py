"""The async twins of the ticket services: same names, same signatures, same effect."""

import asyncio
import inspect
import io
from decimal import Decimal

import pytest

from tests.factories import DriverFactory
from tests.tickets.files import EZPASS_HEAD, TODAY, count_postings, leased_cab, owed, stage, text, ticket_of, toll
from tickets import aio, services


def test_every_service_has_its_twin() -> None:
    of_services = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}
    twins = {name: twin for name, twin in vars(aio).items() if inspect.iscoroutinefunction(twin)}
    assert set(twins) == of_services
    for name, twin in twins.items():
        assert inspect.signature(twin) == inspect.signature(getattr(services, name))


@pytest.mark.django_db(transaction=True)
class TestAwaited:
    def test_a_file_is_staged_and_confirmed(self):
        lease = leased_cab()
        content = text(EZPASS_HEAD, [toll(1)])

        async def bring_in() -> str:
            staged = await aio.stage_file(kind="ezpass", file_name="e.csv", file=io.BytesIO(content), today=TODAY)
            done = await aio.confirm_import(import_id=staged.file.pk, today=TODAY)
            return done.state

        assert asyncio.run(bring_in()) == "IMPORTED"
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}

    def test_a_refusal_is_raised_where_it_is_awaited(self):
        stage(text(EZPASS_HEAD, [toll(1)]))
        with pytest.raises(services.TicketNotFound):
            asyncio.run(aio.dismiss_ticket(ticket_id=999_999, reason="x", today=TODAY, actor=None))
        assert count_postings() == 0

    def test_two_at_once_each_in_a_transaction_of_its_own(self):
        drivers = DriverFactory.create_batch(2)
        services.confirm_import(
            import_id=stage(text(EZPASS_HEAD, [toll(1, "NY Z1"), toll(2, "NY Z2")])).file.pk, today=TODAY
        )

        async def assign_both() -> None:
            await asyncio.gather(
                *(
                    aio.assign_ticket(ticket_id=ticket_of_pk[n], driver_id=drivers[n].pk, today=TODAY, actor=None)
                    for n in (0, 1)
                )
            )

        ticket_of_pk = [ticket_of(1).pk, ticket_of(2).pk]
        asyncio.run(assign_both())
        assert [list(owed(driver)) for driver in drivers] == [["EZPASS-1"], ["EZPASS-2"]]
