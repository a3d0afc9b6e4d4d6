import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="OpeningImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("content", models.BinaryField()),
                (
                    "uploaded_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="uploaded"),
                ),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read")),
                ("pages", models.JSONField(blank=True, default=dict)),
                ("preview", models.JSONField(blank=True, null=True)),
                ("refusal", models.CharField(blank=True, db_default="", default="", max_length=500)),
                ("errors", models.JSONField(blank=True, default=list)),
                ("cut_on", models.DateField(blank=True, null=True, verbose_name="cut-over")),
                ("imported_at", models.DateTimeField(blank=True, null=True, verbose_name="imported")),
                ("totals", models.JSONField(default=dict)),
                (
                    "imported_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "opening import",
                "db_table": "golive_opening_imports",
                "ordering": ["-id"],
                "permissions": [("import_opening", "Can import opening balances")],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cut_on", None), ("imported_at", None)),
                            models.Q(("cut_on__isnull", False), ("imported_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="golive_opening_imports_imported_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sheet", models.CharField(max_length=10)),
                ("reference", models.CharField(max_length=40)),
                ("record_id", models.BigIntegerField()),
                (
                    "opening",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="golive.openingimport"
                    ),
                ),
            ],
            options={
                "db_table": "golive_opening_rows",
                "ordering": ["id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("sheet", "reference"), name="golive_opening_rows_once")
                ],
            },
        ),
    ]
