"""Drivers and vehicles as records in the admin, their history, and the lists: what each right opens and writes."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.dossier import driver_url, lease_url
from leases import services as leases
from leases.models import Driver, Vehicle
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.leases.pages import browse, start_lease
from tests.ledger.admin_pages import errors_on

pytestmark = pytest.mark.django_db


#: The session, the user, their permissions (own and of groups), the roles that the menu tells, and the page's own.
LIST_QUERIES = 8
#: What the leases come to a week, and the saved views of their list.
MONEY_QUERIES = 2
#: The acts on several of its rows that wait to be gone on with.
ACT_QUERIES = 1


class TestMasterData:
    def test_a_driver_is_entered_and_changed_in_the_users_name(self, office: User) -> None:
        client = browse(office)
        form = {"first_name": "John", "last_name": "Smith", "tlc_license": "5123456", "status": "ACTIVE"}
        client.post(reverse("admin:leases_driver_add"), form)
        driver = Driver.objects.get()
        client.post(reverse("admin:leases_driver_change", args=[driver.pk]), {**form, "status": "INACTIVE"})
        driver.refresh_from_db()
        assert (driver.first_name, driver.last_name, driver.tlc_license) == ("John", "Smith", "5123456")
        assert [(row.status, row.history_user) for row in driver.history.all()] == [
            ("INACTIVE", office),
            ("ACTIVE", office),
        ]

    @pytest.mark.parametrize(("entered", "known"), [("05401671", "5401671"), ("5401671", "05401671")])
    def test_zeros_before_a_license_do_not_make_another(self, office: User, entered: str, known: str) -> None:
        DriverFactory.create(last_name="Smith", first_name="Jo", tlc_license=known)
        form = {"first_name": "John", "last_name": "Smith", "tlc_license": entered, "status": "ACTIVE"}
        answer = browse(office).post(reverse("admin:leases_driver_add"), form)
        assert answer.context["adminform"].form.errors == {
            "tlc_license": [f"Smith, Jo ({known}) has this license; zeros before a license do not make another."]
        }
        assert Driver.objects.count() == 1

    def test_a_license_is_kept_and_shown_as_it_was_written(self, office: User) -> None:
        form = {"first_name": "John", "last_name": "Smith", "tlc_license": "05401671", "status": "ACTIVE"}
        client = browse(office)
        client.post(reverse("admin:leases_driver_add"), form)
        driver = Driver.objects.get()
        assert (driver.tlc_license, driver.license_key) == ("05401671", "5401671")
        client.post(reverse("admin:leases_driver_change", args=[driver.pk]), {**form, "tlc_license": "5401671"})
        assert Driver.objects.get().tlc_license == "5401671"

    @pytest.mark.parametrize(
        "number", ["", "51234", "51234567", "51234S6", "５１２３４５６", "-123456", "0000000", "0051234567"]
    )
    def test_a_license_number_has_six_or_seven_digits(self, office: User, number: str) -> None:
        form = {"first_name": "John", "last_name": "Smith", "tlc_license": number, "status": "ACTIVE"}
        answer = browse(office).post(reverse("admin:leases_driver_add"), form)
        assert list(answer.context["adminform"].form.errors) == ["tlc_license"]
        assert Driver.objects.count() == 0

    def test_a_medallion_is_kept_in_capitals_and_once(self, office: User) -> None:
        client = browse(office)
        form = {"vin": "1ftdx000000000001", "medallion": " 9z90 ", "plate": "9z90a", "state": "ny", "_confirm": "1"}
        form["from_at"] = "2026-03-01T00:00"
        client.post(reverse("admin:leases_vehicle_add"), form)
        vehicle = Vehicle.objects.get()
        assert (vehicle.vin, vehicle.medallion, vehicle.plate) == ("1FTDX000000000001", "9Z90", "9Z90A")
        answer = client.post(reverse("admin:leases_vehicle_add"), {**form, "vin": "1FTDX000000000002"})
        assert list(errors_on(answer)) == ["medallion"]
        assert Vehicle.objects.count() == 1

    def test_a_drivers_page_leads_to_their_leases_and_account(self, office: User) -> None:
        lease = LeaseFactory.create()
        page = reverse("admin:leases_driver_change", args=[lease.primary_driver_id])
        client = browse(office)
        assert (
            reverse("admin:ledger_driver_account", args=[lease.primary_driver_id])
            in client.get(page, follow=True).content.decode()
        )
        shown = client.get(driver_url(lease.primary_driver_id), {"tab": "leases"}).content.decode()
        assert lease_url(lease.pk) in shown
        assert "Weekly amount" in shown

    def test_a_drivers_page_leads_to_no_account_without_the_right(self, onlooker: User) -> None:
        driver = DriverFactory.create(first_name="John", last_name="Doe")
        shown = browse(onlooker).get(driver_url(driver.pk)).content.decode()
        assert "John Doe" in shown
        assert reverse("admin:ledger_driver_account", args=[driver.pk]) not in shown

    @pytest.mark.parametrize("model", ["driver", "vehicle"])
    def test_no_driver_or_vehicle_is_deleted(self, office: User, model: str) -> None:
        lease = LeaseFactory.create()
        row_id = {"driver": lease.primary_driver_id, "vehicle": lease.vehicle_id}[model]
        page = reverse(f"admin:leases_{model}_delete", args=[row_id])
        assert browse(office).post(page, {"post": "yes"}).status_code == 403

    def test_an_onlooker_sees_a_driver_and_changes_nothing(self, onlooker: User) -> None:
        driver = DriverFactory.create(first_name="John")
        page = f"{reverse('admin:leases_driver_change', args=[driver.pk])}?edit=1"
        client = browse(onlooker)
        assert client.get(page).status_code == 200
        assert client.post(page, {"first_name": "Jack"}).status_code == 403
        driver.refresh_from_db()
        assert driver.first_name == "John"


class TestHistory:
    def test_a_drivers_history_is_read_and_never_reverted(self, office: User, onlooker: User) -> None:
        driver = DriverFactory.create(first_name="John")
        driver.first_name = "Jack"
        driver.save()
        first_version = driver.history.earliest()
        version = reverse("admin:leases_driver_simple_history", args=[driver.pk, first_version.pk])
        for user in (office, onlooker):
            client = browse(user)
            assert client.get(reverse("admin:leases_driver_history", args=[driver.pk])).status_code == 200
            page = client.get(version)
            assert page.status_code == 200
            # It leads back to the others, by a link that Unfold's scripts have nothing to do with.
            words = page.content.decode()
            assert f'href="{reverse("admin:leases_driver_history", args=[driver.pk])}"' in words
            assert "actionDropdownOpen" not in words
            assert client.post(version, {"first_name": "John"}).status_code == 403
        driver.refresh_from_db()
        assert (driver.first_name, driver.history.count()) == ("Jack", 2)

    def test_a_leases_history_is_read_and_never_reverted(self, onlooker: User) -> None:
        lease = start_lease()
        client = browse(onlooker)
        version = reverse("admin:leases_lease_simple_history", args=[lease.pk, lease.history.get().pk])
        assert client.get(reverse("admin:leases_lease_history", args=[lease.pk])).status_code == 200
        assert client.get(version).status_code == 200
        assert client.post(version, {}).status_code == 403

    def test_a_drivers_history_is_closed_to_who_has_no_right(self) -> None:
        driver = DriverFactory.create()
        client = browse(UserFactory.create())
        assert client.get(reverse("admin:leases_driver_history", args=[driver.pk])).status_code == 403


class TestDriverSearch:
    def find(self, user: User, term: str) -> list[str]:
        query = {"app_label": "leases", "model_name": "lease", "field_name": "primary_driver", "term": term}
        answer = browse(user).get(reverse("admin:autocomplete"), query)
        return [found["text"] for found in answer.json()["results"]]

    def test_a_search_finds_active_drivers_by_any_part_of_each_word(self, office: User) -> None:
        DriverFactory.create(first_name="John", last_name="Smith", tlc_license="5123456")
        DriverFactory.create(first_name="Joan", last_name="Smithers", tlc_license="5123457")
        DriverFactory.create(first_name="Johnny", last_name="Smith", tlc_license="5123458", status="INACTIVE")
        john, joan = "John Smith — license 5123456 / no cab", "Joan Smithers — license 5123457 / no cab"
        assert self.find(office, "smith john") == [john]
        assert self.find(office, "51234") == [john, joan]
        assert self.find(office, "05123457") == [joan]
        assert self.find(office, "ithers") == [joan]
        today = timezone.localdate()
        lease = LeaseFactory.create(
            primary_driver=Driver.objects.get(first_name="Joan"),
            vehicle=VehicleFactory.create(medallion="8H59"),
            start_on=today,
            end_on=today + timedelta(days=9),
        )
        assert self.find(office, "joan") == [f"Joan Smithers — license 5123457 / cab 8H59 · {lease}"]

    def test_who_is_locked_is_told_where_drivers_are_chosen_and_once_one_is(self, office: User) -> None:
        locked = DriverFactory.create(first_name="John", last_name="Smith", tlc_license="5123456")
        free = DriverFactory.create(first_name="Joan", last_name="Smith", tlc_license="5123457")
        leases.lock_driver(driver_id=locked.pk, reason="Owes since May", actor=None)
        assert sorted(self.find(office, "smith")) == [
            "Joan Smith — license 5123457 / no cab",
            "John Smith — license 5123456 / no cab · Locked",
        ]
        form = reverse("admin:leases_lease_add")
        for driver, words in ((locked, "Smith, John (5123456) · Locked"), (free, "Smith, Joan (5123457)")):
            shown = browse(office).get(form, {"primary_driver": driver.pk}).content.decode()
            assert re.search(rf'<option value="{driver.pk}" selected>\s*{re.escape(words)}\s*</option>', shown)

    def test_a_lease_is_picked_by_its_driver_cab_and_dates(self, office: User) -> None:
        query = {"app_label": "loans", "model_name": "driverloan", "field_name": "lease", "term": ""}
        numbers = []
        for first_name in ("Anil", "Nadia"):
            driver = DriverFactory.create(first_name=first_name, last_name="Jeudy")
            lease = LeaseFactory.create(primary_driver=driver, vehicle=VehicleFactory.create())
            with CaptureQueriesContext(connection) as captured:
                answer = browse(office).get(reverse("admin:autocomplete"), query)
            numbers.append(len(captured))
            told = f"{lease}, {first_name} Jeudy, cab {lease.vehicle.medallion}, Jan 4, 2026 to Jan 2, 2027"
            assert told in [found["text"] for found in answer.json()["results"]]
        assert numbers[0] == numbers[1]

    def test_the_search_of_drivers_is_closed_to_who_may_not_see_them(self) -> None:
        DriverFactory.create()
        stranger = UserFactory.create(permissions=["leases.add_lease", "leases.view_lease"])
        query = {"app_label": "leases", "model_name": "lease", "field_name": "primary_driver", "term": ""}
        assert browse(stranger).get(reverse("admin:autocomplete"), query).status_code == 403


class TestLists:
    @pytest.mark.parametrize("model", ["driver", "vehicle", "lease"])
    def test_lists_take_as_many_queries_for_ten_rows_as_for_one(self, onlooker: User, model: str) -> None:
        client = browse(onlooker)
        page = reverse(f"admin:leases_{model}_changelist")
        LeaseFactory.create()
        client.get(page)
        counts = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(page).status_code == 200
            counts.append(len(captured))
            LeaseFactory.create_batch(9)
        besides = {"driver": ACT_QUERIES, "vehicle": 0, "lease": MONEY_QUERIES + ACT_QUERIES}
        expected = LIST_QUERIES + besides[model]
        assert counts == [expected, expected]

    @pytest.mark.parametrize("words", ["{number}", "9z9", "smi", "smith 9z90", "51234", "0051234"])
    def test_a_lease_is_found_by_number_medallion_name_or_license(self, onlooker: User, words: str) -> None:
        LeaseFactory.create()
        wanted = LeaseFactory.create(
            vehicle=VehicleFactory.create(medallion="9Z90"),
            primary_driver=DriverFactory.create(last_name="Smith", tlc_license="5123456"),
        )
        page = reverse("admin:leases_lease_changelist")
        answer = browse(onlooker).get(page, {"q": words.format(number=wanted.pk)})
        assert list(answer.context["cl"].result_list) == [wanted]
