"""Whether database and code are of one version, and whether the server has connections for all: before a start."""

import logging
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from psycopg.errors import InsufficientPrivilege

from config import startup
from core import capacity, migrated
from core.capacity import Needs


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def session(monkeypatch) -> None:
    """Have whoever asks ask in the test's own transaction, which is never committed."""

    class Session:
        info = type("Info", (), {"parameter_status": lambda self, name: "18"})()

        def __enter__(self) -> "Session":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def execute(self, sql: str) -> "Session":
            self.cursor = connection.cursor()
            self.cursor.execute(sql)
            return self

        def fetchone(self) -> object:
            return self.cursor.fetchone()

        def fetchall(self) -> object:
            return self.cursor.fetchall()

    for module in (capacity, startup):
        monkeypatch.setattr(module, "open_session", Session)
    monkeypatch.setattr("core.management.commands.show_version.open_session", Session)


def found() -> list[tuple[str, str]]:
    """What `check --database default` says of these matters."""
    messages = run_checks(databases=["default"])
    return [(str(one.id), one.msg) for one in messages if str(one.id) in ("core.E001", "core.W002", "core.W003")]


def test_over_a_connection_of_its_own(django_db_blocker, django_db_setup):
    with django_db_blocker.unblock(), migrated.open_session() as asked:
        assert migrated.read_standing(asked) == migrated.Standing([], [])


def test_a_role_that_was_granted_nothing_waits_for_migrate(monkeypatch):
    class Closed:
        def execute(self, sql: str) -> "Closed":
            if "FROM django_migrations" in sql:
                raise InsufficientPrivilege("permission denied for table django_migrations")
            return self

        def fetchone(self) -> tuple[str]:
            return ("django_migrations",)

    standing = migrated.read_standing(Closed())  # type: ignore[arg-type]

    assert standing.must_migrate
    assert migrated.say_lacking(standing).startswith("The database grants this role nothing yet.")


@pytest.mark.django_db
@pytest.mark.owner
class TestStanding:
    def test_of_one_version_nothing_is_said(self, session, caplog):
        told = StringIO()

        assert found() == []
        startup.begin()
        call_command("show_version", stdout=told)

        assert caplog.records == []
        assert told.getvalue().splitlines()[-1] == "PostgreSQL 18: migrated by this version."

    def test_what_is_lacking_is_named_and_nothing_starts(self, session):
        run("DELETE FROM django_migrations WHERE (app, name) IN (('ledger', '0003_seals'), ('dtr', '0003_seal_head'))")

        lacks = (
            "The database lacks 2 migrations: dtr.0003_seal_head, ledger.0003_seals. "
            "Run manage.py migrate as its owner (docs/upgrade.md)."
        )
        assert found() == [("core.E001", lacks)]
        with pytest.raises(SystemExit) as refusal:
            startup.begin()
        assert str(refusal.value) == f"{lacks} Until then nothing is started."
        with pytest.raises(SystemExit):
            call_command("show_version", stdout=StringIO())

    def test_an_empty_database_lacks_them_all(self, session):
        run("ALTER TABLE django_migrations RENAME TO gone")

        with pytest.raises(SystemExit, match=r"lacks \d+ migrations: .* more\."):
            startup.begin()

    def test_a_newer_database_is_told_of_and_served(self, session, caplog):
        run("INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '9001_later', now())")
        # What another installed app left behind says nothing about the version.
        run("INSERT INTO django_migrations (app, name, applied) VALUES ('gone', '0001_initial', now())")

        startup.begin()

        newer = "The database is newer than this code, which does not know a migration: ledger.9001_later. "
        assert [(line.levelname, line.getMessage().startswith(newer)) for line in caplog.records] == [("WARNING", True)]
        assert [(code, text.startswith(newer)) for code, text in found()] == [("core.W003", True)]

    def test_migrate_itself_is_not_held_up(self, session, settings):
        settings.MIGRATES = True
        run("DELETE FROM django_migrations")

        assert found() == []

    def test_too_few_connections_are_told_with_the_figures(self, session, settings, caplog):
        settings.WEB_PROCESSES, settings.WORKER_THREADS, settings.CELERY_PROCESSES = 8, 1000, 12

        startup.begin()

        sentence = "8 web processes of 1000 connections (WEB_PROCESSES, WORKER_THREADS), 12 of Celery"
        assert [text.startswith(sentence) for _, text in found()] == [True]
        assert [line.getMessage().startswith(sentence) for line in caplog.records] == [True]


def test_a_sum_is_over_all_processes():
    assert Needs(web_processes=8, threads=16, celery_processes=12).total == 145


def test_a_database_that_does_not_answer_is_waited_for(monkeypatch, settings, caplog):
    monkeypatch.setattr(connection, "get_connection_params", lambda: {"host": "/nowhere", "dbname": "x"})

    startup.begin()

    (line,) = caplog.records
    assert (line.levelno, "can't be looked at" in line.getMessage()) == (logging.WARNING, True)
