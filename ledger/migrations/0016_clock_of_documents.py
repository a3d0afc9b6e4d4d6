"""When a payment, a payout and an order were entered is the database's clock, whoever enters them (sql/clock.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0015_triggers_of_rows"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "clock.sql").read_text(),
            reverse_sql=(SQL / "clock_reverse.sql").read_text(),
        ),
    ]
