"""Where drivers stand as if the week ended now: plain reads, compared with the close itself, to the cent."""

import random
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.reports import find_report
from curb.models import Trip
from dtr import services as dtr
from dtr.admin.pages import current
from dtr.models import WeekClose
from dtr.selectors import find_current_balance, list_current_balances
from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.curb.counting import move, receive_transaction
from tests.dtr.fleet import NEXT_SATURDAY, NEXT_WEEK, WEEK, card, cash, close, drive, leased_driver
from tests.factories import DriverFactory, LeaseInstallmentFactory, UserFactory
from tests.reports import lines, read

pytestmark = pytest.mark.django_db

WEDNESDAY = date(2026, 3, 11)


def make_fleet(size: int) -> list[Any]:
    """Drivers with trips, rent, debts due now and later, deposits, payments and credits, by a fixed seed."""
    chance = random.Random(20260311)
    leases = [leased_driver(f"52{number:05d}", f"{number // 100}C{number % 100:02d}") for number in range(size)]
    for number, lease in enumerate(leases):
        whose = {"DRIVER": f"52{number:05d}", "CABNUMBER": lease.vehicle.medallion}
        day = {"START_DATE": f"03/{chance.randrange(8, 12):02d}/2026 10:00:00", "END_DATE": "03/12/2026 10:20:00"}
        records = [card(f"{chance.randrange(-2000, 90000) / 100:.2f}", **whose, **day), cash(**whose, **day)]
        drive(*records[: chance.randrange(3)])
        posted: dict[str, Any] = {"driver_id": lease.primary_driver_id, "lease_id": lease.pk}
        if chance.random() < 0.7:
            LeaseInstallmentFactory.create(lease=lease, number=10, on_hold=chance.random() < 0.2)  # due 2026-03-14
        for due_on in (date(2026, 3, 9), date(2026, 4, 9)):
            if chance.random() < 0.5:
                ledger.create_obligation(
                    category="MISC",
                    amount=Decimal(chance.randrange(1, 40000)) / 100,
                    reference_id=f"MISC-{lease.pk}-{due_on:%m}",
                    due_on=due_on,
                    effective_on=date(2026, 3, 9),
                    **posted,
                )
        if chance.random() < 0.5:
            ledger.apply_interim_payment(
                payment_amount=Decimal(chance.randrange(30000, 60000)) / 100,
                deposit=Decimal(chance.randrange(0, 20000)) / 100,
                allocations={},
                payment_method="CASH",
                effective_on=date(2026, 3, 10),
                **posted,
            )
    return leases


