import datetime
from decimal import Decimal

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("leases", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HistoricalMaintenanceRule",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "lease_type",
                    models.CharField(
                        choices=[
                            ("DRIVER_OWNED", "Driver-owned vehicle (DOV)"),
                            ("LONG_TERM", "Long-term"),
                            ("SHORT_TERM", "Short-term"),
                            ("SHIFT", "Shift"),
                            ("MEDALLION_ONLY", "Medallion only"),
                        ],
                        max_length=14,
                    ),
                ),
                ("effective_on", models.DateField(default=datetime.date(2000, 1, 1), verbose_name="in force from")),
                (
                    "is_owners",
                    models.BooleanField(
                        help_text="Repairs can't be charged to the driver then.", verbose_name="the owner's"
                    ),
                ),
                ("citation", models.CharField(help_text="Where the law says so.", max_length=80)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical maintenance rule",
                "verbose_name_plural": "historical maintenance rules",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRepairBand",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("effective_on", models.DateField(verbose_name="in force from")),
                ("up_to", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("weekly_amount", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "historical repair plan band",
                "verbose_name_plural": "historical repair plan bands",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRepairInvoice",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("weekly_amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("starts_on", models.DateField(verbose_name="plan starts")),
                ("posts_at_once", models.BooleanField(default=False, verbose_name="all charged at creation")),
                (
                    "status",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("ON_HOLD", "On hold"), ("VOIDED", "Voided")],
                        default="ACTIVE",
                        max_length=11,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                ("paper_number", models.CharField(blank=True, max_length=40, verbose_name="signed paper's number")),
                ("workshop", models.CharField(max_length=80)),
                ("workshop_number", models.CharField(max_length=40, verbose_name="workshop's invoice number")),
                ("invoiced_on", models.DateField(verbose_name="invoice date")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.driver",
                    ),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.lease",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.vehicle",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical repair invoice",
                "verbose_name_plural": "historical repair invoices",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MaintenanceRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "lease_type",
                    models.CharField(
                        choices=[
                            ("DRIVER_OWNED", "Driver-owned vehicle (DOV)"),
                            ("LONG_TERM", "Long-term"),
                            ("SHORT_TERM", "Short-term"),
                            ("SHIFT", "Shift"),
                            ("MEDALLION_ONLY", "Medallion only"),
                        ],
                        max_length=14,
                    ),
                ),
                ("effective_on", models.DateField(default=datetime.date(2000, 1, 1), verbose_name="in force from")),
                (
                    "is_owners",
                    models.BooleanField(
                        help_text="Repairs can't be charged to the driver then.", verbose_name="the owner's"
                    ),
                ),
                ("citation", models.CharField(help_text="Where the law says so.", max_length=80)),
            ],
            options={
                "ordering": ["lease_type", "-effective_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lease_type", "effective_on"), name="repairs_maintenancerule_once_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lease_type__in", ["DRIVER_OWNED", "LONG_TERM", "SHORT_TERM", "SHIFT", "MEDALLION_ONLY"])
                        ),
                        name="repairs_maintenancerule_type_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RepairBand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField(verbose_name="in force from")),
                ("up_to", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("weekly_amount", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
            ],
            options={
                "verbose_name": "repair plan band",
                "ordering": ["-effective_on", models.OrderBy(models.F("up_to"), nulls_last=True)],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("effective_on", "up_to"), name="repairs_repairband_bound", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("up_to__isnull", True),
                                models.Q(("up_to__gt", 0), ("up_to__lt", Decimal("10000000000"))),
                                _connector="OR",
                            ),
                            models.Q(
                                ("weekly_amount__isnull", True),
                                models.Q(("weekly_amount__gt", 0), ("weekly_amount__lt", Decimal("10000000000"))),
                                _connector="OR",
                            ),
                        ),
                        name="repairs_repairband_amounts_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RepairInvoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("weekly_amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("starts_on", models.DateField(verbose_name="plan starts")),
                ("posts_at_once", models.BooleanField(default=False, verbose_name="all charged at creation")),
                (
                    "status",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("ON_HOLD", "On hold"), ("VOIDED", "Voided")],
                        default="ACTIVE",
                        max_length=11,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                ("paper_number", models.CharField(blank=True, max_length=40, verbose_name="signed paper's number")),
                ("workshop", models.CharField(max_length=80)),
                ("workshop_number", models.CharField(max_length=40, verbose_name="workshop's invoice number")),
                ("invoiced_on", models.DateField(verbose_name="invoice date")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="repair_invoices", to="leases.driver"
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="repair_invoices", to="leases.lease"
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="repair_invoices", to="leases.vehicle"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("hold_repairinvoice", "Can hold and resume repair plans"),
                    ("void_repairinvoice", "Can void repair invoices"),
                ],
                "indexes": [
                    models.Index(fields=["invoiced_on"], name="repairs_invoice_by_date"),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Lower("workshop_number"), "text_pattern_ops"
                        ),
                        name="repairs_invoice_by_number",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", 0),
                            ("amount__lt", Decimal("10000000000")),
                            ("weekly_amount__gt", 0),
                            ("weekly_amount__lt", Decimal("10000000000")),
                        ),
                        name="repairs_repairinvoice_amounts_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["ACTIVE", "ON_HOLD", "VOIDED"])),
                        name="repairs_repairinvoice_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status", "ACTIVE"), models.Q(("reason", ""), _negated=True), _connector="OR"
                        ),
                        name="repairs_repairinvoice_reason_given",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("workshop"),
                        django.db.models.functions.text.Lower("workshop_number"),
                        condition=models.Q(("status", "VOIDED"), _negated=True),
                        name="repairs_repairinvoice_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RepairInstallment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference_id", models.CharField(max_length=64, unique=True, verbose_name="reference")),
                ("number", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("posted_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="posted")),
                ("on_hold", models.BooleanField(default=False)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="installments",
                        to="repairs.repairinvoice",
                    ),
                ),
            ],
            options={
                "ordering": ["invoice_id", "number"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("due_on"),
                        condition=models.Q(("posted_at__isnull", True)),
                        name="repairs_repairinstallment_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="repairs_repairinstallment_amount_positive"
                    ),
                    models.UniqueConstraint(fields=("invoice", "number"), name="repairs_repairinstallment_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalRepairLine",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("description", models.CharField(max_length=200)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="repairs.repairinvoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical repair line",
                "verbose_name_plural": "historical repair lines",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRepairInstallment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("reference_id", models.CharField(db_index=True, max_length=64, verbose_name="reference")),
                ("number", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("on_hold", models.BooleanField(default=False)),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "invoice",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="repairs.repairinvoice",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical repair installment",
                "verbose_name_plural": "historical repair installments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="RepairLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("description", models.CharField(max_length=200)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "invoice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="repairs.repairinvoice"
                    ),
                ),
            ],
            options={
                "ordering": ["invoice_id", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("invoice", "number"), name="repairs_repairline_number"),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lt", Decimal("10000000000"))),
                        name="repairs_repairline_amount_positive",
                    ),
                ],
            },
        ),
    ]
