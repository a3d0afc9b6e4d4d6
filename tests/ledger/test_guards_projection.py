"""Balances are what the postings add up to, however the postings came."""

import csv
import io

import pytest
from django.core.management import call_command
from django.db import connection

from tests.factories import DriverFactory
from tests.ledger import rawsql
from tests.ledger.rawsql import Book, Columns, balance_of, differences_from_rebuild, post, post_together, refused, run
from tests.owner import as_owner

pytestmark = pytest.mark.django_db

COLUMNS = "kind, entry_type, category, amount, reference_id, driver_id, due_on, effective_on, reason"


@pytest.fixture
def book() -> Book:
    return rawsql.make_book()


def with_id(row: Columns) -> Columns:
    return {"id": rawsql.draw_id(), **row}


def movement_of(opening: Columns, kind: str, amount: str, **columns: str | int) -> Columns:
    """Return the row that moves an opening of the same statement."""
    kept = {name: opening.get(name) for name in ("category", "reference_id", "driver_id", "lease_id", "vehicle_id")}
    entry_type = "DEBIT" if kind == "PAYOUT" else "CREDIT"
    return with_id(
        {"kind": kind, "entry_type": entry_type, "amount": amount, **kept, "balance_id": opening["id"], **columns}
    )


def reversal_of(row: Columns) -> Columns:
    """Return the row that reverses a posting of the same statement."""
    changes = {
        "id": rawsql.draw_id(), "kind": "VOID", "entry_type": "DEBIT" if row["entry_type"] == "CREDIT" else "CREDIT",
        "balance_id": row.get("balance_id", row["id"]), "reverses_id": row["id"], "due_on": None, "reason": "wrong",
    }  # fmt: skip
    return row | changes


class TestOneStatement:
    def test_of_openings_movements_and_their_reversals(self) -> None:
        """Forty drivers, each: 100 owed of which 30 is applied and 20 written off and 10 paid wrongly and undone; 50
        owed and voided; 90 earned of which 30 is applied and 25 paid out; 40 earned by mistake, applied, all undone."""
        rows: list[Columns] = []
        drivers = [driver.pk for driver in DriverFactory.create_batch(40)]
        for driver in drivers:
            owed = with_id(rawsql.obligation(driver, f"MISC-{driver}-1", "100.00"))
            dropped = with_id(rawsql.obligation(driver, f"MISC-{driver}-2", "50.00"))
            earned = with_id(rawsql.earnings(driver, f"CURB-{driver}-1", "90.00"))
            mistaken = with_id(rawsql.earnings(driver, f"CURB-{driver}-2", "40.00"))
            document = rawsql.payout_document(driver, "25.00")
            undone = movement_of(owed, "APPLICATION", "10.00", funding_id=earned["id"])
            misapplied = movement_of(owed, "APPLICATION", "40.00", funding_id=mistaken["id"])
            rows += [
                owed, dropped, earned, mistaken,
                movement_of(owed, "APPLICATION", "30.00", funding_id=earned["id"]),
                movement_of(owed, "WRITE_OFF", "20.00", reason="hardship"),
                movement_of(earned, "PAYOUT", "25.00", payout_id=document),
                undone, misapplied, reversal_of(undone), reversal_of(misapplied), reversal_of(mistaken),
                reversal_of(dropped),
            ]  # fmt: skip
        post_together(*reversed(rows))  # the order of rows does not matter, their ids do
        assert rawsql.count("ledger_postings") == 40 * 13
        assert differences_from_rebuild() == []
        for driver in drivers:
            assert run(
                "SELECT reference_id, remaining::text, status FROM ledger_balances WHERE driver_id = %s ORDER BY 1",
                driver,
            ) == [
                (f"CURB-{driver}-1", "35.00", "OPEN"),
                (f"CURB-{driver}-2", "0.00", "VOIDED"),
                (f"MISC-{driver}-1", "50.00", "OPEN"),
                (f"MISC-{driver}-2", "0.00", "VOIDED"),
            ]

    def test_a_statement_of_no_row_projects_nothing(self, book: Book) -> None:
        before = rawsql.ledger_state()
        run(f"INSERT INTO ledger_postings ({COLUMNS}) SELECT {COLUMNS} FROM ledger_postings WHERE false")
        assert rawsql.ledger_state() == before

    def test_a_statement_that_inserts_twice_is_projected(self, book: Book) -> None:
        """Two inserts inside one query: the charge, and the application that pays it."""
        run(
            f"""
            WITH charge AS (
                INSERT INTO ledger_postings ({COLUMNS})
                VALUES ('OBLIGATION', 'DEBIT', 'MISC', 70, 'MISC-7', %s, '2026-11-21', '2026-11-21', '')
                RETURNING id, category, reference_id, driver_id
            )
            INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, balance_id,
                funding_id, effective_on, reason)
            SELECT 'APPLICATION', 'CREDIT', category, 20, reference_id, driver_id, id, %s, '2026-11-21', '' FROM charge
            """,
            book.driver,
            book.earnings,
        )
        assert run("SELECT remaining::text FROM ledger_balances WHERE reference_id = 'MISC-7'") == [("50.00",)]
        assert balance_of(book.earnings) == ("280.00", "OPEN")
        assert differences_from_rebuild() == []

    def test_a_merge_is_projected(self, book: Book) -> None:
        run(
            f"MERGE INTO ledger_postings p USING (VALUES ('MISC-7'), ('LEASE-1-2026W47')) AS new (reference)"
            f" ON p.reference_id = new.reference WHEN NOT MATCHED THEN INSERT ({COLUMNS}) VALUES"
            " ('OBLIGATION', 'DEBIT', 'MISC', 70, new.reference, %s, '2026-11-21', '2026-11-21', '')",
            book.driver,
        )
        assert run("SELECT remaining::text, status FROM ledger_balances WHERE reference_id = 'MISC-7'") == [
            ("70.00", "OPEN")
        ]
        assert differences_from_rebuild() == []


