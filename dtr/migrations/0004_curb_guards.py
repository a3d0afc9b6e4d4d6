"""The database's own guards of what came from CURB, and of the receipts it was sent."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("dtr", "0003_curb")]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "curb_guards.sql").read_text(),
            reverse_sql=(SQL / "curb_guards_reverse.sql").read_text(),
        ),
    ]
