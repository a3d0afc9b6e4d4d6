"""What the close would do now, all drivers together: plain reads, compared with the close itself, to the cent."""

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.models import Max, Sum
from django.test.utils import CaptureQueriesContext

from dtr import services as dtr
from dtr.admin.pages import ahead as page
from dtr.models import Dtr, DtrLine
from dtr.selectors import CloseAhead, list_current_balances, read_close_ahead
from ledger import services as ledger
from ledger.categories import EntryType, Kind
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.curb.counting import move
from tests.dtr.fleet import NEXT_WEEK, WEEK, card, close, drive, leased_driver, make_ready
from tests.dtr.test_current_balances import WEDNESDAY, make_fleet
from tests.factories import DriverFactory, LeaseInstallmentFactory, UserFactory

pytestmark = pytest.mark.django_db

AHEAD = "/admin/dtr/weekclose/readiness/ahead/"


def charge(lease: Any, amount: str, reference: str, *, on: date, due_on: date, category: str = "MISC") -> None:
    ledger.create_obligation(
        category=category,
        amount=Decimal(amount),
        reference_id=reference,
        effective_on=on,
        due_on=due_on,
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
    )


def told(ahead: CloseAhead) -> dict[str, tuple[str, ...]]:
    """Category → what is brought forward, owed now, charged, used of credits, and left; as text."""
    return {
        row.category: tuple(
            str(amount)
            for amount in (
                ahead.brought_forward.get(row.category, Decimal("0.00")), row.owed, row.charged, row.applied, row.left,
            )
        )
        for row in ahead.money.categories
        if row.owed or row.charged or row.category in ahead.brought_forward
    }  # fmt: skip


def sum_postings(after: int, **asked: Any) -> dict[str, Decimal]:
    rows = LedgerPosting.objects.filter(pk__gt=after, **asked).order_by().values_list("category")
    return dict(rows.annotate(amount=Sum("amount")))


def close_and_compare(ahead: CloseAhead) -> None:
    """Close the week, and hold each total against the postings and the DTRs that came of it."""
    before = LedgerPosting.objects.aggregate(newest=Max("pk"))["newest"]
    close(ahead.week)
    rows = ahead.money.categories
    lines = DtrLine.objects.filter(dtr__week=ahead.week.end, entry_type=EntryType.DEBIT).order_by()
    opening, closing = (
        {category: amount for category, amount in lines.values_list("category").annotate(amount=Sum(column)) if amount}
        for column in ("opening", "closing")
    )
    assert {row.category: row.charged for row in rows if row.charged} == sum_postings(before, kind=Kind.OBLIGATION)
    assert {row.category: row.applied for row in rows if row.applied} == sum_postings(before, kind=Kind.APPLICATION)
    assert {row.category: row.left for row in rows if row.left} == closing
    assert dict(ahead.brought_forward) == opening
    credited = sum_postings(before, kind__in=(Kind.EARNINGS, Kind.CREDIT_MEMO))
    assert ahead.money.credited == sum(credited.values(), Decimal(0))
    assert ahead.money.left_held == Dtr.objects.filter(week=ahead.week.end).aggregate(held=Sum("held"))["held"]


