"""What the tests of the ledger's API share: a program with a token, and counts of everything it could write."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Permission, User
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import StoredAnswer
from core.services.tokens import create_api_token
from ledger.models import InterimPayment, LedgerPosting
from tests.factories import UserFactory

BALANCES = "/api/ledger/balances"
POSTINGS = "/api/ledger/postings"
PAYMENT = "/api/ledger/interim-payment"

EVERYTHING = ("add_interimpayment", "void_ledgerposting", "view_ledgerbalance", "view_ledgerposting")


def user_with(codenames: Iterable[str]) -> User:
    """A user with these permissions: ``view_ledgerposting`` of the ledger, ``tickets.view_ticket`` of another app."""
    user = UserFactory.create()
    named = [codename if "." in codename else f"ledger.{codename}" for codename in set(codenames)]
    labels, names = zip(*(name.split(".") for name in named), strict=True) if named else ((), ())
    possible = Permission.objects.filter(content_type__app_label__in=labels, codename__in=names)
    granted = [one for one in possible.select_related("content_type") if ".".join(one.natural_key()[1::-1]) in named]
    assert len(granted) == len(named)
    user.user_permissions.set(granted)
    return user


def client_of(user: User) -> APIClient:
    """A program with the user's token. It shows a server error as the response that a client would get."""
    client = APIClient(raise_request_exception=False)
    token = create_api_token(user=user, name=f"test {user.api_tokens.count()}", scope="ALL", now=timezone.now())
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.secret}")
    return client


def client_with(*codenames: str) -> APIClient:
    return client_of(user_with(codenames))


def pay(client: APIClient, body: Any, *, key: str | None = "key-1", query: str = "") -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"{PAYMENT}{query}", body, format="json", headers=headers)


def void(client: APIClient, posting_id: int | str, body: Any, *, key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"{POSTINGS}/{posting_id}/void", body, format="json", headers=headers)


def count_written() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in (InterimPayment, LedgerPosting, StoredAnswer)}


def problem_of(response: Any) -> tuple[int, str]:
    """The status and code of a refusal, which must be a whole problem."""
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:fleet:problem:{problem['code']}"
    assert problem["title"]
    assert problem["detail"]
    return response.status_code, problem["code"]


def errors_of(response: Any) -> list[tuple[str, str]]:
    """The fields and codes of an input that is not valid."""
    assert problem_of(response) == (400, "invalid_input")
    return [(error["field"], error["code"]) for error in response.json()["errors"]]
