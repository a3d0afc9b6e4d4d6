"""API tokens: shown once, kept as a digest, and of no use when expired, revoked, or their user may not log in."""

import hashlib
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from core import services
from core.errors import (
    AlreadyRevoked,
    TokenExpiryInvalid,
    TokenNameInvalid,
    TokenNameTaken,
    TokenNotYours,
    ValueInvalid,
)
from core.models import ApiToken
from core.services import NewToken
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ADDRESS = "/api/schema"  # for whoever is known
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)


def create_api_token(*, user: User, name: str = "export", **facts: Any) -> NewToken:
    return services.create_api_token(user=user, name=name, **{"scope": "ALL", "now": timezone.now(), **facts})


def ask_with(header: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    return client


def status_with(secret: str) -> int:
    return ask_with(f"Bearer {secret}").get(ADDRESS).status_code


class TestCreateApiToken:
    def test_keeps_a_digest_only(self):
        token = create_api_token(user=UserFactory.create(), name=" export ")

        row = ApiToken.objects.get()
        assert (row.name, row.expires_at, row.revoked_at, row.last_used_on) == ("export", None, None, None)
        assert row.digest == hashlib.sha256(token.secret.encode()).hexdigest()
        assert token.secret.startswith("fleet_")
        assert len(token.secret) == len("fleet_") + 43

    @pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\nb", "a\x00"])
    def test_refuses_a_name_that_is_none(self, name):
        with pytest.raises(TokenNameInvalid):
            create_api_token(user=UserFactory.create(), name=name)

        assert ApiToken.objects.count() == 0

    def test_refuses_a_scope_that_is_none(self):
        with pytest.raises(ValueInvalid) as refusal:
            create_api_token(user=UserFactory.create(), scope="ANY")

        assert refusal.value.at_field == "scope"
        assert ApiToken.objects.count() == 0

    def test_refuses_a_name_in_use(self):
        user = UserFactory.create()
        create_api_token(user=user, name="export")

        with pytest.raises(TokenNameTaken):
            create_api_token(user=user, name="export")

        assert ApiToken.objects.count() == 1
        create_api_token(user=UserFactory.create(), name="export")

    def test_a_revoked_name_is_free_again(self):
        user = UserFactory.create()
        token = create_api_token(user=user, name="export")
        services.revoke_api_token(token_id=token.row.pk, now=NOW)

        create_api_token(user=user, name="export")

        assert ApiToken.objects.count() == 2

    def test_expires_after_it_was_made(self):
        user = UserFactory.create()
        with pytest.raises(TokenExpiryInvalid):
            create_api_token(user=user, now=NOW, expires_at=NOW)
        with pytest.raises(TokenExpiryInvalid):
            create_api_token(user=user, now=NOW, expires_at=NOW + timedelta(days=3651))

        with pytest.raises(IntegrityError, match="core_api_tokens_expires_after_made"), transaction.atomic():
            ApiToken.objects.create(user=user, name="x", digest="x", scope="READ", created_at=NOW, expires_at=NOW)
        with pytest.raises(IntegrityError, match="core_api_tokens_scope_known"), transaction.atomic():
            ApiToken.objects.create(user=user, name="x", digest="x", scope="read", created_at=NOW)
        assert ApiToken.objects.count() == 0

    def test_who_makes_one_may_make_it(self):
        own, other = UserFactory.create(), UserFactory.create()
        office = UserFactory.create(permissions=["core.add_apitoken"])
        manager = UserFactory.create(permissions=["core.manage_apitoken"])
        root = UserFactory.create(is_superuser=True)
        boss = UserFactory.create(groups=["Supervisor"])
        later = NOW + timedelta(days=90)

        for made_by, user in [(own, own), (office, other), (manager, boss), (manager, root)]:
            with pytest.raises(TokenNotYours):
                create_api_token(user=user, made_by=made_by, now=NOW, expires_at=later)
        for expires_at in (None, NOW + timedelta(days=367)):
            with pytest.raises(TokenExpiryInvalid):
                create_api_token(user=office, made_by=office, now=NOW, expires_at=expires_at)
        assert ApiToken.objects.count() == 0

        mine = create_api_token(user=office, made_by=office, now=NOW, expires_at=later).row
        others = [create_api_token(user=other, made_by=manager, now=NOW).row]
        others.append(create_api_token(user=boss, made_by=root, now=NOW).row)
        assert [token.made_by for token in (mine, *others)] == [office, manager, root]

        for token in others:
            with pytest.raises(TokenNotYours):
                services.revoke_api_token(token_id=token.pk, now=NOW, revoked_by=office)
        assert services.revoke_api_token(token_id=mine.pk, now=NOW, revoked_by=office).revoked_by == office
        assert services.revoke_api_token(token_id=others[1].pk, now=NOW, revoked_by=manager).revoked_by == manager


class TestBearerAuthentication:
    def test_lets_its_user_in(self):
        token = create_api_token(user=UserFactory.create(), name="export")

        assert status_with(token.secret) == 200
        assert ask_with(f"bearer {token.secret}").get(ADDRESS).status_code == 200

    def test_refuses_after_the_token_was_revoked(self):
        user = UserFactory.create()
        token = create_api_token(user=user, name="export")
        assert services.revoke_api_token(token_id=token.row.pk, now=NOW).revoked_at == NOW

        assert status_with(token.secret) == 401
        with pytest.raises(AlreadyRevoked):
            services.revoke_api_token(token_id=token.row.pk, now=NOW)

    def test_refuses_after_it_expired(self):
        user = UserFactory.create()
        good = create_api_token(user=user, name="good", expires_at=timezone.now() + timedelta(minutes=1))
        past = timezone.now() - timedelta(days=2)
        expired = create_api_token(user=user, name="expired", now=past, expires_at=past + timedelta(days=1))

        assert (status_with(good.secret), status_with(expired.secret)) == (200, 401)

    def test_refuses_a_user_who_may_not_log_in(self):
        user = UserFactory.create()
        token = create_api_token(user=user, name="export")
        user.is_active = False
        user.save()

        assert status_with(token.secret) == 401

    @pytest.mark.parametrize(
        "header", ["Bearer", "Bearer ", "Bearer a b", "Bearer fleet_nobody", "Bearer é", "Bearer " + "x" * 10_000]
    )
    def test_refuses_what_is_no_token(self, header):
        response = ask_with(header).get(ADDRESS)

        assert (response.status_code, response.json()["code"]) == (401, "invalid_token")
        assert response["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'

    def test_a_digest_is_no_token(self):
        create_api_token(user=UserFactory.create(), name="export")

        assert status_with(ApiToken.objects.get().digest) == 401

    def test_another_scheme_is_nobody(self):
        response = ask_with("Basic dXNlcjpwYXNz").get(ADDRESS)

        assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")

    def test_a_wrong_token_is_not_helped_by_a_session(self):
        client = APIClient()
        client.force_login(UserFactory.create())
        client.credentials(HTTP_AUTHORIZATION="Bearer fleet_nobody")

        assert client.get(ADDRESS).status_code == 401

    def test_writes_its_day_of_use_once_a_day(self, django_assert_num_queries):
        token = create_api_token(user=UserFactory.create(), name="export")
        with django_assert_num_queries(2):
            status_with(token.secret)
        assert ApiToken.objects.get().last_used_on == timezone.localdate()

        with django_assert_num_queries(1):
            status_with(token.secret)

        ApiToken.objects.update(last_used_on=timezone.localdate() - timedelta(days=1))
        with django_assert_num_queries(2):
            status_with(token.secret)


class TestCommands:
    def test_create_prints_the_token_alone(self):
        user = UserFactory.create()
        printed = StringIO()

        call_command(
            "create_api_token", user.username, "export", scope="READ", days=7, stdout=printed, stderr=StringIO()
        )

        assert status_with(printed.getvalue().strip()) == 200
        assert ApiToken.objects.get().scope == "READ"
        expires_at = ApiToken.objects.get().expires_at
        assert expires_at is not None
        assert timedelta(days=6) < expires_at - timezone.now() < timedelta(days=7)

    def test_revoke_ends_it(self):
        user = UserFactory.create()
        token = create_api_token(user=user, name="export")

        call_command("revoke_api_token", user.username, "export", stdout=StringIO())

        assert status_with(token.secret) == 401

    @pytest.mark.parametrize("days", [0, -1, 4000])
    def test_create_refuses_days_that_are_none(self, days):
        with pytest.raises(CommandError, match="--days"):
            call_command("create_api_token", UserFactory.create().username, "export", scope="READ", days=days)

        assert ApiToken.objects.count() == 0

    @pytest.mark.parametrize(("command", "asked"), [("create_api_token", {"scope": "READ"}), ("revoke_api_token", {})])
    def test_each_refuses_a_stranger(self, command, asked):
        with pytest.raises(CommandError, match="'nobody'"):
            call_command(command, "nobody", "export", **asked)

    def test_each_says_what_the_service_says(self):
        user = UserFactory.create()
        with pytest.raises(CommandError, match="no live token"):
            call_command("revoke_api_token", user.username, "export")
        create_api_token(user=user, name="export")
        with pytest.raises(CommandError, match="already"):
            call_command("create_api_token", user.username, "export", scope="READ")
