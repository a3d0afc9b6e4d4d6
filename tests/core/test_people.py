"""People's logins: made with a role in one step, never to more than their maker may, locked with all that is theirs."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core import services
from core.errors import (
    DomainError,
    PersonAlreadyLocked,
    PersonNotFound,
    PersonNotLocked,
    PersonNotYours,
    ReasonRequired,
    RoleNotYours,
    RoleRequired,
    UsernameTaken,
    ValueInvalid,
)
from core.models import AccessEntry, FirstPassword, Session
from tests.factories import UserFactory
from tests.ledger.admin_pages import url_of
from tests.refusals import refused
from tests.threads import run_together

pytestmark = pytest.mark.django_db
NOW = timezone.now()
WHY = "Starts Monday"


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


def add(actor: User | None, username: str = "rosa", **facts: Any) -> services.GivenPassword:
    return services.add_person(
        actor=actor, username=username, now=NOW, **{"roles": ["Cashier"], "reason": WHY, **facts}
    )


def told() -> list[tuple[str, str, str]]:
    return list(AccessEntry.objects.order_by("id").values_list("kind", "username", "told"))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class TestAddPerson:
    def test_makes_a_login_that_may_what_its_roles_may(self, maya):
        given = add(maya, first_name=" Rosa ", last_name="Espinal", email="rosa@fleet.example")

        rosa = User.objects.get(username="rosa")
        assert given.user == rosa
        assert (rosa.is_staff, rosa.is_active, rosa.is_superuser) == (True, True, False)
        assert (rosa.get_full_name(), rosa.email) == ("Rosa Espinal", "rosa@fleet.example")
        assert rosa.has_perm("ledger.add_interimpayment")
        assert rosa.check_password(given.secret)
        assert rosa.first_password.given_by == maya
        assert rosa.first_password.good_to == NOW + timedelta(days=7)
        assert told() == [("ADDED", "maya", "rosa: Cashier: Starts Monday")]
        assert given.secret not in repr(given)

    @pytest.mark.parametrize(
        ("facts", "error", "field"),
        [
            ({"username": "TILL"}, UsernameTaken, "username"),
            ({"username": " "}, ValueInvalid, "username"),
            ({"username": "rosa espinal"}, ValueInvalid, "username"),
            ({"username": "r" * 151}, ValueInvalid, "username"),
            ({"username": "ro\x00sa"}, ValueInvalid, "username"),
            ({"email": "rosa@"}, ValueInvalid, "email"),
            ({"email": "r@x.example\nBcc: all@x.example,b"}, ValueInvalid, "email"),
            ({"first_name": "R" * 151}, ValueInvalid, "first_name"),
            ({"roles": []}, RoleRequired, "roles"),
            ({"roles": ["Boss"]}, ValueInvalid, "roles"),
            ({"roles": ["Cashier", "Office"]}, RoleNotYours, "roles"),
            ({"is_superuser": True}, RoleNotYours, "is_superuser"),
            ({"reason": "  "}, ReasonRequired, "reason"),
        ],
    )
    def test_refuses_by_name_and_writes_nothing(self, maya, till, facts, error, field):
        with refused(error, field=field):
            add(maya, **facts)

        assert User.objects.count() == 2
        assert (FirstPassword.objects.count(), AccessEntry.objects.count()) == (0, 0)

    def test_who_keeps_nobody_makes_nobody(self, till, maya):
        locked = UserFactory.create(groups=["Supervisor"], is_active=False)
        for actor in (till, UserFactory.create(groups=["Office"]), UserFactory.create(groups=["Auditor"]), locked):
            with refused(PersonNotYours):
                add(actor)

    def test_a_superuser_makes_anybody(self, root):
        assert add(root, roles=["Office", "Supervisor"]).user.groups.count() == 2
        boss = add(root, "boss", roles=[], is_superuser=True).user
        assert boss.is_superuser
        assert told()[-1] == ("ADDED", "root", "boss: Administrator: Starts Monday")

    def test_a_role_of_ones_own_making_is_given_by_whoever_may_as_much(self, maya):
        night = Group.objects.create(name="Night shift")
        night.permissions.set(Group.objects.get(name="Cashier").permissions.all())
        assert [group.name for group in services.list_roles_to_give(maya)] == [
            *("Auditor", "Cashier", "Night shift", "Supervisor"),
        ]
        night.permissions.set(Group.objects.get(name="Office").permissions.all())
        assert "Night shift" not in [group.name for group in services.list_roles_to_give(maya)]


class TestChangePerson:
    def change(self, actor: User | None, person: User, **facts: Any) -> User:
        return services.change_person(
            actor=actor, person_id=person.pk, **{"roles": ["Auditor"], "reason": WHY, **facts}
        )

    def test_gives_these_roles_and_no_others(self, maya, till):
        self.change(maya, till, roles=["Auditor", "Cashier"], email="t@fleet.example")
        self.change(maya, till, first_name="Till", email="t@fleet.example")

        assert [group.name for group in till.groups.all()] == ["Auditor"]
        assert told() == [
            ("CHANGED", "maya", "till: Cashier → Auditor, Cashier; email: Starts Monday"),
            ("CHANGED", "maya", "till: Auditor, Cashier → Auditor; first name: Starts Monday"),
        ]

    def test_nobody_changes_themselves_a_superuser_or_who_may_more(self, maya, till, root):
        office = UserFactory.create(groups=["Office"])
        idle = UserFactory.create(groups=["Office"], is_active=False)
        single = UserFactory.create(groups=["Cashier"], permissions=["leases.add_driver"])
        for person in (maya, root, office, idle, single):
            with refused(PersonNotYours):
                self.change(maya, person)
        for facts in ({"roles": ["Office"]}, {"is_superuser": True}):
            with refused(RoleNotYours):
                self.change(maya, till, **facts)
        with refused(PersonNotYours):
            self.change(root, root)
        with refused(PersonNotFound):
            services.change_person(person_id=0, roles=["Cashier"], reason=WHY, actor=maya)
        assert told() == []

    def test_a_superuser_makes_and_unmakes_another(self, root, till):
        assert self.change(root, till, roles=[], is_superuser=True).is_superuser
        with refused(RoleRequired):
            self.change(root, till, roles=[])
        assert not self.change(root, till).is_superuser


class TestGiveFirstPassword:
    def test_ends_sessions_and_waits_to_be_changed(self, maya, till):
        client = signed_in(till)

        given = services.give_first_password(person_id=till.pk, reason="Forgot it", now=NOW, actor=maya)

        till.refresh_from_db()
        assert till.check_password(given.secret)
        assert till.first_password.given_by == maya
        assert not Session.objects.filter(user=till).exists()
        assert client.get("/admin/words/").status_code == 302
        assert told()[-1] == ("GIVEN", "maya", "till: Forgot it")
        again = services.give_first_password(person_id=till.pk, reason="Lost the slip", now=NOW, actor=maya)
        assert again.secret != given.secret
        assert FirstPassword.objects.count() == 1

    def test_not_to_a_superuser_by_somebody_who_is_none(self, maya, root):
        before = root.password
        with refused(PersonNotYours):
            services.give_first_password(person_id=root.pk, reason=WHY, now=NOW, actor=maya)
        root.refresh_from_db()
        assert root.password == before


class TestLock:
    def test_ends_sessions_and_refuses_tokens_until_it_is_taken_away(self, maya, till):
        client, program = signed_in(till), APIClient()
        secret = services.create_api_token(user=till, name="till-1", scope="ALL", now=NOW).secret
        program.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert program.get("/api/ledger/balances?driver=1").status_code == 200

        services.lock_person(person_id=till.pk, reason="Left", actor=maya)

        assert program.get("/api/ledger/balances?driver=1").status_code == 401
        assert client.get("/admin/ledger/ledgeraccount/pay/").status_code == 302
        assert client.get("/api/ledger/balances?driver=1").status_code == 401
        assert not Session.objects.filter(user=till).exists()
        sign_in = {"username": "till", "password": "right-horse"}
        assert Client().post("/admin/login/", sign_in).status_code == 200
        with refused(PersonAlreadyLocked):
            services.lock_person(person_id=till.pk, reason="Left", actor=maya)

        services.unlock_person(person_id=till.pk, reason="Came back", actor=maya)

        assert program.get("/api/ledger/balances?driver=1").status_code == 200
        assert Client().post("/admin/login/", sign_in).status_code == 302
        assert [entry for entry in told() if entry[1] == "maya"] == [
            ("CLOSED", "maya", "till: Left"),
            ("OPENED", "maya", "till: Came back"),
        ]
        with refused(PersonNotLocked):
            services.unlock_person(person_id=till.pk, reason="Again", actor=maya)

    def test_who_may_more_is_locked_but_not_unlocked(self, maya, root):
        office = UserFactory.create(groups=["Office"])
        services.lock_person(person_id=office.pk, reason="Phone stolen", actor=maya)
        with refused(PersonNotYours):
            services.unlock_person(person_id=office.pk, reason="Found", actor=maya)
        for person in (root, maya):
            with refused(PersonNotYours):
                services.lock_person(person_id=person.pk, reason=WHY, actor=maya)
        with refused(PersonNotYours):
            services.lock_person(person_id=root.pk, reason=WHY, actor=root)

    def test_who_keeps_a_login_revokes_its_tokens(self, maya, till, root):
        theirs = services.create_api_token(user=till, name="till-1", scope="READ", now=NOW).row
        roots = services.create_api_token(user=root, name="root", scope="ALL", now=NOW).row
        client = signed_in(maya)
        assert client.post(url_of("core_apitoken_revoke", theirs.pk), {"_confirm": "1"}).status_code == 302
        assert client.post(url_of("core_apitoken_revoke", roots.pk), {"_confirm": "1"}).status_code == 403
        theirs.refresh_from_db()
        assert theirs.revoked_by == maya


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_are_never_called_alike(self, root):
        outcomes = run_together(lambda: add(root, "rosa"), lambda: add(root, "Rosa"))

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["GivenPassword", "UsernameTaken"]
        assert User.objects.filter(username__iexact="rosa").count() == 1

    def test_two_superusers_never_lock_each_other_out(self, root):
        boss = UserFactory.create(is_superuser=True)
        outcomes = run_together(
            lambda: services.lock_person(person_id=boss.pk, reason=WHY, actor=root),
            lambda: services.lock_person(person_id=root.pk, reason=WHY, actor=boss),
        )

        assert sum(isinstance(outcome, DomainError) for outcome in outcomes) == 1
        assert User.objects.filter(is_superuser=True, is_active=True).count() == 1
