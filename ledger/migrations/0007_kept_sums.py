"""Sums of the books that are kept, and their guards. They are filled by the first run of the task, not here."""

from pathlib import Path

import django.db.models.functions.datetime
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"
SPANS = [("DAY", "Day"), ("MONTH", "Month")]


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_ends_of_references")]

    operations = [
        migrations.CreateModel(
            name="SumRun",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("begins_anew", models.BooleanField(default=False)),
                ("after_posting_id", models.BigIntegerField()),
                ("last_posting_id", models.BigIntegerField()),
                ("after_transfer_id", models.BigIntegerField()),
                ("last_transfer_id", models.BigIntegerField()),
                ("after_payment_id", models.BigIntegerField()),
                ("last_payment_id", models.BigIntegerField()),
                ("payments", models.BigIntegerField(db_default=0)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "ledger_sum_runs",
                "ordering": ["-number"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("after_payment_id__gte", 0),
                            ("after_posting_id__gte", 0),
                            ("after_transfer_id__gte", 0),
                            ("last_payment_id__gte", models.F("after_payment_id")),
                            ("last_posting_id__gte", models.F("after_posting_id")),
                            ("last_transfer_id__gte", models.F("after_transfer_id")),
                            ("number__gte", 1),
                        ),
                        name="ledger_sum_runs_forward",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PostingSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("span", models.CharField(choices=SPANS, max_length=5)),
                ("from_on", models.DateField()),
                ("kind", models.CharField(max_length=11)),
                ("category", models.CharField(max_length=8)),
                ("method", models.CharField(blank=True, max_length=5)),
                ("is_void", models.BooleanField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
                ("income", models.DecimalField(decimal_places=2, max_digits=18)),
            ],
            options={
                "db_table": "ledger_posting_sums",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("span", "from_on", "kind", "category", "method", "is_void"),
                        name="ledger_posting_sums_each_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TransferSum",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("span", models.CharField(choices=SPANS, max_length=5)),
                ("from_on", models.DateField()),
                ("debit", models.CharField(max_length=4)),
                ("credit", models.CharField(max_length=4)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=18)),
            ],
            options={
                "db_table": "ledger_transfer_sums",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("span", "from_on", "debit", "credit"), name="ledger_transfer_sums_each_once"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "sums.sql").read_text(),
            reverse_sql=(SQL / "sums_reverse.sql").read_text(),
        ),
    ]
