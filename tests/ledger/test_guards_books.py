"""Nothing is dated in closed books, on a day that has not come, or before what it voids; whoever writes it."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import LeaseFactory, UserFactory
from tests.ledger import rawsql
from tests.ledger.hostile import guards_off, tamper
from tests.ledger.rawsql import KINDS, Book, another_session, obligation, post, post_together, refused, run, void_of
from tests.owner import as_owner
from tests.threads import run_together

pytestmark = pytest.mark.django_db

OPEN, RULE = "2026-11-21", "ledger_postings_day_open"


@pytest.fixture
def book() -> Book:
    return rawsql.make_book()


def close(day: str, kind: str = "WEEK", **columns: Any) -> int:
    return rawsql.insert("ledger_books_log", kind=kind, day=day, reason=columns.pop("reason", "Month end"), **columns)


def reopen(day: str, hours: int = 1, **columns: Any) -> int:
    by = columns.pop("by_id", None) or UserFactory.create(is_superuser=True).pk
    return close(day, "REOPENED", hours=hours, by_id=by, **columns)


def close_within(patience: str) -> bool:
    """Close the last open day, unless somebody books for longer than that."""
    try:
        with transaction.atomic():
            run(f"SET LOCAL lock_timeout = '{patience}'")
            close(OPEN)
    except DatabaseError as refusal:
        if rawsql.diagnose(refusal)[0] != rawsql.LOCK_NOT_AVAILABLE:
            raise
        return False
    return True


def closed_through() -> str | None:
    rows = run("SELECT closed_through::text FROM ledger_books")
    return str(rows[0][0]) if rows and rows[0][0] else None


class TestClosedDays:
    @pytest.mark.parametrize("kind", KINDS)
    def test_take_no_posting_of_any_kind(self, book: Book, kind: str) -> None:
        close(OPEN)
        with refused(RULE):
            post(**book.row(kind))
        post(**book.row(kind) | {"effective_on": "2026-11-22"})

    @pytest.mark.parametrize("day", ["2026-11-20", "2026-06-01", "2019-01-01"])
    def test_are_all_days_before(self, book: Book, day: str) -> None:
        close(OPEN)
        with refused(RULE):
            post(**obligation(book.driver, "MISC-1", effective_on=day))

    def test_refuse_all_of_a_statement_for_one_row(self, book: Book) -> None:
        close("2026-11-18")
        rows = [obligation(book.driver, f"MISC-{number}") for number in range(5)]
        with refused(RULE):
            post_together(*rows, obligation(book.driver, "MISC-9", effective_on="2026-11-18"))

    def test_take_no_payment_and_no_payout(self, book: Book) -> None:
        close(OPEN)
        with refused("ledger_payments_day_open"):
            rawsql.pay_document(book.driver, "10.00")
        with refused("ledger_payouts_day_open"):
            rawsql.payout_document(book.driver, "10.00")
        rawsql.pay_document(book.driver, "10.00", received_on="2026-11-22")
        rawsql.payout_document(book.driver, "10.00", paid_on="2026-11-22")

    def test_say_which_day_and_through_which(self, book: Book) -> None:
        close(OPEN)
        with pytest.raises(Exception, match=r"booked on Nov 1, 2026: the books are closed through Nov 21, 2026\."):
            post(**obligation(book.driver, "MISC-1", effective_on="2026-11-01"))

    def test_are_no_matter_to_a_due_day(self, book: Book) -> None:
        close(OPEN)
        post(**obligation(book.driver, "MISC-1", due_on="2026-11-01", effective_on="2026-11-22"))


class TestDaysToCome:
    @pytest.mark.parametrize("day", ["2031-01-01", "2206-11-21"])
    def test_are_refused_to_whoever_names_no_today(self, book: Book, day: str) -> None:
        with refused("ledger_postings_day_has_come"):
            post(**obligation(book.driver, "MISC-1", effective_on=day))
        with refused("ledger_payments_day_has_come"):
            rawsql.pay_document(book.driver, "10.00", received_on=day)
        with refused("ledger_payouts_day_has_come"):
            rawsql.payout_document(book.driver, "10.00", paid_on=day)

    def test_begin_after_the_day_that_a_service_was_given(self, book: Book) -> None:
        run("SELECT set_config('ledger.today', '2026-11-21', true)")
        post(**obligation(book.driver, "MISC-1"))
        with refused("ledger_postings_day_has_come"):
            post(**obligation(book.driver, "MISC-2", effective_on="2026-11-22"))


class TestVoids:
    def test_are_not_dated_before_what_they_void(self, book: Book) -> None:
        with refused("ledger_postings_void_not_before"):
            post(**void_of(book.allocation, effective_on="2026-11-20"))

    def test_may_be_dated_the_same_day(self, book: Book) -> None:
        post(**void_of(book.allocation))


class TestFreshFleet:
    def test_begins_with_its_first_lease(self, book: Book) -> None:
        """The leases of the book start on Jan 4."""
        with refused(RULE):
            post(**obligation(book.driver, "MISC-1", effective_on="2026-01-03"))
        post(**obligation(book.driver, "MISC-1", effective_on="2026-01-04"))

    def test_takes_what_is_booked_today_before_its_first_lease_begins(self, book: Book) -> None:
        run("UPDATE leases_lease SET start_on = current_date + 20, end_on = current_date + 90")
        ((today,),) = run("SELECT (statement_timestamp() AT TIME ZONE 'America/New_York')::date")
        post(**obligation(book.driver, "MISC-1", effective_on=today))
        with refused(RULE):
            post(**obligation(book.driver, "MISC-2", effective_on=today - timedelta(days=1)))

    def test_without_a_lease_has_no_beginning(self) -> None:
        driver = rawsql.DriverFactory.create()
        post(**obligation(driver.pk, "MISC-1", effective_on="2026-01-01"))


class TestTheDay:
    def test_moves_forward_only(self) -> None:
        close("2026-11-14")
        close(OPEN)
        assert closed_through() == OPEN
        for day in (OPEN, "2026-11-20"):
            with refused("ledger_books_log_moves_forward"):
                close(day)
        assert closed_through() == OPEN

    @pytest.mark.parametrize("day", ["infinity", "10000-01-01"])
    def test_is_one_that_python_can_read(self, day: str) -> None:
        with refused("ledger_books_log_day_readable"):
            close(day)

    def test_is_in_one_row(self) -> None:
        """Also for its owner, who can set the triggers aside."""
        close(OPEN)
        with refused("ledger_books_one_row"), guards_off("ledger_books"):
            run("INSERT INTO ledger_books (id) VALUES (2)")

    @pytest.mark.parametrize(("day", "closes"), [("2026-11-20", True), ("2026-11-21", False), ("2026-11-24", False)])
    def test_is_closed_by_hand_within_the_running_week_only(self, day: str, closes: bool) -> None:
        """Closed through Saturday, Nov 14: the week to Nov 21 is not closed, so its Saturday can't be by hand."""
        close("2026-11-14")
        if closes:
            close(day, "HAND")
            assert closed_through() == day
            close(OPEN)
        else:
            with refused("ledger_books_log_weeks_closed"):
                close(day, "HAND")

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_books SET closed_through = '2026-01-01'",
            "UPDATE ledger_books SET closed_through = NULL WHERE false",
            "INSERT INTO ledger_books (id) VALUES (2)",
            "DELETE FROM ledger_books",
            "TRUNCATE ledger_books",
        ],
    )
    def test_is_moved_by_the_log_alone(self, statement: str) -> None:
        close(OPEN)
        with refused("ledger_books_kept_by_database"):
            run(statement)

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_books_log SET day = '2026-01-01'",
            "DELETE FROM ledger_books_log",
            "TRUNCATE ledger_books_log",
        ],
    )
    def test_has_a_log_that_only_grows(self, statement: str) -> None:
        close(OPEN)
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with refused("ledger_books_log_append_only"):
            run(statement)

    def test_bears_the_moment_of_the_database(self) -> None:
        entry = close(OPEN, at="2020-01-01", until_at="2099-01-01")
        assert run("SELECT at > now() - interval '1 minute', until_at FROM ledger_books_log WHERE id = %s", entry) == [
            (True, None)
        ]


