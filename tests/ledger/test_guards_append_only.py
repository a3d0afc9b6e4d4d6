"""What is written stays written; what the database keeps, nobody else writes."""

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import DriverFactory, LeaseDriverFactory, LeaseFactory, VehicleFactory
from tests.ledger import rawsql
from tests.ledger.rawsql import Book, diagnose, refused, run, superuser_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def book() -> Book:
    return rawsql.make_book()


APPEND_ONLY = ("ledger_postings", "ledger_payments", "ledger_payouts", "ledger_waterfall_orders")

A_COLUMN = {
    "ledger_postings": "reason = 'changed'",
    "ledger_payments": "instrument_number = 'changed'",
    "ledger_payouts": "instrument_number = 'changed'",
    "ledger_waterfall_orders": "effective_on = '2020-01-01'",
}

ORDER = "ARRAY['TAXES', 'EZPASS', 'LEASE', 'RECOVERY', 'PVB', 'TLC', 'REPAIR', 'LOAN', 'MISC']"


@pytest.fixture
def order(book: Book) -> None:
    run(f"INSERT INTO ledger_waterfall_orders (effective_on, categories) VALUES ('2026-01-04', {ORDER})")


@pytest.mark.usefixtures("book", "order")
class TestAppendOnlyTables:
    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_refuse_update(self, table: str) -> None:
        with refused(f"{table}_append_only"):
            run(f"UPDATE {table} SET {A_COLUMN[table]}")

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_refuse_update_of_no_row(self, table: str) -> None:
        with refused(f"{table}_append_only"):
            run(f"UPDATE {table} SET {A_COLUMN[table]} WHERE false")

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_refuse_update_that_changes_nothing(self, table: str) -> None:
        with refused(f"{table}_append_only"):
            run(f"UPDATE {table} SET id = id")

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_refuse_delete(self, table: str) -> None:
        with refused(f"{table}_append_only"):
            run(f"DELETE FROM {table}")

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_refuse_delete_of_no_row(self, table: str) -> None:
        with refused(f"{table}_append_only"):
            run(f"DELETE FROM {table} WHERE false")

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_refuse_truncate(self, table: str) -> None:
        # Where another table names its rows, PostgreSQL itself refuses to empty it alone.
        with refused(f"{table}_append_only"):
            run(f"TRUNCATE {table} CASCADE")

    @pytest.mark.parametrize("table", ["auth_user", "leases_driver", "leases_lease", "leases_vehicle"])
    def test_refuse_truncate_of_what_they_point_at(self, table: str) -> None:
        run("SET CONSTRAINTS ALL IMMEDIATE")  # nothing of the fixture is left pending, which would refuse it as well
        before = rawsql.ledger_state()
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            run(f"TRUNCATE {table} CASCADE")
        assert diagnose(refusal.value)[0] == rawsql.CHECK_VIOLATION
        assert rawsql.ledger_state() == before

    @pytest.mark.parametrize("table", APPEND_ONLY)
    def test_refuse_an_upsert(self, table: str) -> None:
        with refused(f"{table}_append_only"):
            run(f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET {A_COLUMN[table]}")

    @pytest.mark.parametrize("act", ["UPDATE SET reason = 'changed'", "DELETE"])
    def test_refuse_a_merge(self, act: str) -> None:
        with refused("ledger_postings_append_only"):
            run(
                "MERGE INTO ledger_postings p USING ledger_accounts a ON a.driver_id = p.driver_id"
                f" WHEN MATCHED THEN {act}"
            )

    def test_refuse_a_write_inside_a_query(self) -> None:
        with refused("ledger_postings_append_only"):
            run("WITH gone AS (DELETE FROM ledger_postings RETURNING *) SELECT count(*) FROM gone")


@pytest.mark.usefixtures("book")
class TestBalances:
    COLUMNS = (
        "posting_id, entry_type, category, reference_id, driver_id, due_on, effective_on, original_amount, remaining,"
        " status"
    )

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_balances SET remaining = 0, status = 'SETTLED'",
            "UPDATE ledger_balances SET remaining = remaining",
            "UPDATE ledger_balances SET remaining = 0 WHERE false",
            "DELETE FROM ledger_balances",
            "DELETE FROM ledger_balances WHERE false",
            "TRUNCATE ledger_balances",
            "TRUNCATE ledger_balances, ledger_accounts",
            f"INSERT INTO ledger_balances ({COLUMNS}) SELECT -1, entry_type, category, 'FORGED-1', driver_id, due_on,"
            " effective_on, original_amount, remaining, status FROM ledger_balances LIMIT 1",
            "INSERT INTO ledger_balances SELECT * FROM ledger_balances WHERE false",
            "INSERT INTO ledger_balances SELECT * FROM ledger_balances ON CONFLICT DO NOTHING",
            "INSERT INTO ledger_balances SELECT * FROM ledger_balances"
            " ON CONFLICT (posting_id) DO UPDATE SET remaining = 0, status = 'SETTLED'",
            "MERGE INTO ledger_balances b USING ledger_accounts a ON a.driver_id = b.driver_id"
            " WHEN MATCHED THEN UPDATE SET remaining = 0",
            "MERGE INTO ledger_balances b USING ledger_accounts a ON a.driver_id = b.driver_id"
            " WHEN MATCHED THEN DELETE",
            f"MERGE INTO ledger_balances b USING ledger_postings p ON false WHEN NOT MATCHED THEN INSERT ({COLUMNS})"
            " VALUES (p.id, 'DEBIT', 'MISC', 'FORGED-1', p.driver_id, p.due_on, p.effective_on, 1, 1, 'OPEN')",
            "WITH settled AS (UPDATE ledger_balances SET remaining = 0 RETURNING 1) SELECT count(*) FROM settled",
        ],
    )
    def test_refuse_every_direct_write(self, statement: str) -> None:
        with refused("ledger_balances_kept_by_database"):
            run(statement)

    def test_refuse_copy(self) -> None:
        with (
            refused("ledger_balances_kept_by_database"),
            connection.cursor() as cursor,
            cursor.copy("COPY ledger_balances FROM STDIN") as copy,
        ):
            copy.write_row([None] * 12)

    def test_refuse_a_write_beside_a_posting(self, book: Book) -> None:
        with refused("ledger_balances_kept_by_database"):
            run(
                "WITH posted AS (INSERT INTO ledger_postings"
                " (kind, entry_type, category, amount, reference_id, driver_id, effective_on, reason)"
                " VALUES ('EARNINGS', 'CREDIT', 'EARNINGS', 1, 'CURB-9', %s, '2026-11-21', '') RETURNING id)"
                " UPDATE ledger_balances SET remaining = 0, status = 'SETTLED'",
                book.driver,
            )


