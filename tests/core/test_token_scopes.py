"""What a token's scope leaves of its user's rights: never more than they have, and named where it is too narrow."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import path
from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from core.api.permissions import HasPermissions
from core.api.scopes import Scope, allows
from core.errors import ScopeTooNarrow
from core.groups import CASHIER, OFFICE, ROLES, list_granted
from core.services import create_api_token
from tests.config.test_structure import PROJECT
from tests.factories import UserFactory

#: By the name of its address: what each view needs. All take GET and POST.
NEEDS = {
    "see": ("ledger.view_interimpayment",),
    "report": ("core.read_reports",),
    "pay": ("ledger.add_interimpayment",),
    "lease": ("leases.add_lease", "leases.view_lease"),
    "void": ("ledger.void_ledgerposting",),
    "close": ("ledger.close_books",),
}


def view_of(needed: tuple[str, ...]) -> Any:
    class Needing(APIView):
        permission_classes = (HasPermissions,)
        required_permissions = needed

        def get(self, request: Any) -> Response:
            return Response({"may": [each for each in set().union(*NEEDS.values()) if request.user.has_perm(each)]})

        post = get

    return Needing.as_view()


urlpatterns = [path(name, view_of(needed)) for name, needed in NEEDS.items()]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def client_of(user: User, scope: str) -> APIClient:
    client = APIClient()
    token = create_api_token(user=user, name=scope, scope=scope, now=timezone.now())
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.secret}")
    return client


def needed_for(client: APIClient, method: str, name: str) -> str:
    """The scope that a refusal names; or what else was answered."""
    answer = getattr(client, method)(f"/{name}")
    problem = answer.json()
    if problem.get("code") != "scope_too_narrow":
        return str(problem.get("code", answer.status_code))
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert problem["facts"]["needed"] in problem["detail"]
    return str(problem["facts"]["needed"])


@pytest.mark.parametrize(
    ("scope", "refused"),
    [
        (
            "READ",
            {
                ("post", "see"): "COUNTER",
                ("post", "report"): "OFFICE",
                **dict.fromkeys([("get", "pay"), ("post", "pay")], "COUNTER"),
                **dict.fromkeys([("get", "lease"), ("post", "lease")], "OFFICE"),
                **dict.fromkeys([(method, name) for method in ("get", "post") for name in ("void", "close")], "ALL"),
            },
        ),
        (
            "COUNTER",
            {
                ("get", "report"): "READ",
                ("post", "report"): "OFFICE",
                **dict.fromkeys([("get", "lease"), ("post", "lease")], "OFFICE"),
                **dict.fromkeys([(method, name) for method in ("get", "post") for name in ("void", "close")], "ALL"),
            },
        ),
        (
            "OFFICE",
            {
                **dict.fromkeys([("get", "pay"), ("post", "pay")], "COUNTER"),
                **dict.fromkeys([(method, name) for method in ("get", "post") for name in ("void", "close")], "ALL"),
            },
        ),
        ("ALL", {}),
    ],
)
def test_each_scope_lets_through_what_it_says_and_names_the_one_that_would_do(scope, refused):
    client = client_of(UserFactory.create(is_superuser=True), scope)

    answered = {(method, name): needed_for(client, method, name) for method in ("get", "post") for name in NEEDS}

    assert answered == dict.fromkeys(answered, "200") | refused


def test_a_scope_gives_nobody_what_they_may_not():
    for scope in Scope.values:
        client = client_of(UserFactory.create(groups=["Auditor"]), scope)
        for name in ("pay", "lease", "void", "close"):
            assert needed_for(client, "post", name) == "permission_denied", scope


def test_what_asks_for_rights_further_in_sees_the_scope_too():
    user = UserFactory.create(is_superuser=True)
    seen = {scope: set(client_of(user, scope).get("/see").json()["may"]) for scope in Scope.values}

    every = set().union(*NEEDS.values())
    assert seen == {
        "READ": {"ledger.view_interimpayment", "core.read_reports", "leases.view_lease"},
        "COUNTER": {"ledger.view_interimpayment", "ledger.add_interimpayment", "leases.view_lease"},
        "OFFICE": {"ledger.view_interimpayment", "core.read_reports", "leases.add_lease", "leases.view_lease"},
        "ALL": every,
    }


def test_what_is_refused_here_is_documented():
    told = (PROJECT / "docs" / "api.md").read_text()

    assert f"| `{ScopeTooNarrow.code}` | {ScopeTooNarrow.http_status} |" in told
    assert f"| `{Throttled.default_code}` | {Throttled.status_code} |" in told
    assert [f"| `{scope}` |" for scope in Scope.values if f"| `{scope}` |" not in told] == []


def test_a_method_that_is_not_there_is_no_matter_of_scope():
    client = client_of(UserFactory.create(is_superuser=True), "READ")

    assert needed_for(client, "put", "see") == "method_not_allowed"
    assert needed_for(client, "delete", "void") == "ALL"


def test_a_session_has_no_scope():
    client = APIClient()
    client.force_login(UserFactory.create(is_superuser=True))

    assert client.get("/void").status_code == 200


def test_the_scopes_are_the_roles_own_grants():
    held: frozenset[str] = frozenset().union(*(list_granted(role) for role in ROLES))
    assert {each for each in held if allows("COUNTER", each)} == list_granted(CASHIER)
    assert {each for each in held if allows("OFFICE", each)} == list_granted(OFFICE)
    # What the reader is left with is no act: no role that only looks lacks a right by it but to run the audits
    # and to compare the seals.
    missed = {each for each in list_granted("Auditor") if not allows("READ", each)}
    assert missed == {"core.add_auditrun", "ledger.add_sealcheck"}
    # Reopening a day asks for a superuser, whom only the widest scope leaves one.
    assert not any(allows(scope, "ledger.close_books") for scope in ("READ", "COUNTER", "OFFICE"))
