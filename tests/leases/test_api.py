"""Drivers, vehicles and leases for programs: who may what, and what is not there."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from core.api.methods import view_of
from leases import errors, services
from leases.api import urlpatterns
from leases.models import Driver
from tests.config.test_structure import PROJECT
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.leases.programs import count_rows, send
from tests.ledger.api.client import client_of, problem_of

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
#: What each address asks for: as its page in the admin does.
NEEDED: dict[tuple[str, str], tuple[str, ...]] = {
    ("drivers", "GET"): ("leases.view_driver",),
    ("drivers", "POST"): ("leases.add_driver",),
    ("driver", "GET"): ("leases.view_driver",),
    ("driver", "POST"): ("leases.change_driver",),
    ("driver-dues", "GET"): ("ledger.view_ledgerbalance",),
    ("driver-locks", "GET"): ("leases.view_driverlock",),
    ("driver-notes", "GET"): ("leases.view_drivernote",),
    ("driver-notes", "POST"): ("leases.add_drivernote",),
    ("driver-position", "GET"): ("ledger.view_ledgerbalance",),
    ("driver-statement", "GET"): ("ledger.view_ledgerbalance", "ledger.view_ledgerposting"),
    ("lock-driver", "POST"): ("leases.lock_driver",),
    ("unlock-driver", "POST"): ("leases.lock_driver",),
    ("vehicles", "GET"): ("leases.view_vehicle",),
    ("vehicles", "POST"): ("leases.add_vehicle",),
    ("vehicle", "GET"): ("leases.view_vehicle",),
    ("give-plate", "POST"): ("leases.change_vehicle",),
    ("remove-plate", "POST"): ("leases.change_vehicle",),
    ("give-tag", "POST"): ("leases.change_vehicle",),
    ("remove-tag", "POST"): ("leases.change_vehicle",),
    ("retire-vehicle", "POST"): ("leases.retire_vehicle",),
    ("return-vehicle", "POST"): ("leases.retire_vehicle",),
    ("leases", "GET"): ("leases.view_lease",),
    ("leases", "POST"): ("leases.add_lease",),
    ("lease", "GET"): ("leases.view_lease",),
    ("lease-amount", "POST"): ("leases.change_lease",),
    ("lease-deposit", "GET"): ("ledger.view_ledgerbalance", "leases.view_depositsettlement"),
    ("lease-rents", "GET"): ("leases.view_lease",),
    ("days-away", "POST"): ("leases.change_lease", "leases.record_days_away"),
    ("take-back-days-away", "POST"): ("leases.record_days_away",),
    ("settle-deposit", "POST"): ("leases.settle_deposit",),
    ("add-driver", "POST"): ("leases.change_lease",),
    ("end-driver", "POST"): ("leases.change_lease",),
    ("hold-lease", "POST"): ("leases.change_lease",),
    ("resume-lease", "POST"): ("leases.change_lease",),
    ("swap-vehicle", "POST"): ("leases.change_lease",),
    ("terminate-lease", "POST"): ("leases.terminate_lease",),
}
ADDRESSES = {pattern.name: str(pattern.pattern) for pattern in urlpatterns}
CALLBACKS = {pattern.name: pattern.callback for pattern in urlpatterns}


@pytest.fixture
def client() -> APIClient:
    """A program that may do all that leases and the ledger have."""
    user = UserFactory.create()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label__in=["leases", "ledger"]))
    return client_of(user)


def ask(client: APIClient, name: str, method: str, number: int = 987_654_321) -> Any:
    """Ask an address with its own example; with a number that no record has, unless one is given."""
    address = ADDRESSES[name]
    for noun in ("driver", "vehicle", "lease"):
        address = address.replace(f"<int:{noun}_id>", str(number))
    if method == "GET":
        return client.get(f"/api/{address}", {"from_on": "2026-03-01"} if name == "driver-statement" else {})
    view: Any = view_of(CALLBACKS[name], "POST")
    return send(client, address, view.example, key="key-1")


class TestWhoMay:
    def test_each_method_of_each_address_is_looked_at(self):
        methods = {
            (name, method)
            for name, callback in CALLBACKS.items()
            for method in ("GET", "POST")
            if method.lower() in view_of(callback, method).http_method_names
        }
        assert methods == set(NEEDED)

    @pytest.mark.parametrize(("name", "method"), NEEDED, ids="-".join)
    def test_needs_what_its_page_needs_and_no_more(self, name: str, method: str):
        needed = NEEDED[name, method]
        client = client_of(UserFactory.create(permissions=needed))
        assert ask(client, name, method).status_code not in (401, 403)

        every = Permission.objects.filter(content_type__app_label__in=["leases", "ledger"])
        for permission in needed:
            user = UserFactory.create()
            user.user_permissions.set(every.exclude(codename=permission.partition(".")[2]))
            assert problem_of(ask(client_of(user), name, method)) == (403, "permission_denied")

    @pytest.mark.parametrize(("name", "method"), [key for key in NEEDED if "<" in ADDRESSES[key[0]]], ids="-".join)
    def test_what_is_not_there_is_refused_by_name(self, client, name, method):
        noun = ADDRESSES[name].partition("<int:")[2].partition("_id")[0]
        before = count_rows()
        for number in (987_654_321, 10**30):
            assert problem_of(ask(client, name, method, number)) == (404, f"{noun}_not_found")
        assert count_rows() == before


@pytest.mark.parametrize("name", ["drivers", "vehicles", "leases"])
def test_a_list_asks_as_often_for_many_rows_as_for_one(client, name):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/api/{name}").status_code == 200
        return len(asked)

    LeaseFactory.create()
    count()  # the token's use of today is written once
    one = count()
    for _ in range(3):
        LeaseFactory.create()
    assert count() == one


def test_every_code_that_a_door_answers_is_in_the_documentation():
    documented = (PROJECT / "docs" / "api.md").read_text()
    # Papers and files have no door.
    elsewhere = {errors.PaperNotFound, errors.PaperInvalid, errors.PaperRecordedBefore}
    elsewhere |= {errors.FileInvalid, errors.FileAddedBefore, errors.LeaseError, errors.LeaseMismatch}
    answered = set(errors.LeaseError.__subclasses__()) - elsewhere

    rows = {f"| `{error.code}` | {error.http_status} |" for error in answered}
    assert {row for row in rows if row not in documented} == set()


class TestServices:
    """What no door but the API's reaches of drivers."""

    def test_a_rival_of_the_same_license_is_refused_by_the_database(self, monkeypatch):
        driver = DriverFactory.create()
        monkeypatch.setattr(Driver, "clean", lambda self: None)  # as if the other were not there yet

        with pytest.raises(services.DriverInvalid) as refusal:
            services.create_driver(first_name="A", last_name="B", tlc_license=f"0{driver.tlc_license}", actor=None)

        assert refusal.value.at_field == "tlc_license"
        assert Driver.objects.count() == 1
