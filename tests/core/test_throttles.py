"""How often one may ask: by token or user, and by address where nobody is known; and on without Redis."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.utils import timezone
from rest_framework.exceptions import Throttled
from rest_framework.test import APIClient

from core.api import throttles
from core.doors.addresses import address_of
from core.services import create_api_token
from tests.factories import UserFactory

ADDRESS = "/api/schema"


@pytest.fixture(autouse=True)
def own_counts(monkeypatch, settings):
    """Counts of this test alone: the Redis is one for all tests of this machine."""
    monkeypatch.setattr(throttles, "PREFIX", f"test:{uuid.uuid4()}:")
    monkeypatch.setattr(throttles, "health", throttles.Health())
    settings.API_REQUESTS_PER_MINUTE = 3
    settings.API_REFUSED_PER_MINUTE = 2


def client_of(user: User, name: str = "till") -> APIClient:
    client = APIClient()
    token = create_api_token(user=user, name=name, scope="READ", now=timezone.now())
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.secret}")
    return client


def ask(client: APIClient, times: int, **sent: Any) -> list[int]:
    return [client.get(ADDRESS, **sent).status_code for _ in range(times)]


@pytest.mark.django_db
class TestWhoIsKnown:
    def test_each_token_has_a_minute_of_its_own(self):
        user = UserFactory.create()
        first, second = client_of(user), client_of(user, "other")

        assert ask(first, 4) == [200, 200, 200, 429]
        refused = first.get(ADDRESS)
        assert (refused["Content-Type"], refused.json()["code"]) == ("application/problem+json", "throttled")
        assert 1 <= int(refused["Retry-After"]) <= 60
        assert ask(second, 1) == [200]

    def test_a_session_is_counted_by_its_user_whatever_it_asks_for(self):
        client, user = APIClient(), UserFactory.create()
        client.force_login(user)

        assert [client.get("/api/ledger/balances").status_code for _ in range(4)] == [403, 403, 403, 429]

    def test_no_limit_is_none(self, settings):
        settings.API_REQUESTS_PER_MINUTE = 0

        assert ask(client_of(UserFactory.create()), 5) == [200] * 5


@pytest.mark.django_db
class TestWhoIsNot:
    def test_guesses_and_no_token_at_all_are_counted_by_address_and_shut_out_nobody_else(self):
        guesser, stranger = APIClient(), APIClient()
        guesser.credentials(HTTP_AUTHORIZATION="Bearer fleet_guess")

        assert ask(guesser, 1) + ask(stranger, 1) + ask(guesser, 1) + ask(stranger, 1) == [401, 401, 429, 429]
        assert guesser.get(ADDRESS).json()["code"] == "throttled"
        assert "WWW-Authenticate" not in guesser.get(ADDRESS)

        assert ask(guesser, 1, REMOTE_ADDR="203.0.113.9") == [401]
        # A till behind the same address goes on.
        assert ask(client_of(UserFactory.create()), 1) == [200]

    def test_an_address_that_the_client_made_up_does_not_help(self, settings):
        guesser = APIClient()
        forwarded = [f"198.51.100.{number}" for number in range(3)]

        assert [ask(guesser, 1, HTTP_X_FORWARDED_FOR=each)[0] for each in forwarded] == [401, 401, 429]
        settings.BEHIND_PROXY = True
        told = [f"{each}, 192.0.2.7" for each in forwarded]
        assert [ask(guesser, 1, HTTP_X_FORWARDED_FOR=each)[0] for each in told] == [401, 401, 429]


@pytest.mark.parametrize(
    ("peer", "forwarded", "behind_proxy", "address"),
    [
        ("192.0.2.1", "198.51.100.1", False, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", True, "198.51.100.1"),
        ("192.0.2.1", "10.0.0.1, 198.51.100.1 ", True, "198.51.100.1"),
        ("192.0.2.1", "", True, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1, nonsense\x00", True, "unknown"),
        ("2001:db8:1:2:3:4:5:6", "", False, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "", False, "192.0.2.1"),
        ("", "", False, "unknown"),
    ],
)
def test_whose_address_it_is(settings, peer, forwarded, behind_proxy, address):
    settings.BEHIND_PROXY = behind_proxy
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)

    assert address_of(request) == address


def test_many_at_once_are_counted_each(settings):
    settings.API_REQUESTS_PER_MINUTE = 25

    def is_let_in(_number: int) -> bool:
        try:
            throttles.count_request("token:1")
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(is_let_in, range(40))) == 25


def test_without_redis_nobody_is_held_up_and_it_is_said_once(settings, caplog, monkeypatch):
    there = settings.REDIS_URL
    settings.REDIS_URL = "unix:///nowhere/redis.sock"

    for _ in range(9):
        throttles.count_request("token:1")
    settings.REDIS_URL = there
    for _ in range(9):  # it is not asked again at once
        throttles.count_request("token:1")

    assert [record.getMessage()[:21] for record in caplog.records] == ["Redis does not answer"]
    monkeypatch.setattr(throttles.health, "_ask_again_at", 0.0)
    for _ in range(3):
        throttles.count_request("token:1")
    with pytest.raises(Throttled):
        throttles.count_request("token:1")
    assert [record.getMessage()[:19] for record in caplog.records[1:]] == ["Redis answers again"]
