"""What the database itself tells of go-live. Once released, a change is a new file and a new migration."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("golive", "0001_initial"),
        ("core", "0002_guards"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "guards.sql").read_text(),
            reverse_sql=(SQL / "guards_reverse.sql").read_text(),
        ),
    ]
