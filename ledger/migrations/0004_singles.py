"""What is done one by one, in one statement each."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_seals")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "singles.sql").read_text(),
            reverse_sql=(SQL / "singles_reverse.sql").read_text(),
        ),
    ]
