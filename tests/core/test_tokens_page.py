"""API tokens in the admin: who makes them for whom, shown once, and revoked."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from core.models import ApiToken
from core.services import create_api_token
from tests.factories import UserFactory
from tests.ledger.admin_pages import browse, errors_on, messages_on, url_of

pytestmark = pytest.mark.django_db

LIST, MAKE = "core_apitoken_changelist", "core_apitoken_make"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def make(client: Client, **typed: Any) -> Any:
    return client.post(
        url_of(MAKE), {"name": "till-1", "scope": "COUNTER", "good_for": "90", **typed, "_confirm": "1"}, follow=True
    )


def token_of(user: User, name: str = "till-1", **facts: Any) -> ApiToken:
    return create_api_token(user=user, name=name, **{"scope": "READ", "now": timezone.now(), **facts}).row


class TestMake:
    def test_shows_the_secret_once_and_nowhere_else(self, caplog):
        office = UserFactory.create(groups=["Office"])
        client = signed_in(office)
        form = client.get(url_of(MAKE)).content.decode()
        assert 'name="user"' not in form
        assert "Until it is revoked" not in form

        page = make(client)

        secret = page.context["secret"]
        assert page.content.decode().count(secret) == 1
        assert "no-store" in page["Cache-Control"]
        assert (page.redirect_chain, messages_on(page)) == ([], [])
        token = ApiToken.objects.get()
        assert (token.user, token.made_by, token.scope) == (office, office, "COUNTER")
        assert token.expires_at is not None
        assert token.expires_at - token.created_at == timedelta(days=90)
        known = APIClient()
        known.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert known.get("/api/schema").status_code == 200
        assert secret not in caplog.text

        # Sent again, as by reloading the page, it is refused; and no other page has it.
        again = make(client)
        assert list(errors_on(again)) == ["name"]
        for name, args in ((LIST, ()), ("core_apitoken_change", (token.pk,)), ("core_apitoken_revoke", (token.pk,))):
            page = client.get(url_of(name, *args)).content.decode()
            assert "till-1" in page
            assert secret not in page
            assert token.digest not in page

    @pytest.mark.parametrize(
        ("typed", "at"),
        [
            ({"name": " "}, "name"),
            ({"scope": "EVERYTHING"}, "scope"),
            ({"good_for": "revoked"}, "good_for"),
            ({"good_for": "day"}, "last_day"),
            ({"good_for": "day", "last_day": "2020-01-01"}, "last_day"),
            ({"good_for": "day", "last_day": "2099-01-01"}, "last_day"),
            ({"good_for": "day", "last_day": "soon"}, "last_day"),
        ],
    )
    def test_refuses_at_the_input(self, typed, at):
        page = make(browse("Office"), **typed)

        assert (page.status_code, list(errors_on(page))) == (200, [at])
        assert ApiToken.objects.count() == 0

    def test_a_day_is_good_to_its_end(self):
        day = timezone.localdate() + timedelta(days=10)
        make(browse("Supervisor"), good_for="day", last_day=day.isoformat())

        expires_at = ApiToken.objects.get().expires_at
        assert expires_at is not None
        assert f"{timezone.localtime(expires_at):%Y-%m-%d %H:%M}" == f"{day + timedelta(days=1)} 00:00"

    def test_for_others_is_who_manages(self):
        till = UserFactory.create(is_staff=False, groups=["Cashier"])

        make(browse("Supervisor"), user=till.pk, name="own")  # no such input: it is for oneself
        page = make(browse(), user=till.pk, good_for="revoked")

        assert page.context["token"].user == till
        assert page.context["token"].expires_at is None
        assert set(ApiToken.objects.exclude(user=till).values_list("name", flat=True)) == {"own"}

    def test_who_manages_makes_none_that_may_more_than_they(self):
        manager = UserFactory.create(permissions=["core.manage_apitoken"])
        root = UserFactory.create(is_superuser=True)

        page = make(signed_in(manager), user=root.pk)

        assert list(errors_on(page)) == ["user"]
        assert ApiToken.objects.count() == 0

    @pytest.mark.parametrize("role", ["Cashier", "Auditor"])
    def test_is_not_for_everybody(self, role):
        assert make(browse(role)).status_code == 403


class TestList:
    def test_tells_the_state_of_each_and_asks_no_more_for_many(self):
        now, user = timezone.now(), UserFactory.create(first_name="Till")
        token_of(user, "live")
        token_of(user, "soon", expires_at=now + timedelta(days=13))
        token_of(user, "later", expires_at=now + timedelta(days=15))
        token_of(user, "gone", now=now - timedelta(days=9), expires_at=now - timedelta(days=1))
        token_of(UserFactory.create(is_active=False), "idle")
        ApiToken.objects.filter(pk=token_of(user, "revoked").pk).update(revoked_at=now)
        client = browse("Auditor")

        with CaptureQueriesContext(
            connection,
        ) as asked:
            page = client.get(url_of(LIST))

        admin, rows = page.context["cl"].model_admin, page.context["cl"].result_list
        assert {token.name: admin.state(token) for token in rows} == {
            "live": "Live",
            "soon": "Expires soon",
            "later": "Live",
            "gone": "Expired",
            "idle": "User inactive",
            "revoked": "Revoked",
        }
        assert "Make a token" not in page.content.decode()
        for number in range(5):
            token_of(UserFactory.create(), f"more {number}")
        with CaptureQueriesContext(connection) as more:
            client.get(url_of(LIST))
        assert len(more) == len(asked)

    def test_one_sees_ones_own(self):
        office = UserFactory.create(groups=["Office"])
        mine, other = token_of(office), token_of(UserFactory.create(), "foreign")
        client = signed_in(office)

        assert list(client.get(url_of(LIST)).context["cl"].result_list) == [mine]
        assert client.get(url_of("core_apitoken_change", other.pk)).status_code == 404
        assert client.get(url_of("core_apitoken_revoke", other.pk)).status_code == 403
        assert browse("Cashier").get(url_of(LIST)).status_code == 403
        assert "API tokens" in client.get("/admin/").content.decode()
        assert client.get(url_of("core_apitoken_change", "9" * 30)).status_code == 404


class TestRevoke:
    def test_asks_first_and_says_it_was_done_before(self):
        office = UserFactory.create(groups=["Office"])
        token, client = token_of(office), signed_in(office)
        url = url_of("core_apitoken_revoke", token.pk)

        assert "Nothing brings a revoked token back." in client.get(url).content.decode()
        token.refresh_from_db()
        assert token.revoked_at is None

        page = client.post(url, {"_confirm": "1"}, follow=True)
        assert messages_on(page) == ["till-1 is revoked."]
        token.refresh_from_db()
        assert token.revoked_by == office

        again = client.post(url, {"_confirm": "1"})
        assert errors_on(again) == {"__all__": ["The token till-1 was revoked before."]}
