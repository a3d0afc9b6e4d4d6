"""Notes stand on vehicles and leases too. The table and the permissions keep their names, so no grant is lost."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("leases", "0002_guards"),
    ]

    operations = [
        migrations.RenameModel(old_name="DriverNote", new_name="Note"),
        migrations.AlterModelOptions(
            name="note",
            options={
                "default_permissions": (),
                "ordering": ["-id"],
                "permissions": [
                    ("add_drivernote", "Can write notes on drivers, vehicles and leases"),
                    ("view_drivernote", "Can see notes on drivers, vehicles and leases"),
                ],
                "verbose_name": "note",
            },
        ),
        migrations.AlterField(
            model_name="note",
            name="driver",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notes",
                to="leases.driver",
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="vehicle",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notes",
                to="leases.vehicle",
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="lease",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notes",
                to="leases.lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(("driver__isnull", False), ("lease", None), ("vehicle", None))
                | models.Q(("driver", None), ("lease", None), ("vehicle__isnull", False))
                | models.Q(("driver", None), ("lease__isnull", False), ("vehicle", None)),
                name="leases_driver_notes_on_one_record",
            ),
        ),
    ]
