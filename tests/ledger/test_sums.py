"""Kept sums: the trial balance is the same with them, nothing is passed over, and what was changed in them is found."""

import random
import threading
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from core.reports import Asked
from leases.models import Driver
from ledger import selectors
from ledger import services as ledger
from ledger.books import Account
from ledger.models import LedgerPosting, PostingSum, SumRun, TransferSum
from ledger.reports.standings import left_open_on
from ledger.selectors.effects import effects_sql
from ledger.selectors.sums import count_payments
from ledger.services import sums
from tests.factories import DriverFactory
from tests.guards import refusal_of, refusals_of_changes
from tests.ledger.hostile import Week, findings_of, guards_off
from tests.ledger.proofs import charge, earn, pay, pay_out
from tests.ledger.rawsql import run
from tests.threads import run_together

FIRST = date(2026, 1, 20)
DAYS = 100
TODAY = FIRST + timedelta(DAYS)


def assert_same(days: list[tuple[date | None, date | None]]) -> None:
    """The books of these days are the same with what is kept and without."""
    for from_on, to_on in days:
        plain = selectors.list_trial_balance(from_on, to_on, adds_up_all=True)
        assert selectors.list_trial_balance(from_on, to_on) == plain, (from_on, to_on)


def pay_fee(reference: str, amount: str, on: date) -> None:
    ledger.record_transfer(
        kind="BANK_FEE",
        debit=Account.BANK_FEES,
        credit=Account.BANK,
        amount=Decimal(amount),
        reference_id=reference,
        effective_on=on,
        actor=None,
    )


def read_open(on: date, how: str) -> dict[int, Decimal]:
    """What was open of each balance at the end of a day: of all postings until then, or as the reports have it."""
    asked = Asked(TODAY, {"as_of": on})
    until = f"""
        SELECT balance_id, sum(change) FROM ({effects_sql("p.effective_on <= %(as_of)s")}) AS effect
        GROUP BY 1 HAVING sum(change) <> 0
    """
    with connection.cursor() as cursor:
        cursor.execute(left_open_on(asked) if how == "now" else until, {"as_of": on})
        return dict(cursor.fetchall())


def post_some(chance: random.Random, drivers: list[Driver], turn: int) -> None:
    """Post some of everything on days in no order, with voids on the day of what they undo or later."""
    driver = chance.choice(drivers)

    def day(from_on: date = FIRST) -> date:
        return from_on + timedelta(chance.randrange((FIRST - from_on).days + DAYS))

    def dollars() -> str:
        return f"{chance.randrange(1, 90_000) / 100:.2f}"

    on = day()
    category = chance.choice(["MISC", "EZPASS", "PVB", "REPAIR", "LEASE"])
    posting = charge(driver, f"{category}-{turn}", dollars(), due_on=on, effective_on=on)
    if chance.random() < 0.3:
        ledger.void_posting(posting_id=posting.pk, reason="Test", actor=None, effective_on=day(on))
    method = chance.choice(["CASH", "CHECK", "ACH"])
    paid = pay(driver, dollars(), effective_on=day(), payment_method=method, instrument_number=f"{turn}")
    if chance.random() < 0.3:
        ledger.void_payment(
            payment_id=paid.pk, reason="Test", actor=None, effective_on=day(paid.received_on), was_at_bank=False
        )
    earned = earn(driver, f"CURB-{turn}", dollars(), effective_on=day())
    if chance.random() < 0.3:
        pay_out(driver, str(earned.amount / 100 + Decimal("0.01"))[:4], effective_on=FIRST + timedelta(DAYS))
    pay_fee(f"FEE-{turn}", dollars(), day())


