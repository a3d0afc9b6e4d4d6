"""Connections as the product has them: what died in the pool is replaced, and a BEGIN travels with what follows."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import Group
from django.db import DataError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from config.databases import with_pool
from core.postgresql.base import PREPARED_AFTER, DatabaseWrapper, is_alive
from core.statements import ask_first
from tests.owner import as_owner


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[DatabaseWrapper]:
    """A pool of two connections to the test's database."""
    made = with_pool({**connection.settings_dict, "OPTIONS": {}}, threads=2)
    wrapper = DatabaseWrapper(made, alias="pooled")
    connections["pooled"] = wrapper
    yield wrapper
    wrapper.close()
    wrapper.close_pool()
    del connections["pooled"]


def pid_of(wrapper: DatabaseWrapper) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    wrapper.close()  # back into the pool
    return pid


def end(pid: int) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)


class TestPool:
    def test_hands_out_what_it_has(self, pooled):
        assert pid_of(pooled) == pid_of(pooled)

    def test_replaces_what_died_in_it(self, pooled):
        first = pid_of(pooled)
        end(first)

        assert pid_of(pooled) != first

    def test_asks_nothing_of_one_that_lives(self, pooled, monkeypatch):
        first = pid_of(pooled)
        monkeypatch.setattr(ConnectionPool, "check_connection", None)  # to ask would fail

        assert pid_of(pooled) == first

    def test_asks_where_something_has_come(self, pooled):
        pooled.ensure_connection()
        raw: Any = pooled.connection
        with pooled.cursor() as cursor:
            cursor.execute("LISTEN something")
        with connection.cursor() as cursor:
            cursor.execute("NOTIFY something")

        assert is_alive(raw)
        assert raw.info.transaction_status is TransactionStatus.IDLE

    def test_one_that_was_closed_is_dead(self):
        raw = psycopg.connect(**{k: v for k, v in connection.get_connection_params().items() if k != "pool"})
        assert is_alive(raw)
        raw.close()

        assert not is_alive(raw)


class TestPrepared:
    """What is asked again and again, with parameters beside it."""

    @staticmethod
    def list_prepared(wrapper: DatabaseWrapper) -> list[str]:
        with wrapper.bound_cursor() as cursor:
            for number in range(PREPARED_AFTER + 1):
                cursor.execute("SELECT %s + 1", [number])
                assert cursor.fetchone() == (number + 1,)
        with wrapper.cursor() as cursor:
            for _ in range(PREPARED_AFTER + 1):
                cursor.execute("SELECT %s + 2", [1])  # written into the text: each is another statement
            cursor.execute("SELECT statement FROM pg_prepared_statements")
            return [statement for (statement,) in cursor.fetchall()]

    def test_is_prepared(self, pooled):
        assert self.list_prepared(pooled) == ["SELECT $1 + 1"]

    def test_outside_a_pool_too_and_nothing_is_left_open(self, pooled):
        alone = DatabaseWrapper({**pooled.settings_dict, "OPTIONS": {}}, alias="pooled")
        alone.ensure_connection()
        try:
            assert alone.connection.info.transaction_status is TransactionStatus.IDLE
            assert self.list_prepared(alone) == ["SELECT $1 + 1"]
        finally:
            alone.close()

    def test_rows_are_what_other_cursors_make_of_them(self, pooled):
        """They come in binary there: no figure, day or moment may differ by it, nor what a column's kind is."""
        asked = """
            SELECT 0.00::numeric(12, 2), -5.50::numeric(12, 2), 9999999999.99::numeric(12, 2), 1e10::numeric,
                'NaN'::numeric, 1::smallint, 2::integer, 9223372036854775807::bigint, ''::varchar, ' 01 '::text,
                true, NULL::numeric, '0001-01-01'::date, '9999-12-31'::date,
                '2026-07-04 00:00:00.000001-04'::timestamptz, '2026-11-01 05:30:00+00'::timestamptz,
                '23:59:59.5'::time, '-1 day 2 hours'::interval,
                ARRAY['a', NULL]::text[], ARRAY[1.10, 2]::numeric[], '\\x00ff'::bytea,
                'b3c5ff51-28a1-4d5b-9b5e-8c1f0b9f3d0a'::uuid, '{"a": [1, null]}'::json
        """
        with pooled.cursor() as plain, pooled.bound_cursor() as bound:
            plain.execute(asked)
            bound.execute(asked)

            assert [repr(value) for value in bound.fetchone()] == [repr(value) for value in plain.fetchone()]

    def test_what_other_cursors_were_given_is_not_kept(self, pooled):
        self.list_prepared(pooled)
        pooled.ensure_connection()

        assert len(pooled.connection._prepared._counts) == 0

    def test_is_told_to_who_looks_at_all_statements(self, pooled):
        self.list_prepared(pooled)
        with CaptureQueriesContext(pooled) as asked, pooled.bound_cursor() as cursor:
            cursor.execute("SELECT %s + 1", [1])

        assert [query["sql"] for query in asked] == ["SELECT %s + 1"]

    def test_is_not_where_the_session_may_be_somebody_elses(self, pooled, monkeypatch):
        monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 7)  # as a pooler tells one

        assert self.list_prepared(pooled) == []


@pytest.mark.django_db(transaction=True)
class TestAskFirst:
    def test_takes_the_begin_along_and_is_undone_with_the_rest(self):
        def work() -> None:
            with transaction.atomic():
                assert ask_first("SELECT pg_current_xact_id_if_assigned() IS NULL, %s::bigint", [7]) == (True, 7)
                Group.objects.create(name="of a transaction that failed")
                raise KeyError

        with CaptureQueriesContext(connection) as asked, pytest.raises(KeyError):
            work()

        assert next(query["sql"] for query in asked if "SELECT" in query["sql"]).startswith("BEGIN; SELECT pg_")
        assert not Group.objects.filter(name="of a transaction that failed").exists()
        assert connection.get_autocommit()

    def test_what_follows_is_committed_with_it_but_for_a_savepoint_that_failed(self):
        with transaction.atomic():
            ask_first("SELECT 1", [])
            Group.objects.create(name="kept")
            with suppress(DataError), transaction.atomic():
                Group.objects.create(name="kept not at all")
                Group.objects.create(name="x" * 151)

        assert [group.name for group in Group.objects.filter(name__startswith="kept")] == ["kept"]

    def test_refused_it_leaves_a_connection_that_works(self):
        with pytest.raises(DataError), transaction.atomic():
            ask_first("SELECT 1 / %s", [0])

        with transaction.atomic():
            assert ask_first("SELECT %s::int", [2]) == (2,)
        assert connection.get_autocommit()

    @pytest.mark.parametrize("is_nested", [True, False])
    def test_that_is_not_the_first_is_one_like_others(self, is_nested):
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            Group.objects.count()
            with transaction.atomic(savepoint=is_nested):
                assert ask_first("SELECT %s::int", [3]) == (3,)

        assert "SELECT 3::int" in [query["sql"] for query in asked]

    def test_outside_a_transaction_it_is_its_own(self):
        assert ask_first("SELECT %s::int", [4]) == (4,)
        assert connection.connection.info.transaction_status is TransactionStatus.IDLE
