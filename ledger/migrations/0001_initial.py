from decimal import Decimal

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
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
                    ("void_ledgerposting", "Can void a posting"),
                    ("write_off_ledgerposting", "Can write off a charge"),
                    ("credit_driver", "Can credit a driver with a reason"),
                    ("apply_earnings", "Can apply a driver's held credits now"),
                ],
                "default_permissions": ("view",),
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
        migrations.AddIndex(
            model_name="interimpayment",
            index=models.Index(fields=["received_on", "received_by"], name="ledger_payments_by_day"),
        ),
        migrations.AddIndex(
            model_name="interimpayment",
            index=models.Index(
                condition=models.Q(("method", "CHECK")), fields=["instrument_number"], name="ledger_payments_by_check"
            ),
        ),
        migrations.AddConstraint(
            model_name="interimpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0)), name="interimpayment_amount_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="interimpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["CASH", "CHECK", "ACH"])), name="interimpayment_method_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="interimpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "CHECK"), _negated=True),
                    models.Q(("instrument_number", ""), _negated=True),
                    _connector="OR",
                ),
                name="interimpayment_check_numbered",
            ),
        ),
        migrations.AddConstraint(
            model_name="interimpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("deposit__gte", 0), ("deposit__lte", models.F("amount"))),
                name="interimpayment_deposit_within_amount",
            ),
        ),
        migrations.AddConstraint(
            model_name="interimpayment",
            constraint=models.CheckConstraint(
                condition=models.Q(("deposit", 0), ("lease__isnull", False), _connector="OR"),
                name="interimpayment_deposit_names_lease",
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
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="payout_amount_positive"),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(("method__in", ["CASH", "CHECK", "ACH"])), name="payout_method_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="payout",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("method", "CHECK"), _negated=True),
                    models.Q(("instrument_number", ""), _negated=True),
                    _connector="OR",
                ),
                name="payout_check_numbered",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(fields=["driver", "id"], name="ledger_postings_driver"),
        ),
        migrations.AddIndex(
            model_name="ledgerposting",
            index=models.Index(fields=["reference_id"], name="ledger_postings_reference"),
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
                condition=models.Q(("status", "VOIDED")), fields=["reference_id"], name="ledger_balances_voided_ref"
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerbalance",
            index=models.Index(
                condition=models.Q(("entry_type", "CREDIT"), ("status", "OPEN")),
                fields=["driver"],
                name="ledger_balances_open_credit",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerbalance",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "VOIDED"), _negated=True),
                fields=("reference_id",),
                name="ledger_balances_live_reference",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(("remaining__gte", 0), ("remaining__lte", models.F("original_amount"))),
                name="ledger_balances_remaining_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerbalance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "OPEN"), ("remaining__gt", 0)),
                    models.Q(models.Q(("status", "OPEN"), _negated=True), ("remaining", 0)),
                    _connector="OR",
                ),
                name="ledger_balances_status_tells_remaining",
            ),
        ),
    ]
