"""A password that was given is changed before anything opens; a link in a mail gives whoever has the mail a new one."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from kombu.exceptions import OperationalError

from core import services
from core.admin.pages import passwords
from core.api.throttles import find_wait
from core.doors import log
from core.errors import FirstPasswordOver, PasswordAlreadyChosen, PasswordWeak
from core.models import AccessEntry, FirstPassword, Session
from core.tasks import mail_password_links_task
from tests.factories import UserFactory
from tests.refusals import refused

pytestmark = pytest.mark.django_db
GATE, LINK = "/admin/new-password/", "/admin/password-link/"
OWN = "seven horses in the rain"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(log, "damper", log.Damper())


@pytest.fixture
def given() -> services.GivenPassword:
    return services.add_person(
        username="rosa",
        roles=["Supervisor"],
        reason="Starts",
        now=timezone.now(),
        actor=None,
        last_name="Espinal-Castillo",
        email="rosa@fleet.example",
    )


def signed_in(password: str, name: str = "rosa") -> Client:
    client = Client()
    assert client.post("/admin/login/", {"username": name, "password": password}).status_code == 302
    return client


def choose(client: Client, password: str = OWN, again: str | None = None, **more: Any) -> Any:
    sent = {"new_password1": password, "new_password2": password if again is None else again, **more}
    return client.post(GATE, sent)


class TestGate:
    def test_nothing_opens_before_and_everything_after(self, given):
        client, elsewhere = signed_in(given.secret), signed_in(given.secret)

        for address in (
            "/admin/",
            "/admin/words/",
            "/admin/ledger/ledgeraccount/pay/",
            "/admin/dtr/dtr/1/pdf/",
            "/admin/core/person/",
            "/admin/core/apitoken/make/",
            "/admin/auth/user/",
            "/admin/password_change/",
            "/admin/authenticator/",
            "/admin/second-step/",
            LINK,
            "/",
        ):
            for method in (client.get, client.head, client.put):
                assert method(address)["Location"].startswith(GATE), address
        assert client.post("/admin/core/apitoken/make/", {"name": "x", "_confirm": "1"})["Location"] == GATE
        assert client.post("/admin/password_change/", {"new_password1": OWN})["Location"] == GATE
        assert client.get("/admin/words/", headers={"HX-Request": "true"})["HX-Redirect"] == GATE
        for address in ("/api/reports", "/api/schema", "/api/docs", "/api/ledger/balances?driver=1", "/api/drivers"):
            told = client.get(address)
            assert (told.status_code, told.json()["code"]) == (403, "new_password_required"), address
        assert client.post("/api/ledger/payments", {}, "application/json").status_code == 403

        passed = choose(client, next="/admin/words/")

        assert passed["Location"] == "/admin/words/"
        assert client.get("/admin/words/").status_code == 200
        assert client.get("/api/reports").status_code == 200
        assert elsewhere.get("/admin/words/")["Location"].startswith("/admin/login/")
        assert FirstPassword.objects.count() == 0
        assert client.get(GATE)["Location"] == "/admin/password_change/"
        kinds = AccessEntry.objects.filter(user=given.user).order_by("id").values_list("kind", flat=True)
        assert list(kinds.exclude(kind="REFUSED")) == ["SIGNED_IN", "SIGNED_IN", "PASSWORD"]
        assert signed_in(OWN).get("/admin/words/").status_code == 200
        assert Client().post("/admin/login/", {"username": "rosa", "password": given.secret}).status_code == 200

    @pytest.mark.parametrize(
        ("password", "again", "said"),
        [
            ("short-horse", None, "at least 12 characters"),
            ("password1234", None, "too common"),
            ("918273645546372819", None, "entirely numeric"),
            ("espinal-castillo", None, "too similar to the last name"),
            ("", None, "This field is required."),
            (OWN, OWN + "!", "The two are not the same."),
        ],
    )
    def test_a_weak_one_is_told_at_its_input(self, given, password, again, said):
        client = signed_in(given.secret)
        assert said in choose(client, password, again).content.decode()
        assert client.get("/admin/words/").status_code == 302

    def test_the_given_one_again_is_no_password_of_ones_own(self, given):
        client = signed_in(given.secret)
        assert "choose another" in choose(client, given.secret).content.decode()
        given.user.refresh_from_db()
        assert given.user.check_password(given.secret)

    def test_it_is_good_for_a_week(self, given):
        after = given.good_to + timedelta(seconds=1)
        with refused(FirstPasswordOver):
            services.replace_first_password(user=given.user, password=OWN, now=after)
        FirstPassword.objects.update(given_at=timezone.now() - timedelta(days=8), good_to=timezone.now())
        client = signed_in(given.secret)
        assert "is too old" in choose(client).content.decode()
        assert client.get("/admin/words/")["Location"].startswith(GATE)

    def test_one_that_is_typed_at_the_terminal_is_ones_own(self, given):
        given.user.set_password(OWN)
        given.user.save()
        assert signed_in(OWN).get("/admin/words/").status_code == 200

    def test_who_has_their_own_has_nothing_to_replace(self):
        user = UserFactory.create(password=OWN)
        with refused(PasswordAlreadyChosen):
            services.replace_first_password(user=user, password=OWN + "!", now=timezone.now())
        user.refresh_from_db()
        assert user.check_password(OWN)

    def test_the_code_comes_before_and_the_set_up_after(self, given, settings):
        device = TOTPDevice.objects.create(user=given.user, name="a")
        client = signed_in(given.secret)
        assert client.get(GATE)["Location"].startswith("/admin/second-step/")
        assert choose(client)["Location"] == "/admin/second-step/"
        client.post("/admin/second-step/", {"code": f"{totp(device.bin_key):06}"})
        assert client.get("/admin/words/")["Location"].startswith(GATE)
        choose(client)
        assert client.get("/admin/words/").status_code == 200

        device.delete()
        settings.TOTP_REQUIRED_ROLES = ["Supervisor"]
        services.give_first_password(person_id=given.user.pk, reason="Lost", now=timezone.now(), actor=None)
        user = User.objects.get(pk=given.user.pk)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/admin/authenticator/")["Location"].startswith(GATE)
        choose(client)
        assert client.get("/admin/words/")["Location"].startswith("/admin/authenticator/")


def test_what_is_asked_too_often_waits_for_the_others():
    """By Redis, as for all processes together."""
    name = f"link:mail:{uuid4()}"
    assert [find_wait(name, 2, seconds=60) for _ in range(2)] == [None, None]
    wait = find_wait(name, 2, seconds=60)
    assert wait is not None
    assert 0 < wait <= 60
    assert find_wait(f"{name}@other", 2, seconds=60) is None


@pytest.fixture
def mailing(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail is set, a worker works at once, and nobody has asked yet."""
    settings.MAIL_IS_SET = True
    monkeypatch.setattr(mail_password_links_task, "delay", mail_password_links_task)
    monkeypatch.setattr(passwords, "find_wait", lambda *args, **kwargs: None)


