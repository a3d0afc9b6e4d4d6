import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
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
            name="Overrule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week_end", models.DateField(verbose_name="week ending")),
                (
                    "check_name",
                    models.CharField(
                        choices=[
                            ("CURB_ANSWERS", "CURB has answered for each day"),
                            ("CARD_TRIPS", "Card trips on each day"),
                            ("AUDITS", "The last audit found nothing about money"),
                        ],
                        max_length=14,
                        verbose_name="check",
                    ),
                ),
                ("finding", models.CharField(max_length=500)),
                ("reason", models.CharField(max_length=500)),
                (
                    "overruled_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="overruled"
                    ),
                ),
                (
                    "overruled_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "dtr_overrules",
                "ordering": ["id"],
                "permissions": [("overrule_check", "Can overrule what stands in the way of a week's close")],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("week_end__week_day", 7)), name="dtr_overrules_ends_on_saturday"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("check_name__in", ["CURB_ANSWERS", "CARD_TRIPS", "AUDITS"])),
                        name="dtr_overrules_may_be_overruled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True), models.Q(("finding", ""), _negated=True)
                        ),
                        name="dtr_overrules_says_why",
                    ),
                    models.UniqueConstraint(fields=("week_end", "check_name", "finding"), name="dtr_overrules_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WeekClose",
            fields=[
                ("week_end", models.DateField(primary_key=True, serialize=False, verbose_name="week ending")),
                (
                    "state",
                    models.CharField(choices=[("OPEN", "Open"), ("CLOSED", "Closed")], default="OPEN", max_length=6),
                ),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="started"),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                (
                    "started_by",
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
                "verbose_name": "week close",
                "db_table": "dtr_week_closes",
                "ordering": ["-week_end"],
                "permissions": [("close_week", "Can close a week")],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("week_end__week_day", 7)), name="dtr_week_closes_ends_on_saturday"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state", "OPEN")),
                            models.Q(("finished_at__isnull", False), ("state", "CLOSED")),
                            _connector="OR",
                        ),
                        name="dtr_week_closes_finished_when_closed",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "OPEN")), fields=("state",), name="dtr_week_closes_one_open"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Dtr",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField(db_default=0, editable=False, unique=True)),
                ("previous_cut", models.BigIntegerField()),
                ("sealed_through", models.BigIntegerField()),
                (
                    "sealed_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="activity through",
                    ),
                ),
                ("sealed_in", models.BigIntegerField(db_default=0, editable=False)),
                ("held", models.DecimalField(decimal_places=2, max_digits=14)),
                ("deposits", models.DecimalField(decimal_places=2, max_digits=14)),
                ("owed_due", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="owed and due")),
                (
                    "owed_since",
                    models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="fallen due since"),
                ),
                ("owed_later", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="owed, due later")),
                ("sealed_on", models.DateField(verbose_name="day of the seal")),
                ("driver_name", models.CharField(max_length=170)),
                ("tlc_license", models.CharField(max_length=20, verbose_name="TLC license")),
                ("lease_type", models.CharField(blank=True, max_length=40)),
                ("lease_start_on", models.DateField(blank=True, null=True, verbose_name="lease from")),
                ("lease_end_on", models.DateField(blank=True, null=True, verbose_name="lease to")),
                ("medallion", models.CharField(blank=True, max_length=20, verbose_name="cab")),
                ("plate", models.CharField(blank=True, max_length=20)),
                ("fleet_name", models.CharField(max_length=200)),
                ("fleet_address", models.CharField(blank=True, max_length=300)),
                ("fleet_phone", models.CharField(blank=True, max_length=40)),
                ("told", models.JSONField(default=dict)),
                ("template", models.PositiveSmallIntegerField()),
                ("card_trips", models.PositiveIntegerField(default=0)),
                ("card_total", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("cash_trips", models.PositiveIntegerField(default=0)),
                ("cash_total", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("other_trips", models.PositiveIntegerField(default=0)),
                ("other_total", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("taxes_total", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="dtrs", to="leases.driver"
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dtrs",
                        to="leases.lease",
                    ),
                ),
                (
                    "week",
                    models.ForeignKey(
                        db_column="week_end",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dtrs",
                        to="dtr.weekclose",
                        verbose_name="week ending",
                    ),
                ),
            ],
            options={
                "verbose_name": "DTR",
                "verbose_name_plural": "DTRs",
                "db_table": "dtr_dtrs",
                "ordering": ["-week_id", "number"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["week", "driver"], name="dtr_dtrs_week")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("driver", "lease", "week"), name="dtr_dtrs_one_a_week", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("previous_cut__gte", 0), ("sealed_through__gte", models.F("previous_cut"))),
                        name="dtr_dtrs_cut_forward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("deposits__gte", 0),
                            ("held__gte", 0),
                            ("owed_due__gte", 0),
                            ("owed_later__gte", 0),
                            ("owed_since__gte", 0),
                        ),
                        name="dtr_dtrs_sums_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sealed_on__gt", models.F("week"))), name="dtr_dtrs_sealed_after_week"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("driver_name", ""), _negated=True),
                            models.Q(("tlc_license", ""), _negated=True),
                            models.Q(("fleet_name", ""), _negated=True),
                        ),
                        name="dtr_dtrs_identity_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CloseBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "step",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Credit earnings and charge trip taxes"),
                            (2, "Post installments that are due"),
                            (3, "Apply credits to what is owed"),
                            (4, "Seal the DTRs"),
                        ]
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "driver_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
                ("heartbeat_at", models.DateTimeField(blank=True, null=True, verbose_name="last sign of life")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("failed_at", models.DateTimeField(blank=True, null=True, verbose_name="failed")),
                ("failure", models.TextField(blank=True, default="")),
                (
                    "week",
                    models.ForeignKey(
                        db_column="week_end",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="dtr.weekclose",
                    ),
                ),
            ],
            options={
                "db_table": "dtr_close_batches",
                "ordering": ["week_id", "step", "number"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("week", "step", "number"), name="dtr_close_batches_number"),
                    models.CheckConstraint(
                        condition=models.Q(("done_at", None), ("failed_at", None), _connector="OR"),
                        name="dtr_close_batches_done_or_failed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DtrLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entry_type",
                    models.CharField(
                        choices=[("DEBIT", "Owed by the driver"), ("CREDIT", "Held for the driver")],
                        max_length=6,
                        verbose_name="side",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("TAXES", "Trip taxes"),
                            ("EZPASS", "E-ZPass tolls"),
                            ("LEASE", "Lease"),
                            ("RECOVERY", "Recovery"),
                            ("PVB", "Parking and camera violations"),
                            ("TLC", "TLC summonses"),
                            ("REPAIR", "Repairs"),
                            ("LOAN", "Loans"),
                            ("MISC", "Miscellaneous"),
                            ("PAYMENT", "Payments on account"),
                            ("DEPOSIT", "Lease deposits"),
                            ("EARNINGS", "Card earnings"),
                        ],
                        max_length=8,
                    ),
                ),
                ("opening", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("from_before", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("opened", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("corrected", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("receipts_voided", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("paid", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("applied", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("from_deposit", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("undone", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("written_off", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("write_offs_undone", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("paid_out", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("payouts_undone", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("closing", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                ("balance", models.DecimalField(decimal_places=2, default=0, max_digits=14)),
                (
                    "dtr",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="dtr.dtr"),
                ),
            ],
            options={
                "verbose_name": "DTR line",
                "db_table": "dtr_lines",
                "ordering": ["dtr_id", "id"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("dtr", "entry_type", "category"), name="dtr_lines_category"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "closing",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            django.db.models.expressions.CombinedExpression(
                                                django.db.models.expressions.CombinedExpression(
                                                    django.db.models.expressions.CombinedExpression(
                                                        django.db.models.expressions.CombinedExpression(
                                                            django.db.models.expressions.CombinedExpression(
                                                                django.db.models.expressions.CombinedExpression(
                                                                    django.db.models.expressions.CombinedExpression(
                                                                        django.db.models.expressions.CombinedExpression(
                                                                            django.db.models.expressions.CombinedExpression(
                                                                                models.F("opening"),
                                                                                "+",
                                                                                models.F("from_before"),
                                                                            ),
                                                                            "+",
                                                                            models.F("opened"),
                                                                        ),
                                                                        "+",
                                                                        models.F("corrected"),
                                                                    ),
                                                                    "-",
                                                                    models.F("receipts_voided"),
                                                                ),
                                                                "-",
                                                                models.F("paid"),
                                                            ),
                                                            "-",
                                                            models.F("applied"),
                                                        ),
                                                        "-",
                                                        models.F("from_deposit"),
                                                    ),
                                                    "+",
                                                    models.F("undone"),
                                                ),
                                                "-",
                                                models.F("written_off"),
                                            ),
                                            "+",
                                            models.F("write_offs_undone"),
                                        ),
                                        "-",
                                        models.F("paid_out"),
                                    ),
                                    "+",
                                    models.F("payouts_undone"),
                                ),
                            )
                        ),
                        name="dtr_lines_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("entry_type", "DEBIT"), ("paid_out", 0), ("payouts_undone", 0), ("receipts_voided", 0)
                            ),
                            models.Q(
                                ("corrected", 0),
                                ("entry_type", "CREDIT"),
                                ("from_deposit", 0),
                                ("write_offs_undone", 0),
                                ("written_off", 0),
                            ),
                            _connector="OR",
                        ),
                        name="dtr_lines_columns_of_side",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("closing", models.F("balance"))), name="dtr_lines_closing_is_balance"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied__gte", 0),
                            ("closing__gte", 0),
                            ("from_before__gte", 0),
                            ("from_deposit__gte", 0),
                            ("opened__gte", 0),
                            ("opening__gte", 0),
                            ("paid__gte", 0),
                            ("paid_out__gte", 0),
                            ("payouts_undone__gte", 0),
                            ("receipts_voided__gte", 0),
                            ("undone__gte", 0),
                            ("write_offs_undone__gte", 0),
                            ("written_off__gte", 0),
                        ),
                        name="dtr_lines_not_negative",
                    ),
                ],
            },
        ),
    ]
