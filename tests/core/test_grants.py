"""The product's role: what it is refused, table by table, and that its grants are those that the code ships."""

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError, connection, transaction

from core import deployment, grants
from core.audits import list_audits
from core.privileges import APPEND, READ
from tests.owner import as_owner

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        settings.OWNER_DATABASE["USER"] == settings.DATABASE_ROLE, reason="the product and the owner are one role here"
    ),
]

REFUSED = "42501"

KEPT = sorted(table for table, access in settings.TABLE_GRANTS.items() if not access.deletes)
APPENDED = sorted(table for table, access in settings.TABLE_GRANTS.items() if access == APPEND)
WRITTEN_BY_TRIGGERS = sorted(table for table, access in settings.TABLE_GRANTS.items() if access == READ)


def run(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def owner_runs(sql: str) -> None:
    with as_owner():
        run(sql)


def answer_to(sql: str) -> str | None:
    """Run a statement as the product's role; return the SQLSTATE by which it is refused, if it is."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if sql.startswith("COPY"):
                with cursor.copy(sql):
                    pass
            else:
                cursor.execute(sql)
    except (DatabaseError, psycopg.Error) as refusal:
        cause = refusal if isinstance(refusal, psycopg.Error) else refusal.__cause__
        assert isinstance(cause, psycopg.Error)
        return cause.sqlstate
    return None


def columns_of(table: str) -> list[str]:
    return [name for (name,) in run(f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'")]


def answers_to(*statements: str) -> dict[str, str | None]:
    return {statement: answer_to(statement) for statement in statements}


def all_refused(*statements: str) -> dict[str, str | None]:
    return dict.fromkeys(statements, REFUSED)


def writes_of(table: str) -> list[str]:
    """What only the owner may, of whatever table."""
    return [
        f"DELETE FROM {table} WHERE false",
        f"TRUNCATE {table} CASCADE",
        f"ALTER TABLE {table} ADD COLUMN more int",
        f"ALTER TABLE {table} DISABLE TRIGGER USER",
        f"DROP TABLE {table}",
        f"CREATE TRIGGER mine BEFORE INSERT ON {table} EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    ]


class TestRefusals:
    def test_every_table_has_its_entry_and_every_entry_its_table(self):
        there = {name for (name,) in run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}

        assert sorted(there ^ set(settings.TABLE_GRANTS)) == []

    @pytest.mark.parametrize("table", KEPT)
    def test_what_is_kept_is_neither_lost_nor_altered(self, table):
        statements = writes_of(table)

        assert answers_to(*statements) == all_refused(*statements)

    @pytest.mark.parametrize("table", APPENDED)
    def test_of_what_is_appended_nothing_changes_and_no_id_is_chosen(self, table):
        first, *others = columns_of(table)
        statements = [f"UPDATE {table} SET {column} = {column} WHERE false" for column in (first, *others)]
        statements.append(f"SELECT FROM {table} FOR UPDATE")
        ((sequence,),) = run(f"SELECT pg_get_serial_sequence('{table}', '{first}')")
        if sequence:
            statements += [
                f"INSERT INTO {table} ({first}) VALUES (1)",
                f"COPY {table} ({', '.join((first, *others))}) FROM STDIN",
                f"SELECT nextval('{sequence}')",
                f"SELECT setval('{sequence}', 9)",
            ]

        assert answers_to(*statements) == all_refused(*statements)

    @pytest.mark.parametrize("table", WRITTEN_BY_TRIGGERS)
    def test_what_triggers_write_is_only_read(self, table):
        first = columns_of(table)[0]
        statements = [
            f"INSERT INTO {table} ({first}) SELECT {first} FROM {table} WHERE false",
            f"UPDATE {table} SET {first} = {first} WHERE false",
            f"COPY {table} FROM STDIN",
        ]

        assert answers_to(*statements) == all_refused(*statements)

    def test_switches_and_new_things_are_the_owners(self):
        statements = [
            "SET session_replication_role = replica",
            "CREATE TEMP TABLE mine (LIKE ledger_postings)",
            "CREATE TABLE mine (id int)",
            "CREATE SCHEMA mine",
            "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "ALTER FUNCTION ledger_project_postings SECURITY INVOKER",
            "SELECT ledger_hold_books()",
            "SELECT nextval('ledger_postings_id_seq')",
            "CREATE EXTENSION pg_trgm",
        ]

        assert answers_to(*statements) == all_refused(*statements)

    def test_of_an_account_and_of_a_trip_only_what_moves_may_be_changed(self):
        statements = [
            "UPDATE ledger_accounts SET opened_at = opened_at",
            "UPDATE ledger_books SET closed_through = '2026-01-03'",
            "UPDATE curb_trips SET fare = 0",
            "UPDATE leases_historicaldriver SET history_date = history_date",
        ]

        assert answers_to(*statements) == all_refused(*statements)
        assert answer_to("UPDATE ledger_accounts SET sealed_through = sealed_through") is None

    def test_a_trigger_on_a_temporary_table_reaches_no_balance_even_where_there_may_be_one(self):
        owner_runs(
            f"GRANT TEMPORARY ON DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])} TO PUBLIC"
        )
        run("CREATE TEMP TABLE mine (LIKE ledger_postings)")
        run(
            "CREATE FUNCTION pg_temp.settle() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN UPDATE ledger_balances SET remaining = 0, status = 'SETTLED'; RETURN NEW; END $$"
        )
        run("CREATE TRIGGER settles BEFORE INSERT ON mine FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.settle()")
        statements = [
            "INSERT INTO mine DEFAULT VALUES",
            "CREATE TRIGGER projects AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_project_postings()",
        ]

        assert answers_to(*statements) == all_refused(*statements)


class TestAudit:
    def test_the_grants_are_those_of_the_code(self):
        assert list(grants.find_differences()) == []

    def test_what_differs_is_told_and_granting_again_mends_it(self):
        role = settings.DATABASE_ROLE
        for tampered in (
            f"GRANT UPDATE ON ledger_postings TO {role}",
            f"GRANT UPDATE (number) ON dtr_dtrs TO {role}",
            f"GRANT INSERT (id) ON ledger_payouts TO {role}",
            f"REVOKE DELETE ON django_session FROM {role}",
            "GRANT SELECT ON auth_user TO PUBLIC",
            "GRANT EXECUTE ON FUNCTION ledger_project_postings TO PUBLIC",
            f"GRANT USAGE ON SEQUENCE ledger_postings_id_seq TO {role}",
            f"GRANT SELECT ON ledger_books TO {role} WITH GRANT OPTION",
            f"GRANT CREATE ON SCHEMA public TO {role}",
        ):
            owner_runs(tampered)

        assert sorted(grants.find_differences()) == sorted(
            [
                f"{role} has UPDATE on ledger_postings, which it should not.",
                f"{role} has UPDATE on dtr_dtrs (number), which it should not.",
                f"{role} has INSERT on ledger_payouts (id), which it should not.",
                f"{role} lacks DELETE on django_session.",
                "Everybody has SELECT on auth_user, which nobody should.",
                "Everybody has EXECUTE on ledger_project_postings(), which nobody should.",
                f"{role} has USAGE on ledger_postings_id_seq, which it should not.",
                f"{role} may grant SELECT on ledger_books to others.",
                f"{role} has CREATE on schema public, which it should not.",
            ]
        )

        with as_owner():
            grants.grant_privileges(using="default")
        assert list(grants.find_differences()) == []

    def test_large_objects_are_told_since_nobody_can_be_refused_them(self):
        (audit,) = (audit for audit in list_audits() if audit.name == "core.grants")
        assert list(audit.find()) == []
        ((first,),) = run("SELECT least(lo_from_bytea(0, 'evil')::bigint, lo_create(0)::bigint)")

        assert list(audit.find()) == [
            f"{settings.DATABASE_ROLE} has large objects in this database (2, the first is {first}): the product makes "
            "none, and backups leave them out."
        ]

    def test_a_role_of_power_is_told(self):
        with connection.cursor() as cursor:
            powers = list(grants._find_powers(cursor, settings.OWNER_DATABASE["USER"], "postgres"))

        owner = settings.OWNER_DATABASE["USER"]
        assert f"{owner} owns the relation ledger_postings." in powers
        assert f"{owner} has the attribute CREATEDB." in powers
        assert f"{owner} is a member of {settings.DATABASE_ROLE}." in powers
        assert powers[-1] == "postgres, as whom the guards write, is a superuser; an ordinary role is enough."

    def test_with_one_role_nothing_is_granted_and_nothing_is_told(self, settings):
        owner_runs(f"GRANT DELETE ON ledger_postings TO {settings.DATABASE_ROLE}")
        settings.DATABASE_ROLE = settings.OWNER_DATABASE["USER"]
        with as_owner():
            grants.grant_privileges(using="default")

            assert list(grants.find_differences()) == []
        assert len(list(grants.find_differences())) == 1

    def test_a_role_that_is_not_there_is_named(self, settings):
        settings.DATABASE_ROLE = "nobody_made_it"

        with as_owner(), pytest.raises(CommandError, match=r"nobody_made_it .* does not exist"):
            grants.grant_privileges(using="default")


def test_a_product_that_is_the_owner_is_warned_of_before_it_is_deployed(monkeypatch):
    (warning,) = deployment.check_role()  # who logs in here is the owner
    assert (warning.id, "MIGRATE_DATABASE_URL" in str(warning.hint)) == ("core.W001", True)

    monkeypatch.setitem(connection.settings_dict, "USER", settings.DATABASE_ROLE)
    assert deployment.check_role() == []


class TestWaysToBeTheOwner:
    @pytest.fixture(autouse=True)
    def as_the_product(self, monkeypatch):
        monkeypatch.setitem(connection.settings_dict, "USER", settings.DATABASE_ROLE)

    @pytest.mark.skipif(bool(settings.DATABASE_URL), reason="here PostgreSQL lets in who knows the password")
    def test_who_is_let_in_without_a_password_is_warned(self):
        (warning,) = deployment.check_ways_to_be_the_owner()  # an embedded server asks the system who it is

        assert warning.id == "core.W010"
        assert warning.msg.startswith(
            f"Whoever runs this may be {settings.OWNER_DATABASE['USER']}, who owns the tables"
        )

    def test_who_is_refused_is_not(self, monkeypatch):
        asked = []
        connect = psycopg.connect

        def refuse_the_owner(**given):
            asked.append((given["user"], given.get("password"), given["host"]))
            if given["user"] == settings.DATABASE_ROLE:
                return connect(**given)
            raise psycopg.OperationalError("no password supplied")

        monkeypatch.setattr(psycopg, "connect", refuse_the_owner)

        assert deployment.check_ways_to_be_the_owner() == []
        assert [(user, password) for user, password, _ in asked[1:]] == [(settings.OWNER_DATABASE["USER"], None)] * 2
        assert asked[-1][2] == "/var/run/postgresql"
