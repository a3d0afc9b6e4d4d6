"""A verification of the seals is of one that is there, whoever writes it down (sql/seal_checks.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0016_clock_of_documents"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "seal_checks.sql").read_text(),
            reverse_sql=(SQL / "seal_checks_reverse.sql").read_text(),
        ),
    ]
