from decimal import Decimal

import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import simple_history.models
from django.conf import settings
from django.db import migrations, models

import tickets.rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("curb", "0001_initial"),
        ("leases", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ChargeType",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80, unique=True)),
                (
                    "default_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                (
                    "added_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PVB", "Parking or camera violation"),
                            ("TLC", "TLC summons"),
                            ("EZPASS", "E-ZPass toll"),
                        ],
                        help_text="Blank: charged by hand only.",
                        max_length=6,
                        verbose_name="added to each",
                    ),
                ),
                ("is_active", models.BooleanField(default=False, verbose_name="in use")),
                ("citation", models.CharField(blank=True, max_length=200, verbose_name="rule that allows it")),
            ],
            options={
                "db_table": "tickets_charge_types",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("default_amount", None),
                            models.Q(("default_amount__gt", 0), ("default_amount__lt", Decimal("10000000000"))),
                            _connector="OR",
                        ),
                        name="tickets_charge_types_amount_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("added_to", ""),
                            ("is_active", False),
                            models.Q(models.Q(("citation", ""), _negated=True), ("default_amount__isnull", False)),
                            _connector="OR",
                        ),
                        name="tickets_charge_types_fee_allowed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalChargeType",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(db_index=True, max_length=80)),
                (
                    "default_amount",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        validators=[django.core.validators.MinValueValidator(Decimal("0.01"))],
                    ),
                ),
                (
                    "added_to",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("PVB", "Parking or camera violation"),
                            ("TLC", "TLC summons"),
                            ("EZPASS", "E-ZPass toll"),
                        ],
                        help_text="Blank: charged by hand only.",
                        max_length=6,
                        verbose_name="added to each",
                    ),
                ),
                ("is_active", models.BooleanField(default=False, verbose_name="in use")),
                ("citation", models.CharField(blank=True, max_length=200, verbose_name="rule that allows it")),
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
                "verbose_name": "historical charge type",
                "verbose_name_plural": "historical charge types",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PVB", "Parking or camera violation"),
                            ("TLC", "TLC summons"),
                            ("EZPASS", "E-ZPass toll"),
                        ],
                        max_length=6,
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "In review"),
                            ("CHARGED", "Charged"),
                            ("CREDITED", "Credited"),
                            ("DISPUTED", "Disputed, not charged"),
                            ("DISMISSED", "Dismissed"),
                            ("NOTHING_DUE", "Nothing due"),
                            ("FLEET_PAYS", "The fleet pays"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing"),
                            ("VEHICLE", "No cab of ours had this plate or tag then"),
                            ("LEASE", "Nobody held the cab then"),
                            ("DRIVER", "More than one driver may have had the cab"),
                            ("LICENSE", "No driver has this TLC license"),
                            ("CONGESTION", "Congestion zone: passengers pay it trip by trip"),
                            ("REFUND", "Refund of a toll that is not charged to one driver"),
                            ("KIND", "Of a kind that is not known: whose is it?"),
                            ("SIGN", "A toll above zero: a charge, or a refund?"),
                            ("CONTRADICTS", "What it tells contradicts itself"),
                            ("TRIP", "The driver of the trip is on no lease of the cab"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="waits for",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("at_latest", models.DateTimeField(verbose_name="at the latest")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("tag", models.CharField(blank=True, max_length=16)),
                ("plate", models.CharField(blank=True, max_length=10)),
                ("plate_state", models.CharField(blank=True, max_length=2, verbose_name="state of the plate")),
                ("medallion", models.CharField(blank=True, max_length=6)),
                ("license", models.CharField(blank=True, max_length=8, verbose_name="TLC license")),
                ("place", models.CharField(blank=True, max_length=120)),
                ("violation", models.CharField(blank=True, max_length=120)),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
                ("received", models.JSONField(blank=True, default=dict)),
                ("told_total", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("told_paid", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "decided_reason",
                    models.CharField(blank=True, db_default="", default="", max_length=500, verbose_name="because"),
                ),
                ("uncharged", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12)),
                ("row", models.PositiveIntegerField(blank=True, null=True)),
                (
                    "driver",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="leases.driver",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="leases.lease",
                    ),
                ),
                (
                    "refund_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="curb.trip",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="leases.vehicle",
                    ),
                ),
            ],
            options={
                "db_table": "tickets_tickets",
                "ordering": ["-id"],
                "permissions": [
                    ("assign_ticket", "Can assign tickets to drivers"),
                    ("correct_ticket", "Can correct, dispute and dismiss tickets, and let the fleet pay them"),
                    (
                        "lay_aside_ticket",
                        "Can dismiss tickets in review that no cab of ours had, or of the congestion zone",
                    ),
                ],
                "default_permissions": ("view", "add"),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "WAITING")),
                        fields=["waits_for", "id"],
                        name="tickets_tickets_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["DISPUTED", "FLEET_PAYS"])),
                        fields=["state", "decided_at"],
                        name="tickets_tickets_decided",
                    ),
                    models.Index(fields=["driver", "-id"], name="tickets_tickets_of_driver"),
                    models.Index(fields=["kind", "at", "amount"], name="tickets_tickets_for_refunds"),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["at"], name="tickets_tickets_at", pages_per_range=32
                    ),
                    models.Index(fields=["plate"], name="tickets_tickets_plate"),
                    models.Index(fields=["tag"], name="tickets_tickets_tag"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "number"), name="tickets_tickets_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["PVB", "TLC", "EZPASS"]),
                            (
                                "state__in",
                                [
                                    "WAITING",
                                    "CHARGED",
                                    "CREDITED",
                                    "DISPUTED",
                                    "DISMISSED",
                                    "NOTHING_DUE",
                                    "FLEET_PAYS",
                                ],
                            ),
                        ),
                        name="tickets_tickets_choices_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gt", Decimal("-10000000000")), ("amount__lt", Decimal("10000000000"))
                        ),
                        name="tickets_tickets_amount_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("at_latest__gte", models.F("at"))), name="tickets_tickets_moment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["CHARGED", "CREDITED"]), _negated=True),
                            models.Q(("driver__isnull", False), ("waits_for", "")),
                            _connector="OR",
                        ),
                        name="tickets_tickets_charged_to_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("driver", None), ("state", "WAITING"), models.Q(("waits_for", ""), _negated=True)
                            ),
                            models.Q(models.Q(("state", "WAITING"), _negated=True), ("waits_for", "")),
                            _connector="OR",
                        ),
                        name="tickets_tickets_waits_for_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "FLEET_PAYS"), _negated=True),
                            models.Q(
                                ("amount__gt", 0),
                                ("driver", None),
                                ("lease", None),
                                models.Q(("decided_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="tickets_tickets_fleet_pays_alone",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount__lte", 0), ("state", "CHARGED"), _negated=True),
                            models.Q(("amount__gte", 0), ("state", "CREDITED"), _negated=True),
                        ),
                        name="tickets_tickets_sign",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("uncharged", 0),
                            models.Q(
                                ("refund_of__isnull", False),
                                ("state", "CREDITED"),
                                ("uncharged__gt", 0),
                                (
                                    "uncharged__lte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("amount"), "*", models.Value(-1)
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="tickets_tickets_uncharged_of_a_refund",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalMiscCharge",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("charged_on", models.DateField(verbose_name="charged")),
                ("due_on", models.DateField(verbose_name="due")),
                ("note", models.CharField(blank=True, max_length=500)),
                ("paper_number", models.CharField(blank=True, max_length=40, verbose_name="signed paper's number")),
                ("entry_key", models.CharField(blank=True, db_index=True, editable=False, max_length=64, null=True)),
                ("void_reason", models.CharField(blank=True, max_length=500, verbose_name="voided because")),
                ("history_id", models.AutoField(primary_key=True, serialize=False)),
                ("history_date", models.DateTimeField(db_index=True)),
                ("history_change_reason", models.TextField(null=True)),
                (
                    "history_type",
                    models.CharField(choices=[("+", "Created"), ("~", "Changed"), ("-", "Deleted")], max_length=1),
                ),
                (
                    "charge_type",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tickets.chargetype",
                        verbose_name="for",
                    ),
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
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical miscellaneous charge",
                "verbose_name_plural": "historical miscellaneous charges",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="TicketImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[
                            (tickets.rules.FileKind["PVB"], "Parking and camera violations (NYC Open Data)"),
                            (tickets.rules.FileKind["PVB_FLEET"], "Parking and camera violations (fleet program)"),
                            (tickets.rules.FileKind["EZPASS"], "E-ZPass statement"),
                            (tickets.rules.FileKind["TLC"], "TLC summonses (our template)"),
                        ],
                        max_length=9,
                    ),
                ),
                ("file_name", models.CharField(max_length=200, verbose_name="file")),
                ("file", models.FileField(max_length=200, upload_to="tickets/")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("RECEIVED", "Being read"),
                            ("REFUSED", "Refused"),
                            ("STAGED", "To be confirmed"),
                            ("IMPORTING", "Being imported"),
                            ("IMPORTED", "Imported"),
                        ],
                        default="STAGED",
                        max_length=9,
                    ),
                ),
                (
                    "extra_field_after",
                    models.CharField(
                        blank=True, db_default="", default="", max_length=200, verbose_name="field without a name after"
                    ),
                ),
                ("refusal", models.CharField(blank=True, db_default="", default="", max_length=500)),
                ("refusal_code", models.CharField(blank=True, db_default="", default="", max_length=50)),
                ("row_count", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("new_count", models.PositiveIntegerField(default=0, verbose_name="new")),
                ("unmatched_count", models.PositiveIntegerField(default=0, verbose_name="unmatched")),
                ("known_count", models.PositiveIntegerField(default=0, verbose_name="known before")),
                ("changed_count", models.PositiveIntegerField(db_default=0, default=0, verbose_name="changed")),
                ("nobodys_count", models.PositiveIntegerField(default=0, verbose_name="nobody's")),
                ("error_count", models.PositiveIntegerField(default=0, verbose_name="with errors")),
                ("imported_count", models.PositiveIntegerField(default=0, verbose_name="imported")),
                ("charged_count", models.PositiveIntegerField(default=0, verbose_name="charged")),
                ("waiting_count", models.PositiveIntegerField(default=0, verbose_name="sent to review")),
                (
                    "staged_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="uploaded"),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed")),
                ("charged_on", models.DateField(blank=True, null=True, verbose_name="charged on")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "staged_by",
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
                "verbose_name": "ticket file",
                "db_table": "tickets_imports",
                "ordering": ["-id"],
                "default_permissions": ("view", "add"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "row_count",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("new_count"), "+", models.F("known_count")
                                        ),
                                        "+",
                                        models.F("nobodys_count"),
                                    ),
                                    "+",
                                    models.F("error_count"),
                                ),
                            )
                        ),
                        name="tickets_imports_every_row_told",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("changed_count__lte", models.F("known_count"))),
                        name="tickets_imports_changed_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["pvb", "pvb-fleet", "ezpass", "tlc"]),
                                ("state__in", ["RECEIVED", "REFUSED", "STAGED", "IMPORTING", "IMPORTED"]),
                            ),
                            models.Q(("kind", ""), ("state__in", ["RECEIVED", "REFUSED"])),
                            _connector="OR",
                        ),
                        name="tickets_imports_choices_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "REFUSED"), models.Q(("refusal", ""), _negated=True)),
                            models.Q(models.Q(("state", "REFUSED"), _negated=True), ("refusal", "")),
                            _connector="OR",
                        ),
                        name="tickets_imports_refused_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["RECEIVED", "REFUSED"]), _negated=True),
                            models.Q(("confirmed_at", None), ("row_count", 0)),
                            _connector="OR",
                        ),
                        name="tickets_imports_read_before_confirmed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TicketChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("DISMISSED", "Dismissed"),
                            ("REDUCED", "Reduced"),
                            ("RAISED", "Raised"),
                            ("PAID", "Paid"),
                        ],
                        max_length=9,
                    ),
                ),
                ("before_total", models.DecimalField(decimal_places=2, max_digits=12)),
                ("before_paid", models.DecimalField(decimal_places=2, max_digits=12)),
                ("now_total", models.DecimalField(decimal_places=2, max_digits=12)),
                ("now_paid", models.DecimalField(decimal_places=2, max_digits=12)),
                ("status", models.CharField(blank=True, max_length=120, verbose_name="status told")),
                (
                    "found_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="found"),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "act",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("REDUCE", "Reduced"),
                            ("DISMISS", "Dismissed"),
                            ("CHARGE_REST", "The rest charged"),
                            ("FLEET_PAID", "The fleet paid it: the driver is charged"),
                            ("DRIVER_PAID", "The driver paid it"),
                            ("LEAVE", "Left as it was"),
                            ("SUPERSEDED", "Told otherwise by a later file"),
                        ],
                        db_default="",
                        default="",
                        max_length=11,
                        verbose_name="decision",
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=500)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="tickets.ticket"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        db_column="import_id",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="tickets.ticketimport",
                    ),
                ),
            ],
            options={
                "db_table": "tickets_changes",
                "ordering": ["id"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("decided_at", None)), fields=["kind", "id"], name="tickets_changes_open"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("decided_at__isnull", True)),
                        fields=("ticket",),
                        name="tickets_changes_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("before_total__gt", 0), ("kind", "DISMISSED"), ("now_total__lte", 0)),
                            models.Q(("kind", "REDUCED"), ("now_total__lt", models.F("before_total"))),
                            models.Q(
                                ("kind", "RAISED"),
                                ("now_paid__lte", models.F("before_paid")),
                                ("now_total__gte", models.F("before_total")),
                                models.Q(
                                    ("now_paid", models.F("before_paid")),
                                    ("now_total", models.F("before_total")),
                                    _negated=True,
                                ),
                            ),
                            models.Q(("kind", "PAID"), ("now_paid__gt", models.F("before_paid"))),
                            _connector="OR",
                        ),
                        name="tickets_changes_kind_fits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("before_paid__gte", 0),
                            ("now_paid__gte", 0),
                            ("now_total__gt", Decimal("-10000000000")),
                            ("now_total__lt", Decimal("10000000000")),
                        ),
                        name="tickets_changes_sums_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", ""), ("decided_at", None), ("decided_by", None), ("reason", "")),
                            models.Q(
                                (
                                    "act__in",
                                    [
                                        "REDUCE",
                                        "DISMISS",
                                        "CHARGE_REST",
                                        "FLEET_PAID",
                                        "DRIVER_PAID",
                                        "LEAVE",
                                        "SUPERSEDED",
                                    ],
                                ),
                                ("decided_at__isnull", False),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="tickets_changes_decided_with_reason",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="ticket",
            name="file",
            field=models.ForeignKey(
                blank=True,
                db_column="import_id",
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="tickets.ticketimport",
            ),
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("NEW", "New"),
                            ("SENT", "Imported"),
                            ("KNOWN", "Known before"),
                            ("NOBODYS", "Nobody's"),
                            ("ERROR", "Error"),
                        ],
                        max_length=7,
                    ),
                ),
                ("column", models.CharField(blank=True, max_length=200)),
                ("message", models.CharField(blank=True, max_length=500)),
                ("received", models.JSONField(blank=True, default=dict)),
                ("number", models.CharField(blank=True, max_length=40)),
                ("tag", models.CharField(blank=True, max_length=16)),
                ("plate", models.CharField(blank=True, max_length=10)),
                ("plate_state", models.CharField(blank=True, max_length=2, verbose_name="state of the plate")),
                ("medallion", models.CharField(blank=True, max_length=6)),
                ("license", models.CharField(blank=True, max_length=8, verbose_name="TLC license")),
                ("at", models.DateTimeField(blank=True, null=True)),
                ("at_latest", models.DateTimeField(blank=True, null=True)),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("total", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("paid", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("place", models.CharField(blank=True, max_length=120)),
                ("violation", models.CharField(blank=True, max_length=120)),
                ("due_on", models.DateField(blank=True, null=True)),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing"),
                            ("VEHICLE", "No cab of ours had this plate or tag then"),
                            ("LEASE", "Nobody held the cab then"),
                            ("DRIVER", "More than one driver may have had the cab"),
                            ("LICENSE", "No driver has this TLC license"),
                            ("CONGESTION", "Congestion zone: passengers pay it trip by trip"),
                            ("REFUND", "Refund of a toll that is not charged to one driver"),
                            ("KIND", "Of a kind that is not known: whose is it?"),
                            ("SIGN", "A toll above zero: a charge, or a refund?"),
                            ("CONTRADICTS", "What it tells contradicts itself"),
                            ("TRIP", "The driver of the trip is on no lease of the cab"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="waits for",
                    ),
                ),
                (
                    "change",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("DISMISSED", "Dismissed"),
                            ("REDUCED", "Reduced"),
                            ("RAISED", "Raised"),
                            ("PAID", "Paid"),
                        ],
                        db_default="",
                        default="",
                        max_length=9,
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        db_column="import_id",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="tickets.ticketimport",
                    ),
                ),
            ],
            options={
                "db_table": "tickets_import_rows",
                "ordering": ["file_id", "row"],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["file", "state", "row"], name="tickets_import_rows_by_state")],
                "constraints": [
                    models.UniqueConstraint(fields=("file", "row"), name="tickets_import_rows_one_each"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["NEW", "SENT", "KNOWN"]), _negated=True),
                            models.Q(
                                models.Q(("number", ""), _negated=True),
                                ("amount__isnull", False),
                                ("at__isnull", False),
                                ("at_latest__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="tickets_import_rows_read",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("change", ""),
                            models.Q(("change__in", ["DISMISSED", "REDUCED", "RAISED", "PAID"]), ("state", "KNOWN")),
                            _connector="OR",
                        ),
                        name="tickets_import_rows_change_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HistoricalTicket",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("PVB", "Parking or camera violation"),
                            ("TLC", "TLC summons"),
                            ("EZPASS", "E-ZPass toll"),
                        ],
                        max_length=6,
                    ),
                ),
                ("number", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "In review"),
                            ("CHARGED", "Charged"),
                            ("CREDITED", "Credited"),
                            ("DISPUTED", "Disputed, not charged"),
                            ("DISMISSED", "Dismissed"),
                            ("NOTHING_DUE", "Nothing due"),
                            ("FLEET_PAYS", "The fleet pays"),
                        ],
                        max_length=11,
                    ),
                ),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing"),
                            ("VEHICLE", "No cab of ours had this plate or tag then"),
                            ("LEASE", "Nobody held the cab then"),
                            ("DRIVER", "More than one driver may have had the cab"),
                            ("LICENSE", "No driver has this TLC license"),
                            ("CONGESTION", "Congestion zone: passengers pay it trip by trip"),
                            ("REFUND", "Refund of a toll that is not charged to one driver"),
                            ("KIND", "Of a kind that is not known: whose is it?"),
                            ("SIGN", "A toll above zero: a charge, or a refund?"),
                            ("CONTRADICTS", "What it tells contradicts itself"),
                            ("TRIP", "The driver of the trip is on no lease of the cab"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="waits for",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="when")),
                ("at_latest", models.DateTimeField(verbose_name="at the latest")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("tag", models.CharField(blank=True, max_length=16)),
                ("plate", models.CharField(blank=True, max_length=10)),
                ("plate_state", models.CharField(blank=True, max_length=2, verbose_name="state of the plate")),
                ("medallion", models.CharField(blank=True, max_length=6)),
                ("license", models.CharField(blank=True, max_length=8, verbose_name="TLC license")),
                ("place", models.CharField(blank=True, max_length=120)),
                ("violation", models.CharField(blank=True, max_length=120)),
                ("due_on", models.DateField(blank=True, null=True, verbose_name="due")),
                ("told_total", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("told_paid", models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True)),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "decided_reason",
                    models.CharField(blank=True, db_default="", default="", max_length=500, verbose_name="because"),
                ),
                ("uncharged", models.DecimalField(decimal_places=2, default=Decimal("0.00"), max_digits=12)),
                ("row", models.PositiveIntegerField(blank=True, null=True)),
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
                        db_index=False,
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
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.lease",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="curb.trip",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="leases.vehicle",
                    ),
                ),
                (
                    "refund_of",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        db_column="import_id",
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tickets.ticketimport",
                    ),
                ),
            ],
            options={
                "verbose_name": "historical ticket",
                "verbose_name_plural": "historical tickets",
                "db_table": "tickets_history",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="MiscCharge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12)),
                ("charged_on", models.DateField(verbose_name="charged")),
                ("due_on", models.DateField(verbose_name="due")),
                ("note", models.CharField(blank=True, max_length=500)),
                ("paper_number", models.CharField(blank=True, max_length=40, verbose_name="signed paper's number")),
                ("entry_key", models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True)),
                ("void_reason", models.CharField(blank=True, max_length=500, verbose_name="voided because")),
                (
                    "charge_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="charges",
                        to="tickets.chargetype",
                        verbose_name="for",
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="misc_charges", to="leases.driver"
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="misc_charges",
                        to="leases.lease",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="misc_charges",
                        to="leases.vehicle",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="fees",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "miscellaneous charge",
                "db_table": "tickets_misc_charges",
                "ordering": ["-id"],
                "permissions": [("void_misccharge", "Can void miscellaneous charges")],
                "default_permissions": ("view", "add"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0), ("amount__lt", Decimal("10000000000"))),
                        name="tickets_misc_charges_amount_positive",
                    )
                ],
            },
        ),
    ]
