"""What is posted or voided by one statement, which is a transaction by itself."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_singles")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "alone.sql").read_text(),
            reverse_sql=(SQL / "alone_reverse.sql").read_text(),
        ),
    ]
