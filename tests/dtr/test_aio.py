"""Each service of the week as a coroutine."""

import inspect

import pytest
from asgiref.sync import async_to_sync

from curb import aio as curb_aio
from curb.models import TripCount
from dtr import aio, services
from dtr.models import WeekClose
from tests.curb import trip_file
from tests.dtr.fleet import SATURDAY, SUNDAY, WEEK, card, leased_driver


def list_services():
    return {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}


def test_every_service_has_its_twin():
    twins = {name for name, twin in vars(aio).items() if inspect.iscoroutinefunction(twin)}
    assert twins == list_services()


@pytest.mark.django_db(transaction=True)
def test_a_week_is_closed_by_an_async_caller():
    leased_driver()

    async def work():
        await curb_aio.import_trips(file_name="a.xml", content=trip_file([card()]))
        return await aio.close_week(week=WEEK, today=SUNDAY)

    assert async_to_sync(work)().week_end == SATURDAY
    assert WeekClose.objects.get().is_closed
    assert TripCount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_refusal_reaches_the_async_caller():
    with pytest.raises(services.WeekNotOver):
        async_to_sync(aio.close_week)(week=WEEK, today=SATURDAY)