class TestCopy:
    def copy(self, *rows: Columns) -> None:
        names = [name.strip() for name in COLUMNS.split(",")] + ["lease_id", "vehicle_id", "balance_id", "funding_id"]
        sql = f"COPY ledger_postings ({', '.join(names)}) FROM STDIN"
        with as_owner(), connection.cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row([({"effective_on": rawsql.DAY, "reason": ""} | row).get(name) for name in names])

    def test_a_copy_is_projected(self, book: Book) -> None:
        self.copy(
            *(rawsql.obligation(book.driver, f"MISC-{n}", "10.00") for n in range(200)),
            rawsql.moves(book.rent, "APPLICATION", "40.00", funding_id=book.earnings),
        )
        assert run("SELECT count(*), sum(remaining)::text FROM ledger_balances WHERE category = 'MISC'") == [
            (200, "2000.00")
        ]
        assert balance_of(book.rent) == ("400.00", "OPEN")
        assert balance_of(book.earnings) == ("260.00", "OPEN")
        assert differences_from_rebuild() == []

    def test_is_refused_like_an_insert(self, book: Book) -> None:
        with refused("ledger_balances_remaining_range"):
            self.copy(rawsql.moves(book.rent, "APPLICATION", "300.01", funding_id=book.earnings))

    def test_cannot_bring_an_id_of_its_own(self, book: Book) -> None:
        line = io.StringIO()
        csv.writer(line).writerow(
            [rawsql.UNKNOWN, "EARNINGS", "CREDIT", "EARNINGS", 1, "CURB-9", book.driver, rawsql.DAY, "-"]
        )
        sql = (
            "COPY ledger_postings"
            " (id, kind, entry_type, category, amount, reference_id, driver_id, effective_on, reason)"
            " FROM STDIN WITH (FORMAT csv)"
        )
        with refused("ledger_postings_id_drawn"), connection.cursor() as cursor, cursor.copy(sql) as copy:
            copy.write(line.getvalue())


class TestTemporaryTables:
    """A session may make tables of its own, which are found before all others; the guards look past them."""

    @pytest.mark.parametrize(
        "table",
        ["ledger_balances", "ledger_accounts", "ledger_payments", "core_counters", "ledger_named_leases"],
    )
    def test_do_not_fool_the_projection(self, book: Book, table: str) -> None:
        run(f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL) ON COMMIT DROP")
        columns = (
            "kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id, balance_id, reason"
        )
        run(
            f"INSERT INTO public.ledger_postings ({columns}, effective_on) VALUES ('WRITE_OFF', 'CREDIT', 'LEASE', 40,"
            " 'LEASE-1-2026W47', %s, %s, %s, %s, 'hardship', '2026-11-21')",
            book.driver, book.lease, book.vehicle, book.rent,
        )  # fmt: skip
        assert run(f"SELECT count(*) FROM pg_temp.{table}") == [(0,)]
        assert run("SELECT remaining::text FROM public.ledger_balances WHERE posting_id = %s", book.rent) == [
            ("400.00",)
        ]

    def test_do_not_fool_the_cut(self, book: Book) -> None:
        run("CREATE TEMP TABLE ledger_postings (LIKE public.ledger_postings) ON COMMIT DROP")
        run("INSERT INTO pg_temp.ledger_postings SELECT * FROM public.ledger_postings")
        run("UPDATE pg_temp.ledger_postings SET id = id + 1000")
        with refused("ledger_accounts_cut_moves_forward"):
            run("UPDATE ledger_accounts SET sealed_through = (SELECT max(id) FROM pg_temp.ledger_postings)")

    def test_do_not_fool_receipt_numbers(self, book: Book) -> None:
        run("CREATE TEMP TABLE ledger_payments (LIKE public.ledger_payments) ON COMMIT DROP")
        run(
            "INSERT INTO public.ledger_payments"
            " (driver_id, amount, method, received_on, instrument_number, fingerprint, deposit)"
            " VALUES (%s, 1, 'CASH', '2026-11-21', '', '', 0)",
            book.driver,
        )
        assert run("SELECT max(number) FROM public.ledger_payments") == [(3,)]

    def test_of_new_rows_do_not_fool_the_projection(self, book: Book) -> None:
        run("CREATE TEMP TABLE new_rows (LIKE public.ledger_postings) ON COMMIT DROP")
        run("INSERT INTO new_rows SELECT * FROM ledger_postings")
        post(**rawsql.moves(book.rent, "WRITE_OFF", "40.00", reason="hardship"))
        assert balance_of(book.rent) == ("400.00", "OPEN")
        assert differences_from_rebuild() == []

    def test_found_first_by_search_path_do_not_fool_the_projection(self, book: Book) -> None:
        run("CREATE TEMP TABLE ledger_balances (LIKE public.ledger_balances) ON COMMIT DROP")
        run("SET LOCAL search_path = pg_temp, public")
        post(**rawsql.obligation(book.driver, "MISC-7"))
        assert run("SELECT count(*) FROM ledger_balances") == [(0,)]
        assert run("SELECT status FROM public.ledger_balances WHERE reference_id = 'MISC-7'") == [("OPEN",)]


