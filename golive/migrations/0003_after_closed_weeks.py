"""No cut-over lies in a week that is closed here, or before one."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("golive", "0002_guards"),
        ("ledger", "0003_seals"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "after_closed_weeks.sql").read_text(),
            reverse_sql=(SQL / "after_closed_weeks_reverse.sql").read_text(),
        ),
    ]
