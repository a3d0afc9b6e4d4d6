"""How many requests are worked on at once: a few, in turn, and what takes long is in nobody's way."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps

import pytest

from config.places import Places


def in_a_loop(test: Callable[[], Coroutine[None, None, None]]) -> Callable[[], None]:
    @wraps(test)
    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 30))

    return run


async def is_one_free(places: Places) -> bool:
    async def visit() -> None:
        async with places.take():
            pass

    visitor = asyncio.create_task(visit())
    await asyncio.sleep(0)
    came_in = visitor.done()
    visitor.cancel()
    return came_in


@in_a_loop
async def test_so_many_are_in_at_once_in_the_order_in_which_they_came() -> None:
    places, seen, inside = Places(2, seconds=30), [], 0

    async def visit(name: int) -> None:
        nonlocal inside
        async with places.take():
            inside += 1
            seen.append((name, inside))
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit(name) for name in range(6)))

    assert [name for name, _ in seen] == list(range(6))
    assert max(number for _, number in seen) == 2


@in_a_loop
async def test_who_takes_long_leaves_the_place_to_the_next_and_once() -> None:
    places, may_end = Places(1, seconds=0.01), asyncio.Event()

    async def stay() -> None:
        async with places.take():
            await may_end.wait()

    long = asyncio.create_task(stay())
    await asyncio.sleep(0)
    places.seconds = 30
    async with places.take():  # which the first, who still works, has left
        may_end.set()
        await long

        assert not await is_one_free(places)  # and its end frees none a second time
    assert await is_one_free(places)


@in_a_loop
async def test_a_place_is_free_again_after_an_error() -> None:
    places = Places(1, seconds=30)

    with pytest.raises(LookupError):
        async with places.take():
            raise LookupError

    assert await is_one_free(places)


def test_another_loop_has_places_of_its_own() -> None:
    places = Places(1, seconds=30)

    async def visit() -> None:
        async with places.take():
            await asyncio.sleep(0)

    async def visit_at_once() -> None:
        await asyncio.gather(*(visit() for _ in range(3)))

    for _ in range(2):
        asyncio.run(asyncio.wait_for(visit_at_once(), 30))
