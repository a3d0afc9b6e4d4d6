"""Roles: what each may do is what the apps grant it, no more and no less, after every migration and flush."""

import re

import pytest
from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from core.groups import ROLES, grants_of
from core.rights import say_permission
from tests.factories import UserFactory
from tests.ledger.admin_pages import browse, url_of


def held_by(role: str) -> set[str]:
    permissions = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}


def granted_to(role: str) -> set[str]:
    return {f"{app.label}.{name}" for app in apps.get_app_configs() for name in grants_of(app).get(role, ())}


@pytest.mark.django_db
class TestGroups:
    @pytest.mark.parametrize("role", ROLES)
    def test_hold_what_the_apps_grant(self, role):
        assert held_by(role) == granted_to(role)
        assert granted_to(role)

    def test_only_the_supervisor_undoes_forgives_and_gives_out(self):
        acts = {
            "ledger.void_ledgerposting",
            "ledger.void_interimpayment",
            "ledger.void_payout",
            "ledger.write_off_ledgerposting",
            "ledger.credit_driver",
            "ledger.apply_earnings",
            "ledger.add_payout",
        }
        assert {role: held_by(role) & acts for role in ROLES} == {
            "Cashier": set(),
            "Supervisor": acts,
            "Office": set(),
            "Auditor": set(),
        }

    def test_the_auditor_only_looks(self):
        looks = {"core.read_reports", "core.read_control_reports", "core.add_auditrun", "ledger.add_sealcheck"}
        assert {name for name in held_by("Auditor") if not name.split(".")[1].startswith("view_")} == looks

    def test_everything_the_cashier_may_the_supervisor_may(self):
        assert held_by("Cashier") - held_by("Supervisor") == set()

    @pytest.mark.owner
    def test_migrating_again_takes_back_what_was_not_granted_and_leaves_other_groups_alone(self):
        void = Permission.objects.get(codename="void_ledgerposting")
        cashiers, night_shift = Group.objects.get(name="Cashier"), Group.objects.create(name="Night shift")
        cashiers.permissions.add(void)
        cashiers.permissions.remove(Permission.objects.get(codename="add_interimpayment"))
        night_shift.permissions.add(void)

        call_command("migrate", verbosity=0)

        assert held_by("Cashier") == granted_to("Cashier")
        assert held_by("Night shift") == {"ledger.void_ledgerposting"}

    def test_members_may_what_their_role_may(self):
        assert UserFactory.create(groups=["Cashier"]).has_perm("ledger.add_interimpayment")
        assert not UserFactory.create(groups=["Office"]).has_perm("ledger.add_interimpayment")


@pytest.mark.django_db
def test_rights_are_ticked_in_the_words_of_people():
    client, group = browse(), Group.objects.get(name="Cashier")
    for url in (url_of("auth_group_change", group.pk), url_of("auth_user_change", UserFactory.create().pk)):
        form = client.get(url).context["adminform"].form
        field = form.fields["permissions" if "permissions" in form.fields else "user_permissions"]
        told = {int(str(value)): label for value, label in field.choices}
        assert len(told) == Permission.objects.count()
        assert not [label for label in told.values() if "|" in label or "Can " in label]
        assert list(told.values()) == sorted(told.values(), key=str.casefold)
        assert told[Permission.objects.get(codename="void_interimpayment").pk] == "Ledger: void a payment"
        assert told[Permission.objects.get(codename="view_ledgerposting").pk] == "Ledger: see postings"
    # Of one that no model has any more, its own name is all there is.
    of_ledger = Permission.objects.get(codename="view_ledgerposting").content_type
    stale = Permission(codename="ride_camel", name="Can ride a camel", content_type=of_ledger)
    assert say_permission(stale) == "ledger: ride a camel"
    ticked = client.get(url_of("auth_group_change", group.pk)).content.decode()
    assert len(re.findall(r'name="permissions"[^>]*" checked', ticked)) == group.permissions.count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.owner
def test_a_flush_makes_them_anew():
    call_command("flush", interactive=False, verbosity=0)
    assert {role: held_by(role) for role in ROLES} == {role: granted_to(role) for role in ROLES}


def test_a_grant_to_nobodys_role_is_refused():
    class Misspelled(AppConfig):
        name = "core"
        GRANTS = {"Casheer": ["add_interimpayment"]}

    with pytest.raises(ImproperlyConfigured, match="Casheer"):
        grants_of(Misspelled("core", apps.get_app_config("core").module))
