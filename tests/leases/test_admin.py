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

from core.dossier import lease_url
from leases.models import Driver, Lease, LeaseInstallment, Vehicle
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory, WeeklyCapFactory
from tests.leases.pages import browse, start_lease
from tests.ledger.admin_pages import confirm, errors_on, look

pytestmark = pytest.mark.django_db


LEASE_PAGE_QUERIES = 19


def schedule_of(page: Any) -> Any:
    """The rent weeks that a page shows."""
    return page.context["sections"][0][-1]["schedule"]


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


class TestStartLease:
    add_page = "admin:leases_lease_add"

    def test_starting_a_lease_makes_lease_and_rent_in_the_users_name(self, office: User) -> None:
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        client = browse(office)
        assert client.get(reverse(self.add_page)).status_code == 200
        answer = confirm(client, reverse(self.add_page), **lease_form(driver, vehicle))
        lease = Lease.objects.get()
        assert (answer.status_code, answer["Location"]) == (302, lease_url(lease.pk))
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
            "Rent Mar 1–7, due Mar 7, 2026: $285.71 for 4 of 7 days is above $257.14, their part of the cap of "
            "$450.00 a week",
            "Rent Mar 8–14, due Mar 14, 2026: $500.00 is above the cap of $450.00",
            "Rent Mar 15–21, due Mar 21, 2026: $500.00 is above the cap of $450.00",
            "Rent Mar 22–28, due Mar 28, 2026: $214.29 for 3 of 7 days is above $192.86, their part of the cap of "
            "$450.00 a week",
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
                "from Jan 4, 2026 to Jan 2, 2027."
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
        return f"{lease_url(lease.pk)}?tab=rent-weeks"

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
        shown = [(rent.reference_id[-4:], rent.state, rent.settled, rent.remaining) for rent in schedule_of(answer)]
        assert shown == [
            ("6W10", "Settled", Decimal("285.71"), Decimal("0.00")),
            ("6W11", "Open", Decimal("14.29"), Decimal("485.71")),
            ("6W12", "Scheduled", Decimal("0.00"), Decimal("0.00")),
            ("6W13", "Scheduled", Decimal("0.00"), Decimal("0.00")),
        ]
        page = answer.content.decode()
        assert "485.71" in page
        assert reverse("admin:ledger_ledgerbalance_change", args=[schedule_of(answer)[0].balance_id]) in page

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
        schedule = schedule_of(browse(office).get(self.page(lease)))
        assert [(rent.state, rent.settled, rent.remaining) for rent in schedule[:2]] == [
            ("Voided", Decimal("0.00"), Decimal("0.00")),
            ("On hold", Decimal("0.00"), Decimal("0.00")),
        ]

    def test_a_leases_page_asks_the_ledger_as_often_however_long_the_lease(self, office: User) -> None:
        client = browse(office)
        counts = []
        for lease in (start_lease(), start_lease(end_on=date(2036, 3, 3))):
            ledger.post_scheduled_installments(as_of=date(2026, 12, 31), actor=None)
            client.get(self.page(lease))
            with CaptureQueriesContext(connection) as captured:
                client.get(self.page(lease))
            counts.append(len(captured))
            # Once for its rent, once for its deposit, once for what is owed on it.
            assert len([query for query in captured if '"ledger_balances"' in query["sql"]]) == 3
        assert counts[0] == counts[1] == LEASE_PAGE_QUERIES

    def test_a_leases_page_hides_what_is_settled_from_who_may_not_see_balances(self, onlooker: User) -> None:
        lease = start_lease()
        page = browse(onlooker).get(self.page(lease)).content.decode()
        assert f"LEASE-{lease.pk}-2026W10" in page
        assert "Settled" not in page

    def test_a_lease_is_neither_changed_nor_deleted_in_a_form(self, office: User) -> None:
        lease = start_lease()
        client = browse(office)
        form = reverse("admin:leases_lease_change", args=[lease.pk])
        answer = client.post(form, lease_form(DriverFactory.create(), lease.vehicle, weekly_amount="1"))
        lease.refresh_from_db()
        assert (answer.status_code, lease.weekly_amount) == (403, Decimal("500.00"))
        assert client.post(reverse("admin:leases_lease_delete", args=[lease.pk]), {"post": "yes"}).status_code == 403
        assert Lease.objects.count() == 1

    def test_a_leases_page_is_closed_to_who_has_no_right(self) -> None:
        lease = start_lease()
        assert browse(UserFactory.create()).get(self.page(lease)).status_code == 403
