"""Every list of money and every report as a file: as many statements for many rows as for few."""

import csv
import io
from datetime import date, time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.admin.pages import report_pages
from core.clock import at
from core.reports import list_reports
from core.weeks import Week
from leases.models import Lease
from ledger import services as ledger
from tests.config.test_lists import money_lists
from tests.curb.counting import receive_transaction
from tests.dtr.fleet import NEXT_WEEK, WEEK, card, cash, close, drive, leased_driver
from tests.factories import LeaseInstallmentFactory, VehiclePlateFactory
from tests.ledger.admin_pages import browse, url_of
from tests.ledger.proofs import charge, hold_deposit, pay, pay_out
from tests.loans.office import lend
from tests.repairs.office import enter
from tests.tickets.files import HOW, bring_in_tolls, toll
from tickets import services as tickets
from tickets.models import ChargeType

pytestmark = pytest.mark.django_db

FEW, MANY = 2, 6
#: In March, on a day of the week after those that are closed.
TODAY = date(2026, 3, 18)
#: Reports whose rows are days or accounts, of which a larger fleet has no more.
NOT_LONGER = {"collections", "trial-balance"}


class File(NamedTuple):
    """The statements that a file took, and its rows; of a report, one of them is of its sums."""

    statements: int
    rows: int


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    now = at(TODAY, time(14, 30))
    monkeypatch.setattr(report_pages, "timezone", SimpleNamespace(localdate=lambda: TODAY, now=lambda: now))
    return browse()


def work(week: Week, numbers: range, first: Lease | None = None) -> Lease:
    """So many drivers of whom each has something in every list and report; the week is closed.

    A deposit for each is of the first lease, which is returned, since one report is of one lease.
    """
    on, trips = week.next.start, []
    how: dict[str, Any] = {"effective_on": on, "due_on": on}
    for number in numbers:
        lease = leased_driver(f"54{number:05d}", f"8C{number:02d}", deposit=Decimal(400))
        first = first or lease
        LeaseInstallmentFactory.create(lease=lease, number=9 if week == WEEK else 10)
        VehiclePlateFactory.create(vehicle=lease.vehicle, plate=f"T2000{number:02d}C")
        whose = {"DRIVER": f"54{number:05d}", "CABNUMBER": lease.vehicle.medallion}
        trips += drive(card("903.30", **whose), cash(**whose))
    close(week)
    for trip in trips[::2]:
        receive_transaction(trip, "AP")
    for number, trip in zip(numbers, trips[::2], strict=True):
        assert trip.driver
        assert trip.lease
        assert first
        driver = trip.driver
        hold_deposit(driver, trip.lease.pk, "10.00", effective_on=on)
        hold_deposit(first.primary_driver, first.pk, "10.00", effective_on=on)
        pay_out(driver, "5.00", effective_on=on)
        left = leased_driver(f"55{number:05d}", f"7C{number:02d}", end_on=date(2026, 2, 28)).primary_driver
        owed = charge(left, f"PVB-{number}", "115.00", **how)
        pay(left, "60.00", {f"PVB-{number}": "50.00"}, effective_on=on)
        ledger.write_off_obligation(posting_id=owed.pk, amount=Decimal(5), reason="Old", actor=None, effective_on=on)
        ledger.record_transfer(
            kind="FLOAT", debit="1010", credit="1030", amount=Decimal(200), reference_id=f"DRAWER-{number}",
            effective_on=on, actor=None,
        )  # fmt: skip
        tickets.create_misc_charge(
            charge_type_id=ChargeType.objects.get(name="Towing").pk, driver_id=driver.pk, amount=Decimal(45), **HOW
        )
        enter(trip.lease, workshop_number=f"QA-{number}")
        lend(driver)
    bring_in_tolls(*(toll(number, f"NY T2000{number:02d}C", on=f"{on:%m/%d/%Y}") for number in numbers))
    assert first
    return first


def read_files(client: Client, addresses: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, File]:
    found = {}
    for name, (address, asked) in addresses.items():
        with CaptureQueriesContext(connection) as captured:
            answer: Any = client.get(address, asked)
            assert answer.status_code == 200, name
            text = b"".join(answer.streaming_content).decode("utf-8-sig")
        found[name] = File(len(captured), len(list(csv.reader(io.StringIO(text)))) - 1)
    return found


def test_more_rows_take_no_more_statements(client: Client) -> None:
    """Rows are read by a cursor of the database; what belongs to them, in one statement for all of a piece."""
    first = work(WEEK, range(FEW))
    of_lists: dict[str, Any] = {name: (url_of(f"{name}_file", "csv"), {}) for name in money_lists()}
    given = {"deposit-statement": {"lease": first.pk}, "account": {"account": "2010"}}
    of_reports: dict[str, Any] = {
        report.slug: (reverse("reports:file", args=[report.slug, "csv"]), given.get(report.slug, {}))
        for report in list_reports()
    }
    addresses = of_lists | of_reports
    assert len(addresses) == len(of_lists) + len(of_reports) > 30
    few = read_files(client, addresses)
    work(NEXT_WEEK, range(FEW, FEW + MANY), first)
    many = read_files(client, addresses)
    longer = {name for name in addresses if few[name].rows > 1 and many[name].rows > 2 * few[name].rows}
    assert set(addresses) - longer == NOT_LONGER
    assert {name: file.statements for name, file in many.items()} == {
        name: file.statements for name, file in few.items()
    }
