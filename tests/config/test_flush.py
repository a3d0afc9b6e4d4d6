"""The test backend empties guarded tables between tests, and leaves the guards as they were."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from tests.databases import dump
from tests.factories import DriverFactory
from tests.ledger.proofs import charge
from tests.owner import as_owner
from tests.postgresql import reference

_GUARD = """
    CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'never'; END $$;
    CREATE TRIGGER guard BEFORE TRUNCATE ON django_admin_log EXECUTE FUNCTION refuse_truncate();
    ALTER TABLE django_admin_log ENABLE ALWAYS TRIGGER guard
"""


@pytest.fixture
def guarded_table(transactional_db):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(_GUARD)
    yield LogEntry._meta.db_table
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER guard ON django_admin_log; DROP FUNCTION refuse_truncate")


def test_flush_empties_guarded_tables_and_keeps_the_guard_always_on(guarded_table):
    Group.objects.create(name="left by a test")

    with as_owner():
        call_command("flush", interactive=False, verbosity=0)

    assert not Group.objects.filter(name="left by a test").exists()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname = 'guard'")
        assert cursor.fetchone() == ("A",)
        with pytest.raises(DatabaseError, match="never"):
            cursor.execute(f"TRUNCATE {guarded_table}")


@pytest.mark.django_db(transaction=True)
class TestCleaning:
    """What is done after each test that commits."""

    @pytest.fixture(autouse=True)
    def _cleaned_before(self):
        reference.clean()

    def test_leaves_every_table_as_the_first_one_did(self):
        before = dump()
        charge(DriverFactory.create(), "PVB-1", "100.00")
        Group.objects.get(name="Auditor").delete()
        with as_owner():
            Permission.objects.filter(codename="view_driver").update(name="otherwise")
        assert sort_lines(dump()) != sort_lines(before)

        reference.clean()

        assert sort_lines(dump()) == sort_lines(before)  # the rows, and each trigger with its state

    def test_does_nothing_where_nothing_was_written(self):
        with as_owner(), CaptureQueriesContext(connection) as asked:
            reference.clean()

        assert [said["sql"] for said in asked if "DELETE" in said["sql"] or "ALTER" in said["sql"]] == []


def sort_lines(dumped: bytes) -> list[bytes]:
    """Without what counts on: a sequence stays where it is."""
    return sorted(
        line
        for line in dumped.splitlines()
        if b"setval(" not in line and not line.startswith((b"\\restrict", b"\\unrestrict"))
    )


def test_the_backend_is_named_by_no_setting():
    from config import databases

    made = databases.with_pool(databases.database_from_url("postgresql://u:p@host/name"), threads=4)
    assert made["ENGINE"] == "core.postgresql"
