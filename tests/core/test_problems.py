"""Every refusal of the API is an RFC 9457 problem, what nobody foresaw included, and tells nothing it should not."""

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.urls import path
from psycopg_pool import PoolTimeout
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from core.api.permissions import HasPermissions
from core.errors import DomainError
from tests.factories import UserFactory


class Refused(DomainError):
    code = "too_blue"
    field = "color"


def caused_by(cause: Exception) -> OperationalError:
    error = OperationalError("from the driver")
    error.__cause__ = cause
    return error


RAISED: dict[str, Exception] = {
    "domain": Refused("It is too blue.", shade=Decimal("0.50"), on=date(2026, 3, 9)),
    "half": ValidationError({"kind\ud800": "\udfff is none."}),
    "throttled": Throttled(wait=7.5),
    "404": Http404("No Driver matches the given query."),
    "403": PermissionDenied("of Django"),
    "pool": caused_by(PoolTimeout("couldn't get a connection after 5 sec")),
    "full": caused_by(psycopg.errors.DiskFull("could not extend file: No space left on secret")),
    "deadlock": caused_by(psycopg.errors.DeadlockDetected("deadlock detected")),
    "lock": caused_by(psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")),
    "gone": caused_by(psycopg.errors.AdminShutdown("terminating connection: secret at db.internal")),
    "bug": KeyError("secret"),
}


class Raising(APIView):
    authentication_classes = ()
    permission_classes = ()

    def get(self, request: Any, what: str) -> Response:
        raise RAISED[what]


class Unguarded(APIView):
    permission_classes = (HasPermissions,)

    def get(self, request: Any) -> Response:
        return Response()


urlpatterns = [path("unguarded", Unguarded.as_view()), path("<what>", Raising.as_view())]
pytestmark = pytest.mark.urls(__name__)


def ask(what: str) -> Any:
    return APIClient(raise_request_exception=False).get(f"/{what}")


def test_a_services_refusal_with_its_figures():
    response = ask("domain")

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "request_id": response["X-Request-Id"],
        "type": "urn:fleet:problem:too_blue",
        "title": "Too blue",
        "status": 409,
        "detail": "It is too blue.",
        "code": "too_blue",
        "field": "color",
        "facts": {"shade": "0.50", "on": "2026-03-09"},
    }
    assert "Retry-After" not in response


@pytest.mark.django_db  # a refusal is written into the log of sign-ins
@pytest.mark.parametrize(
    ("what", "status", "code"),
    [("throttled", 429, "throttled"), ("404", 404, "not_found"), ("403", 403, "permission_denied")],
)
def test_frameworks_refusals(what, status, code):
    response = ask(what)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert "matches the given query" not in response.content.decode()


def test_what_no_text_can_hold_is_told_by_its_escape():
    response = ask("half")

    assert response.status_code == 400
    assert rb'"field":"kind\ud800"' in response.content
    assert response.json()["errors"][0]["detail"] == "\udfff is none."


def test_throttled_says_when():
    assert ask("throttled")["Retry-After"] == "8"


@pytest.mark.parametrize("what", ["deadlock", "lock"])
def test_what_may_succeed_in_a_moment_is_busy(what):
    response = ask(what)

    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (409, "busy", "1")


@pytest.mark.parametrize(
    ("what", "code", "seconds"),
    [("pool", "database_unavailable", "5"), ("gone", "database_unavailable", "5"), ("full", "database_full", "60")],
)
def test_an_outage_is_503_and_one_line_in_the_log(what, code, seconds, caplog):
    response = ask(what)

    assert (response.status_code, response.json()["code"], response["Retry-After"]) == (503, code, seconds)
    assert "secret" not in response.content.decode()
    (record,) = caplog.records
    assert (record.levelname, record.exc_info) == ("ERROR", None)
    assert str(RAISED[what].__cause__) in record.getMessage()


def test_what_nobody_foresaw_is_logged_and_not_told(caplog):
    what = "bug"
    response = ask(what)

    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert response["Content-Type"] == "application/problem+json"
    assert "secret" not in response.content.decode()
    assert [record.exc_info and record.exc_info[1] for record in caplog.records] == [RAISED[what]]


def test_what_nobody_foresaw_fails_a_test():
    with pytest.raises(KeyError):
        APIClient().get("/bug")


@pytest.mark.django_db
def test_a_view_that_names_no_permission_lets_nobody_in():
    client = APIClient(raise_request_exception=False)
    client.force_authenticate(UserFactory.create(is_superuser=True))

    assert client.get("/unguarded").status_code == 500
