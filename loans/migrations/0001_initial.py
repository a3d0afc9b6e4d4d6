from decimal import Decimal

import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
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
            name="DriverLoan",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="plan starts")),
                ("posts_at_once", models.BooleanField(default=False, verbose_name="all charged at creation")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                ("paper_number", models.CharField(blank=True, max_length=40, verbose_name="signed paper's number")),
                ("principal", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "rate_percent",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=5, verbose_name="rate, % a year"
                    ),
                ),
                ("disbursed_on", models.DateField(verbose_name="disbursed")),
                (
                    "method",
                    models.CharField(choices=[("CASH", "Cash"), ("CHECK", "Check"), ("ACH", "ACH")], max_length=5),
                ),
                ("instrument_number", models.CharField(blank=True, max_length=40, verbose_name="check or bank number")),
                (
                    "weekly_amount",
                    models.DecimalField(decimal_places=2, max_digits=12, verbose_name="weekly principal"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ACTIVE", "Active"),
                            ("ON_HOLD", "On hold"),
                            ("PAID_OFF", "Paid off early"),
                            ("WRITTEN_OFF", "Written off"),
                            ("VOIDED", "Voided"),
                        ],
                        default="ACTIVE",
                        max_length=11,
                    ),
                ),
                (
                    "idempotency_key",
                    models.CharField(blank=True, editable=False, max_length=200, null=True, unique=True),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="loans", to="leases.driver"
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="loans",
                        to="leases.lease",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("hold_driverloan", "Can hold and resume loans"),
                    ("pay_off_driverloan", "Can pay loans off early, and restore their schedule"),
                    ("write_off_driverloan", "Can write loans off"),
                    ("void_driverloan", "Can void loans"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("principal__gt", 0),
                            ("principal__lt", Decimal("10000000000")),
                            ("weekly_amount__gt", 0),
                            ("weekly_amount__lt", Decimal("10000000000")),
                        ),
                        name="loans_driverloan_amounts_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate_percent__gte", 0), ("rate_percent__lte", 100)),
                        name="loans_driverloan_rate_plausible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["ACTIVE", "ON_HOLD", "PAID_OFF", "WRITTEN_OFF", "VOIDED"]),
                            ("method__in", ["CASH", "CHECK", "ACH"]),
                        ),
                        name="loans_driverloan_choices_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("instrument_number", ""), ("method", "CHECK"), _negated=True),
                        name="loans_driverloan_check_numbered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["ACTIVE", "PAID_OFF"]),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="loans_driverloan_reason_given",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalDriverLoan",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("starts_on", models.DateField(verbose_name="plan starts")),
                ("posts_at_once", models.BooleanField(default=False, verbose_name="all charged at creation")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                ("paper_number", models.CharField(blank=True, max_length=40, verbose_name="signed paper's number")),
                ("principal", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "rate_percent",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=5, verbose_name="rate, % a year"
                    ),
                ),
                ("disbursed_on", models.DateField(verbose_name="disbursed")),
                (
                    "method",
                    models.CharField(choices=[("CASH", "Cash"), ("CHECK", "Check"), ("ACH", "ACH")], max_length=5),
                ),
                ("instrument_number", models.CharField(blank=True, max_length=40, verbose_name="check or bank number")),
                (
                    "weekly_amount",
                    models.DecimalField(decimal_places=2, max_digits=12, verbose_name="weekly principal"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("ACTIVE", "Active"),
                            ("ON_HOLD", "On hold"),
                            ("PAID_OFF", "Paid off early"),
                            ("WRITTEN_OFF", "Written off"),
                            ("VOIDED", "Voided"),
                        ],
                        default="ACTIVE",
                        max_length=11,
                    ),
                ),
                (
                    "idempotency_key",
                    models.CharField(blank=True, db_index=True, editable=False, max_length=200, null=True),
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
            ],
            options={
                "verbose_name": "historical driver loan",
                "verbose_name_plural": "historical driver loans",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLoanBand",
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
                "verbose_name": "historical loan plan band",
                "verbose_name_plural": "historical loan plan bands",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLoanInstallment",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("reference_id", models.CharField(db_index=True, max_length=64, verbose_name="reference")),
                ("number", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("on_hold", models.BooleanField(default=False)),
                ("principal", models.DecimalField(decimal_places=2, max_digits=12)),
                ("interest", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "accrues_from",
                    models.DateField(
                        help_text="The disbursement, or the due date before.", verbose_name="interest from"
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
                    "loan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="loans.driverloan",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical loan installment",
                "verbose_name_plural": "historical loan installments",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalLoanPayoff",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("as_of", models.DateField(verbose_name="as of")),
                ("principal", models.DecimalField(decimal_places=2, max_digits=12)),
                ("interest", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "interest_back",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="interest given back"
                    ),
                ),
                ("is_undone", models.BooleanField(default=False, verbose_name="undone")),
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
                    "loan",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="loans.driverloan",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical loan payoff",
                "verbose_name_plural": "historical loan payoffs",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="HistoricalRateLimit",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("effective_on", models.DateField(db_index=True, verbose_name="in force from")),
                (
                    "highest_percent",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="highest rate, % a year",
                    ),
                ),
                ("citation", models.CharField(help_text="Where the law or the fleet's rule says so.", max_length=80)),
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
                "verbose_name": "historical rate limit",
                "verbose_name_plural": "historical rate limits",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="LoanBand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField(verbose_name="in force from")),
                ("up_to", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("weekly_amount", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
            ],
            options={
                "verbose_name": "loan plan band",
                "ordering": ["-effective_on", models.OrderBy(models.F("up_to"), nulls_last=True)],
                "abstract": False,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("effective_on", "up_to"), name="loans_loanband_bound", nulls_distinct=False
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
                        name="loans_loanband_amounts_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LoanInstallment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference_id", models.CharField(max_length=64, unique=True, verbose_name="reference")),
                ("number", models.PositiveIntegerField()),
                ("due_on", models.DateField(verbose_name="due")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("posted_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="posted")),
                ("on_hold", models.BooleanField(default=False)),
                ("principal", models.DecimalField(decimal_places=2, max_digits=12)),
                ("interest", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "accrues_from",
                    models.DateField(
                        help_text="The disbursement, or the due date before.", verbose_name="interest from"
                    ),
                ),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="installments", to="loans.driverloan"
                    ),
                ),
            ],
            options={
                "ordering": ["loan_id", "number"],
                "abstract": False,
                "indexes": [
                    models.Index(
                        models.F("due_on"),
                        condition=models.Q(("posted_at__isnull", True)),
                        name="loans_loaninstallment_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="loans_loaninstallment_amount_positive"
                    ),
                    models.UniqueConstraint(fields=("loan", "number"), name="loans_loaninstallment_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("principal"), "+", models.F("interest")
                                ),
                            ),
                            ("interest__gte", 0),
                            ("principal__gt", 0),
                        ),
                        name="loans_loaninstallment_parts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LoanPayoff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("as_of", models.DateField(verbose_name="as of")),
                ("principal", models.DecimalField(decimal_places=2, max_digits=12)),
                ("interest", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "interest_back",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0.00"), max_digits=12, verbose_name="interest given back"
                    ),
                ),
                ("is_undone", models.BooleanField(default=False, verbose_name="undone")),
                (
                    "loan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="payoffs", to="loans.driverloan"
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("interest__gte", 0),
                            ("interest_back__gte", 0),
                            ("interest_back__lt", Decimal("10000000000")),
                            models.Q(
                                ("principal__gt", 0),
                                models.Q(("interest", 0), ("interest_back__gt", 0), ("principal", 0)),
                                _connector="OR",
                            ),
                        ),
                        name="loans_loanpayoff_parts",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_undone", False)), fields=("loan",), name="loans_loanpayoff_one_stands"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField(unique=True, verbose_name="in force from")),
                (
                    "highest_percent",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=5,
                        validators=[
                            django.core.validators.MinValueValidator(Decimal("0")),
                            django.core.validators.MaxValueValidator(Decimal("100")),
                        ],
                        verbose_name="highest rate, % a year",
                    ),
                ),
                ("citation", models.CharField(help_text="Where the law or the fleet's rule says so.", max_length=80)),
            ],
            options={
                "ordering": ["-effective_on"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("highest_percent__gte", 0), ("highest_percent__lte", 100)),
                        name="loans_ratelimit_plausible",
                    )
                ],
            },
        ),
    ]
