"""Every route, by every role, about things that are there, and about things that are not."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone
from rest_framework.test import APIClient

from core.api.fields import DayField, StrictSerializer
from core.checks import EARLIEST, LATEST
from core.groups import ADMINISTRATOR, ROLES
from core.services import create_api_token
from tests.browser.fleet import make_fleet
from tests.core.api.routes import Route, list_routes
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

DOCUMENTS = Path(__file__).parents[3] / "docs"
NOWHERE = 987_654_321
#: What is enough besides, for some of what is named: the service says for which.
ENOUGH_FOR_SOME = {"/api/tickets/{ticket_id}/dismiss": "tickets.lay_aside_ticket"}
#: Days that a calendar has, beside which it ends.
FAR_AWAY = (("0001-01-01", True), ("2100-01-01", True), ("9999-12-31", True))
#: No route answers otherwise to a body that says nothing about something that is not there.
REFUSALS = {400, 404, 406, 409, 411, 415, 422}


def client_of(role: str | None) -> APIClient:
    is_superuser = role == ADMINISTRATOR
    user = UserFactory.create(is_superuser=is_superuser, groups=[role] if role and not is_superuser else [])
    token = create_api_token(user=user, name="walk", scope="ALL", now=timezone.now()).secret
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    client.role = user  # type: ignore[attr-defined]
    return client


def ask(client: APIClient, route: Route, number: int, *, query: str = "") -> int:
    return int(send(client, route, number, {}, query=query).status_code)


def send(client: APIClient, route: Route, number: int, data: dict[str, str], *, query: str = "", key: str = "") -> Any:
    """Send the data, in the address of what is read and in the body of what acts."""
    address = re.sub(r"\{[^}]+\}", str(number), route.path) + query
    if route.method == "GET":
        return client.get(address, data)
    return client.post(address, data, format="json", headers={"Idempotency-Key": key} if key else {})


def test_there_are_as_many_as_there_should_be():
    routes = list_routes()

    assert len(routes) > 100
    assert len({str(route) for route in routes}) == len(routes)


def test_each_is_guarded_by_permissions_that_there_are():
    known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}

    for route in list_routes():
        assert set(route.view.required_permissions) <= known, route  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [*ROLES, None])
def test_each_by_each_role(role):
    """Who may not is told so, whatever the address names; who may is answered, and nothing is a failure of ours."""
    make_fleet()
    client = client_of(role)
    may = client.role.get_all_permissions()  # type: ignore[attr-defined]
    wrong = []
    for route in list_routes():
        allowed = set(route.view.required_permissions) <= may  # type: ignore[attr-defined]
        allowed = allowed or ENOUGH_FOR_SOME.get(route.path) in may
        for number in (1, NOWHERE):
            status = ask(client, route, number)
            dry = ask(client, route, number, query="?dry_run=true") if route.method == "POST" else status
            if not allowed:
                right = status == dry == 403
            elif "{" in route.path and number == NOWHERE:
                right = {status, dry} <= REFUSALS
            else:
                right = status < 500 and dry < 500 and 403 not in {status, dry}
            if not right:
                wrong.append(f"{route} {number}: {status}, dry {dry}; may {allowed}")
    assert wrong == []


def test_days_beyond_those_that_are_kept_are_refused_by_name_everywhere():
    """Those at the edge are understood, and what lies beyond them is told, before anything is reckoned with it."""
    make_fleet()
    client = client_of(ADMINISTRATOR)
    asked, wrong = 0, []
    for route in list_routes():
        taken = getattr(route.view, "filters" if route.method == "GET" else "body", StrictSerializer)
        for name in [name for name, field in taken().fields.items() if isinstance(field, DayField)]:
            for day, is_refused in (("1999-12-31", True), (EARLIEST, False), (LATEST, False), *FAR_AWAY):
                answer = send(client, route, 1, {name: str(day)}, key=str(uuid4()))
                errors = [(error["field"], error["code"]) for error in answer.json().get("errors", ())]
                asked += 1
                if answer.status_code >= 500 or is_refused != ((name, "implausible") in errors):
                    wrong.append(f"{route} {name} {day}: {answer.status_code}, {errors}")
    assert wrong == []
    assert asked > 200


def test_each_stands_in_a_document():
    written = (DOCUMENTS / "api.md").read_text()
    missing = []
    for route in list_routes():
        path = re.sub(r"\{[^}]+\}", "{id}", route.path)
        names = {path, path.removeprefix("/api/ledger/")}
        if not any(f"{name}`" in written for name in names):
            missing.append(str(route))
    assert missing == []
