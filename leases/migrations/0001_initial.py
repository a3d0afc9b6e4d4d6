from decimal import Decimal

import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import django.db.models.functions.text
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import leases.models.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Ranges of text: PostgreSQL brings them for numbers and dates only, and the exclusion constraints below tell by
        # them that two plates are the same.
        migrations.RunSQL(
            'CREATE TYPE leases_textrange AS RANGE (subtype = text, collation = "C")',
            reverse_sql="DROP TYPE leases_textrange",
        ),
        migrations.CreateModel(
            name="Driver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("first_name", models.CharField(max_length=80)),
                ("last_name", models.CharField(max_length=80)),
                (
                    "tlc_license",
                    models.CharField(
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A(?!0+\\Z)0*[0-9]{6,7}\\Z",
                                "A TLC license number has six or seven digits, with or without zeros before them.",
                            )
                        ],
                        verbose_name="TLC license",
                    ),
                ),
                (
                    "license_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            django.db.models.functions.text.Replace(
                                django.db.models.functions.text.Upper("tlc_license"),
                                models.Value(" "),
                                models.Value(""),
                            ),
                            models.Value("^0+([0-9]*)$"),
                            models.Value("\\1"),
                            function="regexp_replace",
                        ),
                        output_field=leases.models.fields.KeyField(max_length=10),
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("INACTIVE", "Inactive")], default="ACTIVE", max_length=8
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("email", models.EmailField(blank=True, max_length=254)),
            ],
            options={
                "ordering": ["last_name", "first_name", "id"],
                "permissions": [("lock_driver", "Can lock a driver, and lift the lock")],
                "indexes": [
                    models.Index(fields=["last_name", "first_name", "id"], name="leases_driver_by_name"),
                    models.Index(
                        fields=["license_key"], name="leases_driver_by_license", opclasses=["varchar_pattern_ops"]
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("license_key",), name="leases_driver_one_of_a_license"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["ACTIVE", "INACTIVE"])), name="leases_driver_status_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDriver",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("first_name", models.CharField(max_length=80)),
                ("last_name", models.CharField(max_length=80)),
                (
                    "tlc_license",
                    models.CharField(
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A(?!0+\\Z)0*[0-9]{6,7}\\Z",
                                "A TLC license number has six or seven digits, with or without zeros before them.",
                            )
                        ],
                        verbose_name="TLC license",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("INACTIVE", "Inactive")], default="ACTIVE", max_length=8
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("email", models.EmailField(blank=True, max_length=254)),
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
                "verbose_name": "historical driver",
                "verbose_name_plural": "historical drivers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalVehicle",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "vin",
                    leases.models.fields.CapitalField(
                        db_index=True,
                        max_length=17,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-HJ-NPR-Z0-9]{17}\\Z",
                                "A VIN has seventeen letters and digits, without I, O and Q.",
                            )
                        ],
                        verbose_name="VIN",
                    ),
                ),
                (
                    "medallion",
                    leases.models.fields.CapitalField(
                        db_index=True,
                        max_length=6,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A([0-9][A-Z][0-9]{2}|[A-Z]{2,3}[0-9]{3})\\Z",
                                "A medallion looks like 9Z90 or SBV123.",
                            )
                        ],
                    ),
                ),
                ("plate", leases.models.fields.CapitalField(blank=True, max_length=10)),
                ("make_and_model", models.CharField(blank=True, max_length=80)),
                (
                    "status",
                    models.CharField(
                        choices=[("IN_SERVICE", "In service"), ("RETIRED", "Retired")],
                        default="IN_SERVICE",
                        max_length=10,
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
                "verbose_name": "historical vehicle",
                "verbose_name_plural": "historical vehicles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalWeeklyCap",
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
                (
                    "shift",
                    models.CharField(choices=[("FULL", "Full time"), ("DAY", "Day"), ("NIGHT", "Night")], max_length=5),
                ),
                ("from_on", models.DateField(verbose_name="from")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="weekly amount at most",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Where the amount stands, for the record.",
                        max_length=200,
                        verbose_name="rule",
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
                "verbose_name": "historical weekly cap",
                "verbose_name_plural": "historical weekly caps",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Lease",
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
                        default="LONG_TERM",
                        max_length=14,
                    ),
                ),
                (
                    "shift",
                    models.CharField(
                        choices=[("FULL", "Full time"), ("DAY", "Day"), ("NIGHT", "Night")],
                        default="FULL",
                        max_length=5,
                    ),
                ),
                ("shift_from", models.TimeField(blank=True, null=True, verbose_name="shift from")),
                ("shift_until", models.TimeField(blank=True, null=True, verbose_name="shift until")),
                ("start_on", models.DateField(verbose_name="start")),
                ("end_on", models.DateField(verbose_name="end")),
                (
                    "weekly_amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                (
                    "deposit",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="deposit asked"
                    ),
                ),
                (
                    "cancellation_fee",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="early-termination fee"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("HELD", "On hold"), ("ENDED", "Ended early")],
                        default="ACTIVE",
                        max_length=6,
                    ),
                ),
                ("status_reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "primary_driver",
                    models.ForeignKey(
                        limit_choices_to={"status": "ACTIVE"},
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="leases",
                        to="leases.driver",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("terminate_lease", "Can end a lease early"),
                    ("record_days_away", "Can take rent off for days without a cab"),
                    ("settle_deposit", "Can settle a lease's deposit"),
                ],
                "indexes": [models.Index(fields=["start_on"], name="leases_lease_by_start")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end_on__gte", models.F("start_on"))), name="leases_lease_ends_after_start"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weekly_amount__gt", 0), ("weekly_amount__lt", Decimal("10000000000"))),
                        name="leases_lease_weekly_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cancellation_fee__gte", 0),
                            ("cancellation_fee__lt", Decimal("10000000000")),
                            ("deposit__gte", 0),
                            ("deposit__lt", Decimal("10000000000")),
                        ),
                        name="leases_lease_fees_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lease_type__in", ["DRIVER_OWNED", "LONG_TERM", "SHORT_TERM", "SHIFT", "MEDALLION_ONLY"]),
                            ("shift__in", ["FULL", "DAY", "NIGHT"]),
                            ("status__in", ["ACTIVE", "HELD", "ENDED"]),
                        ),
                        name="leases_lease_choices_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("shift", "FULL"), ("shift_from", None), ("shift_until", None)),
                            models.Q(
                                models.Q(("shift", "FULL"), _negated=True),
                                ("shift_from__isnull", False),
                                ("shift_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="leases_lease_hours_of_shift",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalLeaseRate",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("from_on", models.DateField(verbose_name="from")),
                ("weekly_amount", models.DecimalField(decimal_places=2, max_digits=12)),
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
            ],
            options={
                "verbose_name": "historical lease rate",
                "verbose_name_plural": "historical lease rates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLeaseInstallment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("reference_id", models.CharField(db_index=True, max_length=64, verbose_name="reference")),
                ("number", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("on_hold", models.BooleanField(default=False)),
                ("week_start", models.DateField(verbose_name="week from")),
                ("relief", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12)),
                ("memos", models.PositiveSmallIntegerField(default=0)),
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
            ],
            options={
                "verbose_name": "historical lease installment",
                "verbose_name_plural": "historical lease installments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLeaseDriver",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                ("start_on", models.DateField(verbose_name="from")),
                ("end_on", models.DateField(verbose_name="to")),
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
            ],
            options={
                "verbose_name": "historical lease driver",
                "verbose_name_plural": "historical lease drivers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLeaseDaysAway",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("start_on", models.DateField(verbose_name="from")),
                ("end_on", models.DateField(verbose_name="to")),
                ("reason", models.CharField(max_length=500)),
                ("is_taken_back", models.BooleanField(default=False, verbose_name="taken back")),
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
            ],
            options={
                "verbose_name": "historical days without a cab",
                "verbose_name_plural": "historical days without a cab",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Vehicle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "vin",
                    leases.models.fields.CapitalField(
                        max_length=17,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-HJ-NPR-Z0-9]{17}\\Z",
                                "A VIN has seventeen letters and digits, without I, O and Q.",
                            )
                        ],
                        verbose_name="VIN",
                    ),
                ),
                (
                    "medallion",
                    leases.models.fields.CapitalField(
                        max_length=6,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A([0-9][A-Z][0-9]{2}|[A-Z]{2,3}[0-9]{3})\\Z",
                                "A medallion looks like 9Z90 or SBV123.",
                            )
                        ],
                    ),
                ),
                ("plate", leases.models.fields.CapitalField(blank=True, max_length=10)),
                ("make_and_model", models.CharField(blank=True, max_length=80)),
                (
                    "status",
                    models.CharField(
                        choices=[("IN_SERVICE", "In service"), ("RETIRED", "Retired")],
                        default="IN_SERVICE",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "ordering": ["medallion"],
                "permissions": [("retire_vehicle", "Can retire a vehicle and return it to service")],
                "indexes": [
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Reverse("vin"), "text_pattern_ops"
                        ),
                        name="leases_vehicle_by_end_of_vin",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["IN_SERVICE", "RETIRED"])),
                        name="leases_vehicle_status_known",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="lease",
            name="vehicle",
            field=models.ForeignKey(
                limit_choices_to={"status": "IN_SERVICE"},
                on_delete=django.db.models.deletion.PROTECT,
                related_name="leases",
                to="leases.vehicle",
            ),
        ),
        migrations.CreateModel(
            name="KeptFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("about", models.CharField(blank=True, db_default="", max_length=80, verbose_name="belongs to")),
                ("name", models.CharField(max_length=120)),
                ("sha256", models.CharField(max_length=64)),
                (
                    "content_type",
                    models.CharField(
                        choices=[("application/pdf", "PDF"), ("image/jpeg", "JPEG"), ("image/png", "PNG")],
                        max_length=20,
                    ),
                ),
                ("size", models.PositiveIntegerField()),
                (
                    "added_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="added"
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="leases.driver",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="leases.lease",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="leases.vehicle",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "db_table": "leases_files",
                "ordering": ["-id"],
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("about", ""), _negated=True), fields=["about"], name="leases_files_about"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("driver", "vehicle", "lease", "sha256", "about"),
                        name="leases_files_once_of_an_owner",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("driver__isnull", False), ("lease", None), ("vehicle", None)),
                            models.Q(("about", ""), ("driver", None), ("lease", None), ("vehicle__isnull", False)),
                            models.Q(("about", ""), ("driver", None), ("lease__isnull", False), ("vehicle", None)),
                            _connector="OR",
                        ),
                        name="leases_files_of_one_owner",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sha256__regex", "^[0-9a-f]{64}$"),
                            ("size__gt", 0),
                            ("content_type__in", ["application/pdf", "image/jpeg", "image/png"]),
                        ),
                        name="leases_files_known_by_content",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalVehicleTag",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="on vehicle since")),
                ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "tag",
                    models.CharField(
                        max_length=16,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A(?!0+\\Z)[0-9]{8,16}\\Z", "An E-ZPass tag has eight to sixteen digits."
                            )
                        ],
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "verbose_name": "historical vehicle tag",
                "verbose_name_plural": "historical vehicle tags",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalVehiclePlate",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="on vehicle since")),
                ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "plate",
                    leases.models.fields.CapitalField(
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z0-9]{2,10}\\Z", "A plate has two to ten letters and digits."
                            )
                        ],
                    ),
                ),
                (
                    "state",
                    leases.models.fields.CapitalField(
                        default="NY",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator("\\A[A-Z]{2}\\Z", "A state is two letters, like NY.")
                        ],
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
                    "history_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "verbose_name": "historical vehicle plate",
                "verbose_name_plural": "historical vehicle plates",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalPaper",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("TLC_LICENSE", "TLC license"),
                            ("DMV_LICENSE", "Driver license (DMV)"),
                            ("REGISTRATION", "Registration"),
                            ("INSURANCE", "Insurance"),
                            ("INSPECTION", "TLC inspection"),
                            ("OTHER", "Other paper"),
                        ],
                        max_length=12,
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=40)),
                ("good_to", models.DateField(verbose_name="good to")),
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
                "verbose_name": "historical paper",
                "verbose_name_plural": "historical papers",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLeaseVehicle",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "shift",
                    models.CharField(choices=[("FULL", "Full time"), ("DAY", "Day"), ("NIGHT", "Night")], max_length=5),
                ),
                ("from_at", models.DateTimeField(verbose_name="from")),
                ("until_at", models.DateTimeField(verbose_name="until")),
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
                "verbose_name": "historical lease vehicle",
                "verbose_name_plural": "historical lease vehicles",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLease",
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
                        default="LONG_TERM",
                        max_length=14,
                    ),
                ),
                (
                    "shift",
                    models.CharField(
                        choices=[("FULL", "Full time"), ("DAY", "Day"), ("NIGHT", "Night")],
                        default="FULL",
                        max_length=5,
                    ),
                ),
                ("shift_from", models.TimeField(blank=True, null=True, verbose_name="shift from")),
                ("shift_until", models.TimeField(blank=True, null=True, verbose_name="shift until")),
                ("start_on", models.DateField(verbose_name="start")),
                ("end_on", models.DateField(verbose_name="end")),
                (
                    "weekly_amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                (
                    "deposit",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="deposit asked"
                    ),
                ),
                (
                    "cancellation_fee",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="early-termination fee"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("HELD", "On hold"), ("ENDED", "Ended early")],
                        default="ACTIVE",
                        max_length=6,
                    ),
                ),
                ("status_reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
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
                    "primary_driver",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        limit_choices_to={"status": "ACTIVE"},
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.driver",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        limit_choices_to={"status": "IN_SERVICE"},
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.vehicle",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical lease",
                "verbose_name_plural": "historical leases",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="VehiclePlate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="on vehicle since")),
                ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "plate",
                    leases.models.fields.CapitalField(
                        max_length=10,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Z0-9]{2,10}\\Z", "A plate has two to ten letters and digits."
                            )
                        ],
                    ),
                ),
                (
                    "state",
                    leases.models.fields.CapitalField(
                        default="NY",
                        max_length=2,
                        validators=[
                            django.core.validators.RegexValidator("\\A[A-Z]{2}\\Z", "A state is two letters, like NY.")
                        ],
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="plates", to="leases.vehicle"
                    ),
                ),
            ],
            options={
                "ordering": [models.OrderBy(models.F("from_at"), nulls_first=True)],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["plate"], name="leases_vehicleplate_by_plate", opclasses=["varchar_pattern_ops"]
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_at__gt", models.F("from_at"))), name="leases_vehicleplate_ends_later"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    "plate",
                                    "plate",
                                    models.Value("[]"),
                                    function="leases_textrange",
                                    output_field=models.CharField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "state",
                                    "state",
                                    models.Value("[]"),
                                    function="leases_textrange",
                                    output_field=models.CharField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "from_at",
                                    "until_at",
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_vehicleplate_on_one_vehicle",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    "vehicle",
                                    "vehicle",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "from_at",
                                    "until_at",
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_vehicleplate_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="VehicleTag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_at", models.DateTimeField(blank=True, null=True, verbose_name="on vehicle since")),
                ("until_at", models.DateTimeField(blank=True, null=True, verbose_name="until")),
                (
                    "tag",
                    models.CharField(
                        max_length=16,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A(?!0+\\Z)[0-9]{8,16}\\Z", "An E-ZPass tag has eight to sixteen digits."
                            )
                        ],
                    ),
                ),
                (
                    "tag_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            django.db.models.functions.text.Replace(
                                django.db.models.functions.text.Upper("tag"), models.Value(" "), models.Value("")
                            ),
                            models.Value("^0+([0-9]*)$"),
                            models.Value("\\1"),
                            function="regexp_replace",
                        ),
                        output_field=leases.models.fields.KeyField(max_length=16),
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="tags", to="leases.vehicle"
                    ),
                ),
            ],
            options={
                "ordering": [models.OrderBy(models.F("from_at"), nulls_first=True)],
                "abstract": False,
                "indexes": [
                    models.Index(
                        fields=["tag_key"], name="leases_vehicletag_by_key", opclasses=["varchar_pattern_ops"]
                    ),
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Reverse("tag_key"), "text_pattern_ops"
                        ),
                        name="leases_vehicletag_by_end",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_at__gt", models.F("from_at"))), name="leases_vehicletag_ends_later"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    "tag_key",
                                    "tag_key",
                                    models.Value("[]"),
                                    function="leases_textrange",
                                    output_field=models.CharField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "from_at",
                                    "until_at",
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_vehicletag_in_one_vehicle",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    "vehicle",
                                    "vehicle",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "from_at",
                                    "until_at",
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_vehicletag_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WeeklyCap",
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
                (
                    "shift",
                    models.CharField(choices=[("FULL", "Full time"), ("DAY", "Day"), ("NIGHT", "Night")], max_length=5),
                ),
                ("from_on", models.DateField(verbose_name="from")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=12,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                        verbose_name="weekly amount at most",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True,
                        help_text="Where the amount stands, for the record.",
                        max_length=200,
                        verbose_name="rule",
                    ),
                ),
            ],
            options={
                "ordering": ["lease_type", "shift", "-from_on"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("lease_type", "shift", "from_on"), name="leases_weeklycap_one_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lt", Decimal("10000000000"))),
                        name="leases_weeklycap_amount_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DriverLock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=500)),
                (
                    "locked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="locked"
                    ),
                ),
                ("unlocked_at", models.DateTimeField(editable=False, null=True, verbose_name="unlocked")),
                ("unlock_reason", models.CharField(blank=True, db_default="", max_length=500)),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="locks", to="leases.driver"
                    ),
                ),
                (
                    "locked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "unlocked_by",
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
                "db_table": "leases_driver_locks",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("unlocked_at", None)),
                        fields=("driver",),
                        name="leases_driver_locks_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True),
                            models.Q(
                                models.Q(("unlock_reason", ""), ("unlocked_at", None)),
                                models.Q(
                                    ("unlocked_at__isnull", False), models.Q(("unlock_reason", ""), _negated=True)
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="leases_driver_locks_say_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DriverNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(max_length=2000)),
                (
                    "written_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="written"
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="leases.driver"
                    ),
                ),
                (
                    "written_by",
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
                "verbose_name": "note",
                "db_table": "leases_driver_notes",
                "ordering": ["-id"],
                "default_permissions": ("add", "view"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="leases_driver_notes_say_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DriverToken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "driver_id", "token", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token", models.TextField()),
                ("is_beginning", models.BooleanField()),
                (
                    "driver",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.driver",
                    ),
                ),
            ],
            options={
                "db_table": "leases_driver_tokens",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        fields=["token", "driver"],
                        include=("is_beginning",),
                        name="leases_driver_tokens_find",
                        opclasses=["text_pattern_ops", "int8_ops"],
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DepositSettlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("settled_on", models.DateField(verbose_name="settled on")),
                (
                    "settled_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="settled"
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("posted", models.PositiveIntegerField(default=0)),
                ("received", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="received in all")),
                ("held", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="held before")),
                (
                    "from_credits",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="paid from own credits"
                    ),
                ),
                (
                    "applied",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="paid from the deposit"
                    ),
                ),
                (
                    "released",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="paid back"
                    ),
                ),
                (
                    "kept",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="kept as deposit"
                    ),
                ),
                ("payout_reference", models.CharField(blank=True, max_length=20, verbose_name="payout")),
                ("items", models.JSONField(default=list)),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deposit_settlements",
                        to="leases.driver",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="settlements", to="leases.lease"
                    ),
                ),
            ],
            options={
                "verbose_name": "deposit settlement",
                "db_table": "leases_deposit_settlements",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied__gte", 0),
                            ("from_credits__gte", 0),
                            ("kept__gte", 0),
                            ("received__gte", models.F("held")),
                            (
                                "held",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("applied"), "+", models.F("released")
                                    ),
                                    "+",
                                    models.F("kept"),
                                ),
                            ),
                        ),
                        name="leases_deposit_settlements_add_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("payout_reference", ""), ("released", 0)),
                            models.Q(models.Q(("released__gt", 0)), models.Q(("payout_reference", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="leases_deposit_settlements_name_payout",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeaseDaysAway",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start_on", models.DateField(verbose_name="from")),
                ("end_on", models.DateField(verbose_name="to")),
                ("reason", models.CharField(max_length=500)),
                ("is_taken_back", models.BooleanField(default=False, verbose_name="taken back")),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="days_away", to="leases.lease"
                    ),
                ),
            ],
            options={
                "verbose_name": "days without a cab",
                "verbose_name_plural": "days without a cab",
                "ordering": ["lease_id", "start_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end_on__gte", models.F("start_on"))),
                        name="leases_leasedaysaway_ends_later",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="leases_leasedaysaway_reason_given"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("is_taken_back", False)),
                        expressions=[
                            (
                                models.Func(
                                    "lease",
                                    "lease",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "start_on",
                                    "end_on",
                                    models.Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_leasedaysaway_once_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeaseDriver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_primary", models.BooleanField(default=False, verbose_name="primary")),
                ("start_on", models.DateField(verbose_name="from")),
                ("end_on", models.DateField(verbose_name="to")),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lease_spans", to="leases.driver"
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="driver_spans", to="leases.lease"
                    ),
                ),
            ],
            options={
                "ordering": ["lease_id", "-is_primary", "start_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("end_on__gte", models.F("start_on"))),
                        name="leases_leasedriver_ends_after_start",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_primary", True)),
                        fields=("lease",),
                        name="leases_leasedriver_one_primary",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    "lease",
                                    "lease",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "driver",
                                    "driver",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "start_on",
                                    "end_on",
                                    models.Value("[]"),
                                    function="daterange",
                                    output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_leasedriver_once_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeaseInstallment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference_id", models.CharField(max_length=64, unique=True, verbose_name="reference")),
                ("number", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("posted_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="posted")),
                ("on_hold", models.BooleanField(default=False)),
                ("week_start", models.DateField(verbose_name="week from")),
                ("relief", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12)),
                ("memos", models.PositiveSmallIntegerField(default=0)),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="installments", to="leases.lease"
                    ),
                ),
            ],
            options={
                "ordering": ["lease_id", "number"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("due_on"),
                        condition=models.Q(("posted_at__isnull", True)),
                        name="leases_leaseinstallment_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="leases_leaseinstallment_amount_positive"
                    ),
                    models.UniqueConstraint(fields=("lease", "number"), name="leases_leaseinstallment_number"),
                    models.UniqueConstraint(fields=("lease", "week_start"), name="leases_leaseinstallment_week"),
                    models.CheckConstraint(
                        condition=models.Q(("relief__gte", 0), ("relief__lt", Decimal("10000000000"))),
                        name="leases_leaseinstallment_relief_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeaseRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_on", models.DateField(verbose_name="from")),
                ("weekly_amount", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rates", to="leases.lease"
                    ),
                ),
            ],
            options={
                "ordering": ["lease_id", "from_on"],
                "constraints": [
                    models.UniqueConstraint(fields=("lease", "from_on"), name="leases_leaserate_one_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(("weekly_amount__gt", 0), ("weekly_amount__lt", Decimal("10000000000"))),
                        name="leases_leaserate_amount_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Paper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("TLC_LICENSE", "TLC license"),
                            ("DMV_LICENSE", "Driver license (DMV)"),
                            ("REGISTRATION", "Registration"),
                            ("INSURANCE", "Insurance"),
                            ("INSPECTION", "TLC inspection"),
                            ("OTHER", "Other paper"),
                        ],
                        max_length=12,
                    ),
                ),
                ("number", models.CharField(blank=True, max_length=40)),
                ("good_to", models.DateField(verbose_name="good to")),
                (
                    "driver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="leases.driver",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="papers",
                        to="leases.vehicle",
                    ),
                ),
            ],
            options={
                "db_table": "leases_papers",
                "ordering": ["good_to", "id"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["good_to", "id"], name="leases_papers_by_end")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("driver__isnull", False),
                                ("kind__in", ["TLC_LICENSE", "DMV_LICENSE", "OTHER"]),
                                ("vehicle__isnull", True),
                            ),
                            models.Q(
                                ("driver__isnull", True),
                                ("kind__in", ["REGISTRATION", "INSURANCE", "INSPECTION", "OTHER"]),
                                ("vehicle__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="leases_papers_of_one_owner",
                    ),
                    models.UniqueConstraint(
                        models.F("driver"),
                        models.F("kind"),
                        models.F("number"),
                        models.F("good_to"),
                        condition=models.Q(("vehicle", None)),
                        name="leases_papers_once",
                    ),
                    models.UniqueConstraint(
                        models.F("vehicle"),
                        models.F("kind"),
                        models.F("number"),
                        models.F("good_to"),
                        condition=models.Q(("driver", None)),
                        name="leases_papers_once_of_vehicle",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LeaseVehicle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "shift",
                    models.CharField(choices=[("FULL", "Full time"), ("DAY", "Day"), ("NIGHT", "Night")], max_length=5),
                ),
                ("from_at", models.DateTimeField(verbose_name="from")),
                ("until_at", models.DateTimeField(verbose_name="until")),
                (
                    "lease",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="vehicle_spans", to="leases.lease"
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lease_spans", to="leases.vehicle"
                    ),
                ),
            ],
            options={
                "ordering": ["lease_id", "from_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_at__gt", models.F("from_at"))), name="leases_leasevehicle_ends_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("shift__in", ["FULL", "DAY", "NIGHT"])),
                        name="leases_leasevehicle_shift_known",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    "vehicle",
                                    "vehicle",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.Case(models.When(shift="NIGHT", then=2), default=1),
                                    models.Case(models.When(shift="DAY", then=1), default=2),
                                    models.Value("[]"),
                                    function="int4range",
                                    output_field=django.contrib.postgres.fields.ranges.IntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "from_at",
                                    "until_at",
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_leasevehicle_one_per_shift",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            (
                                models.Func(
                                    "lease",
                                    "lease",
                                    models.Value("[]"),
                                    function="int8range",
                                    output_field=django.contrib.postgres.fields.ranges.BigIntegerRangeField(),
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    "from_at",
                                    "until_at",
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="leases_leasevehicle_one_at_a_time",
                    ),
                ],
            },
        ),
    ]
