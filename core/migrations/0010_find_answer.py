"""The lock of an Idempotency-Key and the answer stored under it are had by one statement (sql/answers.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0009_no_index_twice"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "answers.sql").read_text(),
            reverse_sql=(SQL / "answers_reverse.sql").read_text(),
        ),
    ]