@pytest.mark.django_db
class TestTrialBalance:
    @pytest.mark.parametrize("seed", range(3))
    def test_is_the_same_wherever_the_sums_end(self, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
        chance = random.Random(seed)
        monkeypatch.setattr(sums, "MOST_IDS", 20)
        drivers = DriverFactory.create_batch(3)
        for turn in range(24):
            post_some(chance, drivers, turn)
            if chance.random() < 0.2:
                ledger.keep_sums()
        assert SumRun.objects.count() > 1
        some = [FIRST + timedelta(chance.randrange(-5, DAYS + 5)) for _ in range(12)]
        ends = [date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 1), date.min, date.max]
        days = [*some, *ends]
        assert_same([(None, None), *((None, day) for day in days), *((day, None) for day in days)])
        assert_same([(min(pair), max(pair)) for pair in zip(days, days[5:] + days[:5], strict=True)])
        for account in Account:
            plain = selectors.list_trial_balance(None, some[0], accounts=[account], adds_up_all=True)
            assert selectors.list_trial_balance(None, some[0], accounts=[account]) == plain
        assert findings_of("ledger.sums") == []
        for day in days[:-2]:
            assert read_open(day, "until then") == read_open(day, "now"), day

    def test_reads_what_is_kept_and_not_what_it_is_the_sum_of(self) -> None:
        charge(DriverFactory.create(), "MISC-1", "100.00", effective_on=date(2026, 1, 31))
        ledger.keep_sums()
        with guards_off("ledger_posting_sums"):
            run("UPDATE ledger_posting_sums SET amount = 7 WHERE span = 'DAY'")
            run("UPDATE ledger_posting_sums SET amount = 8 WHERE span = 'MONTH'")

        def owed(to_on: date | None) -> Decimal:
            return {total.account: total.balance for total in selectors.list_trial_balance(None, to_on)}[
                Account.RECEIVABLE
            ]

        # The whole months by themselves, and the days of the last one.
        assert [owed(day) for day in (None, date(2026, 2, 3), date(2026, 1, 31))] == [8, 8, 8]
        charge(DriverFactory.create(), "MISC-2", "30.00", effective_on=date(2026, 1, 30))
        assert owed(date(2026, 2, 3)) == 38
        ledger.keep_sums()
        assert [row.amount for row in PostingSum.objects.order_by("span", "from_on")] == [30, 7, 38]

    def test_keeps_every_kind(self) -> None:
        Week()
        plain = selectors.list_trial_balance()
        ledger.keep_sums()
        assert selectors.list_trial_balance() == plain
        assert selectors.list_trial_balance(adds_up_all=True) == plain
        assert findings_of("ledger.sums") == []


@pytest.mark.django_db
class TestKeepSums:
    def test_adds_each_row_once(self) -> None:
        assert ledger.keep_sums() >= 0
        charge(DriverFactory.create(), "MISC-1")
        assert ledger.keep_sums() >= 1
        runs = SumRun.objects.count()
        assert ledger.keep_sums() == 0
        assert SumRun.objects.count() == runs
        assert [row.amount for row in PostingSum.objects.all()] == [100, 100]

    def test_begins_anew_by_the_command(self) -> None:
        charge(DriverFactory.create(), "MISC-1")
        call_command("keep_sums", stdout=StringIO())
        with guards_off("ledger_posting_sums"):
            run("UPDATE ledger_posting_sums SET amount = amount + 1")
        assert len(findings_of("ledger.sums")) == 2
        said = StringIO()
        call_command("keep_sums", "--anew", stdout=said)
        assert said.getvalue().startswith("Added what lies among ")
        assert findings_of("ledger.sums") == []
        assert SumRun.objects.get(begins_anew=True).after_posting_id == 0
        said = StringIO()
        call_command("keep_sums", stdout=said)
        assert (
            said.getvalue() == "Nothing was added: there is nothing new, or somebody is posting or adding just now.\n"
        )


@pytest.mark.django_db
class TestAudit:
    def test_finds_what_was_changed_removed_and_inserted(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "MISC-1", "100.00", effective_on=date(2026, 1, 31))
        pay_fee("FEE", "5.00", date(2026, 1, 2))
        ledger.keep_sums()
        with guards_off("ledger_posting_sums"), guards_off("ledger_transfer_sums"):
            run("UPDATE ledger_posting_sums SET amount = 1 WHERE span = 'DAY'")
            run("DELETE FROM ledger_posting_sums WHERE span = 'MONTH'")
            run("UPDATE ledger_transfer_sums SET amount = 6 WHERE span = 'DAY'")
        of, anew = "The sums kept of the", "Have them made anew: manage.py keep_sums --anew."
        assert findings_of("ledger.sums") == [
            f"{of} month from Jan 1, 2026 have nothing for OBLIGATION MISC, and its postings come to 100.00. {anew}",
            f"{of} day from Jan 31, 2026 have 1.00 for OBLIGATION MISC, and its postings come to 100.00. {anew}",
            f"{of} day from Jan 2, 2026 have 6.00 from 1030 to 6030, and its transfers come to 5.00. {anew}",
        ]

    def test_finds_a_payment_that_is_gone(self) -> None:
        driver = DriverFactory.create()
        payments = [pay(driver), pay(driver)]
        ledger.keep_sums()
        assert count_payments() == (2, payments[1].number)
        pay(driver)
        assert count_payments() == (3, payments[1].number + 1)
        with guards_off("ledger_payments"):
            run("DELETE FROM ledger_payments WHERE id = %s", payments[0].pk)
        # The postings know no method any more.
        assert findings_of("ledger.sums")[-1] == (
            "2 payments are counted in the kept sums, and there are 1. Have them made anew: manage.py keep_sums --anew."
        )

    def test_finds_a_posting_that_came_below_the_sums(self) -> None:
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        ledger.keep_sums()
        with guards_off("ledger_postings"):
            run("UPDATE ledger_postings SET amount = 99 WHERE reference_id = 'MISC-1'")
        assert len(findings_of("ledger.sums")) == 2


