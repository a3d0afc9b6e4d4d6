"""A data folder of an older layout: one clear sentence, and not a table touched."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection


@pytest.mark.django_db
class TestOlderLayout:
    @pytest.mark.parametrize(
        ("app", "name"), [("kit", "0001_tokens_and_answers"), ("ledger", "0001_tables"), ("dtr", "0001_tables")]
    )
    def test_is_refused_before_anything_is_migrated(self, app, name):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app IN ('core', 'ledger', 'dtr', 'curb', 'golive')")
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", [app, name])
            cursor.execute("SELECT count(*) FROM django_migrations")
            before = cursor.fetchone()

        with pytest.raises(CommandError, match="older layout of the fleet ledger"):
            call_command("migrate", verbosity=0)

        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM django_migrations")
            assert cursor.fetchone() == before

    def test_todays_layout_is_not(self):
        call_command("migrate", verbosity=0)
