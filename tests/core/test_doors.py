"""Sign-ins that fail are counted and lock, sessions end, and all of it stands in a log that is only added to."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from core import services
from core.doors import log
from core.models import AccessEntry, Session, SignInFailure
from core.tasks import purge_access_task
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Kind = AccessEntry.Kind
LOGIN = "/admin/login/"


@pytest.fixture(autouse=True)
def _nothing_written_yet(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick: what is tested is who asks
    monkeypatch.setattr(log, "damper", log.Damper())


@pytest.fixture
def maya() -> User:
    return UserFactory.create(username="maya", password="right-horse", groups=["Supervisor"])


def sign_in(name: str = "maya", password: str = "wrong", *, address: str = "198.51.100.7", **headers: Any) -> Any:
    return Client().post(LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address, **headers)


def entries() -> list[tuple[str, str, str]]:
    return list(AccessEntry.objects.order_by("id").values_list("kind", "username", "address"))


class TestLock:
    def test_five_failures_lock_a_name_at_an_address_alone_and_say_until_when(self, maya, caplog):
        for _ in range(4):
            assert "Please enter the correct" in sign_in().content.decode()
        locked = [sign_in(), sign_in(password="right-horse")]
        stranger = [sign_in("nobody") for _ in range(5)][-1]

        texts = [" ".join(answer.content.decode().split()) for answer in (*locked, stranger)]
        for answer, text in zip((*locked, stranger), texts, strict=True):
            assert answer.status_code == 429
            assert 0 < int(answer["Retry-After"]) <= 15 * 60
            assert "Too many sign-ins have failed. It can be tried again after" in text
        assert sign_in(password="right-horse", address="198.51.100.8").status_code == 302
        assert entries() == [
            *[("FAILED", "maya", "198.51.100.7")] * 5,
            ("LOCKED_OUT", "maya", "198.51.100.7"),
            *[("FAILED", "no… (no such user, " + entries()[6][1][-9:], "198.51.100.7")] * 5,
            ("LOCKED_OUT", entries()[6][1], "198.51.100.7"),
            ("SIGNED_IN", "maya", "198.51.100.8"),
        ]
        lines = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert "Sign-in failed: maya from 198.51.100.7" in lines
        assert "nobody" not in caplog.text
        assert "horse" not in caplog.text

    def test_the_time_that_is_told_is_when_it_is_over(self, maya):
        for _ in range(5):
            sign_in()
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))

        assert sign_in(password="right-horse").status_code == 302
        assert not AccessAttempt.objects.exists()

    def test_an_address_that_guesses_many_names_is_locked_for_all(self, maya, monkeypatch):
        monkeypatch.setattr(settings, "SIGN_IN_FAILURES_OF_ADDRESS", 3)
        for name in ("a", "b", "c"):
            sign_in(name)

        assert sign_in(password="right-horse").status_code == 429

    def test_a_made_up_proxy_header_changes_nothing(self, maya, monkeypatch):
        for made_up in range(5):
            sign_in(HTTP_X_FORWARDED_FOR=f"203.0.113.{made_up}")
        assert sign_in(HTTP_X_FORWARDED_FOR="203.0.113.9").status_code == 429

        monkeypatch.setattr(settings, "BEHIND_PROXY", True)
        for made_up in range(5):
            sign_in(HTTP_X_FORWARDED_FOR=f"203.0.113.{made_up}, 192.0.2.1")
        assert sign_in(HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.1").status_code == 429
        assert sign_in(HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.2").status_code == 200

    def test_tokens_are_not_locked(self, maya):
        now = timezone.now()
        made = services.create_api_token(
            user=maya, name="till", scope="ALL", now=now, expires_at=now + timedelta(days=1)
        )
        for _ in range(6):
            sign_in()

        told = Client().get(
            "/api/reports", headers={"authorization": f"Bearer {made.secret}"}, REMOTE_ADDR="198.51.100.7"
        )
        assert told.status_code == 200

    def test_a_supervisor_reads_who_is_locked_and_unlocks_with_a_reason(self, client, maya):
        UserFactory.create(username="till", password="right-horse")
        for _ in range(5):
            sign_in("till")
        client.force_login(maya)
        row = SignInFailure.objects.get()
        listed = client.get("/admin/core/signinfailure/").content.decode()
        assert "198.51.100.7" in listed
        assert "not locked" not in listed
        unlock = f"/admin/core/signinfailure/{row.pk}/unlock/"
        assert unlock in client.get(f"/admin/core/signinfailure/{row.pk}/change/").content.decode()

        refused = client.post(unlock, {"_confirm": "1", "scope": "PAIR", "reason": " "})
        assert "Say why" in refused.content.decode()
        done = client.post(unlock, {"_confirm": "1", "scope": "PAIR", "reason": "She called me"}, follow=True)

        assert "Unlocked: till from 198.51.100.7." in done.content.decode()
        assert sign_in("till", "right-horse").status_code == 302
        page = client.get("/admin/core/accessentry/?q=till").content.decode()
        assert "till from 198.51.100.7: She called me" in page
        assert "Locked out" in page
        auditor = Client()
        auditor.force_login(UserFactory.create(groups=["Auditor"]))
        assert auditor.get("/admin/core/accessentry/").status_code == 200
        assert auditor.post(unlock, {"_confirm": "1"}).status_code == 403

    def test_the_number_of_statements_does_not_grow_with_failures(self, client, maya, django_assert_max_num_queries):
        client.force_login(maya)
        now = timezone.now()
        SignInFailure.objects.bulk_create(
            SignInFailure(username=f"n{n}", ip_address="192.0.2.1", failures_since_start=2, attempt_time=now)
            for n in range(40)
        )
        with django_assert_max_num_queries(12):
            listed = client.get("/admin/core/signinfailure/").content.decode()
        assert "not locked" not in listed  # 80 failures of all from there


class TestSession:
    @staticmethod
    def moved(client: Client, **ago: int) -> Session:
        """The client's session as it would be after so long without use."""
        row = Session.objects.get(session_key=client.session.session_key)
        Session.objects.filter(pk=row.pk).update(expire_date=row.expire_date - timedelta(**ago))
        return row

    def test_use_moves_its_end_once_a_minute_and_idleness_ends_it(self, client, maya):
        client.force_login(maya)
        assert not client.cookies[settings.SESSION_COOKIE_NAME]["max-age"]
        self.moved(client, minutes=20)
        client.get("/admin/words/", headers={"x-poll": "1"})
        assert Session.objects.get().expire_date < timezone.now() + timedelta(minutes=11)
        client.get("/admin/words/")
        assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=29)
        with connection.execute_wrapper(refuse_updates):
            client.get("/admin/words/")

        self.moved(client, minutes=30)
        again = client.post("/admin/core/auditrun/run/", {"_confirm": "1"}, follow=True)

        assert again.redirect_chain == [(f"{LOGIN}?next=/admin/core/auditrun/run/", 302)]
        assert "Your session had ended, so nothing was saved." in again.content.decode()
        assert "Your session had ended" not in client.get(LOGIN).content.decode()
        call_command("clearsessions")
        assert not Session.objects.exists()

    def test_it_ends_after_twelve_hours_of_use_too(self, client, maya):
        client.force_login(maya)
        session = client.session
        session["began"] -= 12 * 3600 - 120
        session.save()

        client.get("/admin/words/")
        assert Session.objects.get().expire_date < timezone.now() + timedelta(seconds=121)

    def test_a_part_of_a_page_leads_the_whole_page_to_the_sign_in(self, client, maya):
        client.force_login(maya)
        Session.objects.all().delete()
        asked = {"hx-request": "true", "hx-current-url": "http://testserver/admin/find/?q=x"}

        answer = client.get("/admin/home/week/", headers=asked)

        assert (answer.status_code, answer["HX-Redirect"]) == (204, f"{LOGIN}?next=%2Fadmin%2Ffind%2F%3Fq%3Dx")

    def test_a_new_password_ends_the_others_and_signing_out_its_own(self, client, maya):
        other = Client()
        other.force_login(maya)
        client.force_login(maya)
        new = {"old_password": "right-horse", "new_password1": "left-4-zebras", "new_password2": "left-4-zebras"}

        assert client.post("/admin/password_change/", new).status_code == 302
        assert client.get("/admin/words/").status_code == 200
        assert other.get("/admin/words/").status_code == 302
        client.post("/admin/logout/")
        assert client.get("/admin/words/").status_code == 302
        assert [kind for kind, *_ in entries()][2:] == ["PASSWORD", "SIGNED_OUT"]