@pytest.mark.django_db
class TestGuards:
    def test_refuse_to_change_a_run(self) -> None:
        charge(DriverFactory.create(), "MISC-1")
        ledger.keep_sums()
        assert refusals_of_changes("ledger_sum_runs", "begins_anew") == {"ledger_sum_runs_append_only"}

    @pytest.mark.parametrize("table", ["ledger_posting_sums", "ledger_transfer_sums"])
    def test_refuse_whoever_writes_a_sum(self, table: str) -> None:
        assert refusals_of_changes(table, "amount") == {f"{table}_kept_by_database"}

    @pytest.mark.parametrize(
        ("columns", "constraint"),
        [
            ("3, false, 0, 0, 0, 0, 0, 0", "ledger_sum_runs_follow"),
            ("2, false, 0, 0, 0, 0, 0, 0", "ledger_sum_runs_follow"),
            ("2, true, 1, 1, 0, 0, 0, 0", "ledger_sum_runs_follow"),
            ("2, true, 0, 9223372036854775807, 0, 0, 0, 0", "ledger_sum_runs_drawn"),
            ("2, true, 0, 0, 0, 9223372036854775807, 0, 0", "ledger_sum_runs_drawn"),
            ("2, true, 0, 0, 0, 0, 0, 9223372036854775807", "ledger_sum_runs_drawn"),
        ],
    )
    def test_refuse_a_run_that_does_not_follow(self, columns: str, constraint: str) -> None:
        charge(DriverFactory.create(), "MISC-1")
        ledger.keep_sums()
        insert = (
            "INSERT INTO ledger_sum_runs (number, begins_anew, after_posting_id, last_posting_id, after_transfer_id, "
            f"last_transfer_id, after_payment_id, last_payment_id) VALUES ({columns})"
        )
        assert refusal_of(insert) == constraint


@pytest.mark.django_db(transaction=True)
class TestWhileOthersWrite:
    def test_passes_over_no_lower_id_that_is_not_committed_yet(self) -> None:
        drivers = DriverFactory.create_batch(2)
        for driver in drivers:
            charge(driver, f"MISC-{driver.pk}", "300.00")
        is_written, may_end = threading.Event(), threading.Event()

        def write_slowly() -> None:
            with transaction.atomic():
                charge(drivers[0], "MISC-SLOW", "1.00")
                is_written.set()
                assert may_end.wait(timeout=50)

        def write_and_keep() -> tuple[int, list[Decimal]]:
            assert is_written.wait(timeout=50)
            try:
                charge(drivers[1], "MISC-QUICK", "20.00")
                # The quick one stands there, above an id that may still come; the books have it all the same.
                kept = ledger.keep_sums(wait_seconds=0)
                return kept, [total.debit for total in selectors.list_trial_balance(accounts=[Account.RECEIVABLE])]
            finally:
                may_end.set()

        assert run_together(write_slowly, write_and_keep) == [None, (0, [Decimal("620.00")])]
        assert ledger.keep_sums() > 0
        assert LedgerPosting.objects.count() == 4
        assert [row.amount for row in PostingSum.objects.all()] == [621, 621]
        assert findings_of("ledger.sums") == []

    def test_is_the_same_at_every_moment(self) -> None:
        """Readers see each charge once, while others post, and two keep sums."""
        drivers = DriverFactory.create_batch(4)
        ended = [threading.Event() for _ in drivers]

        def write(number: int) -> None:
            for turn in range(15):
                with transaction.atomic():
                    charge(drivers[number], f"MISC-{number}-{turn}", "1.00")
                    transaction.set_rollback(turn % 5 == 4)
            ended[number].set()

        def keep() -> None:
            while not all(event.is_set() for event in ended):
                ledger.keep_sums()

        def read() -> bool:
            last = Decimal(0)
            while not all(event.is_set() for event in ended):
                before = LedgerPosting.objects.count()
                totals = selectors.list_trial_balance(accounts=[Account.RECEIVABLE])
                found = totals[0].debit if totals else Decimal(0)
                if not before <= found <= LedgerPosting.objects.count() or found < last:
                    return False
                last = found
            return True

        assert run_together(*(lambda n=n: write(n) for n in range(4)), keep, keep, read)[-1] is True
        ledger.keep_sums()
        assert {row.amount for row in PostingSum.objects.all()} == {48}
        assert TransferSum.objects.count() == 0
