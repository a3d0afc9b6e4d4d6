"""The page of people and its acts, what a supervisor is kept from by them, and the command for the first login."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import services
from tests.core.test_people import NOW, WHY, add, signed_in, told
from tests.factories import UserFactory
from tests.ledger.admin_pages import browse, errors_on, messages_on, url_of

pytestmark = pytest.mark.django_db
LIST, MAKE = "core_person_changelist", "core_person_make"


@pytest.fixture(autouse=True)
def _quick(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def maya() -> User:
    return UserFactory.create(username="maya", groups=["Supervisor"])


@pytest.fixture
def till() -> User:
    return UserFactory.create(username="till", password="right-horse", groups=["Cashier"])


@pytest.fixture
def root() -> User:
    return UserFactory.create(username="root", is_superuser=True)


class TestPages:
    def typed(self, **more: Any) -> dict[str, Any]:
        return {"username": "rosa", "roles": ["Cashier"], "reason": WHY, "_confirm": "1", **more}

    def test_the_password_is_shown_once_and_nowhere_else(self, maya, caplog):
        client = signed_in(maya)

        page = client.post(url_of(MAKE), self.typed(email="rosa@fleet.example"))

        secret = page.context["given"].secret
        assert page.content.decode().count(secret) == 1
        assert "no-store" in page["Cache-Control"]
        assert User.objects.get(username="rosa").check_password(secret)
        rosa = User.objects.get(username="rosa")
        for name, args in ((LIST, ()), ("core_person_change", (rosa.pk,)), ("core_accessentry_changelist", ())):
            shown = client.get(url_of(name, *args)).content.decode()
            assert "rosa" in shown
            assert secret not in shown
        assert secret not in caplog.text
        assert list(errors_on(client.post(url_of(MAKE), self.typed()))) == ["username"]
        assert mail.outbox == []

    def test_it_is_mailed_instead_where_mail_is_set(self, maya, settings, monkeypatch):
        settings.MAIL_IS_SET = True
        client = signed_in(maya)

        page = client.post(url_of(MAKE), self.typed(email="rosa@fleet.example"))

        secret = page.context["given"].secret
        assert secret not in page.content.decode()
        assert "is mailed to rosa@fleet.example" in page.content.decode()
        (sent,) = mail.outbox
        assert sent.to == ["rosa@fleet.example"]
        assert secret in str(sent.body)
        assert "http://testserver/admin/login/" in str(sent.body)

        settings.EMAIL_BACKEND = "core.mails.NotSet"  # as a server that does not answer
        page = client.post(url_of(MAKE), self.typed(username="nina", email="nina@fleet.example"))
        assert page.context["given"].secret in page.content.decode()
        assert "The mail did not go out." in page.content.decode()

    def test_the_menu_tells_the_role_of_whoever_is_signed_in(self, maya, root):
        maya.email = "maya@fleet.example"
        maya.save()
        maya.groups.add(Group.objects.get(name="Office"))
        for person, told_as in ((maya, "Office, Supervisor"), (root, "Administrator"), (UserFactory.create(), "")):
            page = signed_in(person).get(url_of("index")).content.decode()
            (menu,) = re.findall(r'class="user-button".*?</button>', page, re.DOTALL)
            assert (told_as in menu, "@" in menu) == (True, False)

    @pytest.mark.parametrize(
        ("typed", "at"),
        [
            ({"username": "Till"}, "username"),
            ({"email": "nothing"}, "email"),
            ({"roles": []}, "roles"),
            ({"roles": ["Office"]}, "roles"),
            ({"reason": ""}, "reason"),
        ],
    )
    def test_what_is_wrong_is_told_at_its_input(self, maya, till, typed, at):
        page = signed_in(maya).post(url_of(MAKE), self.typed(**typed))
        assert list(errors_on(page)) == [at]
        assert not User.objects.filter(username="rosa").exists()

    def test_a_supervisor_makes_no_superuser_whatever_is_sent(self, maya):
        signed_in(maya).post(url_of(MAKE), self.typed(is_superuser="on", is_staff="on"))
        assert not User.objects.get(username="rosa").is_superuser

    @pytest.mark.parametrize("role", ["Cashier", "Office", "Auditor"])
    def test_are_not_for_everybody(self, role, till):
        client = browse(role)
        assert client.post(url_of(MAKE), self.typed()).status_code == 403
        for act in ("edit", "first_password", "lock", "unlock"):
            url = url_of(f"core_person_{act}", till.pk)
            assert client.post(url, {"roles": ["Supervisor"], "reason": WHY, "_confirm": "1"}).status_code == 403
        assert client.get(url_of(LIST)).status_code == (200 if role == "Auditor" else 403)
        assert User.objects.filter(username="rosa").count() == 0

    def test_a_superusers_login_is_closed_to_a_supervisor(self, maya, root):
        client = signed_in(maya)
        for act in ("edit", "first_password", "lock", "unlock"):
            url = url_of(f"core_person_{act}", root.pk)
            assert client.post(url, {"roles": ["Cashier"], "reason": WHY, "_confirm": "1"}).status_code == 403
        shown = client.get(url_of("core_person_change", root.pk)).content.decode()
        assert "Give a new password" not in shown

    def test_each_act_says_what_it_did(self, maya, till):
        client = signed_in(maya)
        why = {"reason": WHY, "_confirm": "1"}
        changed = client.post(
            url_of("core_person_edit", till.pk), {**why, "roles": ["Auditor"], "first_name": "Till"}, follow=True
        )
        assert messages_on(changed) == ["Till is changed."]
        locked = client.post(url_of("core_person_lock", till.pk), why, follow=True)
        assert messages_on(locked) == ["Till is locked out, and their sessions are over."]
        opened = client.post(url_of("core_person_unlock", till.pk), why, follow=True)
        assert messages_on(opened) == ["Till can sign in again."]
        given = client.post(url_of("core_person_first_password", till.pk), why)
        till.refresh_from_db()
        assert till.check_password(given.context["given"].secret)

    def test_the_list_tells_who_lacks_what_and_asks_no_more_for_many(self, settings, maya):
        settings.TOTP_REQUIRED_ROLES = ["Supervisor", "Administrator"]
        TOTPDevice.objects.create(user=maya, name="a")
        auditor = UserFactory.create(username="aud", groups=["Auditor"])
        UserFactory.create(username="boss", is_superuser=True)
        UserFactory.create(username="zoe", groups=["Supervisor"])
        UserFactory.create(username="gone", groups=["Cashier"], is_active=False)
        User.objects.create_user("plain")
        add(None, "rosa")
        client = signed_in(auditor)

        with CaptureQueriesContext(connection) as asked:
            page = client.get(url_of(LIST))

        admin, rows = page.context["cl"].model_admin, page.context["cl"].result_list
        assert {row.username: (admin.standing(row), admin.authenticator(row)) for row in rows} == {
            "maya": ("can sign in", "set up"),
            "aud": ("can sign in", "none"),
            "boss": ("can sign in", '<span class="state is-bad">Lacks one</span>'),
            "zoe": ("can sign in", '<span class="state is-bad">Lacks one</span>'),
            "gone": ('<span class="state is-bad">Locked</span>', "none"),
            "plain": ('<span class="state is-bad">Can&#x27;t sign in</span>', "none"),
            "rosa": ('<span class="state is-warning">First password</span>', "none"),
        }
        lacking = client.get(url_of(LIST), {"standing": "lacks"}).context["cl"].result_list
        assert [row.username for row in lacking] == ["boss", "zoe"]
        for number in range(5):
            add(None, f"more{number}")
        with CaptureQueriesContext(connection) as more:
            client.get(url_of(LIST))
        assert len(more) == len(asked)
        assert "Add a person" not in page.content.decode()

    def test_a_person_has_their_tokens_and_sessions(self, maya, till):
        signed_in(till)
        expires = NOW + timedelta(days=3)
        services.create_api_token(user=till, name="till-1", scope="READ", now=NOW, expires_at=expires)

        page = signed_in(maya).get(url_of("core_person_change", till.pk)).content.decode()

        for words in ("till-1", "Read only", "never", "Expires soon", "if it is not used before"):
            assert words in page

    def test_single_rights_are_for_superusers_and_logins_are_made_here(self, maya, root, till):
        rights = UserFactory.create(
            permissions=["auth.view_user", "auth.add_user", "auth.change_user", "auth.change_group", "auth.delete_user"]
        )
        for user in (maya, rights):
            for name, args in (
                ("auth_user_changelist", ()),
                ("auth_user_change", (till.pk,)),
                ("auth_user_delete", (till.pk,)),
                ("auth_group_change", (till.groups.get().pk,)),
            ):
                assert signed_in(user).get(url_of(name, *args)).status_code == 403
        client = signed_in(root)
        assert client.get(url_of("auth_user_change", till.pk)).status_code == 200
        assert client.get(url_of("auth_user_add"))["Location"] == url_of(MAKE)
        changed = client.get(url_of("auth_user_password_change", till.pk))["Location"]
        assert changed == url_of("core_person_first_password", till.pk)
        assert client.get(url_of("auth_user_password_change", root.pk))["Location"] == url_of("password_change")
        for nobody in (987_654, -1, "%00", 10**20):
            assert client.get(url_of("auth_user_password_change", nobody)).status_code == 404


class TestCommand:
    def test_makes_the_first_user_and_prints_the_password_alone(self, capsys):
        call_command("add_person", "boss", "--superuser", "--first-name", "Ada")

        secret, said = capsys.readouterr()
        boss = User.objects.get()
        assert (boss.is_superuser, boss.is_staff, boss.first_name) == (True, True, "Ada")
        assert boss.check_password(secret.strip())
        assert secret.strip() not in said
        assert told() == [
            ("ADDED", "", "boss (by whoever runs the server): Administrator: made at the server's terminal")
        ]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["rosa"], "At least one role"),
            (["rosa", "--role", "Boss"], "There is no role 'Boss'"),
            (["ROOT", "--superuser"], "called ROOT already"),
            (["rosa", "--role", "Cashier", "--email", "x"], "x is not an e-mail address"),
        ],
    )
    def test_says_what_is_wrong(self, root, words, said):
        with pytest.raises(CommandError, match=said):
            call_command("add_person", *words)
        assert User.objects.count() == 1