def refuse_updates(execute, sql, *rest):
    assert not sql.startswith("UPDATE"), sql
    return execute(sql, *rest)


class TestLog:
    def test_a_refusal_is_one_entry_an_hour_and_a_flood_stops(self, client, maya, monkeypatch):
        monkeypatch.setattr(log, "MOST_AN_HOUR", 4)
        maya.groups.clear()
        client.force_login(maya)
        for _ in range(3):
            client.get("/admin/core/auditrun/?q=x", headers={"x-request-id": "till-7"})
        monkeypatch.setattr(log, "damper", log.Damper())  # another process
        client.get("/admin/core/auditrun/")
        for number in range(9):
            client.post(f"/api/ledger/postings/{number}/void", headers={"idempotency-key": "k"})

        refused = AccessEntry.objects.filter(kind=Kind.REFUSED, user=maya).order_by("id")
        assert [entry.told for entry in refused] == [
            "GET /admin/core/auditrun/",
            "POST /api/ledger/postings/0/void",
            "POST /api/ledger/postings/1/void",
            "More of these followed within the hour; they are not listed.",
        ]
        assert (refused[0].address, refused[0].request_id) == ("127.0.0.1", "till-7")

    @pytest.mark.owner
    def test_it_is_only_added_to_and_old_entries_go_by_age(self, maya):
        services.record_access(kind=Kind.SIGNED_IN, user=maya)
        services.record_access(kind=Kind.SIGNED_OUT, user=maya)
        old = AccessEntry.objects.create(kind=Kind.FAILED, at=timezone.now() - timedelta(days=401))
        for act in (
            "UPDATE core_access_log SET username = 'x'",
            "DELETE FROM core_access_log",
            "TRUNCATE core_access_log",
        ):
            with (
                pytest.raises(DatabaseError, match=r"append-only|permission denied"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(act)

        purge_access_task()

        assert not AccessEntry.objects.filter(pk=old.pk).exists()
        assert AccessEntry.objects.count() == 2
