"""A DTR is of an open week and of its driver's cut, and its head is the sum of its lines (sql/heads.sql)."""

from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("dtr", "0008_no_index_twice")]

    operations = [
        migrations.AlterField(
            model_name="dtr",
            name="week",
            field=models.ForeignKey(
                db_column="week_end",
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dtrs",
                to="dtr.weekclose",
                verbose_name="week ending",
            ),
        ),
        migrations.RunSQL(
            sql=(SQL / "heads.sql").read_text(),
            reverse_sql=(SQL / "heads_reverse.sql").read_text(),
        ),
    ]
