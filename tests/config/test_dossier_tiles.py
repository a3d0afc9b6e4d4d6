"""The figures above the tabs of a driver's, a vehicle's and a lease's page lead to rows that add up to them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.dossier import Tile, driver_url, lease_url, vehicle_url
from core.weeks import week_of
from leases import services as leases
from leases.models import Lease
from ledger import services as ledger
from repairs import services as repairs
from repairs.models import RepairInstallment
from tests.config.test_driver_page import browse, read
from tests.config.test_vehicle_and_lease_pages import charge
from tests.config.test_vehicle_and_lease_pages import lease as lease
from tests.factories import DriverFactory, UserFactory, VehicleFactory
from tests.ledger.proofs import pay
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def tiles_of(client: Client, url: str) -> dict[str, Tile]:
    """The tiles of a page, by the beginning of their titles."""
    return {tile.title.split(" since")[0].split(" by ")[0]: tile for tile in client.get(url).context["tiles"]}


def rows_at(client: Client, url: str) -> list[Any]:
    return list(client.get(url).context["cl"].result_list)


def dollars(tile: Tile) -> Decimal:
    return Decimal(tile.value.removeprefix("$").replace(",", ""))


def test_what_a_driver_owes_and_is_held_leads_to_its_balances(lease: Lease, today: date) -> None:
    """369.25 and 30.75 are past due, 283.00 comes due; 75.25 are held, and of the deposit 100.00."""
    charge(lease, "MISC-1", "369.25", today - timedelta(days=1), today)
    charge(lease, "MISC-2", "30.75", today - timedelta(days=9), today)
    charge(lease, "MISC-3", "283.00", today, today)
    ledger.credit_driver(
        driver_id=lease.primary_driver_id, lease_id=lease.pk, category="MISC", amount=Decimal("75.25"),
        reference_id="MEMO-1", reason="charged twice", effective_on=today, actor=UserFactory.create(),
    )  # fmt: skip
    pay(lease.primary_driver, "100.00", lease_id=lease.pk, deposit=Decimal("100.00"), effective_on=today)
    client = browse("Supervisor")
    for url, held in (
        (driver_url(lease.primary_driver_id), "Held for Anil"),
        (lease_url(lease.pk), "Held on this lease"),
    ):
        tiles = tiles_of(client, url)
        figures = {title: dollars(tile) for title, tile in tiles.items()}
        assert figures == {
            "Past due": Decimal("400.00"),
            "Due": Decimal("283.00"),
            held: Decimal("75.25"),
            "Deposit, kept apart": Decimal("100.00"),
        }
        for title, tile in tiles.items():
            assert sum(row.remaining for row in rows_at(client, tile.url)) == figures[title], title
    other = tiles_of(client, driver_url(DriverFactory.create().pk))
    assert {tile.url for tile in other.values()} == {""}


def test_a_vehicle_tells_what_is_owed_waits_is_open_and_ends(lease: Lease, today: date) -> None:
    """Of its lease 369.25 are past due and 100.00 come due; 45.00 of two tickets wait; one repair of 800.00 is not
    charged yet; its inspection ends before its insurance."""
    cab = lease.vehicle
    charge(lease, "MISC-1", "369.25", today - timedelta(days=1), today)
    charge(lease, "MISC-2", "100.00", today, today)
    moment = timezone.now()
    for number, amount, vehicle in (("1", 15, cab), ("2", 30, cab), ("3", 99, VehicleFactory.create())):
        Ticket.objects.create(
            kind="PVB", number=number, at=moment, at_latest=moment, amount=amount, state="WAITING",
            waits_for="DRIVER", vehicle=vehicle,
        )  # fmt: skip
    for kind, days in (("INSURANCE", 90), ("INSPECTION", 40)):
        good_to = today + timedelta(days=days)
        leases.record_paper(vehicle_id=cab.pk, kind=kind, number=kind, good_to=good_to, actor=None)
    made = repairs.create_invoice(
        driver_id=lease.primary_driver_id, vehicle_id=cab.pk, workshop="Brake Shop", workshop_number="4711",
        invoiced_on=today, lines=[repairs.InvoiceItem("Brakes", Decimal("800.00"))], amount=Decimal("800.00"),
        starts_on=week_of(today).next.start, today=today, actor=None,
    )  # fmt: skip
    client = browse("Office")

    tiles = tiles_of(client, vehicle_url(cab.pk))

    owed = tiles[f"Owed on {lease}"]
    assert (owed.value, owed.note) == ("$469.25", "$369.25 past due")
    assert sum(row.remaining for row in rows_at(client, owed.url)) == Decimal("469.25")
    waiting = tiles["Tolls and tickets waiting"]
    assert (waiting.value, waiting.note) == ("$45.00", "2 in review")
    assert sum(row.amount for row in rows_at(client, waiting.url)) == 45
    open_ones = tiles["Repairs open"]
    assert (open_ones.value, open_ones.note) == ("1", "$800.00 not charged yet")
    assert rows_at(client, open_ones.url) == [made]
    paper = tiles["Next paper to end"]
    ends = today + timedelta(days=40)
    assert (paper.value, paper.note) == (f"{ends:%b} {ends.day}, {ends.year}", "TLC inspection")
    assert "INSPECTION" in client.get(paper.url).content.decode()


def test_a_vehicle_without_any_of_it_says_so() -> None:
    tiles = tiles_of(browse("Office"), vehicle_url(VehicleFactory.create().pk))
    assert {title: (tile.value, tile.url) for title, tile in tiles.items()} == {
        "Tolls and tickets waiting": ("None", ""),
        "Repairs open": ("None", ""),
        "Papers": ("None", ""),
    }


def test_acts_of_vehicle_and_lease_lead_to_pages_that_know_whom_they_are_about(lease: Lease) -> None:
    cab, office = lease.vehicle, browse("Office")
    at_cab = office.get(vehicle_url(cab.pk)).content.decode().replace("&amp;", "&")
    summons = f"{reverse('admin:tickets_ticket_enter')}?vehicle={cab.pk}"
    assert summons in at_cab
    assert 'name="medallion" value="8H59"' in office.get(summons).content.decode()
    assert office.get(f"{reverse('admin:tickets_ticket_enter')}?vehicle=x").status_code == 200
    at_lease = office.get(lease_url(lease.pk)).content.decode().replace("&amp;", "&")
    for name, others in (("tickets_misccharge_enter", ""), ("repairs_repairinvoice_enter", f"&vehicle={cab.pk}")):
        url = f"{reverse(f'admin:{name}')}?driver={lease.primary_driver_id}{others}&lease={lease.pk}"
        assert f'href="{url}"' in at_lease
        assert f'<option value="{lease.pk}" selected' in office.get(url).content.decode()
    for role, may in (("Cashier", True), ("Auditor", False)):
        client = browse(role)
        for url in (vehicle_url(cab.pk), lease_url(lease.pk), driver_url(lease.primary_driver_id)):
            told = read(client.get(url))
            assert ("Write a note" in told) is may
            assert "Add ticket" not in told
            assert "Start repair" not in told


def test_what_is_settled_of_a_plan_stands_beside_an_account(lease: Lease, today: date) -> None:
    """Of 800.00, charged at once by 200.00 a week, 250.00 are paid; and only who sees balances is told."""
    repairs.create_invoice(
        driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id, workshop="Brake Shop", workshop_number="4711",
        invoiced_on=today, lines=[repairs.InvoiceItem("Brakes", Decimal("800.00"))], amount=Decimal("800.00"),
        starts_on=week_of(today).start, posts_at_once=True, today=today, actor=None,
    )  # fmt: skip
    first, second, *_ = (row.reference_id for row in RepairInstallment.objects.order_by("number"))
    pay(lease.primary_driver, "250.00", {first: "200.00", second: "50.00"}, effective_on=today)
    for url in (
        reverse("vehicle_beside", args=[lease.vehicle_id]),
        reverse("driver_beside", args=[lease.primary_driver_id]),
        reverse("lease_beside", args=[lease.pk]),
    ):
        told = browse("Office").get(url).content.decode()
        assert "state Active · a week 200.00" in told
        assert '<progress value="250.00" max="800.00"' in told
        assert "250.00 of 800.00 settled" in told
    client, rights = Client(), ["leases.view_vehicle", "repairs.view_repairinvoice"]
    client.force_login(UserFactory.create(is_staff=True, permissions=rights))
    told = client.get(reverse("vehicle_beside", args=[lease.vehicle_id])).content.decode()
    assert "a week 200.00" in told
    assert "settled" not in told
    assert "<progress" not in told