class TestReopening:
    def test_opens_that_day_and_no_other(self, book: Book) -> None:
        close(OPEN)
        reopen("2026-11-18")
        post(**obligation(book.driver, "MISC-1", effective_on="2026-11-18"))
        for day in ("2026-11-17", "2026-11-19", OPEN):
            with refused(RULE):
                post_together(
                    obligation(book.driver, "MISC-2", effective_on="2026-11-18"),
                    obligation(book.driver, "MISC-3", effective_on=day),
                )
        assert closed_through() == OPEN

    def test_takes_payments_and_payouts(self, book: Book) -> None:
        close(OPEN)
        reopen(OPEN)
        rawsql.pay_document(book.driver, "10.00")
        rawsql.payout_document(book.driver, "10.00")

    def test_ends_by_itself(self, book: Book) -> None:
        close(OPEN)
        entry = reopen(OPEN, hours=24)
        assert run("SELECT until_at - at FROM ledger_books_log WHERE id = %s", entry) == [(timedelta(hours=24),)]
        run("SET CONSTRAINTS ALL IMMEDIATE")
        tamper(
            "ledger_books_log", "UPDATE ledger_books_log SET at = at - %s, until_at = until_at - %s WHERE id = %s",
            timedelta(hours=25), timedelta(hours=25), entry,
        )  # fmt: skip
        with refused(RULE):
            post(**obligation(book.driver, "MISC-1"))

    def test_is_a_superusers(self) -> None:
        close(OPEN)
        for nobody in (UserFactory.create(), UserFactory.create(is_superuser=True, is_active=False)):
            with refused("ledger_books_log_by_superuser"):
                reopen(OPEN, by_id=nobody.pk)

    def test_is_of_a_closed_day(self) -> None:
        close(OPEN)
        with refused("ledger_books_log_day_is_closed"):
            reopen("2026-11-22")

    @pytest.mark.parametrize(
        ("columns", "rule"),
        [
            ({"hours": 25}, "ledger_books_log_shape"),
            ({"hours": 0}, "ledger_books_log_shape"),
            ({"hours": None}, "ledger_books_log_shape"),
            ({"reason": " "}, "ledger_books_log_reasoned"),
        ],
    )
    def test_has_a_reason_and_an_end_within_a_day(self, columns: dict[str, Any], rule: str) -> None:
        close(OPEN)
        with refused(rule):
            reopen(OPEN, **columns)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_a_close_waits_for_what_is_in_flight(self, book: Book) -> None:
        with another_session() as session:
            session.execute(
                "INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, due_on,"
                " effective_on, reason) VALUES ('OBLIGATION', 'DEBIT', 'MISC', 1, 'MISC-1', %s, %s, %s, '')",
                (book.driver, OPEN, OPEN),
            )
            assert not close_within("200ms")
            session.commit()
        close(OPEN)
        assert run(
            "SELECT p.posted_at < l.at FROM ledger_postings p, ledger_books_log l WHERE p.reference_id = 'MISC-1'"
        ) == [(True,)]

    @pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
    def test_what_began_before_a_close_and_comes_after_it_is_refused(self, book: Book, isolation: str) -> None:
        with another_session() as session:
            session.execute(f"BEGIN ISOLATION LEVEL {isolation}")
            session.execute("SELECT count(*) FROM ledger_books")
            close("2026-11-14")
            close(OPEN)
            with pytest.raises(psycopg.Error) as refusal:
                session.execute(
                    "INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, due_on,"
                    " effective_on, reason) VALUES ('OBLIGATION', 'DEBIT', 'MISC', 1, 'MISC-1', %s, %s, %s, '')",
                    (book.driver, OPEN, OPEN),
                )
        expected = {
            "READ COMMITTED": (rawsql.CHECK_VIOLATION, RULE),
            "REPEATABLE READ": (rawsql.SERIALIZATION_FAILURE, None),
        }
        assert rawsql.diagnose(refusal.value) == expected[isolation]

    @pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
    def test_nothing_slips_in(self, book: Book, isolation: str) -> None:
        """Eight post on the last open day while it is closed: what is in was posted before, and what came is out."""
        drivers = [LeaseFactory.create().primary_driver_id for _ in range(8)]
        refusals: set[tuple[str | None, str | None]] = set()

        def post_many(number: int) -> int:
            done = 0
            for turn in range(12):
                try:
                    with as_owner(), transaction.atomic():
                        with connection.cursor() as cursor:  # nothing may be asked before it
                            cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
                        post(**obligation(drivers[number], f"MISC-{number}{turn:02d}"))
                    done += 1
                except DatabaseError as refusal:
                    refusals.add(rawsql.diagnose(refusal))
            return done

        def close_soon() -> int:
            run("SELECT pg_sleep(0.05)")
            assert any(close_within("1s") for _ in range(50))
            return 0

        done = run_together(*(lambda n=number: post_many(n) for number in range(8)), close_soon)
        late = run(
            "SELECT count(*) FROM ledger_postings p JOIN ledger_books_log l ON p.posted_at > l.at"
            " WHERE p.effective_on <= l.day"
        )
        assert late == [(0,)]
        assert run("SELECT count(*) FROM ledger_postings WHERE reference_id ~ '^MISC-[0-9]{3}$'") == [(sum(done),)]
        assert refusals <= {(rawsql.CHECK_VIOLATION, RULE), (rawsql.SERIALIZATION_FAILURE, None)}
