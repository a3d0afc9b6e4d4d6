"""The demo is the first thing a newcomer sees: whole, the same every time, and with clean books."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from config.demo import load_demo
from core.audits import list_audits
from core.desk import list_waiting
from core.models import AuditRun
from core.weeks import week_ending
from curb.models import Trip, WaitsFor
from dtr.models import Dtr, WeekClose
from dtr.selectors import list_payable_dtrs
from leases.models import Driver, Lease
from ledger import selectors
from ledger.books import Account
from ledger.models import SealCheck, Transfer
from tests.config.crawler import crawl, list_failures, list_junk
from tests.config.demo_journal import assert_other_programs_agree
from tests.owner import as_owner
from tests.reports import read
from tickets.models import Ticket, Wait
from tickets.selectors import count_changes_by_kind, count_waiting_by_reason, list_due

SUNDAY = date(2026, 11, 22)


def load(today: date = SUNDAY) -> bool:
    return load_demo(today=today, say=count_rows_before_the_audits)


def count_rows_before_the_audits(sentence: str) -> None:
    """PostgreSQL knows of no row that is not committed, and may know the tables as empty, of an earlier test.

    Then it plans the audits of eight weeks, and the lists, as if they were of nothing: a minute, or a refusal.
    """
    if sentence.startswith("Checking"):
        count_rows()


def count_rows() -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@pytest.fixture(scope="class")
def counted_anew(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Have the rows counted again once those of the class are gone: how many there were is not undone with them."""
    yield
    with django_db_blocker.unblock():
        count_rows()
        connection.close()


@pytest.mark.django_db
@pytest.mark.usefixtures("counted_anew")
class TestLoadDemo:
    def test_lives_eight_weeks_with_clean_books_and_only_once(self, tmp_path: Path) -> None:
        assert load()

        assert Driver.objects.count() == Lease.objects.count() == 40
        assert list(WeekClose.objects.order_by("week_end").values_list("week_end", "state")) == [
            (date(2026, 10, 3 + 7 * week) if week < 5 else date(2026, 11, 7 * (week - 4)), WeekClose.State.CLOSED)
            for week in range(8)
        ]
        assert selectors.get_closed_through() == date(2026, 11, 21)
        assert Dtr.objects.count() == 40 * 8
        assert Trip.objects.filter(waits_for=WaitsFor.DRIVER).count() == 8
        assert sorted(User.objects.values_list("username", flat=True)) == [
            "admin", "auditor", "cashier", "office", "supervisor",
        ]  # fmt: skip
        # There is something to see: debts that are overdue, money due to drivers, payments taken today.
        positions = selectors.list_positions(as_of=SUNDAY)
        assert any(position.obligations_due > 0 for position in positions)
        assert any(position.net_due_to_driver > 0 for position in positions)
        assert selectors.list_payments_by_day(SUNDAY).exists()
        # The bank has what CURB paid and what was in the drawer; nothing that was at the bank is held twice.
        books = {total.account: total.balance for total in selectors.list_trial_balance()}
        assert books[Account.BANK] > 0
        assert books[Account.CURB_CLEARING] == 0
        told = {one.account: one.balance for one in selectors.list_on_hand()}
        assert told == {account: books[account] for account in (Account.CASH, Account.CHECKS)}
        assert Transfer.objects.filter(kind="PAID_OVER").count() == 1
        # On the desk: something of each reason to wait, and of each kind of change.
        waiting = count_waiting_by_reason()
        assert {reason for reason, count in waiting.items() if count} == {value for value in Wait.values if value}
        assert sum(waiting.values()) >= 12
        assert all(count_changes_by_kind().values())
        assert list_due(today=SUNDAY).exists()
        states = set(Ticket.objects.values_list("state", flat=True))
        assert {"DISPUTED", "FLEET_PAYS"} <= states
        # It was audited, as each night from then on, and nothing was found.
        run = AuditRun.objects.get()
        assert (run.findings, run.results.count()) == (0, len(list_audits()))
        # So were the seals; the papers of all weeks have one.
        assert list(SealCheck.objects.values_list("findings", flat=True)) == [0]
        assert selectors.get_sealing().waiting_rows == 0
        assert Dtr.objects.filter(told__seal_head__regex="^[0-9a-f]{64}$").count() == 40 * 8
        # beancount and hledger read its journal, and find the balances that the ledger has, to the cent.
        assert_other_programs_agree(tmp_path, last_week=date(2026, 11, 21))

        # Home counts of it what the lists hold.
        supervisor = User.objects.get(username="supervisor")
        on_home = {one.stack.name: one.count for one in list_waiting(supervisor, today=SUNDAY)}
        assert on_home == {
            "tickets.review": sum(waiting.values()),
            "tickets.changes": sum(count_changes_by_kind().values()),
            "tickets.due": list_due(today=SUNDAY).count(),
            "curb.waiting": 8,
            "dtr.unpaid": len(list_payable_dtrs(week_ending(date(2026, 11, 21)))),
            "ledger.short": read("current-balances", today=SUNDAY, show="short").count,
        }
        # Each page that a supervisor finds opens, and junk in its address is refused: a sixth of them each day.
        known: set[tuple[str, str]] = set()
        seen = crawl(supervisor, known)
        assert len(seen.statuses) > 150
        assert set(seen.statuses.values()) <= {200, 302}
        # And whatever else another finds from theirs.
        for role in ("cashier", "office", "auditor", "admin"):
            others = crawl(User.objects.get(username=role), known).statuses
            assert set(others.values()) <= {200, 302}, role
        sixth = list(seen.statuses)[timezone.localdate().toordinal() % 6 :: 6]
        assert list_failures(supervisor, list_junk(sixth)) == []

        before = selectors.list_postings().count()
        assert not load()
        assert selectors.list_postings().count() == before
