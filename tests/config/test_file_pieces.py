"""Lists and reports as files hold a piece of their rows: what is read of them is written before more is read."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.urls import reverse

from core.admin import files
from core.admin.pages import list_files
from core.reports import rows as report_rows
from ledger import selectors
from ledger.selectors import journal
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, url_of
from tests.ledger.proofs import pay

pytestmark = pytest.mark.django_db

PIECE, ROWS = 3, 8
#: What happens to a file of eight rows, of which three are read at a time: how many are read, and how many written.
IN_TURN = [("read", 3), ("written", 3), ("read", 3), ("written", 3), ("read", 2), ("written", 2)]


class Told:
    """What happened to the rows of a file, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, int]] = []

    @property
    def in_turn(self) -> list[tuple[str, int]]:
        """Rows that were written one after the other are told as one."""
        turns = [(kind, [size for _, size in same]) for kind, same in groupby(self.events, key=lambda event: event[0])]
        return [(kind, sum(sizes)) for kind, sizes in turns if sum(sizes)]

    def write(self, rows: Iterable[Any]) -> Iterator[Any]:
        for row in rows:
            self.events.append(("written", 1))
            yield row


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Eight payments of one day, of which three are read at a time; and what is read and written from now on."""
    for _ in range(ROWS):
        pay(DriverFactory.create(), "10.00")
    for module in (list_files, report_rows, journal):
        monkeypatch.setattr(module, "CHUNK", PIECE)
    told, open_cursor = Told(), connection.chunked_cursor

    def chunked_cursor() -> Any:
        cursor = open_cursor()
        fetch = cursor.fetchmany

        def fetchmany(size: int) -> Any:
            # Rows of any other cursor are all in this process once its statement is done.
            assert isinstance(cursor.cursor, psycopg.ServerCursor)
            rows = fetch(size)
            told.events.append(("read", len(rows)))
            return rows

        monkeypatch.setattr(cursor, "fetchmany", fetchmany, raising=False)
        return cursor

    monkeypatch.setattr(connection, "chunked_cursor", chunked_cursor)
    for name in ("write_csv", "write_xlsx"):
        write = getattr(files, name)
        monkeypatch.setattr(files, name, lambda *facts, write=write: write(*facts[:-1], told.write(facts[-1])))
    return told


@pytest.mark.parametrize("form", files.MOST_ROWS)
def test_a_list_is_read_and_written_in_turn(told, form):
    answer = browse("Auditor").get(url_of("ledger_interimpayment_file", form))
    assert answer.status_code == 200
    assert told.in_turn == IN_TURN


@pytest.mark.parametrize("form", files.MOST_ROWS)
def test_a_report_is_read_and_written_in_turn(told, form):
    """Last its sums, which were added up on the way."""
    asked = {"from_on": "2026-11-01", "to_on": "2026-11-30"}
    answer = browse("Auditor").get(reverse("reports:file", args=["receipts", form]), asked)
    assert answer.status_code == 200
    assert told.in_turn == [*IN_TURN, ("written", 1)]


def test_the_journal_is_read_and_given_out_in_turn(told):
    def read(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = execute(sql, params, many, context)
        if sql.startswith("FETCH"):
            told.events.append(("read", context["cursor"].rowcount))
        return found

    with connection.execute_wrapper(read):
        assert len(list(told.write(selectors.iter_journal()))) == ROWS
    assert told.in_turn == IN_TURN
