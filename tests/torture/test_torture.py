"""A short run of the torture, and that it acts on every service there is."""

import inspect
from importlib import import_module

import pytest

from tests.torture import acts as all_acts
from tests.torture.database import Clock
from tests.torture.engine import ACTS, Torture
from tests.torture.fleet import found

APPS = ("core", "curb", "dtr", "golive", "leases", "ledger", "loans", "repairs", "tickets")

#: Services that the torture calls by no act of their own, each with its reason.
NOT_ACTED = {
    "core.answer_once": "every act of the API with a key goes through it",
    "core.fingerprint_of": "every act of the API with a key goes through it",
    "core.record_use": "every request of the API goes through it",
    "core.may_revoke": "asked by revoke_api_token",
    "core.deliver_events": "reaches into the network; tests/core/test_webhooks.py has it answered there",
    "core.write_event": "pure: the text of an event",
    "core.record_access": "every refusal of a page or an address goes through it",
    "core.purge_audits": "of rows older than any that an act makes; tests/config/test_retention.py",
    "core.purge_access": "of rows older than any that an act makes; tests/core/test_doors.py",
    "core.unlock_sign_in": "who signs in moves no money; tests/core/test_doors.py",
    "core.take_code": "as unlock_sign_in; tests/core/test_second_step.py",
    "core.renew_recovery_codes": "as unlock_sign_in; tests/core/test_second_step.py",
    "core.set_up_authenticator": "as unlock_sign_in; tests/core/test_second_step.py",
    "core.remove_own_authenticator": "as unlock_sign_in; tests/core/test_second_step.py",
    "core.reset_authenticator": "as unlock_sign_in; tests/core/test_second_step.py",
    "core.add_person": "as unlock_sign_in; tests/core/test_people.py",
    "core.change_person": "as add_person",
    "core.give_first_password": "as add_person",
    "core.lock_person": "as add_person",
    "core.unlock_person": "as add_person",
    "core.may_change_person": "asked by the acts on people",
    "core.may_lock_person": "as may_change_person",
    "core.list_roles_to_give": "as may_change_person",
    "core.replace_first_password": "as unlock_sign_in; tests/core/test_passwords.py",
    "core.choose_password_by_link": "as replace_first_password",
    "core.has_first_password": "every sign-in asks it",
    "core.begin_list_act": "an act on chosen rows is three pages; tests/core/test_list_acts and tests/browser do them",
    "core.confirm_list_act": "as begin_list_act",
    "core.look_again": "as begin_list_act",
    "core.look_at_rows": "as begin_list_act",
    "core.do_rows": "as begin_list_act",
    "core.leave_list_act": "as begin_list_act",
    "curb.freeze_changed_trips": "in a close's transaction only; start_week calls it",
    "curb.freeze_new_trips": "in a close's transaction only; run_batch calls it",
    "dtr.note_failure": "of a batch whose worker died; tests.torture.crashes kills them",
    "golive.summary_of": "pure: reads a row",
    "ledger.money_transaction": "what decorates the services that move money",
    "ledger.register_calling_in": "called when an app starts",
    "ledger.register_joint_void": "called when an app starts",
    "tickets.import_next_lot": "called by the act of start_import, lot by lot",
}


def list_services() -> set[str]:
    """Every function that an app's services offer, under the app that made it."""
    found_ = set()
    for app in APPS:
        services = import_module(f"{app}.services")
        for name in services.__all__:
            function = getattr(services, name)
            if inspect.isfunction(function) and inspect.unwrap(function).__module__.startswith(f"{app}."):
                found_.add(f"{app}.{name}")
    return found_


def test_every_service_is_acted_on() -> None:
    """A new service without an act fails here, until it has one, or stands above with its reason."""
    assert all_acts
    acted = {service for act in ACTS.values() for service in act.services}
    there = list_services()
    assert there - acted - set(NOT_ACTED) == set()
    assert set(NOT_ACTED) <= there
    assert {service for service in acted if service not in there} == set()
    assert acted & set(NOT_ACTED) == set()


@pytest.mark.django_db(transaction=True)
def test_a_short_run_finds_nothing() -> None:
    """The same acts each time; ``make torture`` goes on from there."""
    clock = Clock()
    with clock.installed():
        torture = Torture(seed=45, clock=clock, audit_every=10_000)
        found(torture)
        for _ in range(150):
            torture.act_once()
        torture.audit()
    assert torture.tally.done
    assert torture.tally.refused
