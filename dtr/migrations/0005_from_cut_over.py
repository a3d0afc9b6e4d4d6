"""No week before the cut-over is closed."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("dtr", "0004_keys_by_statement"),
        ("ledger", "0003_seals"),
    ]

    operations = [
        migrations.RunSQL(
            sql=(SQL / "from_cut_over.sql").read_text(),
            reverse_sql=(SQL / "from_cut_over_reverse.sql").read_text(),
        ),
    ]
