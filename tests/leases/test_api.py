"""Drivers, vehicles and leases for programs: who may what, and what is not there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leases import errors, services
from leases.api import urlpatterns
from leases.models import Driver, Paper
from tests.config.test_structure import PROJECT
from tests.factories import DriverFactory, LeaseFactory
from tests.leases.programs import NOBODY, TOO_LONG, Doors, client_but_for, count_rows
from tests.ledger.api.client import problem_of

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
    ("vehicle-notes", "GET"): ("leases.view_drivernote",),
    ("vehicle-notes", "POST"): ("leases.add_drivernote",),
    ("lease-notes", "GET"): ("leases.view_drivernote",),
    ("lease-notes", "POST"): ("leases.add_drivernote",),
    ("driver-position", "GET"): ("ledger.view_ledgerbalance",),
    ("driver-statement", "GET"): ("ledger.view_ledgerbalance",),
    ("lock-driver", "POST"): ("leases.lock_driver",),
    ("unlock-driver", "POST"): ("leases.lock_driver",),
    ("driver-papers", "POST"): ("leases.change_driver",),
    ("correct-driver-paper", "POST"): ("leases.change_driver",),
    ("papers", "GET"): ("leases.view_paper",),
    ("vehicles", "GET"): ("leases.view_vehicle",),
    ("vehicles", "POST"): ("leases.add_vehicle",),
    ("vehicle", "GET"): ("leases.view_vehicle",),
    ("vehicle", "POST"): ("leases.change_vehicle",),
    ("vehicle-papers", "POST"): ("leases.change_vehicle",),
    ("correct-vehicle-paper", "POST"): ("leases.change_vehicle",),
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
DOORS = Doors(urlpatterns)


class TestWhoMay:
    def test_each_method_of_each_address_is_looked_at(self):
        assert DOORS.list_methods() == set(NEEDED)

    @pytest.mark.parametrize(("name", "method"), NEEDED)
    def test_needs_what_its_page_needs_and_no_more(self, name: str, method: str):
        DOORS.check_permissions(name, method, NEEDED[name, method])

    def test_what_is_not_there_is_refused_by_name(self):
        client, before, wrong = client_but_for(), count_rows(), {}
        for name, method in (key for key in NEEDED if "<" in DOORS.addresses[key[0]]):
            noun = DOORS.addresses[name].rpartition("<int:")[2].partition("_id")[0]
            for number in (NOBODY, TOO_LONG):
                refusal = problem_of(DOORS.ask(client, name, method, number))
                if refusal != (404, f"{noun}_not_found"):
                    wrong[name, method, number] = refusal
        assert wrong == {}
        assert count_rows() == before


@pytest.mark.parametrize("name", ["drivers", "papers", "vehicles", "leases"])
def test_a_list_asks_as_often_for_many_rows_as_for_one(name):
    client = client_but_for()

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/api/{name}").status_code == 200
        return len(asked)

    def make() -> None:
        lease = LeaseFactory.create()
        for owner in ({"driver": lease.primary_driver}, {"vehicle": lease.vehicle}):
            Paper.objects.create(kind="OTHER", good_to=lease.end_on, **owner)

    make()
    count()  # the token's use of today is written once
    one = count()
    for _ in range(3):
        make()
    assert count() == one


def test_every_code_that_a_door_answers_is_in_the_documentation():
    documented = (PROJECT / "docs" / "api.md").read_text()
    # Files have no door.
    answered = set(errors.LeaseError.__subclasses__()) - {errors.FileInvalid, errors.FileAddedBefore}

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
