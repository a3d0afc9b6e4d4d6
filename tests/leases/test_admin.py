"""Drivers, vehicles and leases in the admin: what each right opens, what it writes, what it asks of the database."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leases import services
from leases.models import Driver, Lease, LeaseInstallment, Vehicle
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory, WeeklyCapFactory
from tests.ledger.admin_pages import confirm, errors_on, look

pytestmark = pytest.mark.django_db

#: The session, the user, their permissions (own and of groups), and then the page's own.
LIST_QUERIES = 7
LEASE_PAGE_QUERIES = 13

LOOK = [f"leases.view_{model}" for model in ("driver", "vehicle", "lease")]


@pytest.fixture
def office() -> User:
    return UserFactory.create(groups=["Office"])


@pytest.fixture
def onlooker() -> User:
    """Sees drivers, vehicles and leases, but no money."""
    return UserFactory.create(permissions=LOOK)


def browse(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def messages_of(client: Client) -> list[str]:
    """What the next page would say."""
    page = client.get(reverse("admin:leases_lease_changelist"))
    return [str(message) for message in page.context["messages"]]


def lease_form(driver: Driver, vehicle: Vehicle, /, **changed: Any) -> dict[str, Any]:
    return {
        "primary_driver": driver.pk,
        "vehicle": vehicle.pk,
        "lease_type": "LONG_TERM",
        "shift": "FULL",
        "start_on": "2026-03-04",
        "end_on": "2026-03-24",
        "weekly_amount": "500.00",
        **changed,
    }


def start_lease(*, end_on: date = date(2026, 3, 24)) -> Lease:
    return services.start_lease(
        driver_id=DriverFactory.create().pk,
        vehicle_id=VehicleFactory.create().pk,
        lease_type="LONG_TERM",
        shift="FULL",
        start_on=date(2026, 3, 4),
        end_on=end_on,
        weekly_amount=Decimal("500.00"),
        actor=None,
    )


class TestStartLease:
    add_page = "admin:leases_lease_add"

    def test_starting_a_lease_makes_lease_and_rent_in_the_users_name(self, office: User) -> None:
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        client = browse(office)
        assert client.get(reverse(self.add_page)).status_code == 200
        answer = confirm(client, reverse(self.add_page), **lease_form(driver, vehicle))
        lease = Lease.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, reverse("admin:leases_lease_change", args=[lease.pk]))
        assert messages_of(client) == [f"Lease {lease.pk} of {driver} is started."]
        assert (lease.primary_driver, lease.vehicle, lease.weekly_amount) == (driver, vehicle, Decimal("500.00"))
        assert list(lease.installments.values_list("amount", flat=True)) == [
            Decimal("285.71"),
            Decimal("500.00"),
            Decimal("500.00"),
            Decimal("214.29"),
        ]
        assert lease.history.get().history_user == office
        assert {rent.history_user for rent in LeaseInstallment.history.all()} == {office}

    def test_starting_a_lease_shows_its_schedule_and_writes_nothing_before_it_is_confirmed(self, office: User) -> None:
        WeeklyCapFactory.create(amount=Decimal("450.00"))
        form = lease_form(DriverFactory.create(), VehicleFactory.create(), deposit="500")
        answer = look(browse(office), reverse(self.add_page), **form)
        preview = answer.context["preview"]
        assert [(rent.week.label, rent.days, rent.amount) for rent in preview.rents] == [
            ("2026W10", 4, Decimal("285.71")),
            ("2026W11", 7, Decimal("500.00")),
            ("2026W12", 7, Decimal("500.00")),
            ("2026W13", 3, Decimal("214.29")),
        ]
        assert (preview.total, preview.deposit) == (Decimal("1500.00"), Decimal("500.00"))
        assert preview.cap_warnings == [
            "Rent Mar 8–14, due 2026-03-14: $500.00 is above the cap of $450.00",
            "Rent Mar 15–21, due 2026-03-21: $500.00 is above the cap of $450.00",
        ]
        assert "is above the cap of $450.00" in answer.content.decode()
        assert (Lease.objects.count(), LeaseInstallment.objects.count(), Lease.history.count()) == (0, 0, 0)

    def test_a_lease_is_not_started_before_its_preview_was_seen(self, office: User) -> None:
        form = lease_form(DriverFactory.create(), VehicleFactory.create())
        answer = browse(office).post(reverse(self.add_page), {**form, "_confirm": "1"})
        assert answer.context["pressed_too_soon"]
        assert Lease.objects.count() == 0

    def test_a_refused_lease_is_told_at_its_field_and_writes_nothing(self, office: User) -> None:
        holder = LeaseFactory.create()
        answer = look(browse(office), reverse(self.add_page), **lease_form(DriverFactory.create(), holder.vehicle))
        errors = errors_on(answer)
        assert answer.status_code == 200
        assert errors == {
            "vehicle": [
                f"Vehicle {holder.vehicle} is held by Lease {holder.pk} of {holder.primary_driver}, full time, "
                "from 2026-01-04 to 2027-01-02."
            ]
        }
        assert errors["vehicle"][0] in answer.content.decode()
        assert (Lease.objects.count(), LeaseInstallment.objects.count()) == (1, 0)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"end_on": "2026-03-03"}, "end_on"),
            ({"end_on": "2046-03-03"}, "end_on"),
            ({"end_on": "tomorrow"}, "end_on"),
            ({"start_on": "0001-01-01"}, "start_on"),
            ({"start_on": ""}, "start_on"),
            ({"weekly_amount": "0"}, "weekly_amount"),
            ({"weekly_amount": "-500"}, "weekly_amount"),
            ({"weekly_amount": "0.001"}, "weekly_amount"),
            ({"weekly_amount": "NaN"}, "weekly_amount"),
            ({"weekly_amount": "Infinity"}, "weekly_amount"),
            ({"weekly_amount": "1e12"}, "weekly_amount"),
            ({"shift": "LATE"}, "shift"),
            ({"lease_type": ""}, "lease_type"),
            ({"primary_driver": "0"}, "primary_driver"),
            ({"vehicle": "999999999"}, "vehicle"),
            ({"deposit": "-1"}, "deposit"),
            ({"cancellation_fee": "-1"}, "cancellation_fee"),
            ({"shift_from": "05:00"}, "shift_from"),
            ({"shift": "DAY", "shift_from": "05:00"}, "shift_until"),
        ],
    )
    def test_bad_input_for_a_lease_is_told_at_its_field(
        self, office: User, changed: dict[str, str], field: str
    ) -> None:
        form = lease_form(DriverFactory.create(), VehicleFactory.create(), **changed)
        answer = look(browse(office), reverse(self.add_page), **form)
        assert answer.status_code == 200
        assert list(errors_on(answer)) == [field]
        assert (Lease.objects.count(), LeaseInstallment.objects.count()) == (0, 0)

    def test_a_lease_takes_only_active_drivers_and_vehicles_in_service(self, office: User) -> None:
        form = lease_form(DriverFactory.create(status="INACTIVE"), VehicleFactory.create(status="RETIRED"))
        answer = look(browse(office), reverse(self.add_page), **form)
        assert sorted(errors_on(answer)) == ["primary_driver", "vehicle"]
        assert Lease.objects.count() == 0

    @pytest.mark.parametrize("role", ["Cashier", "Supervisor", "Auditor"])
    def test_other_roles_start_no_lease(self, role: str) -> None:
        client = browse(UserFactory.create(groups=[role]))
        form = lease_form(DriverFactory.create(), VehicleFactory.create())
        assert client.get(reverse(self.add_page)).status_code == 403
        assert client.post(reverse(self.add_page), form).status_code == 403
        assert Lease.objects.count() == 0


class TestLeasePage:
    def page(self, lease: Lease) -> str:
        return reverse("admin:leases_lease_change", args=[lease.pk])

    def test_a_leases_page_shows_the_rent_as_the_ledger_has_it(self, office: User) -> None:
        lease = start_lease()
        ledger.post_scheduled_installments(as_of=date(2026, 3, 14), actor=None)
        ledger.apply_interim_payment(
            payment_amount=Decimal("300.00"),
            allocations={
                f"LEASE-{lease.pk}-2026W10": Decimal("285.71"),
                f"LEASE-{lease.pk}-2026W11": Decimal("14.29"),
            },
            driver_id=lease.primary_driver_id,
            payment_method="CASH",
            effective_on=date(2026, 3, 14),
            actor=office,
        )
        answer = browse(office).get(self.page(lease))
        shown = [
            (rent.reference_id[-4:], rent.state, rent.settled, rent.remaining) for rent in answer.context["schedule"]
        ]
        assert shown == [
            ("6W10", "Settled", Decimal("285.71"), Decimal("0.00")),
            ("6W11", "Open", Decimal("14.29"), Decimal("485.71")),
            ("6W12", "Scheduled", Decimal("0.00"), Decimal("0.00")),
            ("6W13", "Scheduled", Decimal("0.00"), Decimal("0.00")),
        ]
        page = answer.content.decode()
        assert "$485.71" in page
        assert reverse("admin:ledger_ledgerbalance_change", args=[answer.context["schedule"][0].balance_id]) in page

    def test_a_leases_page_says_which_rent_is_voided_or_held(self, office: User) -> None:
        lease = start_lease()
        ledger.post_scheduled_installments(as_of=date(2026, 3, 7), actor=None)
        ledger.void_posting(
            posting_id=lease.postings.get().pk,
            reason="Cab in the workshop",
            effective_on=date(2026, 3, 7),
            actor=office,
        )
        lease.installments.filter(number=2).update(on_hold=True)
        schedule = browse(office).get(self.page(lease)).context["schedule"]
        assert [(rent.state, rent.settled, rent.remaining) for rent in schedule[:2]] == [
            ("Voided", Decimal("0.00"), Decimal("0.00")),
            ("On hold", Decimal("0.00"), Decimal("0.00")),
        ]

    def test_a_leases_page_asks_the_ledger_twice_however_long_the_lease(self, office: User) -> None:
        client = browse(office)
        counts = []
        for lease in (start_lease(), start_lease(end_on=date(2036, 3, 3))):
            ledger.post_scheduled_installments(as_of=date(2026, 12, 31), actor=None)
            client.get(self.page(lease))
            with CaptureQueriesContext(connection) as captured:
                client.get(self.page(lease))
            counts.append(len(captured))
            # Once for its rent, once for its deposit.
            assert len([query for query in captured if '"ledger_balances"' in query["sql"]]) == 2
        assert counts[0] == counts[1] == LEASE_PAGE_QUERIES

    def test_a_leases_page_hides_what_is_settled_from_who_may_not_see_balances(self, onlooker: User) -> None:
        lease = start_lease()
        page = browse(onlooker).get(self.page(lease)).content.decode()
        assert f"LEASE-{lease.pk}-2026W10" in page
        assert "Settled" not in page

    def test_a_lease_is_neither_changed_nor_deleted_in_a_form(self, office: User) -> None:
        lease = start_lease()
        client = browse(office)
        answer = client.post(self.page(lease), lease_form(DriverFactory.create(), lease.vehicle, weekly_amount="1"))
        lease.refresh_from_db()
        assert (answer.status_code, lease.weekly_amount) == (403, Decimal("500.00"))
        assert client.post(reverse("admin:leases_lease_delete", args=[lease.pk]), {"post": "yes"}).status_code == 403
        assert Lease.objects.count() == 1

    def test_a_leases_page_is_closed_to_who_has_no_right(self) -> None:
        lease = start_lease()
        assert browse(UserFactory.create()).get(self.page(lease)).status_code == 403


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

    @pytest.mark.parametrize("number", ["", "51234", "51234567", "51234S6", "５１２３４５６", "-123456"])
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
        shown = browse(office).get(page).content.decode()
        assert reverse("admin:leases_lease_change", args=[lease.pk]) in shown
        assert reverse("admin:ledger_driver_account", args=[lease.primary_driver_id]) in shown
        assert "Weekly amount" in shown

    def test_a_drivers_page_leads_to_no_account_without_the_right(self, onlooker: User) -> None:
        driver = DriverFactory.create()
        page = reverse("admin:leases_driver_change", args=[driver.pk])
        assert (
            reverse("admin:ledger_driver_account", args=[driver.pk]) not in browse(onlooker).get(page).content.decode()
        )

    @pytest.mark.parametrize("model", ["driver", "vehicle"])
    def test_no_driver_or_vehicle_is_deleted(self, office: User, model: str) -> None:
        lease = LeaseFactory.create()
        row_id = {"driver": lease.primary_driver_id, "vehicle": lease.vehicle_id}[model]
        page = reverse(f"admin:leases_{model}_delete", args=[row_id])
        assert browse(office).post(page, {"post": "yes"}).status_code == 403

    def test_an_onlooker_sees_a_driver_and_changes_nothing(self, onlooker: User) -> None:
        driver = DriverFactory.create(first_name="John")
        page = reverse("admin:leases_driver_change", args=[driver.pk])
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
            assert client.get(version).status_code == 200
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

    def test_a_search_finds_active_drivers_by_the_start_of_each_word(self, office: User) -> None:
        DriverFactory.create(first_name="John", last_name="Smith", tlc_license="5123456")
        DriverFactory.create(first_name="Joan", last_name="Smithers", tlc_license="5123457")
        DriverFactory.create(first_name="Johnny", last_name="Smith", tlc_license="5123458", status="INACTIVE")
        assert self.find(office, "smith john") == ["Smith, John (5123456)"]
        assert self.find(office, "51234") == ["Smith, John (5123456)", "Smithers, Joan (5123457)"]
        assert self.find(office, "mith") == []

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
        assert counts == [LIST_QUERIES, LIST_QUERIES]

    @pytest.mark.parametrize("words", ["{number}", "9z9", "smi", "smith 9z90", "51234"])
    def test_a_lease_is_found_by_number_medallion_name_or_license(self, onlooker: User, words: str) -> None:
        wanted = LeaseFactory.create(
            vehicle=VehicleFactory.create(medallion="9Z90"),
            primary_driver=DriverFactory.create(last_name="Smith", tlc_license="5123456"),
        )
        LeaseFactory.create()
        page = reverse("admin:leases_lease_changelist")
        answer = browse(onlooker).get(page, {"q": words.format(number=wanted.pk)})
        assert list(answer.context["cl"].result_list) == [wanted]
