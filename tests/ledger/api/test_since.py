"""A key that comes again tells what was undone since, of acts that answer more than one record, or none."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from ledger.models import LedgerPosting
from tests.factories import DriverFactory, UserFactory
from tests.ledger.api.client import client_of

pytestmark = pytest.mark.django_db

API = "/api/ledger"


@pytest.fixture
def client() -> APIClient:
    """A program that may do all that the ledger has."""
    user = UserFactory.create()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="ledger"))
    return client_of(user)


def send(client: APIClient, address: str, body: Any, *, key: str) -> Any:
    return client.post(f"{API}/{address}", body, format="json", headers={"Idempotency-Key": key})


def test_charges_of_a_batch_that_were_voided(client):
    charge = {"driver_id": DriverFactory.create().pk, "category": "MISC", "amount": "25.50"}
    body = {"obligations": [{**charge, "reference_id": f"KEYS-{n}"} for n in (1, 2, 3)]}
    first = send(client, "obligations/batch", body, key="one").json()
    assert send(client, "obligations/batch", body, key="one").json() == first
    undone = [LedgerPosting.objects.get(reference_id=f"KEYS-{n}").pk for n in (3, 1)]
    for posting_id in undone:
        send(client, f"postings/{posting_id}/void", {"reason": "By mistake"}, key=f"void-{posting_id}")

    again = send(client, "obligations/batch", body, key="one")

    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == {"posted": 3, "already_posted": 0, "voided": {"postings": sorted(undone)}}


@pytest.mark.parametrize(
    ("address", "body", "place"),
    [
        ("transfers", {"kind": "BANK_FEE", "debit": "6030", "credit": "1030", "amount": "12.00"}, 0),
        ("corrections", {"debit": "1030", "credit": "1010", "amount": "1.00", "reason": "Counted again"}, 0),
        ("curb-statements", {"gross": "1000.00", "fee": "35.00"}, 1),
        ("bank-deposits", {"other_checks": "60.00"}, 0),
    ],
)
def test_transfers_that_were_reversed(client, address, body, place):
    body = {**body, "reference_id": "PAPER-1"}
    recorded = send(client, address, body, key="one")
    assert recorded.status_code == 201
    assert send(client, address, body, key="one").json() == recorded.json()
    transfer_id = recorded.json()["transfers"][place]["id"]
    reversal = send(client, f"transfers/{transfer_id}/reverse", {"reason": "Recorded twice"}, key="two")
    assert reversal.status_code == 200

    again = send(client, address, body, key="one")

    assert again.json() == {**recorded.json(), "voided": {"transfers": [transfer_id]}}
    same = send(client, f"transfers/{transfer_id}/reverse", {"reason": "Recorded twice"}, key="two")
    assert same.json() == reversal.json()
