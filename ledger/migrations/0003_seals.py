"""Seals, and their guards."""

from pathlib import Path

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("table_name", models.CharField(max_length=63, verbose_name="table")),
                ("version", models.PositiveSmallIntegerField()),
                ("after_id", models.BigIntegerField(verbose_name="above")),
                ("through_id", models.BigIntegerField(verbose_name="up to")),
                ("row_count", models.PositiveIntegerField(verbose_name="rows")),
                ("ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ("digests", models.BinaryField()),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("sealed_at", models.DateTimeField(verbose_name="sealed")),
            ],
            options={
                "db_table": "ledger_seals",
                "ordering": ["-number"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["table_name", "number"], name="ledger_seals_table")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("number__gte", 1), ("row_count__gte", 1), ("through_id__gt", models.F("after_id"))
                        ),
                        name="ledger_seals_rows_forward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="ledger_seals_digest_readable"
                    ),
                    models.UniqueConstraint(fields=("table_name", "after_id"), name="ledger_seals_each_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("through_number", models.PositiveBigIntegerField()),
                ("again_through", models.PositiveBigIntegerField()),
                ("is_whole", models.BooleanField(verbose_name="all seals")),
                ("head", models.CharField(blank=True, max_length=64)),
                ("seals", models.PositiveBigIntegerField()),
                ("rows", models.PositiveBigIntegerField()),
                ("findings", models.PositiveBigIntegerField()),
                ("sample", models.JSONField(default=list)),
                (
                    "broken",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("seconds", models.FloatField()),
                (
                    "checked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="verified"),
                ),
                (
                    "checked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "verification of seals",
                "verbose_name_plural": "verifications of seals",
                "db_table": "ledger_seal_checks",
                "ordering": ["-id"],
                "default_permissions": ("add", "view"),
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "seals.sql").read_text(),
            reverse_sql=(SQL / "seals_reverse.sql").read_text(),
        ),
    ]
