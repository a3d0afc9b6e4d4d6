"""The account opens on first use and is the lock; its cut seals what is below; ids are the sequence's."""

import pytest

from tests.factories import DriverFactory
from tests.ledger import rawsql
from tests.ledger.rawsql import SERIALIZATION_FAILURE, Book, obligation, post, post_together, refused, run

pytestmark = pytest.mark.django_db


@pytest.fixture
def book() -> Book:
    return rawsql.make_book()


def last_posting(driver: int) -> int:
    return int(run("SELECT max(id) FROM ledger_postings WHERE driver_id = %s", driver)[0][0])


def cut(driver: int, at: int) -> None:
    run("UPDATE ledger_accounts SET sealed_through = %s WHERE driver_id = %s", at, driver)


def cut_of(driver: int) -> int:
    return int(run("SELECT sealed_through FROM ledger_accounts WHERE driver_id = %s", driver)[0][0])


class TestOpening:
    def test_happens_on_the_first_posting(self, book: Book) -> None:
        accounts = rawsql.count("ledger_accounts")
        post(**obligation(book.other_driver, "MISC-1"))
        post(**obligation(book.other_driver, "MISC-2"))
        assert rawsql.count("ledger_accounts") == accounts + 1
        assert cut_of(book.other_driver) == 0

    def test_happens_for_many_at_once(self, book: Book) -> None:
        newcomers = [driver.pk for driver in DriverFactory.create_batch(5)]
        post_together(
            *(obligation(driver, f"MISC-{n}{driver}") for n in range(3) for driver in [*newcomers, book.driver])
        )
        assert run(
            "SELECT driver_id, sealed_through FROM ledger_accounts WHERE driver_id = ANY(%s) ORDER BY 1", newcomers
        ) == [(driver, 0) for driver in newcomers]  # fmt: skip
        assert rawsql.differences_from_rebuild() == []

    def test_is_refused_with_a_cut(self, book: Book) -> None:
        with refused("ledger_accounts_cut_moves_forward"):
            run("INSERT INTO ledger_accounts (driver_id, sealed_through) VALUES (%s, 1)", book.other_driver)

    def test_is_refused_for_an_unknown_driver(self, book: Book) -> None:
        with refused("ledger_accounts_driver_exists", sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            run("INSERT INTO ledger_accounts (driver_id) VALUES (%s)", rawsql.UNKNOWN)

    def test_is_undone_with_the_posting_that_caused_it(self, book: Book) -> None:
        with refused("ledger_balances_live_reference", sqlstate=rawsql.UNIQUE_VIOLATION):
            post(**obligation(book.other_driver, "LEASE-1-2026W47"))


class TestCut:
    def test_moves_to_the_last_posting(self, book: Book) -> None:
        cut(book.driver, last_posting(book.driver))
        assert cut_of(book.driver) == last_posting(book.driver)

    def test_may_stay_where_it_is(self, book: Book) -> None:
        cut(book.driver, last_posting(book.driver))
        cut(book.driver, last_posting(book.driver))
        post(**book.row("OBLIGATION"))
        cut(book.driver, cut_of(book.driver))
        assert cut_of(book.driver) == last_posting(book.driver) - 1

    @pytest.mark.parametrize("step", [-1, 1, 1000])
    def test_is_refused_anywhere_but_at_the_last_posting(self, book: Book, step: int) -> None:
        with refused("ledger_accounts_cut_moves_forward"):
            cut(book.driver, last_posting(book.driver) + step)

    def test_is_refused_at_another_drivers_posting(self, book: Book) -> None:
        theirs = post(**obligation(book.other_driver, "MISC-1"))
        with refused("ledger_accounts_cut_moves_forward"):
            cut(book.driver, theirs)

    @pytest.mark.parametrize("back", [-1, 0, "one"])
    def test_never_moves_back(self, book: Book, back: int | str) -> None:
        cut(book.driver, last_posting(book.driver))
        with refused("ledger_accounts_cut_moves_forward"):
            cut(book.driver, last_posting(book.driver) - 1 if back == "one" else int(back))

    def test_is_refused_where_nothing_was_posted(self, book: Book) -> None:
        run("INSERT INTO ledger_accounts (driver_id) VALUES (%s)", book.other_driver)
        with refused("ledger_accounts_cut_moves_forward"):
            cut(book.other_driver, 1)

    def test_is_refused_as_an_upsert(self, book: Book) -> None:
        with refused("ledger_accounts_cut_moves_forward"):
            run(
                "INSERT INTO ledger_accounts (driver_id) VALUES (%s)"
                " ON CONFLICT (driver_id) DO UPDATE SET sealed_through = %s",
                book.driver,
                last_posting(book.driver) + 1,
            )


class TestBelowTheCut:
    """Two ids were drawn before the account was cut and not used yet, as by a session that waited for its lock."""

    @pytest.fixture
    def early_ids(self, book: Book) -> tuple[int, int]:
        return rawsql.draw_id(), rawsql.draw_id()

    def test_is_refused(self, book: Book, early_ids: tuple[int, int]) -> None:
        cut(book.driver, post(**book.row("OBLIGATION")))
        with refused("ledger_postings_above_cut", sqlstate=SERIALIZATION_FAILURE):
            post(**book.row("EARNINGS") | {"id": early_ids[0]})

    def test_is_refused_among_rows_above_it(self, book: Book, early_ids: tuple[int, int]) -> None:
        cut(book.driver, post(**book.row("OBLIGATION")))
        with refused("ledger_postings_above_cut", sqlstate=SERIALIZATION_FAILURE):
            post_together(
                {"id": rawsql.draw_id(), **book.row("EARNINGS")}, {"id": early_ids[0], **book.row("CREDIT_MEMO")}
            )

    def test_is_refused_among_rows_of_other_drivers(self, book: Book, early_ids: tuple[int, int]) -> None:
        cut(book.driver, post(**book.row("OBLIGATION")))
        with refused("ledger_postings_above_cut", sqlstate=SERIALIZATION_FAILURE):
            post_together(
                {"id": early_ids[1], **obligation(book.other_driver, "MISC-1")},
                {"id": early_ids[0], **book.row("EARNINGS")},
            )

    def test_is_refused_at_the_cut_when_the_cut_moves_in_the_same_query(self, book: Book) -> None:
        with refused("ledger_postings_above_cut", sqlstate=SERIALIZATION_FAILURE):
            run(
                "WITH posted AS (INSERT INTO ledger_postings"
                " (kind, entry_type, category, amount, reference_id, driver_id, effective_on, reason)"
                " VALUES ('EARNINGS', 'CREDIT', 'EARNINGS', 1, 'CURB-9', %s, '2026-11-21', '') RETURNING id, driver_id)"
                " UPDATE ledger_accounts a SET sealed_through = posted.id FROM posted"
                " WHERE a.driver_id = posted.driver_id",
                book.driver,
            )

    @pytest.mark.parametrize("below_everything", [0, -1])
    def test_is_refused_below_the_first_id(self, book: Book, below_everything: int) -> None:
        with refused("ledger_postings_above_cut", sqlstate=SERIALIZATION_FAILURE):
            post(**book.row("EARNINGS") | {"id": below_everything})

    def test_is_another_drivers_business(self, book: Book, early_ids: tuple[int, int]) -> None:
        cut(book.driver, post(**book.row("OBLIGATION")))
        post(**obligation(book.other_driver, "MISC-1") | {"id": early_ids[0]})
        assert rawsql.balance_of(early_ids[0]) == ("100.00", "OPEN")

    def test_is_taken_above_the_cut_though_out_of_order(self, book: Book, early_ids: tuple[int, int]) -> None:
        post(**book.row("OBLIGATION"))
        post(**book.row("EARNINGS") | {"id": early_ids[1]})
        post(**book.row("CREDIT_MEMO") | {"id": early_ids[0]})
        assert rawsql.differences_from_rebuild() == []


class TestIds:
    @pytest.mark.parametrize("ahead", [1, 1000, 2**62])
    def test_are_refused_when_the_sequence_has_not_drawn_them(self, book: Book, ahead: int) -> None:
        """Such an id could be cut at, and would bar every later posting of its driver."""
        with refused("ledger_postings_id_drawn"):
            post(**book.row("OBLIGATION") | {"id": rawsql.draw_id() + ahead})

    def test_are_refused_when_the_sequence_has_drawn_none(self, db: None) -> None:
        run("ALTER SEQUENCE ledger_postings_id_seq RESTART")  # undone with the test
        with refused("ledger_postings_id_drawn"):
            post(**obligation(DriverFactory.create().pk, "MISC-1") | {"id": 1})

    def test_are_refused_when_they_override_the_sequence(self, book: Book) -> None:
        with refused("ledger_postings_id_drawn"):
            run(
                "INSERT INTO ledger_postings (id, kind, entry_type, category, amount, reference_id, driver_id,"
                " effective_on, reason) OVERRIDING SYSTEM VALUE"
                " VALUES (%s, 'EARNINGS', 'CREDIT', 'EARNINGS', 1, 'CURB-9', %s, '2026-11-21', '')",
                rawsql.UNKNOWN,
                book.driver,
            )

    def test_are_used_once(self, book: Book) -> None:
        with refused("ledger_postings_pkey", sqlstate=rawsql.UNIQUE_VIOLATION):
            post(**book.row("OBLIGATION") | {"id": book.rent})

    def test_are_not_given_up_to_a_conflict(self, book: Book) -> None:
        """A row that gives way to a posting of the same id leaves nothing behind."""
        before = rawsql.ledger_state()
        run(
            "INSERT INTO ledger_postings"
            " (id, kind, entry_type, category, amount, reference_id, driver_id, effective_on, reason)"
            " VALUES (%s, 'EARNINGS', 'CREDIT', 'EARNINGS', 1, 'CURB-9', %s, '2026-11-21', '')"
            " ON CONFLICT (id) DO NOTHING",
            book.rent,
            book.driver,
        )
        assert rawsql.ledger_state() == before
