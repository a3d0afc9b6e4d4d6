"""Files that are sent piece by piece, while they are made or from the disk, by either kind of server."""

import asyncio
import tempfile
import warnings
from collections.abc import Iterator

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from core.streams import SentFile, answer_parts


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


@pytest.fixture
def sent() -> Iterator[SentFile]:
    """600,000 bytes: two pieces of 262,144, and 75,712."""
    with tempfile.TemporaryFile() as file:
        file.write(b"x" * 600_000)
        file.seek(0)
        yield SentFile(file, as_attachment=True, filename="some.csv", content_type="text/csv")


def test_an_asynchronous_server_has_a_piece_of_a_file_at_a_time(sent: SentFile) -> None:
    async def take() -> list[int]:
        return [len(part) async for part in sent]

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Django says so where it reads the whole file
        assert asyncio.run(take()) == [262_144, 262_144, 75_712]


def test_another_server_has_the_same_pieces(sent: SentFile) -> None:
    assert [len(part) for part in sent] == [262_144, 262_144, 75_712]
    assert sent["Content-Length"] == "600000"
