"""A close counts trips batch by batch; what a DTR's line, a trip and its count name is asked once for a statement."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("dtr", "0003_seal_head"),
        ("curb", "0003_counts_by_batch"),
    ]

    operations = [
        migrations.AddField(
            model_name="weekclose",
            name="trips_through",
            field=models.BigIntegerField(db_default=0, editable=False),
        ),
        migrations.AlterField(
            model_name="dtrline",
            name="dtr",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="dtr.dtr",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "begun.sql").read_text(),
            reverse_sql=(SQL / "begun_reverse.sql").read_text(),
        ),
    ]
