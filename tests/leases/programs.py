"""What the tests of the API of leases share: a program's requests, and counts of all that it could write."""

from typing import Any

from rest_framework.test import APIClient

from leases.models import DepositSettlement, Driver, DriverLock, DriverNote, Vehicle
from tests.leases import office


def send(client: APIClient, address: str, body: Any = None, *, query: str = "", key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/{address}{query}", {} if body is None else body, format="json", headers=headers)


def count_rows() -> list[int]:
    return [
        *(model._default_manager.count() for model in (Driver, DriverLock, DriverNote, Vehicle, DepositSettlement)),
        *(item if isinstance(item, int) else len(item) for item in office.everything()),
    ]
