from decimal import Decimal

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("leases", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Books",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("closed_through", models.DateField(null=True)),
            ],
            options={
                "verbose_name_plural": "books",
                "db_table": "ledger_books",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BooksEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("WEEK", "Closed with the week"),
                            ("HAND", "Closed by hand"),
                            ("GO_LIVE", "Closed at go-live"),
                            ("REOPENED", "Day reopened"),
                        ],
                        max_length=8,
                        verbose_name="what",
                    ),
                ),
                ("day", models.DateField()),
                ("hours", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("until_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="open until")),
                ("reason", models.CharField(blank=True, max_length=500)),
                (
                    "at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="when"
                    ),
                ),
                (
                    "by",
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
                "verbose_name": "closing of days",
                "verbose_name_plural": "closed days",
                "db_table": "ledger_books_log",
                "ordering": ["-id"],
                "permissions": [("close_books", "Can close days of the books by hand")],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["day", "kind"], name="ledger_books_log_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("hours", None), ("kind__in", ["WEEK", "HAND", "GO_LIVE"]), ("until_at", None)),
                            models.Q(
                                ("by__isnull", False),
                                ("hours__gte", 1),
                                ("hours__lte", 24),
                                ("kind", "REOPENED"),
                                ("until_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="ledger_books_log_shape",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind__in", ["HAND", "REOPENED"]), _negated=True),
                            ("reason__regex", "\\S"),
                            _connector="OR",
                        ),
                        name="ledger_books_log_reasoned",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
                (
                    "driver",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="ledger_account",
                        serialize=False,
                        to="leases.driver",
                    ),
                ),
                ("sealed_through", models.BigIntegerField(db_default=0, default=0)),
                ("opened_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "driver account",
                "db_table": "ledger_accounts",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="LedgerPosting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("OBLIGATION", "Charge"),
                            ("PAYMENT", "Payment"),
                            ("DEPOSIT", "Deposit"),
                            ("EARNINGS", "Earnings"),
                            ("CREDIT_MEMO", "Credit memo"),
                            ("ALLOCATION", "Pays"),
                            ("APPLICATION", "From credit"),
                            ("PAYOUT", "Payout"),
                            ("WRITE_OFF", "Write-off"),
                            ("VOID", "Void"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "entry_type",
                    models.CharField(
                        choices=[("DEBIT", "Debit"), ("CREDIT", "Credit")], max_length=6, verbose_name="entry"
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
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("reference_id", models.CharField(max_length=64, verbose_name="reference")),
                ("due_on", models.DateField(null=True, verbose_name="due")),
                ("effective_on", models.DateField(verbose_name="effective")),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("description", models.CharField(blank=True, db_default="", default="", max_length=200)),
                (
                    "income",
                    models.DecimalField(db_default=0, decimal_places=2, default=Decimal("0.00"), max_digits=12),
                ),
                (
                    "posted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="posted"),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="leases.driver",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="postings",
                        to="leases.lease",
                    ),
                ),
            ],
            options={
                "verbose_name": "posting",
                "db_table": "ledger_postings",
                "ordering": ["-id"],
                "permissions": [
                    ("post_obligation", "Can charge a driver from a program"),
                    ("void_ledgerposting", "Can void a posting"),
                    ("write_off_ledgerposting", "Can write off a charge"),
                    ("credit_driver", "Can credit a driver with a reason"),
                    ("apply_earnings", "Can apply a driver's held credits now"),
                    ("correct_charge", "Can correct a charge's amount, or charge it again"),
                    ("win_back", "Can win back money that was given by mistake"),
                    ("use_credit", "Can use held money for what is named"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["driver", "id"], name="ledger_postings_driver"),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["effective_on"], name="ledger_postings_day", pages_per_range=32
                    ),
                    models.Index(
                        fields=["reference_id"], name="ledger_postings_reference", opclasses=["varchar_pattern_ops"]
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NamedAuthor",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "ledger_named_authors",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="NamedLease",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "lease_id", "driver_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leases.lease",
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leases.driver",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_named_leases",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="NamedVehicle",
            fields=[
                (
                    "vehicle",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="leases.vehicle",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_named_vehicles",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="WaterfallOrder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField(verbose_name="in force from")),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
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
                        size=None,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "priority order",
                "db_table": "ledger_waterfall_orders",
                "ordering": ["-effective_on", "-id"],
                "default_permissions": ("add", "view"),
            },
        ),
        migrations.CreateModel(
            name="InterimPayment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField(db_default=0, editable=False, unique=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "method",
                    models.CharField(choices=[("CASH", "Cash"), ("CHECK", "Check"), ("ACH", "ACH")], max_length=5),
                ),
                (
                    "instrument_number",
                    models.CharField(
                        blank=True, default="", max_length=40, verbose_name="check number or bank reference"
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=200, null=True, unique=True)),
                ("fingerprint", models.CharField(default="", max_length=64)),
                ("deposit", models.DecimalField(decimal_places=2, default=0, max_digits=12)),
                ("received_on", models.DateField(verbose_name="received on")),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received"),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="leases.driver",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="leases.lease",
                    ),
                ),
                (
                    "received_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="cashier",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "db_table": "ledger_payments",
                "ordering": ["-id"],
                "permissions": [("void_interimpayment", "Can void a payment")],
                "abstract": False,
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(fields=["received_on", "received_by"], name="ledger_payments_by_day"),
                    models.Index(
                        condition=models.Q(("instrument_number", ""), _negated=True),
                        fields=["instrument_number"],
                        name="ledger_payments_by_check",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="interimpayment_amount_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("method__in", ["CASH", "CHECK", "ACH"])), name="interimpayment_method_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("method", "CHECK"), _negated=True),
                            models.Q(("instrument_number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="interimpayment_check_numbered",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("deposit__gte", 0), ("deposit__lte", models.F("amount"))),
                        name="interimpayment_deposit_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("deposit", 0), ("lease__isnull", False), _connector="OR"),
                        name="interimpayment_deposit_names_lease",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerBalance",
            fields=[
                (
                    "posting",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="opened",
                        serialize=False,
                        to="ledger.ledgerposting",
                    ),
                ),
                (
                    "entry_type",
                    models.CharField(
                        choices=[("DEBIT", "Debit"), ("CREDIT", "Credit")], max_length=6, verbose_name="entry"
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
                ("reference_id", models.CharField(max_length=64, verbose_name="reference")),
                ("due_on", models.DateField(null=True, verbose_name="due")),
                ("effective_on", models.DateField(verbose_name="effective")),
                ("original_amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("remaining", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "status",
                    models.CharField(
                        choices=[("OPEN", "Open"), ("SETTLED", "Settled"), ("VOIDED", "Voided")], max_length=7
                    ),
                ),
            ],
            options={
                "verbose_name": "balance",
                "db_table": "ledger_balances",
                "ordering": ["-posting_id"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "VOIDED")),
                        fields=["reference_id"],
                        name="ledger_balances_voided_ref",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "VOIDED"), _negated=True),
                        fields=("reference_id",),
                        name="ledger_balances_live_reference",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("remaining__gte", 0), ("remaining__lte", models.F("original_amount"))),
                        name="ledger_balances_remaining_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "OPEN"), ("remaining__gt", 0)),
                            models.Q(models.Q(("status", "OPEN"), _negated=True), ("remaining", 0)),
                            _connector="OR",
                        ),
                        name="ledger_balances_status_tells_remaining",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="ledgerposting",
            name="payment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="ledger.interimpayment",
            ),
        ),
        migrations.AddField(
            model_name="ledgerposting",
            name="posted_by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="ledgerposting",
            name="reverses",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reversals",
                to="ledger.ledgerposting",
            ),
        ),
        migrations.AddField(
            model_name="ledgerposting",
            name="vehicle",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="leases.vehicle",
            ),
        ),
        migrations.CreateModel(
            name="Payout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveBigIntegerField(db_default=0, editable=False, unique=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                (
                    "method",
                    models.CharField(choices=[("CASH", "Cash"), ("CHECK", "Check"), ("ACH", "ACH")], max_length=5),
                ),
                (
                    "instrument_number",
                    models.CharField(
                        blank=True, default="", max_length=40, verbose_name="check number or bank reference"
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=200, null=True, unique=True)),
                ("fingerprint", models.CharField(default="", max_length=64)),
                ("dtr_number", models.CharField(blank=True, default="", max_length=40, verbose_name="DTR")),
                ("paid_on", models.DateField(verbose_name="paid on")),
                (
                    "paid_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="paid"),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payouts",
                        to="leases.driver",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payouts",
                        to="leases.lease",
                    ),
                ),
                (
                    "paid_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "ledger_payouts",
                "ordering": ["-id"],
                "permissions": [("void_payout", "Can void a payout")],
                "abstract": False,
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("instrument_number", ""), _negated=True),
                        fields=["instrument_number"],
                        name="ledger_payouts_by_check",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payout_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(("method__in", ["CASH", "CHECK", "ACH"])), name="payout_method_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("method", "CHECK"), _negated=True),
                            models.Q(("instrument_number", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="payout_check_numbered",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="ledgerposting",
            name="payout",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="ledger.payout",
            ),
        ),
        migrations.AddField(
            model_name="ledgerposting",
            name="balance",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="movements",
                to="ledger.ledgerbalance",
            ),
        ),
        migrations.AddField(
            model_name="ledgerposting",
            name="funding",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="uses",
                to="ledger.ledgerbalance",
            ),
        ),
        migrations.AddField(
            model_name="ledgerbalance",
            name="driver",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="balances",
                to="leases.driver",
            ),
        ),
        migrations.AddField(
            model_name="ledgerbalance",
            name="lease",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="balances",
                to="leases.lease",
            ),
        ),
        migrations.AddField(
            model_name="ledgerbalance",
            name="vehicle",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="balances",
                to="leases.vehicle",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(
                condition=models.Q(("balance__isnull", False)), fields=["balance"], name="ledger_postings_balance"
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(
                condition=models.Q(("funding__isnull", False)), fields=["funding"], name="ledger_postings_funding"
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(
                condition=models.Q(("payment__isnull", False)), fields=["payment"], name="ledger_postings_payment"
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(
                condition=models.Q(("payout__isnull", False)), fields=["payout"], name="ledger_postings_payout"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerposting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reverses__isnull", False)),
                fields=("reverses",),
                name="ledger_postings_reversed_once",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerbalance",
            index=models.Index(fields=["driver", "status", "posting"], name="ledger_balances_driver"),
        ),
        migrations.AddIndex(
            model_name="ledgerbalance",
            index=models.Index(
                condition=models.Q(("entry_type", "CREDIT"), ("status", "OPEN")),
                fields=["driver"],
                name="ledger_balances_open_credit",
            ),
        ),
        migrations.CreateModel(
            name="ChartAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(editable=False, max_length=4, unique=True)),
                ("name", models.CharField(editable=False, max_length=60)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("ASSET", "Asset"),
                            ("LIABILITY", "Liability"),
                            ("CLEARING", "Clearing"),
                            ("EQUITY", "Equity"),
                            ("INCOME", "Income"),
                            ("EXPENSE", "Expense"),
                        ],
                        editable=False,
                        max_length=9,
                    ),
                ),
                (
                    "outside_code",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="What the fleet's accounting program calls this account. Empty: as here.",
                        max_length=40,
                        verbose_name="code outside",
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "chart of accounts",
                "db_table": "ledger_chart",
                "ordering": ["code"],
                "default_permissions": ("view", "change"),
            },
        ),
        migrations.CreateModel(
            name="HistoricalChartAccount",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("code", models.CharField(db_index=True, editable=False, max_length=4)),
                ("name", models.CharField(editable=False, max_length=60)),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("ASSET", "Asset"),
                            ("LIABILITY", "Liability"),
                            ("CLEARING", "Clearing"),
                            ("EQUITY", "Equity"),
                            ("INCOME", "Income"),
                            ("EXPENSE", "Expense"),
                        ],
                        editable=False,
                        max_length=9,
                    ),
                ),
                (
                    "outside_code",
                    models.CharField(
                        blank=True,
                        default="",
                        help_text="What the fleet's accounting program calls this account. Empty: as here.",
                        max_length=40,
                        verbose_name="code outside",
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
                "verbose_name": "historical account",
                "verbose_name_plural": "historical chart of accounts",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("LOAN_OUT", "Loan paid out"),
                            ("RETURNED_ITEM", "Returned item"),
                            ("NEGATIVE_WEEK", "Card week below zero"),
                            ("WIN_BACK", "Won back"),
                            ("OPENING", "Opening balance"),
                            ("CURB_REMITTANCE", "CURB remittance"),
                            ("CARD_FEES", "Card processing fees"),
                            ("BANK_DEPOSIT", "Bank deposit"),
                            ("FLOAT", "Float"),
                            ("PAID_OVER", "Paid over"),
                            ("BORNE", "Borne by the fleet"),
                            ("OVER_SHORT", "Cash over or short"),
                            ("BANK_FEE", "Bank fee"),
                            ("CORRECTION", "Correction"),
                        ],
                        max_length=15,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("reference_id", models.CharField(max_length=64, verbose_name="reference")),
                ("occurrence", models.PositiveSmallIntegerField(db_default=1, editable=False)),
                ("effective_on", models.DateField(verbose_name="effective")),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("loan_id", models.BigIntegerField(null=True)),
                (
                    "posted_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="posted"),
                ),
                (
                    "credit",
                    models.ForeignKey(
                        db_column="credit",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.chartaccount",
                        to_field="code",
                    ),
                ),
                (
                    "debit",
                    models.ForeignKey(
                        db_column="debit",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.chartaccount",
                        to_field="code",
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="ledger.interimpayment",
                    ),
                ),
                (
                    "posted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "posting",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="ledger.ledgerposting",
                    ),
                ),
                (
                    "reverses",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversals",
                        to="ledger.transfer",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_transfers",
                "ordering": ["-id"],
                "permissions": [
                    ("correct_transfer", "Can record a correction of the books"),
                    ("reverse_transfer", "Can reverse a transfer"),
                ],
                "default_permissions": ("add", "view"),
                "indexes": [
                    models.Index(fields=["effective_on"], name="ledger_transfers_day"),
                    models.Index(fields=["reference_id"], name="ledger_transfers_reference"),
                    models.Index(
                        condition=models.Q(("payment__isnull", False)),
                        fields=["payment"],
                        name="ledger_transfers_payment",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("reverses__isnull", False)),
                        fields=("reverses",),
                        name="ledger_transfers_reversed_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("reverses__isnull", True)),
                        fields=("kind", "reference_id", "debit", "credit", "occurrence"),
                        name="ledger_transfers_occurrence",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("posting__isnull", False), ("reverses__isnull", True)),
                        fields=("posting",),
                        name="ledger_transfers_posting_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("loan_id__isnull", False), ("reverses__isnull", True)),
                        fields=("loan_id",),
                        name="ledger_transfers_loan_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SlipCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "payment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slips",
                        to="ledger.interimpayment",
                    ),
                ),
                (
                    "transfer",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="ledger.transfer",
                    ),
                ),
            ],
            options={
                "db_table": "ledger_slip_checks",
                "ordering": ["id"],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="JournalBatch",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("after_posting_id", models.BigIntegerField()),
                ("last_posting_id", models.BigIntegerField()),
                ("after_transfer_id", models.BigIntegerField()),
                ("last_transfer_id", models.BigIntegerField()),
                ("entries", models.PositiveBigIntegerField()),
                ("total", models.DecimalField(decimal_places=2, max_digits=16)),
                ("from_on", models.DateField(verbose_name="from")),
                ("to_on", models.DateField(verbose_name="to")),
                ("chart", models.JSONField()),
                (
                    "taken_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="taken"),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "journal batch",
                "verbose_name_plural": "journal batches",
                "db_table": "ledger_journal_batches",
                "ordering": ["-number"],
                "default_permissions": ("add", "view"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last_posting_id__gte", models.F("after_posting_id")),
                            ("last_transfer_id__gte", models.F("after_transfer_id")),
                            ("entries__gt", 0),
                        ),
                        name="ledger_journal_batches_span_forward",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="JournalBatchDriver",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drivers",
                        to="ledger.journalbatch",
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="leases.driver"
                    ),
                ),
            ],
            options={
                "db_table": "ledger_journal_batch_drivers",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "driver"), name="ledger_journal_batch_drivers_once")
                ],
            },
        ),
    ]
