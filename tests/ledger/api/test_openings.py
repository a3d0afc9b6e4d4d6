"""What a program charges, gives and records: on days that have come, under names that can be won back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from core.api.acts import Act
from ledger.api.books import RecordCurbStatement, RecordTransfer
from ledger.api.posting import CreditDriver, PostObligation, PostObligations
from ledger.models import LedgerPosting, Transfer
from tests.books import assert_books_clean
from tests.factories import DriverFactory, UserFactory
from tests.ledger.api.client import client_of, errors_of, problem_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> APIClient:
    return client_of(UserFactory.create(is_superuser=True))


def post(program: APIClient, path: str, body: Any) -> Any:
    return program.post(f"/api/ledger/{path}", body, format="json", headers={"Idempotency-Key": str(uuid4())})


class TestDays:
    """A charge of a day to come could be neither paid, voided nor corrected until then."""

    @pytest.mark.parametrize("days", [1, 30, 365, 700])
    def test_a_charge_of_a_day_that_has_not_come_is_refused(self, program: APIClient, days: int) -> None:
        body = {"driver_id": DriverFactory.create().pk, "category": "MISC", "amount": "25.00", "reference_id": "KEY-1"}
        day = (timezone.localdate() + timedelta(days=days)).isoformat()
        today = {**body, "reference_id": "KEY-2"}

        one = post(program, "obligations", {**body, "effective_on": day})
        many = post(program, "obligations/batch", {"obligations": [today, {**body, "effective_on": day}]})

        for refused in (one, many):
            assert problem_of(refused) == (400, "day_not_come")
        assert not LedgerPosting.objects.exists()

    def test_one_of_today_or_before_is_taken_whenever_it_is_due(self, program: APIClient) -> None:
        body = {"driver_id": DriverFactory.create().pk, "category": "MISC", "amount": "25.00"}
        today = timezone.localdate()
        for number, days in enumerate((0, 1, 40)):
            when = {"effective_on": str(today - timedelta(days=days)), "due_on": str(today + timedelta(days=400))}
            assert post(program, "obligations", {**body, **when, "reference_id": f"KEY-{number}"}).status_code == 201
        assert_books_clean()


class TestCreditReferences:
    def test_the_longest_can_be_won_back(self, program: APIClient) -> None:
        reference = "C" * 56
        body = {**CreditDriver.example, "driver_id": DriverFactory.create().pk, "reference_id": reference}
        credit = post(program, "credits", body).json()["id"]

        won_back = post(program, f"credits/{credit}/win-back", {"reason": "Given by mistake"})

        assert won_back.status_code == 200
        assert LedgerPosting.objects.filter(reference_id=f"WINBACK-{reference}", kind="OBLIGATION").exists()
        assert_books_clean()

    def test_a_longer_one_is_refused(self, program: APIClient) -> None:
        body = {**CreditDriver.example, "driver_id": DriverFactory.create().pk, "reference_id": "C" * 57}
        assert errors_of(post(program, "credits", body)) == [("reference_id", "max_length")]
        assert not LedgerPosting.objects.exists()


@pytest.mark.parametrize(
    ("path", "act"),
    [
        ("obligations", PostObligation),
        ("obligations/batch", PostObligations),
        ("credits", CreditDriver),
        ("transfers", RecordTransfer),
        ("curb-statements", RecordCurbStatement),
    ],
)
def test_the_example_of_the_description_is_taken(program: APIClient, path: str, act: type[Act]) -> None:
    driver_id = DriverFactory.create().pk
    body: dict[str, Any] = dict(act.example or {})
    for part in (body, *body.get("obligations", [])):
        part.update({"driver_id": driver_id} if "driver_id" in part else {})

    assert post(program, path, body).status_code == 201
    assert LedgerPosting.objects.exists() or Transfer.objects.exists()
    assert_books_clean()