class TestPlans:
    """The projection's plans are kept per session: those made for one row must serve thousands, and the reverse."""

    CHARGE = f"""
        INSERT INTO ledger_postings ({COLUMNS})
        SELECT 'OBLIGATION', 'DEBIT', 'MISC', 10, 'MISC-' || %s || '-' || n, %s, '2026-11-21', '2026-11-21', ''
        FROM generate_series(1, %s) n
    """
    #: Its rows come from a table of the session, so that only the projection reads the ledger's.
    FORGIVE = """
        INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, balance_id,
            effective_on, reason)
        SELECT 'WRITE_OFF', 'CREDIT', category, 1, reference_id, driver_id, posting_id, '2026-11-21', 'hardship'
        FROM pg_temp.owed LIMIT %s
    """

    def count_sequential_scans(self) -> dict[str, int]:
        return dict(
            run(
                "SELECT relname, pg_stat_get_xact_numscans(oid) FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace"
                " AND relname IN ('ledger_postings', 'ledger_balances', 'ledger_accounts')"
            )
        )

    @pytest.mark.parametrize("sizes", [(1, 3000, 1), (3000, 1, 3000)])
    def test_read_no_table_from_end_to_end(self, book: Book, sizes: tuple[int, ...]) -> None:
        run("ANALYZE ledger_postings, ledger_balances, ledger_accounts")  # so few rows are best read from end to end
        run("DISCARD PLANS")  # made by the tests before
        run("CREATE TEMP TABLE owed (LIKE public.ledger_balances) ON COMMIT DROP")
        for turn, size in enumerate(sizes):
            before = self.count_sequential_scans()
            run(self.CHARGE, str(turn), book.driver, size)
            assert self.count_sequential_scans() == before
            run("INSERT INTO pg_temp.owed SELECT * FROM public.ledger_balances WHERE category = 'MISC'")
            before = self.count_sequential_scans()
            run(self.FORGIVE, size)
            assert self.count_sequential_scans() == before
            run("DELETE FROM pg_temp.owed")
        assert rawsql.count("ledger_postings") == 5 + 2 * sum(sizes)
        assert differences_from_rebuild() == []

    def test_are_measured_rightly(self, book: Book) -> None:
        before = self.count_sequential_scans()
        run("SELECT sum(remaining) FROM ledger_balances")
        assert self.count_sequential_scans()["ledger_balances"] == before["ledger_balances"] + 1


class TestMigration:
    CATALOG = """
        SELECT 'trigger', tgrelid::regclass::text, tgname || ' ' || tgenabled::text FROM pg_trigger
            WHERE NOT tgisinternal
        UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'function', proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'table', relname, ARRAY(SELECT unnest(reloptions) EXCEPT SELECT 'autovacuum_enabled=off'
                ORDER BY 1)::text FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i', 'S')
        ORDER BY 1, 2, 3
    """

    def test_goes_back_and_forth_again(self, db: None) -> None:
        """What the guards brought is gone after their reverse, all of it, and there again afterwards, all of it."""
        guarded = run(self.CATALOG)
        self.migrate("ledger", "0001_initial")
        bare = run(self.CATALOG)
        self.migrate()
        assert run(self.CATALOG) == guarded
        assert [row for row in bare if row[0] in {"trigger", "function"} and "ledger" in row[1]] == []
        keys = [
            text for what, _, text in bare if what == "constraint" and text.startswith("ledger_") and "FOREIGN" in text
        ]
        assert [text for text in keys if "_fk_" not in text.split()[0]] == []  # what is left, Django has made

    def migrate(self, *target: str) -> None:
        with as_owner():
            call_command("migrate", *target, verbosity=0)
        run("SET CONSTRAINTS ALL IMMEDIATE")  # the test is one transaction; nothing may be left pending at the next
