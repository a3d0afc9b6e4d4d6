"""The head of the seals that a week's close began with."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("dtr", "0002_guards"),
        ("ledger", "0003_seals"),
    ]

    operations = [
        migrations.AddField(
            model_name="weekclose",
            name="seal_head",
            field=models.CharField(blank=True, db_default="", editable=False, max_length=64),
        ),
        migrations.RunSQL(
            sql=(SQL / "seals.sql").read_text(),
            reverse_sql=(SQL / "seals_reverse.sql").read_text(),
        ),
    ]
