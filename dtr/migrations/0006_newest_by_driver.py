"""Each driver's newest DTRs are found by an index, without reading all that there ever were."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dtr", "0005_from_cut_over")]

    operations = [
        migrations.AddIndex("dtr", models.Index(fields=["driver", "week"], name="dtr_dtrs_newest")),
    ]
