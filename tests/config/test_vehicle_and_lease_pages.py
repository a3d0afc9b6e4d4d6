"""One page per vehicle and per lease, made as the driver's is: who has what, what can be done, and what happened."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.clock import at
from core.dossier import Subject, driver_url, lease_url, list_sections, vehicle_url
from core.weeks import week_of
from leases import services as leases
from leases.models import Lease
from ledger import services as ledger
from repairs import services as repairs
from tests.config.test_driver_page import browse, read
from tests.factories import DriverFactory, UserFactory, VehicleFactory

pytestmark = pytest.mark.django_db

#: The person, their rights and roles, what the band asks, the counts, one tab; the timeline asks each of its sources.
MOST_QUERIES, TIMELINE_QUERIES = 21, 29


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def lease(today: date) -> Lease:
    return leases.start_lease(
        driver_id=DriverFactory.create(first_name="Anil", last_name="Jeudy", tlc_license="5401838").pk,
        vehicle_id=VehicleFactory.create(medallion="8H59", plate="").pk,
        lease_type="LONG_TERM",
        shift="FULL",
        start_on=today - timedelta(days=20),
        end_on=today + timedelta(days=300),
        weekly_amount=Decimal("575.00"),
        deposit=Decimal("575.00"),
        cancellation_fee=Decimal("0.00"),
        actor=None,
    )


def charge(lease: Lease, reference: str, amount: str, due_on: date, today: date) -> None:
    ledger.create_obligation(
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        category="MISC",
        reference_id=reference,
        amount=Decimal(amount),
        due_on=due_on,
        effective_on=min(due_on, today),
        description=f"Lost key {reference}",
        actor=None,
    )


def say(day: date) -> str:
    return f"{day:%b} {day.day}, {day:%Y}"


class TestLease:
    def test_it_says_who_pays_how_much_what_is_owed_and_what_can_be_done(self, lease: Lease, today: date) -> None:
        charge(lease, "MISC-1", "369.25", today - timedelta(days=1), today)
        page = browse("Office", "Cashier").get(lease_url(lease.pk))
        told = read(page)
        assert f"Lease {lease.pk} Active" in told
        assert "Anil Jeudy, TLC license 5401838" in told
        assert "Cab 8H59 · long-term, full time" in told
        assert f"Anil pays $575.00 a week for cab 8H59, to {say(lease.end_on)}." in told
        assert "$369.25 is owed on this lease, and all of it is past due." in told
        assert "deposit $0.00 held of $575.00 asked" in told
        assert "Lost key MISC-1 MISC-1 369.25 – 369.25" in told
        text = page.content.decode()
        for url in (
            vehicle_url(lease.vehicle_id),
            driver_url(lease.primary_driver_id),
            f"{reverse('admin:ledger_driver_payment', args=[lease.primary_driver_id])}?lease={lease.pk}",
            reverse("admin:leases_lease_swap", args=[lease.pk]),
        ):
            assert f'href="{url}"' in text
        assert "Settle deposit" not in told
        assert "Settle deposit: No deposit is held" in read(browse("Supervisor").get(lease_url(lease.pk)))
        assert browse().get(lease_url(lease.pk)).status_code in (302, 403)
        assert browse("Auditor").get(lease_url(10**9)).status_code == 404
        # Its payment page has the lease chosen.
        url = f"{reverse('admin:ledger_driver_payment', args=[lease.primary_driver_id])}?lease={lease.pk}"
        assert f'<option value="{lease.pk}" selected' in browse("Cashier").get(url).content.decode()

    def test_on_hold_it_says_why_and_its_timeline_tells_what_became_of_it(self, lease: Lease, today: date) -> None:
        maya = UserFactory.create(first_name="Maya", last_name="Ortiz")
        further = DriverFactory.create(first_name="Rosa", last_name="Diallo")
        charge(lease, "MISC-1", "100.00", today, today)
        leases.add_driver(lease_id=lease.pk, driver_id=further.pk, start_on=today, end_on=None, actor=maya)
        leases.change_weekly_amount(
            lease_id=lease.pk, weekly_amount=Decimal("600.00"), from_on=today + timedelta(days=30), actor=maya
        )
        leases.hold_lease(lease_id=lease.pk, reason="Gearbox", actor=maya)
        told = read(browse("Office").get(lease_url(lease.pk), {"tab": "timeline"}))
        assert "On hold. Gearbox. No rent is charged until it is resumed, then all of it." in told
        assert "Resume" in told
        name = f"Lease {lease.pk}"
        happened = (
            f"{name} put on hold: Gearbox by Maya Ortiz",
            f"{name}: weekly amount changed from $575.00 to $600.00 by Maya Ortiz",
            f"Rosa Diallo drives on it too, {say(today)} to {say(lease.end_on)} by Maya Ortiz",
            "Lost key MISC-1 charged by the system · MISC-1 +100.00 owes 100.00",
            f"{name} started: cab 8H59, $575.00 a week, {say(lease.start_on)} to {say(lease.end_on)} by the system",
        )
        assert [one for one in happened if one not in told] == []
        # The same of the lease stands in its driver's timeline.
        at_driver = read(browse("Office").get(driver_url(lease.primary_driver_id)))
        assert f"{name} is on hold. Gearbox. No rent is charged" in at_driver
        of_driver = read(browse("Office").get(driver_url(further.pk), {"tab": "timeline"}))
        assert f"{name} put on hold: Gearbox by Maya Ortiz · {name}" in of_driver


class TestVehicle:
    def test_it_says_who_drives_it_and_what_can_be_done(self, lease: Lease, today: date) -> None:
        cab = lease.vehicle
        leases.give_plate(vehicle_id=cab.pk, plate="8H59B", state="NY", from_at=at(lease.start_on), actor=None)
        page = browse("Office").get(vehicle_url(cab.pk))
        told = read(page)
        assert "Cab 8H59 In service" in told
        assert "Plate NY 8H59B · no E-ZPass tag" in told
        assert f"Anil Jeudy drives it, on Lease {lease.pk} to {say(lease.end_on)}." in told
        assert f"Retire: Lease {lease.pk} has it to {say(lease.end_on)}" in told
        assert "Take tag out: It has no E-ZPass tag" in told
        text = page.content.decode()
        assert f'href="{lease_url(lease.pk)}"' in text
        for name in ("leases_lease_add", "repairs_repairinvoice_enter"):
            url = f"{reverse(f'admin:{name}')}?vehicle={cab.pk}"
            assert url in text
            assert f'<option value="{cab.pk}" selected' in browse("Office").get(url).content.decode()
        assert "Start lease" not in read(browse("Auditor").get(vehicle_url(cab.pk)))
        spare = VehicleFactory.create()
        assert "Nobody has it now." in read(browse("Auditor").get(vehicle_url(spare.pk)))
        leases.retire_vehicle(vehicle_id=spare.pk, retired_at=at(today), actor=None)
        told = read(browse("Office").get(vehicle_url(spare.pk)))
        assert "It is out of service." in told
        assert "Start lease It is out of service" in told
        assert "Return to service" in told

    def test_its_form_leads_to_it_and_its_timeline_tells_plates_leases_and_repairs(
        self, lease: Lease, today: date
    ) -> None:
        cab, client = lease.vehicle, browse("Office")
        form = reverse("admin:leases_vehicle_change", args=[cab.pk])
        assert client.get(form)["Location"] == vehicle_url(cab.pk)
        assert vehicle_url(cab.pk) in client.get(f"{form}?edit=1").content.decode()
        leases.give_plate(vehicle_id=cab.pk, plate="8H59B", state="NY", from_at=at(today), actor=None)
        leases.record_paper(
            vehicle_id=cab.pk, kind="INSPECTION", number="A1", good_to=today + timedelta(days=9), actor=None
        )
        repairs.create_invoice(
            driver_id=lease.primary_driver_id,
            vehicle_id=cab.pk,
            workshop="Brake Shop",
            workshop_number="4711",
            invoiced_on=today,
            lines=[repairs.InvoiceItem("Brakes", Decimal("800.00"))],
            amount=Decimal("800.00"),
            starts_on=week_of(today).start,
            today=today,
            actor=None,
        )
        told = read(client.get(vehicle_url(cab.pk), {"tab": "timeline"}))
        assert "TLC inspection A1 ends on" in told
        happened = (
            "Plate changed from nothing to 8H59B by the system",
            f"Lease {lease.pk} of Anil Jeudy has it from",
            f"TLC inspection A1 recorded, good to {say(today + timedelta(days=9))}",
            "Repair started: Brake Shop, invoice 4711, $800.00, $200.00 a week by the system · Repair",
            "Registered",
        )
        assert [one for one in happened if one not in told] == []


@pytest.mark.parametrize(
    ("of", "tabs"),
    [
        (Subject.VEHICLE,
         "leases timeline repairs tickets-and-tolls trips plates-and-tags documents notes"),
        (Subject.LEASE,
         "account rent-weeks timeline drivers-and-cabs plans tickets-and-tolls trips documents notes"),
    ],
)  # fmt: skip
def test_every_tab_asks_the_same_few_questions_however_much_there_is(
    of: Subject, tabs: str, lease: Lease, today: date
) -> None:
    client: Client = browse("Supervisor")
    names = dict.fromkeys(section.name for section in list_sections(UserFactory.create(is_superuser=True), of))
    assert list(names) == tabs.split()
    url = lease_url(lease.pk) if of == Subject.LEASE else vehicle_url(lease.vehicle_id)
    client.get(url)

    def count(tab: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url, {"tab": tab}).status_code == 200
        return len(captured)

    def grow(numbers: range) -> None:
        for number in numbers:
            charge(lease, f"MISC-{number}", "1.00", today, today)
            further: Any = DriverFactory.create()
            leases.add_driver(lease_id=lease.pk, driver_id=further.pk, start_on=today, end_on=None, actor=None)
            leases.record_paper(
                vehicle_id=lease.vehicle_id,
                kind="OTHER",
                number=str(number),
                good_to=today + timedelta(days=90),
                actor=None,
            )

    grow(range(2, 4))
    few = {tab: count(tab) for tab in names}
    grow(range(4, 9))
    assert {tab: count(tab) for tab in names} == few
    assert few.pop("timeline") <= TIMELINE_QUERIES
    assert max(few.values()) <= MOST_QUERIES, few


@pytest.mark.parametrize("role", ["Supervisor", "Cashier"])
def test_the_menu_shows_whose_page_it_is(lease: Lease, role: str) -> None:
    client = browse(role)
    for url, title in (
        (driver_url(lease.primary_driver_id), "Drivers"),
        (vehicle_url(lease.vehicle_id), "Vehicles"),
        (lease_url(lease.pk), "Leases"),
    ):
        groups = client.get(url).context["sidebar_navigation"]
        assert [item["title"] for group in groups for item in group["items"] if item["active"]] == [title]