class TestSelector:
    def test_one_driver_by_hand(self):
        """Held 100.00, card 203.30 with 3.30 of taxes, owed 90.00, rent of 500.00 on Saturday: 290.00 are short."""
        lease = leased_driver()
        posted: dict[str, Any] = {"driver_id": lease.primary_driver_id, "lease_id": lease.pk}
        drive(card("203.30", START_DATE="03/10/2026 10:00:00", END_DATE="03/10/2026 10:20:00"))
        LeaseInstallmentFactory.create(lease=lease, number=10)
        LeaseInstallmentFactory.create(lease=lease, number=11)  # a week later
        ledger.create_obligation(
            category="MISC",
            amount=Decimal(90),
            reference_id="MISC-1",
            due_on=date(2026, 5, 1),
            effective_on=WEDNESDAY,
            **posted,
        )
        ledger.apply_interim_payment(
            payment_amount=Decimal(350),
            deposit=Decimal(250),
            allocations={},
            payment_method="CASH",
            effective_on=WEDNESDAY,
            **posted,
        )
        (row,) = list_current_balances(WEDNESDAY)
        assert (row.held, row.card_total, row.taxes_total) == (Decimal(100), Decimal("203.30"), Decimal("3.30"))
        assert (row.owed, row.coming, row.deposits) == (Decimal(90), Decimal(500), Decimal(250))
        assert row.net == Decimal("-290.00")

    def test_two_hundred_drivers_stand_as_the_close_would_leave_them(self):
        leases = make_fleet(200)
        rows = {row.driver_id: row for row in list_current_balances(WEDNESDAY)}
        close(WEEK)
        preview = [
            row
            for number in range(1, 5)
            for row in dtr.preview_week(week=NEXT_WEEK, today=NEXT_WEEK.next.start, number=number).drivers
        ]
        assert len(preview) == len(leases) == 200
        nets = {row.driver_id: row.net for row in preview}
        assert {driver_id: row.net for driver_id, row in rows.items()} == {
            driver_id: net for driver_id, net in nets.items() if driver_id in rows
        }
        assert {net for driver_id, net in nets.items() if driver_id not in rows} <= {Decimal(0)}
        assert sum(row.net for row in rows.values()) == sum(nets.values())
        assert_books_clean()

    def test_what_is_left_out_or_counted_back_stands_as_the_close_would_leave_it(self):
        adams, baker = leased_driver(), leased_driver("5000002", "9Z91")
        moved, declined = drive(card("103.30", NUM_SERVICE="8"), card("17.30"))
        receive_transaction(declined, "DC")
        close(WEEK)
        move(moved, baker)
        nets = {row.driver_id: row.net for row in list_current_balances(WEDNESDAY)}
        assert nets == {baker.primary_driver_id: Decimal(100), adams.primary_driver_id: Decimal(0)}
        for driver_id, net in nets.items():
            assert dtr.preview_driver(driver_id=driver_id, today=WEDNESDAY).net == net

    def test_who_owes_most_comes_first(self):
        make_fleet(12)
        nets = [row.net for row in list_current_balances(WEDNESDAY)]
        assert nets == sorted(nets)

    def test_it_takes_as_many_statements_for_more_drivers(self):
        counts = []
        for number in range(3):
            leased = leased_driver(f"530000{number}", f"7D{number:02d}")
            LeaseInstallmentFactory.create(lease=leased, number=10)
            DriverFactory.create_batch(3)
            with CaptureQueriesContext(connection) as captured:
                list_current_balances(WEDNESDAY)
            counts.append(len(captured))
        assert len(set(counts)) == 1


class TestPreviewDriver:
    def test_it_is_the_row_of_the_list_and_leaves_nothing(self):
        leases = make_fleet(6)
        rows = {row.driver_id: row for row in list_current_balances(WEDNESDAY)}
        before = LedgerPosting.objects.count()
        for lease in leases:
            preview = dtr.preview_driver(driver_id=lease.primary_driver_id, today=WEDNESDAY)
            known = rows.get(lease.primary_driver_id)
            alone = find_current_balance(lease.primary_driver_id, today=WEDNESDAY)
            assert (alone.net if alone else 0) == preview.net
            assert known is None or alone == known
            assert preview.net == (known.net if known else 0)
        assert (LedgerPosting.objects.count(), WeekClose.objects.count()) == (before, 0)
        assert not Trip.objects.exclude(week_end=None).exists()

    def test_an_open_close_is_finished_first(self):
        lease = leased_driver()
        dtr.start_week(week=WEEK, today=NEXT_WEEK.start)
        with pytest.raises(dtr.WeekStillOpen):
            dtr.preview_driver(driver_id=lease.primary_driver_id, today=WEDNESDAY)

    def test_a_week_that_is_closed_is_refused(self):
        lease = leased_driver()
        close()
        with pytest.raises(dtr.WeekAlreadyClosed):
            dtr.preview_driver(driver_id=lease.primary_driver_id, today=WEEK.start)

    def test_no_such_driver(self):
        with pytest.raises(ledger.DriverNotFound):
            dtr.preview_driver(driver_id=1, today=WEDNESDAY)


