"""The cut: it moves only over what was posted, and what is posted meanwhile lands on exactly one side of it."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dtr import services as dtr
from dtr.models import Dtr
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.selectors import AccountCut
from tests.books import assert_books_clean
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, SUNDAY, WEEK, close, count_postings, start
from tests.factories import DriverFactory
from tests.threads import run_together


def charge(driver, reference_id, amount="10.00"):
    return ledger.create_obligation(
        category="MISC",
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=driver.pk,
        due_on=SATURDAY,
        effective_on=SATURDAY,
    )


@pytest.mark.django_db
class TestCutAccounts:
    def test_a_cut_covers_what_was_posted_since_the_last_one(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        second = charge(driver, "MISC-2")
        assert ledger.cut_accounts(driver_ids=[driver.pk]) == [AccountCut(driver.pk, 0, second.pk)]

        third = charge(driver, "MISC-3")
        assert ledger.cut_accounts(driver_ids=[driver.pk]) == [AccountCut(driver.pk, second.pk, third.pk)]

    def test_a_cut_leaves_an_account_without_new_postings(self):
        driver = DriverFactory.create()
        last = charge(driver, "MISC-1")
        ledger.cut_accounts(driver_ids=[driver.pk])

        assert ledger.cut_accounts(driver_ids=[driver.pk]) == [AccountCut(driver.pk, last.pk, last.pk)]

    def test_a_cut_opens_an_account_at_zero(self):
        driver = DriverFactory.create()
        assert ledger.cut_accounts(driver_ids=[driver.pk]) == [AccountCut(driver.pk, 0, 0)]

    def test_a_cut_is_of_the_given_drivers_alone(self):
        one, other = DriverFactory.create(), DriverFactory.create()
        charge(one, "MISC-1")
        charge(other, "MISC-2")
        ledger.cut_accounts(driver_ids=[one.pk])
        assert ledger_selectors.list_account_cuts([other.pk]) == {other.pk: 0}

    def test_a_cut_of_an_unknown_driver_is_refused(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        with pytest.raises(ledger.DriverNotFound):
            ledger.cut_accounts(driver_ids=[driver.pk, 999_999])
        assert ledger_selectors.list_account_cuts([driver.pk]) == {driver.pk: 0}

    @pytest.mark.owner
    def test_a_posting_with_an_id_below_the_cut_is_refused(self):
        driver = DriverFactory.create()
        sealed = charge(driver, "MISC-1")
        ledger.cut_accounts(driver_ids=[driver.pk])
        with (
            pytest.raises(Exception, match="a DTR has sealed this driver's account"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(
                """
                INSERT INTO ledger_postings (id, kind, entry_type, category, amount, reference_id, driver_id, due_on,
                    effective_on, reason)
                VALUES (%s, 'OBLIGATION', 'DEBIT', 'MISC', 1, 'LOW', %s, %s, %s, '')
                """,
                [sealed.pk - 1, driver.pk, SATURDAY, SATURDAY],
            )

    def test_a_cut_is_moved_by_no_hand(self):
        driver = DriverFactory.create()
        posting = charge(driver, "MISC-1")
        for sealed_through in (posting.pk - 1, posting.pk + 1):
            with (
                pytest.raises(IntegrityError, match="its cut moves forward"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(
                    "UPDATE ledger_accounts SET sealed_through = %s WHERE driver_id = %s", [sealed_through, driver.pk]
                )

    def test_a_cut_locks_in_id_order_before_it_reads_the_postings(self):
        drivers = [DriverFactory.create() for _ in range(3)]
        with CaptureQueriesContext(connection) as statements:
            ledger.cut_accounts(driver_ids=[driver.pk for driver in reversed(drivers)])
        order = [query["sql"] for query in statements]
        locked = next(i for i, sql in enumerate(order) if sql.endswith("ORDER BY 1 ASC FOR UPDATE"))
        assert locked < next(i for i, sql in enumerate(order) if "ledger_postings" in sql)


@pytest.mark.django_db(transaction=True)
class TestCutWhileOthersPost:
    def test_every_posting_is_on_exactly_one_side(self):
        """Four tills charge one driver without pause while the account is cut again and again."""
        driver = DriverFactory.create()
        cuts: list[AccountCut] = []

        def post(till: int) -> None:
            for number in range(15):
                charge(driver, f"MISC-{till}-{number}", "1.00")

        def cut() -> None:
            for _ in range(20):
                cuts.extend(ledger.cut_accounts(driver_ids=[driver.pk]))

        run_together(lambda: post(1), lambda: post(2), lambda: post(3), lambda: post(4), cut)
        cuts.extend(ledger.cut_accounts(driver_ids=[driver.pk]))

        assert count_postings() == 60
        assert [cut.previous_cut for cut in cuts[1:]] == [cut.sealed_through for cut in cuts[:-1]]
        moved = [cut for cut in cuts if cut.sealed_through > cut.previous_cut]
        assert sum(row.opened for row in ledger_selectors.sum_cut_movements(moved)) == Decimal("60.00")

    def test_a_statement_sealed_among_postings_counts_each_once(self):
        driver = DriverFactory.create()
        charge(driver, "MISC-0", "1.00")
        start()

        def post(till: int) -> None:
            for number in range(10):
                charge(driver, f"MISC-{till}-{number}", "1.00")

        run_together(
            lambda: post(1),
            lambda: post(2),
            lambda: post(3),
            lambda: dtr.generate_dtrs(week=WEEK, driver_ids=[driver.pk], today=SUNDAY),
        )
        close()
        close(NEXT_WEEK)

        lines = [line for statement in Dtr.objects.order_by("week_id") for line in statement.lines.all()]
        assert [line.category for line in lines] == ["MISC", "MISC"]
        assert sum(line.opened for line in lines) == Decimal("31.00")
        assert lines[-1].closing == Decimal("31.00")
        assert_books_clean()

    def test_two_sessions_closing_one_week_do_the_work_once(self):
        for number in range(3):
            charge(DriverFactory.create(), f"MISC-{number}")

        run_together(*[lambda: dtr.close_week(week=WEEK, today=SUNDAY)] * 3)

        assert Dtr.objects.count() == 3
        assert sorted(Dtr.objects.values_list("number", flat=True)) == [1, 2, 3]
        assert_books_clean()

    @pytest.mark.owner
    def test_a_posting_held_back_by_its_session_is_refused_below_the_cut(self):
        """Raw SQL draws its id first and locks late: it comes too late for the cut, and is told to try again."""
        driver = DriverFactory.create()
        charge(driver, "MISC-1")
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('ledger_postings', 'id'))")
            (drawn_early,) = cursor.fetchone()
        charge(driver, "MISC-2")
        ledger.cut_accounts(driver_ids=[driver.pk])
        with pytest.raises(Exception, match="post again"), connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO ledger_postings (id, kind, entry_type, category, amount, reference_id, driver_id, due_on,
                    effective_on, reason)
                VALUES (%s, 'OBLIGATION', 'DEBIT', 'MISC', 1, 'LATE', %s, %s, %s, '')
                """,
                [drawn_early, driver.pk, SATURDAY, SATURDAY],
            )
        assert count_postings() == 2
