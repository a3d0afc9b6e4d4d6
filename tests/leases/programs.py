"""What tests of the API of drivers, leases and plans share: a program's requests, a walk through an app's doors."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Permission
from django.utils import timezone
from rest_framework.test import APIClient

from core.api.methods import view_of
from core.weeks import week_of
from leases.models import DepositSettlement, Driver, DriverLock, Note, Vehicle
from tests.factories import UserFactory
from tests.leases import office
from tests.ledger.api.client import client_of, problem_of

APPS = ["leases", "ledger", "repairs", "loans"]
#: The number of no record; and one that no column holds.
NOBODY, TOO_LONG = 987_654_321, 10**30


def send(client: APIClient, address: str, body: Any = None, *, query: str = "", key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/{address}{query}", {} if body is None else body, format="json", headers=headers)


def count_rows() -> list[int]:
    return [
        *(model._default_manager.count() for model in (Driver, DriverLock, Note, Vehicle, DepositSettlement)),
        *(item if isinstance(item, int) else len(item) for item in office.everything()),
    ]


def client_but_for(*codenames: str) -> APIClient:
    """A program that may do all that these apps have, but for these."""
    user = UserFactory.create()
    granted = Permission.objects.filter(content_type__app_label__in=APPS)
    user.user_permissions.set(granted.exclude(codename__in=codenames))
    return client_of(user)


class Doors:
    """The addresses of an app's API, each asked by its own example."""

    def __init__(self, urlpatterns: Sequence[Any]) -> None:
        self.addresses = {pattern.name: str(pattern.pattern) for pattern in urlpatterns}
        self.callbacks = {pattern.name: pattern.callback for pattern in urlpatterns}

    def list_methods(self) -> set[tuple[str, str]]:
        return {
            (name, method)
            for name, callback in self.callbacks.items()
            for method in ("GET", "POST")
            if method.lower() in view_of(callback, method).http_method_names
        }

    def ask(self, client: APIClient, name: str, method: str, number: int = NOBODY) -> Any:
        address = re.sub("<int:[a-z_]+>", str(number), self.addresses[name])
        if method == "GET":
            return client.get(f"/api/{address}", {"from_on": "2026-03-01"} if name == "driver-statement" else {})
        view: Any = view_of(self.callbacks[name], "POST")
        # A plan goes on this week, whenever the example was written.
        this_week = {"starts_on": week_of(timezone.localdate()).start.isoformat()}
        body = {field: this_week.get(field, value) for field, value in (view.example or {}).items()}
        return send(client, address, body, key="key-1")

    def check_permissions(self, name: str, method: str, needed: Sequence[str]) -> None:
        """Demand that whoever has these may ask, and who lacks one of them, but has all others, may not."""
        client = client_of(UserFactory.create(permissions=needed))
        assert self.ask(client, name, method).status_code not in (401, 403)
        for permission in needed:
            lacking = client_but_for(permission.partition(".")[2])
            assert problem_of(self.ask(lacking, name, method)) == (403, "permission_denied")