class TestPages:
    def test_a_row_opens_the_close_of_its_driver(self, client, monkeypatch):
        monkeypatch.setattr(current, "timezone", SimpleNamespace(localdate=lambda: WEDNESDAY))
        client.force_login(UserFactory.create(groups=["Office"]))
        lease = leased_driver()
        LeaseInstallmentFactory.create(lease=lease, number=10)
        report = find_report("current-balances")
        assert report is not None
        (row,) = read("current-balances", today=WEDNESDAY).rows
        links = {column.name: column.find_link(row) for column in report.columns}
        assert links["driver"] == links["owes"] == f"/admin/dtr/dtr/current/{lease.primary_driver_id}/"
        shown = client.get(links["owes"]).content.decode()
        assert f"{NEXT_SATURDAY:%b} {NEXT_SATURDAY.day}, {NEXT_SATURDAY.year}" in shown
        assert "the driver owes <strong>500.00</strong>" in shown
        assert client.get("/admin/dtr/dtr/current/0/").status_code == 404


class TestReport:
    def test_the_columns_add_up_from_what_was_before(self):
        """Owed 90.00 from before; card 203.30 less 3.30, rent 500.00, paid 100.00, a memo of 5.00: 285.00 are owed."""
        lease = leased_driver(deposit=Decimal(400))
        posted: dict[str, Any] = {"driver_id": lease.primary_driver_id, "lease_id": lease.pk}
        drive(card("203.30", START_DATE="03/10/2026 10:00:00", END_DATE="03/10/2026 10:20:00"))
        LeaseInstallmentFactory.create(lease=lease, number=10)
        charged: dict[str, Any] = {
            "category": "MISC",
            "amount": Decimal(90),
            "reference_id": "MISC-1",
            "due_on": date(2026, 5, 1),
        }
        ledger.create_obligation(**charged, effective_on=date(2026, 3, 7), **posted)
        ledger.apply_interim_payment(
            payment_amount=Decimal(350), deposit=Decimal(250), allocations={}, payment_method="CASH",
            effective_on=WEDNESDAY, **posted,
        )  # fmt: skip
        ledger.credit_driver(
            category="MISC", amount=Decimal(5), reference_id="MEMO-1", reason="Twice", effective_on=WEDNESDAY, **posted
        )
        columns = ("leases", "cabs", "before", "lease", "taxes", "misc", "card", "paid", "other", "owes", "due")
        assert lines("current-balances", *columns, today=WEDNESDAY)[0] == (
            str(lease.pk), "9Z90", "90.00", "500.00", "3.30", "–", "−203.30", "−100.00", "−5.00", "285.00", "–"
        )  # fmt: skip
        assert lines("current-balances", "deposit", "asked", "last_payment", today=WEDNESDAY)[0] == (
            "250.00", "400.00", "Mar 11, 2026"
        )  # fmt: skip

    def test_what_a_row_comes_to_is_kept_in_sight(self, client):
        client.force_login(UserFactory.create(groups=["Office"]))
        charged: dict[str, Any] = {"category": "MISC", "amount": Decimal(90), "reference_id": "MISC-1"}
        days: dict[str, Any] = {"due_on": date(2026, 5, 1), "effective_on": WEDNESDAY}
        ledger.create_obligation(driver_id=leased_driver().primary_driver_id, **charged, **days)
        shown = client.get("/admin/reports/current-balances/").content.decode()
        # In the head, the one row and the sums: what the driver owes, and what is due to them.
        assert shown.count('class="num is-answer"') == 3 * 2
        assert '<th scope="col" class="num is-answer">Driver owes</th>' in shown

    def test_a_fleet_adds_up_and_what_was_before_is_the_position_of_that_day(self):
        make_fleet(30)
        figures = ("before", *(category.lower() for category in OBLIGATION_CATEGORIES), "card", "paid", "other")
        rows = read("current-balances", today=WEDNESDAY).rows
        before = {row["driver_id"]: row["net"] for row in read("position", today=WEDNESDAY, as_of="2026-03-07").rows}
        nets = {balance.driver_id: -balance.net for balance in list_current_balances(WEDNESDAY)}
        for row in rows:
            assert sum(row[name] for name in figures) == row["owes"] - row["due"] == nets[row["driver_id"]]
            assert row["before"] == before.get(row["driver_id"], 0)
        assert {bool(row["owes"]) for row in rows} == {True, False}
        owing = read("current-balances", today=WEDNESDAY, show="owes")
        assert owing.count == sum(1 for net in nets.values() if net > 0)
