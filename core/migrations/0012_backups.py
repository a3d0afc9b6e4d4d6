"""Backups that were taken, so that the product can tell how old the last one is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0011_audits_kept"),
    ]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("taken_at", models.DateTimeField(verbose_name="taken")),
                ("size", models.PositiveBigIntegerField(verbose_name="bytes")),
            ],
            options={
                "db_table": "core_backups",
                "ordering": ["-id"],
                "default_permissions": (),
            },
        ),
    ]