def ask(email: str, **headers: Any) -> Any:
    return Client().post(LINK, {"email": email}, **headers)


def link_in(sent: Any) -> str:
    found = re.search(r"http://testserver(/admin/password-link/\S+)", str(sent.body))
    assert found is not None
    return found.group(1)


@pytest.mark.usefixtures("mailing")
class TestLink:
    @pytest.fixture
    def rosa(self) -> User:
        return UserFactory.create(username="rosa", password="right-horse", email="rosa@fleet.example")

    def test_is_good_once_and_ends_sessions(self, rosa):
        browser = signed_in("right-horse")
        ask("Rosa@Fleet.example")
        (sent,) = mail.outbox
        assert sent.to == ["rosa@fleet.example"]
        page = browser.get(link_in(sent), follow=True)
        there = page.redirect_chain[-1][0]
        assert link_in(sent) != there

        weak = browser.post(there, {"new_password1": "short", "new_password2": "short"})
        assert "at least 12" in weak.content.decode()
        done = browser.post(there, {"new_password1": OWN, "new_password2": OWN}, follow=True)

        assert done.redirect_chain[-1][0] == "/admin/login/"
        assert "Your new password is set." in done.content.decode()
        assert "had ended" not in done.content.decode()
        assert not Session.objects.filter(user=rosa).exists()
        assert signed_in(OWN).get("/admin/words/").status_code == 200
        again = Client().get(link_in(sent), follow=True).content.decode()
        assert "This link is no good any more" in again
        kinds = AccessEntry.objects.filter(user=rosa).order_by("id").values_list("kind", flat=True)
        assert list(kinds) == ["SIGNED_IN", "LINK", "PASSWORD", "SIGNED_IN"]

    def test_a_given_one_that_waited_is_over(self, rosa):
        FirstPassword.objects.create(user=rosa, good_to=timezone.now() + timedelta(days=7))
        services.choose_password_by_link(user=rosa, password=OWN)
        assert signed_in(OWN).get("/admin/words/").status_code == 200

    def test_the_second_step_is_still_asked_for(self, rosa):
        TOTPDevice.objects.create(user=rosa, name="a")
        ask(rosa.email)
        browser = Client()
        there = browser.get(link_in(mail.outbox[0]), follow=True).redirect_chain[-1][0]
        browser.post(there, {"new_password1": OWN, "new_password2": OWN})
        assert browser.get("/admin/words/")["Location"].startswith("/admin/login/")
        assert signed_in(OWN).get("/admin/words/")["Location"].startswith("/admin/second-step/")

    def test_the_answer_does_not_tell_who_is_known(self, rosa):
        UserFactory.create(username="gone", email="gone@fleet.example", is_active=False)
        User.objects.create_user("plain", email="plain@fleet.example", password="right-horse")
        answers = {
            re.sub(r"nonce=\S+", "", ask(f"{name}@fleet.example").content.decode())
            for name in ("rosa", "nobody", "gone", "plain")
        }
        assert len(answers) == 1
        assert [sent.to for sent in mail.outbox] == [["rosa@fleet.example"]]

    def test_who_is_locked_in_between_gets_nothing_by_it(self, rosa):
        ask(rosa.email)
        services.lock_person(person_id=rosa.pk, reason="Left", actor=None)
        assert "no good any more" in Client().get(link_in(mail.outbox[0]), follow=True).content.decode()
        with refused(PasswordWeak):
            services.choose_password_by_link(user=UserFactory.create(), password="short")

    def test_a_link_of_an_hour_ago_is_over(self, rosa, settings):
        ask(rosa.email)
        settings.PASSWORD_RESET_TIMEOUT = -1
        assert "no good any more" in Client().get(link_in(mail.outbox[0]), follow=True).content.decode()

    def test_too_many_are_refused_and_a_lost_queue_says_so(self, rosa, monkeypatch):
        asked: list[tuple[str, int, int]] = []

        def wait(name: str, most: int, *, seconds: int) -> float:
            asked.append((name, most, seconds))
            return 9.0

        monkeypatch.setattr(passwords, "find_wait", wait)
        assert ask("Rosa@fleet.example", REMOTE_ADDR="198.51.100.7").status_code == 429
        assert asked == [("link:address:198.51.100.7", 20, 3600), ("link:mail:rosa@fleet.example", 4, 3600)]
        monkeypatch.setattr(passwords, "find_wait", lambda *args, **kwargs: None)

        def lost(*args: Any) -> None:
            raise OperationalError

        monkeypatch.setattr(mail_password_links_task, "delay", lost)
        assert ask(rosa.email).status_code == 503
        assert ask("nothing").status_code == 200
        assert mail.outbox == []

    def test_is_offered_where_mail_is_set_alone(self, settings, rosa):
        assert LINK in Client().get("/admin/login/").content.decode()
        settings.MAIL_IS_SET = False
        assert LINK not in Client().get("/admin/login/").content.decode()
        assert ask(rosa.email).status_code == 404
        assert Client().get(f"{LINK}Mw/set-password/").status_code == 404
