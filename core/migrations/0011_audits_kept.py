"""What the audits found is neither deleted nor rewritten, by whomever (sql/audits.sql)."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0010_find_answer"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "audits.sql").read_text(),
            reverse_sql=(SQL / "audits_reverse.sql").read_text(),
        ),
    ]
