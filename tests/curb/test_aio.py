"""Each service of trips and card money as a coroutine."""

import asyncio
import inspect

import pytest

from curb import aio
from curb import services as curb
from curb.errors import CurbIncomplete, TripNotWaiting
from curb.models import Trip
from tests.curb import trip_file
from tests.dtr.fleet import WEEK, card, close, leased_driver

#: These work in the transaction of whoever closes a week, and so on its thread.
IN_A_CLOSE = {"freeze_changed_trips", "freeze_new_trips"}


def list_services():
    found = {name for name in curb.__all__ if inspect.isfunction(getattr(curb, name))}
    return found - IN_A_CLOSE - {"get_curb_account"}


def test_every_service_has_its_twin():
    twins = {name for name, twin in vars(aio).items() if inspect.iscoroutinefunction(twin)}
    assert twins == list_services()


@pytest.mark.parametrize("name", sorted(list_services()))
def test_a_twin_takes_what_its_service_takes(name):
    twin, service = inspect.signature(getattr(aio, name)), inspect.signature(getattr(curb, name))
    assert list(twin.parameters) == list(service.parameters)


@pytest.mark.django_db(transaction=True)
class TestWork:
    def test_a_file_is_imported_and_matched(self):
        leased_driver()

        async def work():
            done = await aio.import_trips(file_name="a.xml", content=trip_file([card(), card(ID="2", DRIVER="9")]))
            return done.file.imported_count, await aio.match_waiting_trips()

        assert asyncio.run(work()) == (2, 0)

    def test_a_trip_is_assigned(self):
        lease = leased_driver()
        asyncio.run(aio.import_trips(file_name="a.xml", content=trip_file([card(DRIVER="9")])))
        waiting = Trip.objects.get()
        bound = aio.bind_trip(trip_id=waiting.pk, driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id)
        assert asyncio.run(bound) == 1
        assert Trip.objects.get().lease == lease

    def test_a_refusal_reaches_the_caller(self):
        lease = leased_driver()
        with pytest.raises(TripNotWaiting):
            asyncio.run(aio.bind_trip(trip_id=0, driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id))

    def test_what_is_missing_is_said_after_what_came_was_kept(self, connect, at_once):
        connect(garble_every=2)
        with pytest.raises(CurbIncomplete):
            asyncio.run(aio.import_curb_earnings(from_on=WEEK.start, to_on=WEEK.start, patience=at_once))

    def test_receipts_are_sent(self, connect, at_once):
        leased_driver()

        asyncio.run(aio.import_trips(file_name="a.xml", content=trip_file([card()])))
        close()
        sandbox = connect()
        settled = asyncio.run(aio.reconcile_trips(closed_through=WEEK, patience=at_once))
        assert (settled.confirmed, len(sandbox.receipts)) == (1, 1)