@pytest.mark.usefixtures("book")
class TestCounters:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE core_counters SET name = 'other'",
            "UPDATE core_counters SET name = name WHERE false",
            "INSERT INTO core_counters VALUES ('other')",
            "INSERT INTO core_counters SELECT * FROM core_counters ON CONFLICT DO NOTHING",
            "DELETE FROM core_counters",
            "TRUNCATE core_counters",
        ],
    )
    def test_refuse_every_direct_write(self, statement: str) -> None:
        with refused("core_counters_kept_by_database"):
            run(statement)


class TestNamedRows:
    """They carry the keys to leases, vehicles and users: who could empty them could remove what a posting names."""

    @pytest.fixture
    def signed_book(self, book: Book) -> Book:
        rawsql.post(**rawsql.earnings(book.driver, "CURB-9", posted_by_id=book.cashier))
        return book

    def test_are_made_by_postings(self, signed_book: Book) -> None:
        assert run("SELECT lease_id, driver_id FROM ledger_named_leases") == [(signed_book.lease, signed_book.driver)]
        assert run("SELECT vehicle_id FROM ledger_named_vehicles") == [(signed_book.vehicle,)]
        assert run("SELECT user_id FROM ledger_named_authors") == [(signed_book.cashier,)]

    @pytest.mark.usefixtures("signed_book")
    @pytest.mark.parametrize("table", ["ledger_named_leases", "ledger_named_vehicles", "ledger_named_authors"])
    @pytest.mark.parametrize("statement", ["DELETE FROM {}", "DELETE FROM {} WHERE false", "TRUNCATE {}"])
    def test_refuse_removal(self, table: str, statement: str) -> None:
        with refused(f"{table}_kept_by_database"):
            run(statement.format(table))

    @pytest.mark.usefixtures("signed_book")
    @pytest.mark.parametrize("what", ["lease", "vehicle", "author"])
    def test_refuse_update(self, what: str) -> None:
        column = "user_id" if what == "author" else f"{what}_id"
        with refused(f"ledger_named_{what}s_kept_by_database"):
            run(f"UPDATE ledger_named_{what}s SET {column} = {column}")

    @pytest.mark.parametrize(
        ("what", "constraint"),
        [
            ("lease", "ledger_postings_lease_exists"),
            ("vehicle", "ledger_postings_vehicle_exists"),
            ("author", "ledger_postings_author_exists"),
        ],
    )
    def test_cannot_be_forged_for_a_posting(self, book: Book, what: str, constraint: str) -> None:
        """Named by hand in the query that posts: the key is judged all the same."""
        named, posted = ("user_id", "posted_by_id") if what == "author" else (f"{what}_id", f"{what}_id")
        with_driver = (", driver_id", f", {book.driver}") if what == "lease" else ("", "")
        with refused(constraint, sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            run(
                f"WITH named AS (INSERT INTO ledger_named_{what}s ({named}{with_driver[0]})"
                f" VALUES (%s{with_driver[1]})) INSERT INTO ledger_postings"
                f" (kind, entry_type, category, amount, reference_id, driver_id, effective_on, reason, {posted})"
                " VALUES ('EARNINGS', 'CREDIT', 'EARNINGS', 1, 'CURB-9', %s, '2026-11-21', '', %s)",
                rawsql.UNKNOWN,
                book.driver,
                rawsql.UNKNOWN,
            )


class TestAccounts:
    def test_refuse_delete(self, book: Book) -> None:
        with refused("ledger_accounts_append_only"):
            run("DELETE FROM ledger_accounts WHERE driver_id = %s", book.driver)

    def test_refuse_truncate(self, book: Book) -> None:
        with refused("ledger_accounts_append_only"):
            run("TRUNCATE ledger_accounts")

    def test_refuse_another_driver(self, book: Book) -> None:
        with refused("ledger_accounts_cut_moves_forward"):
            run("UPDATE ledger_accounts SET driver_id = %s WHERE driver_id = %s", book.other_driver, book.driver)

    def test_refuse_another_opening_time(self, book: Book) -> None:
        with refused("ledger_accounts_cut_moves_forward"):
            run("UPDATE ledger_accounts SET opened_at = '2020-01-01' WHERE driver_id = %s", book.driver)

    @pytest.mark.parametrize(
        ("table", "constraint"),
        [
            ("leases_lease", "ledger_postings_lease_exists"),
            ("leases_vehicle", "ledger_postings_vehicle_exists"),
            ("leases_driver", "ledger_accounts_driver_exists"),
            ("auth_user", "ledger_postings_author_exists"),
        ],
    )
    def test_refuse_removal_of_what_postings_name(self, book: Book, table: str, constraint: str) -> None:
        """Each is named by a posting alone, so that no other table's key is met first."""
        driver, vehicle = DriverFactory.create(), VehicleFactory.create()
        lease = LeaseFactory.create()
        LeaseDriverFactory.create(lease=lease, driver=driver)
        named = {
            "leases_driver": driver.pk, "leases_lease": lease.pk, "leases_vehicle": vehicle.pk,
            "auth_user": book.cashier,
        }  # fmt: skip
        rawsql.post(
            **rawsql.earnings(driver.pk, "CURB-9", lease_id=lease.pk, vehicle_id=vehicle.pk, posted_by_id=book.cashier)
        )
        for rows in ("leases_leasedriver", "leases_leasevehicle", "leases_leaserate"):
            run(f"DELETE FROM {rows} WHERE lease_id = %s", lease.pk)
        run("SET CONSTRAINTS ALL IMMEDIATE")
        with refused(constraint, sqlstate=rawsql.FOREIGN_KEY_VIOLATION):
            run(f"DELETE FROM {table} WHERE id = %s", named[table])


class TestEveryGuard:
    def test_fires_always(self, db: None) -> None:
        """No trigger of the ledger is one that a replication session skips."""
        skipped = run(
            "SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
            " WHERE NOT tgisinternal AND c.relname ~ '^ledger_' AND tgenabled <> 'A'"
        )
        assert skipped == []

    def test_is_there(self, db: None) -> None:
        """By name, so that one that is dropped is missed."""
        guards = run(
            "SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
            " WHERE NOT tgisinternal AND c.relname ~ '^ledger_' ORDER BY 1"
        )
        assert [name for (name,) in guards] == [
            "curb_trip_counts_voided_together",
            "ledger_accounts_cut_moves_forward",
            "ledger_accounts_kept",
            "ledger_balances_kept_by_database",
            "ledger_balances_never_deleted",
            "ledger_books_kept_by_database",
            "ledger_books_log_append_only",
            "ledger_books_log_enter",
            "ledger_books_never_deleted",
            "ledger_chart_fixed",
            "ledger_chart_kept",
            "ledger_journal_batch_drivers_append_only",
            "ledger_journal_batches_append_only",
            "ledger_journal_batches_follow",
            "ledger_named_authors_kept",
            "ledger_named_leases_kept",
            "ledger_named_leases_of_driver",
            "ledger_named_vehicles_kept",
            "ledger_payments_append_only",
            "ledger_payments_database_clock",
            "ledger_payments_day_open",
            "ledger_payments_lease_of_driver",
            "ledger_payments_number",
            "ledger_payouts_append_only",
            "ledger_payouts_database_clock",
            "ledger_payouts_day_open",
            "ledger_payouts_driver_not_locked",
            "ledger_payouts_lease_of_driver",
            "ledger_payouts_number",
            "ledger_posting_sums_kept_by_database",
            "ledger_posting_sums_never_truncated",
            "ledger_postings_append_only",
            "ledger_postings_project",
            "ledger_postings_void_mirrored",
            "ledger_seal_checks_append_only",
            "ledger_seal_checks_of_seal",
            "ledger_seals_append_only",
            "ledger_seals_follow",
            "ledger_slip_checks_append_only",
            "ledger_slip_checks_checked",
            "ledger_slip_checks_returned",
            "ledger_sum_runs_add",
            "ledger_sum_runs_append_only",
            "ledger_sum_runs_follow",
            "ledger_transfer_sums_kept_by_database",
            "ledger_transfer_sums_never_truncated",
            "ledger_transfers_append_only",
            "ledger_transfers_cause_checked",
            "ledger_transfers_checked",
            "ledger_transfers_day_open",
            "ledger_waterfall_orders_append_only",
            "ledger_waterfall_orders_database_clock",
            "loans_transfers_paid_out",
        ]


@pytest.mark.django_db(transaction=True)
class TestReplicationSessions:
    """A superuser's session that replays another server's log skips ordinary triggers; the guards fire nevertheless."""

    REFUSED = {
        "UPDATE ledger_postings SET amount = 1": "ledger_postings_append_only",
        "DELETE FROM ledger_postings": "ledger_postings_append_only",
        "TRUNCATE ledger_postings CASCADE": "ledger_postings_append_only",
        "UPDATE ledger_payments SET amount = 1": "ledger_payments_append_only",
        "UPDATE ledger_payouts SET amount = 1": "ledger_payouts_append_only",
        "DELETE FROM ledger_waterfall_orders": "ledger_waterfall_orders_append_only",
        "UPDATE ledger_balances SET remaining = 0": "ledger_balances_kept_by_database",
        "DELETE FROM ledger_balances": "ledger_balances_kept_by_database",
        "DELETE FROM ledger_accounts": "ledger_accounts_append_only",
        "UPDATE ledger_accounts SET sealed_through = -1": "ledger_accounts_cut_moves_forward",
        "UPDATE core_counters SET name = 'other'": "core_counters_kept_by_database",
        "DELETE FROM core_counters": "core_counters_kept_by_database",
    }

    def test_are_refused_too(self, book: Book) -> None:
        before = rawsql.ledger_state()
        with superuser_session() as session:
            found = {statement: _name_refusal(session, statement) for statement in self.REFUSED}
            session.commit()
        assert found == self.REFUSED
        assert rawsql.ledger_state() == before

    def test_project_postings(self, book: Book) -> None:
        with superuser_session() as session:
            session.execute("SET session_replication_role = replica")
            session.execute(WRITE_OFF, {"amount": "440.00", "rent": book.rent})
            session.commit()
        assert rawsql.balance_of(book.rent) == ("0.00", "SETTLED")
        assert rawsql.differences_from_rebuild() == []

    def test_refuse_over_application(self, book: Book) -> None:
        with superuser_session() as session:
            session.execute("SET session_replication_role = replica")
            with pytest.raises(psycopg.errors.CheckViolation) as refusal:
                session.execute(WRITE_OFF, {"amount": "440.01", "rent": book.rent})
        assert refusal.value.diag.constraint_name == "ledger_balances_remaining_range"
        assert rawsql.balance_of(book.rent) == ("440.00", "OPEN")


WRITE_OFF = """
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, lease_id, vehicle_id,
        balance_id, effective_on, reason)
    SELECT 'WRITE_OFF', 'CREDIT', category, %(amount)s, reference_id, driver_id, lease_id, vehicle_id, posting_id,
        '2026-11-21', 'hardship' FROM ledger_balances WHERE posting_id = %(rent)s
"""


def _name_refusal(session: psycopg.Connection, statement: str) -> str | None:
    """Run a statement as a replication session; return the constraint it is refused by."""
    try:
        with session.transaction():
            session.execute("SET LOCAL session_replication_role = replica")
            session.execute(statement)
    except psycopg.Error as refusal:
        return refusal.diag.constraint_name
    return None
