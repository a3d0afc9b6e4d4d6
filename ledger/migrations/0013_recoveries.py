"""What wins money back is of what was given, whoever posts it (sql/recoveries.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0012_take_payment"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "recoveries.sql").read_text(),
            reverse_sql=(SQL / "recoveries_reverse.sql").read_text(),
        ),
    ]
