"""Async twins: many in flight through a small pool, each with its own transaction, none keeping a connection."""

import asyncio
import contextvars
import inspect
from typing import cast

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.backends.postgresql.base import DatabaseWrapper

from core import twins
from core.twins import async_twin

_request = contextvars.ContextVar("request", default="none")


@transaction.atomic
def create_group(*, name: str, fail: bool = False) -> Group:
    """Create a group."""
    group = Group.objects.create(name=name)
    if fail:
        raise ValueError(name)
    return group


def read_request(*, prefix: str) -> str:
    return prefix + _request.get()


@pytest.fixture
def few_threads(settings):
    """Two threads; their connections are the pool's."""
    settings.WORKER_THREADS = 2
    twins._threads.cache_clear()
    yield
    twins._threads().shutdown()
    twins._threads.cache_clear()


def count_connections_lent() -> int:
    """How many connections of the pool are out, this thread's aside."""
    pool = cast(DatabaseWrapper, connection).pool
    assert pool is not None
    connection.close()
    statistics = pool.get_stats()
    return int(statistics["pool_size"]) - int(statistics["pool_available"])


@pytest.mark.django_db(transaction=True)
class TestAsyncTwin:
    def test_two_hundred_in_flight_through_two_threads(self, few_threads):
        create = async_twin(create_group)

        async def create_many() -> list[Group]:
            return await asyncio.gather(*(create(name=f"group {number}") for number in range(200)))

        groups = asyncio.run(create_many())

        assert len({group.pk for group in groups}) == 200
        assert Group.objects.filter(name__startswith="group ").count() == 200
        assert count_connections_lent() == 0

    def test_a_refusal_undoes_its_own_call_alone(self, few_threads):
        create = async_twin(create_group)

        async def create_some() -> list[Group | BaseException]:
            calls = (create(name=f"group {number}", fail=number % 2 == 0) for number in range(10))
            return await asyncio.gather(*calls, return_exceptions=True)

        results = asyncio.run(create_some())

        assert sum(isinstance(result, ValueError) for result in results) == 5
        assert Group.objects.filter(name__startswith="group ").count() == 5
        assert count_connections_lent() == 0

    def test_a_cancelled_call_gives_its_connection_back(self, few_threads):
        create = async_twin(create_group)

        async def cancel_many() -> None:
            calls = [asyncio.create_task(create(name=f"group {number}")) for number in range(50)]
            await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

        asyncio.run(cancel_many())
        twins._threads().shutdown()  # waits for what was begun

        assert count_connections_lent() == 0
        twins._threads.cache_clear()

    def test_context_reaches_the_service(self, few_threads):
        async def read() -> str:
            _request.set("7")
            return await async_twin(read_request)(prefix="request ")

        assert asyncio.run(read()) == "request 7"


def test_name_signature_and_documentation_are_the_services():
    twin = async_twin(create_group)

    assert inspect.iscoroutinefunction(twin)
    assert (twin.__name__, twin.__doc__) == ("create_group", "Create a group.")
    assert inspect.signature(twin) == inspect.signature(create_group)
