"""What a DTR names is asked once for a statement (sql/named.sql)."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("dtr", "0005_from_cut_over"),
        ("tickets", "0003_names_by_statement"),
    ]

    operations = [
        migrations.AlterField(
            model_name="dtr",
            name="driver",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dtrs",
                to="leases.driver",
            ),
        ),
        migrations.AlterField(
            model_name="dtr",
            name="lease",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dtrs",
                to="leases.lease",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "named.sql").read_text(),
            reverse_sql=(SQL / "named_reverse.sql").read_text(),
        ),
    ]