class TestSelector:
    def test_by_hand(self):
        """90.00 of 120.00 was left by the DTR before; 60.00 of it due now, of 100.00 together with a toll not yet due.

        Card 203.30 with 3.30 of taxes, rent of 500.00 on Saturday, 40.00 held: 243.30 pay the taxes, then 240.00 of
        the rent; the toll is due in May.
        """
        lease = leased_driver()
        held: dict[str, Any] = {
            "driver_id": lease.primary_driver_id, "lease_id": lease.pk, "payment_method": "CASH",
        }  # fmt: skip
        charge(lease, "90.00", "MISC-1", on=WEEK.start, due_on=WEEK.end)
        close(WEEK)
        ledger.apply_interim_payment(
            payment_amount=Decimal(70), allocations={"MISC-1": Decimal(30)}, effective_on=WEDNESDAY, **held
        )
        charge(lease, "40.00", "EZPASS-1", on=WEDNESDAY, due_on=date(2026, 5, 1), category="EZPASS")
        drive(card("203.30", START_DATE="03/10/2026 10:00:00", END_DATE="03/10/2026 10:20:00"))
        LeaseInstallmentFactory.create(lease=lease, number=10)
        LeaseInstallmentFactory.create(lease=lease, number=11)  # a week later
        ahead = read_close_ahead(NEXT_WEEK)
        assert told(ahead) == {
            "TAXES": ("0.00", "0.00", "3.30", "3.30", "0.00"),
            "EZPASS": ("0.00", "40.00", "0.00", "0.00", "40.00"),
            "LEASE": ("0.00", "0.00", "500.00", "240.00", "260.00"),
            "MISC": ("90.00", "60.00", "0.00", "0.00", "60.00"),
        }
        money = ahead.money
        assert [str(n) for n in (money.held, money.credited, money.left_held, money.total.left)] == [
            "40.00", "203.30", "0.00", "360.00",
        ]  # fmt: skip
        close_and_compare(ahead)

    def test_a_fleet_is_what_the_close_then_does(self):
        for number, lease in enumerate(make_fleet(60)):
            if number % 3 == 0:
                charge(lease, f"{number + 1}.17", f"TLC-{lease.pk}", on=WEEK.start, due_on=WEEK.end, category="TLC")
        close(WEEK)
        ahead = read_close_ahead(NEXT_WEEK)
        assert ahead.money.total.applied > 0
        assert ahead.money.left_held > 0
        nets = sum(row.net for row in list_current_balances(WEDNESDAY))
        assert ahead.money.left_held - ahead.money.total.left == nets
        close_and_compare(ahead)
        assert_books_clean()

    def test_what_is_counted_back_and_what_comes_late_stands_as_the_close_would_leave_it(self):
        """A trip goes over to Baker: card money is won back from Adams, and taxes go back to them."""
        adams, baker = leased_driver(), leased_driver("5000002", "9Z91")
        (moved,) = drive(card("103.30"))
        close(WEEK)
        move(moved, baker)
        # In force after the week's end: neither is used nor paid by a close that comes late.
        charge(adams, "12.00", "MISC-2", on=NEXT_WEEK.next.start, due_on=NEXT_WEEK.end)
        ahead = read_close_ahead(NEXT_WEEK)
        assert told(ahead)["RECOVERY"] == ("0.00", "0.00", "103.30", "103.30", "0.00")
        assert told(ahead)["MISC"] == ("0.00", "12.00", "0.00", "0.00", "12.00")
        close_and_compare(ahead)

    def test_it_takes_as_many_statements_for_more_drivers(self):
        counts = []
        for number in range(2):
            LeaseInstallmentFactory.create(lease=leased_driver(f"530000{number}", f"7D{number:02d}"), number=10)
            DriverFactory.create_batch(3)
            with CaptureQueriesContext(connection) as captured:
                read_close_ahead(NEXT_WEEK)
            counts.append(len(captured))
        assert counts == [3, 3]


class TestPage:
    @pytest.fixture
    def friday(self, monkeypatch):
        monkeypatch.setattr(page, "timezone", SimpleNamespace(localdate=lambda: WEEK.end))

    def test_each_line_adds_up_and_leads_to_its_charges(self, client, friday):
        client.force_login(UserFactory.create(groups=["Supervisor"]))
        lease = leased_driver()
        close(WEEK.previous)
        charge(lease, "90.00", "MISC-1", on=WEEK.start, due_on=WEEK.end)
        LeaseInstallmentFactory.create(lease=lease, number=9)  # 500.00, due 2026-03-07
        drive(card("203.30"))
        shown = client.get(AHEAD).content.decode()
        rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', shown)
        figures = {re.sub("<.*?>", "", head): re.findall(r">([^<]+)</td>", cells) for head, cells in rows}
        assert figures == {
            "Trip taxes": ["–", "–", "3.30", "−3.30", "–"],
            "Rent": ["–", "–", "500.00", "−200.00", "300.00"],
            "Miscellaneous": ["–", "90.00", "–", "–", "90.00"],
            "All drivers": ["0.00", "90.00", "503.30", "−203.30", "390.00"],
        }
        assert "Trips bring the drivers $203.30, and $0.00 is held for them already" in shown
        for address in set(re.findall(r'href="(/admin/[^"#]+)"', shown)):
            assert client.get(address.replace("&amp;", "&")).status_code == 200, address

    def test_once_the_close_has_begun_it_leads_there(self, client, friday):
        client.force_login(UserFactory.create(groups=["Auditor"]))
        leased_driver()
        make_ready(WEEK)
        dtr.start_week(week=WEEK, today=date(2027, 1, 1))
        assert "has begun" in client.get(AHEAD).content.decode()

    def test_it_is_for_whoever_sees_week_closes(self, client):
        client.force_login(UserFactory.create())
        assert client.get(AHEAD).status_code == 403

    def test_readiness_asks_for_it_for_the_week_whose_turn_it_is_alone(self, client):
        client.force_login(UserFactory.create(groups=["Auditor"]))
        leased_driver()
        close(WEEK)
        for week, is_asked in ((WEEK, False), (NEXT_WEEK, True), (NEXT_WEEK.next, False)):
            shown = client.get("/admin/dtr/weekclose/readiness/", {"week_end": week.end.isoformat()}).content.decode()
            assert (AHEAD in shown) == is_asked
