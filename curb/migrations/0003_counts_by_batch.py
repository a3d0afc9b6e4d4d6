"""A close counts new trips by batches of drivers, and what that names is asked once for a statement (sql/guards.sql)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("curb", "0002_guards"),
        ("leases", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="trip",
            name="curb_trips_awaiting",
        ),
        migrations.AlterField(
            model_name="tripcount",
            name="driver",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="trip_counts",
                to="leases.driver",
            ),
        ),
        migrations.AlterField(
            model_name="tripcount",
            name="lease",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="trip_counts",
                to="leases.lease",
            ),
        ),
        migrations.AlterField(
            model_name="tripcount",
            name="trip",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="counts",
                to="curb.trip",
            ),
        ),
        migrations.AlterField(
            model_name="tripcount",
            name="vehicle",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="trip_counts",
                to="leases.vehicle",
                verbose_name="cab",
            ),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                condition=models.Q(("awaits_count", True)), fields=["driver", "start_at"], name="curb_trips_awaiting"
            ),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                condition=models.Q(("awaits_count", True), ("week_end__isnull", False)),
                fields=["start_at"],
                name="curb_trips_changed",
            ),
        ),
    ]
