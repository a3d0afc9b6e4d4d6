"""A data folder of an older layout: one clear sentence, and not a table touched."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection


@pytest.mark.django_db
class TestOlderLayout:
    @pytest.mark.parametrize(
        "applied",
        [
            [("kit", "0001_tokens_and_answers")],
            [("ledger", "0001_tables")],
            # A name that both layouts have, applied without what it rests on today.
            [("leases", "0001_tables"), ("ledger", "0001_tables"), ("ledger", "0002_guards"), ("dtr", "0002_guards")],
        ],
    )
    def test_is_refused_before_anything_is_migrated(self, applied):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE name IN ('0001_initial', '0002_guards')")
            cursor.executemany("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", applied)
            cursor.execute("SELECT count(*) FROM django_migrations")
            before = cursor.fetchone()

        with pytest.raises(CommandError, match="older layout of the fleet ledger"):
            call_command("migrate", verbosity=0)

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations")
            assert cursor.fetchone() == before

    def test_todays_layout_is_not(self):
        call_command("migrate", verbosity=0)
