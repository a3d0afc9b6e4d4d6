"""A database that is away, full or without room is told as that: 503, when to try again, and what was saved."""

import logging
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from psycopg import errors as pg
from psycopg_pool import PoolTimeout
from rest_framework.test import APIClient

from core import outages
from core.models import StoredAnswer
from core.outages import is_outage
from core.postgresql import base
from ledger.models import InterimPayment
from tests.factories import DriverFactory, UserFactory


def caused_by(cause: Exception) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        caused_by(PoolTimeout("couldn't get a connection after 5.00 sec")),
        caused_by(psycopg.OperationalError("connection refused")),
        caused_by(psycopg.OperationalError("server closed the connection unexpectedly")),
        caused_by(pg.AdminShutdown("terminating connection")),
        caused_by(pg.CrashShutdown("crash of another session")),
        caused_by(pg.CannotConnectNow("the database system is starting up")),
        caused_by(pg.TooManyConnections("too many clients")),
        caused_by(pg.ConnectionFailure("gone")),
        caused_by(pg.DiskFull("No space left on device")),
        psycopg.OperationalError("the connection is lost"),
        InterfaceError("connection already closed"),
    ],
    ids=lambda error: str(error)[:30],
)
def test_what_the_server_is_to_blame_for(error):
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        caused_by(pg.DeadlockDetected("deadlock")),
        caused_by(pg.LockNotAvailable("lock timeout")),
        caused_by(pg.QueryCanceled("statement timeout")),
        caused_by(pg.UniqueViolation("twice")),
        InterfaceError("cursor already closed"),
        ConnectionError("of something else"),
        KeyError("bug"),
        None,
    ],
    ids=str,
)
def test_what_it_is_not_to_blame_for(error):
    assert not is_outage(error)


@pytest.fixture
def lost_at_commit(monkeypatch):
    """Have the server end our session when our next COMMIT is on its way; returns the switch."""
    armed: list[bool] = []

    def note_and_lose() -> None:
        outages.note_commit()
        if armed:
            armed.clear()
            pid = connection.connection.info.backend_pid
            with psycopg.connect(
                **{k: v for k, v in connection.get_connection_params().items() if k != "pool"}
            ) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    monkeypatch.setattr(base, "note_commit", note_and_lose)
    return lambda: armed.append(True)


@pytest.mark.django_db(transaction=True)
class TestLostAtCommit:
    def test_a_program_is_told_that_nobody_knows_and_sends_again(self, lost_at_commit, caplog):
        driver, client = DriverFactory.create(), APIClient(raise_request_exception=False)
        client.force_authenticate(UserFactory.create(is_superuser=True))

        def pay() -> Any:
            body = {"driver_id": driver.pk, "payment_amount": "5.00", "payment_method": "CASH", "allocations": {}}
            return client.post("/api/ledger/interim-payment", body, format="json", headers={"Idempotency-Key": "once"})

        lost_at_commit()
        answer = pay()
        connection.close()

        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "outcome_unknown", "5")
        assert "same Idempotency-Key" in answer.json()["detail"]
        errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert [(record.exc_info, "AdminShutdown" in record.getMessage()) for record in errors] == [(None, True)]
        assert pay().status_code == 201
        assert (InterimPayment.objects.count(), StoredAnswer.objects.count()) == (1, 1)

    def test_a_person_is_told_to_look_first(self, lost_at_commit):
        driver, client = DriverFactory.create(), Client(raise_request_exception=False)
        client.force_login(User.objects.create_superuser("boss"))

        lost_at_commit()
        # Whatever it does, it commits; the page is asked for by its form.
        answer = client.post(f"/admin/leases/driver/{driver.pk}/lock/", {"reason": "Papers", "_confirm": "1"})
        connection.close()

        assert answer.status_code == 503
        assert "look whether it is there before you enter it anew" in answer.content.decode()
