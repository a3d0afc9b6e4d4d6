"""A file that is sent while it is made, by either kind of server."""

import asyncio
from collections.abc import Iterator

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from core.streams import answer_parts


class Made:
    """Three parts, and how many of them were made so far."""

    def __init__(self) -> None:
        self.count = 0

    def make(self) -> Iterator[bytes]:
        for part in (b"one ", b"two ", b"three"):
            self.count += 1
            yield part


def test_an_asynchronous_server_gets_each_part_as_it_is_made() -> None:
    made = Made()
    answer = answer_parts(AsyncRequestFactory().get("/"), made.make(), content_type="text/plain", file_name="a.txt")
    assert (answer.is_async, made.count, answer["Content-Disposition"]) == (True, 1, 'attachment; filename="a.txt"')

    async def take() -> list[tuple[bytes, int]]:
        return [(part, made.count) async for part in answer]

    assert asyncio.run(take()) == [(b"one ", 1), (b"two ", 2), (b"three", 3)]


def test_another_server_gets_the_same() -> None:
    made = Made()
    answer = answer_parts(RequestFactory().get("/"), made.make(), content_type="text/plain", file_name="a.txt")
    assert (answer.is_async, made.count) == (False, 1)
    assert answer.getvalue() == b"one two three"


def test_what_goes_wrong_with_the_first_part_is_no_answer() -> None:
    def fail() -> Iterator[bytes]:
        raise ZeroDivisionError
        yield b""

    with pytest.raises(ZeroDivisionError):
        answer_parts(RequestFactory().get("/"), fail(), content_type="text/plain", file_name="a.txt")
