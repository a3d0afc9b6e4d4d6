"""A data folder of an older layout: one clear sentence, and not a table touched."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.operations import RunSQL

from core import layout

REFUSED = "older layout of the fleet ledger.*Move the data folder away.*start again"


def run(sql: str, *values: Any) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def refused(differs: str) -> None:
    before = run("SELECT app, name, applied FROM django_migrations ORDER BY id")
    with pytest.raises(CommandError, match=f"(?s){REFUSED}.*differs: {differs}"):
        call_command("migrate", verbosity=0)
    assert run("SELECT app, name, applied FROM django_migrations ORDER BY id") == before


@pytest.mark.django_db
@pytest.mark.owner
class TestOlderLayout:
    @pytest.mark.parametrize(
        "applied",
        [
            [("ledger", "0001_tables")],
            # A name that both layouts have, applied without what it rests on today.
            [("leases", "0001_tables"), ("ledger", "0001_tables"), ("ledger", "0002_guards"), ("dtr", "0002_guards")],
        ],
    )
    def test_of_other_names_is_refused_before_anything_is_migrated(self, applied):
        run("DELETE FROM django_migrations WHERE name IN ('0001_initial', '0002_guards')")
        for app, name in applied:
            run("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", app, name)

        refused(r"\w+\.000[12]_(tables|guards)")

    def test_of_the_same_names_made_before_layouts_were_kept_is_refused(self):
        run("DROP TABLE core_layout")

        refused(r"core\.0001_initial, core\.0002_guards, .*tickets\.0001_initial")
        assert "core_layout" not in connection.introspection.table_names()

    def test_with_one_migration_of_other_tables_is_refused_by_its_name(self):
        run("UPDATE core_layout SET digest = 'another' WHERE app = 'ledger' AND name = '0001_initial'")

        refused(r"ledger\.0001_initial\.$")
        assert run("SELECT digest FROM core_layout WHERE app = 'ledger' AND name = '0001_initial'") == [("another",)]

    def test_made_by_a_later_version_is_said_to_be_newer(self):
        run("INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '9001_later', now())")

        with pytest.raises(CommandError, match=r"newer than this code, which does not know ledger\.9001_later"):
            call_command("migrate", verbosity=0)

    def test_that_nothing_was_applied_of_may_have_been_of_any_layout(self):
        """What was unapplied, or never reached, is made by what is here."""
        run("UPDATE core_layout SET digest = 'another' WHERE app = 'dtr'")
        run("DELETE FROM django_migrations WHERE app = 'dtr'")

        layout.refuse_older_layout(using="default")
        layout.keep_layout(using="default")
        assert run("SELECT count(*) FROM core_layout WHERE digest = 'another'") == [(0,)]

    def test_todays_layout_is_not(self):
        call_command("migrate", verbosity=0)
        kept = {(app, name): digest for app, name, digest in run("SELECT app, name, digest FROM core_layout")}
        assert kept == layout.read_digests()

    @pytest.mark.parametrize("which", [0, -1])
    def test_that_a_version_before_kept_is_todays(self, which):
        """Functions were part of the digest; they are brought along now, and what is made in the end is the same."""
        earlier = layout._read_released()
        for (app, name), digests in earlier.items():
            run("UPDATE core_layout SET digest = %s WHERE app = %s AND name = %s", digests[which], app, name)
        run("CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'")

        call_command("migrate", verbosity=0)

        assert ("ledger", "0002_guards") in earlier
        kept = {(app, name): digest for app, name, digest in run("SELECT app, name, digest FROM core_layout")}
        assert kept == layout.read_digests()
        assert "TG_OP" in run("SELECT prosrc FROM pg_proc WHERE proname = 'ledger_refuse_change'")[0][0]

    def test_looking_writes_nothing(self):
        run("DELETE FROM core_layout WHERE app = 'dtr'")
        run("DELETE FROM django_migrations WHERE app = 'dtr'")

        call_command("migrate", verbosity=0, plan=True, stdout=StringIO())
        with pytest.raises(SystemExit):
            call_command("migrate", verbosity=0, check_unapplied=True, stdout=StringIO())
        assert run("SELECT count(*) FROM core_layout WHERE app = 'dtr'") == [(0,)]


class TestDigests:
    def test_each_of_our_migrations_has_one_and_nobody_elses(self):
        digests = layout.read_digests()

        assert {app for app, _ in digests} == {
            *("core", "ledger", "leases", "repairs", "loans", "curb", "tickets", "dtr", "golive")
        }
        assert len(set(digests.values())) == len(digests)

    def test_a_changed_guard_is_another_layout(self, monkeypatch):
        before = layout.read_digests()
        monkeypatch.setattr(layout, "bare_sql", lambda statements: f"{statements} AND amount < 10")

        differing = {key for key, digest in layout.read_digests().items() if digest != before[key]}
        assert differing >= {key for key in before if key[1] == "0002_guards"}

    def test_a_changed_function_is_not(self):
        guards = (layout.settings.BASE_DIR / "ledger/sql/guards.sql").read_text()
        functions, rest = guards.count("CREATE FUNCTION"), layout.drop_functions(guards)

        assert functions > 10
        assert "CREATE FUNCTION" not in rest
        assert "RETURN NULL" not in rest
        assert rest.count("CREATE TRIGGER") == guards.count("CREATE TRIGGER") > 10

    def test_a_changed_column_is_another_layout(self):
        column = "models.CharField(max_length=40)  # as printed"

        assert [*layout.bare_python(column)] == [*layout.bare_python("models.CharField(\n    max_length=40\n)")]
        assert [*layout.bare_python(column)] != [*layout.bare_python("models.CharField(max_length=41)")]

    def test_what_sql_says_beside_itself_is_not(self):
        assert layout.bare_sql("CHECK (a > 0) -- never less\n") == layout.bare_sql("CHECK\n  (a > 0)")
        assert layout.bare_sql("CHECK (a > 0)") != layout.bare_sql("CHECK (a > 1)")

    def test_every_guard_is_read_by_a_migration(self):
        """SQL that no migration runs would be in no digest, and in no database."""
        loader, ours = layout.MigrationLoader(None), layout.read_digests()
        told = {
            layout.bare_sql(operation.sql)
            for key, migration in loader.disk_migrations.items()
            if key in ours
            for operation in migration.operations
            if isinstance(operation, RunSQL)
        }
        files = [file for file in layout.settings.BASE_DIR.glob("*/sql/*.sql") if not file.stem.endswith("_reverse")]
        assert files
        assert [file.name for file in files if layout.bare_sql(file.read_text()) not in told] == []
