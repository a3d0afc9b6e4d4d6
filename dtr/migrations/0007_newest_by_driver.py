"""Each driver's newest DTRs are found by an index, without reading all that there ever were."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dtr", "0006_names_by_statement")]

    operations = [
        migrations.AddIndex("dtr", models.Index(fields=["driver", "week"], name="dtr_dtrs_newest")),
        migrations.AlterField(
            "dtr",
            "driver",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="dtrs",
                to="leases.driver",
            ),
        ),
    ]
