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
            name="CurbAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                (
                    "question",
                    models.CharField(
                        choices=[
                            ("TRIPS", "trip log"),
                            ("AP", "approved card transactions"),
                            ("DC", "declined card transactions"),
                            ("DUP", "duplicate card transactions"),
                        ],
                        max_length=5,
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked")),
            ],
            options={
                "db_table": "curb_answers",
                "ordering": ["-day", "question"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("day", "question"), name="curb_answers_one_each"),
                    models.CheckConstraint(
                        condition=models.Q(("question__in", ["TRIPS", "AP", "DC", "DUP"])),
                        name="curb_answers_question_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CardTripsExpected",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateField(blank=True, null=True, verbose_name="card trips expected since")),
                ("reason", models.CharField(max_length=500)),
                (
                    "set_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="set"),
                ),
                ("by_import", models.BooleanField(default=False)),
                (
                    "set_by",
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
                "verbose_name": "card trips expected",
                "verbose_name_plural": "card trips expected",
                "db_table": "curb_card_trips_expected",
                "ordering": ["-id"],
                "permissions": [("expect_card_trips", "Can say since when card trips are expected")],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("by_import", True)),
                        fields=("by_import",),
                        name="curb_card_trips_expected_one_first_import",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="curb_card_trips_expected_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week_end", models.DateField(verbose_name="week ending")),
                ("period", models.CharField(max_length=6)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="made"),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("last_error", models.CharField(blank=True, default="", max_length=500)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True, verbose_name="confirmed")),
            ],
            options={
                "db_table": "curb_reconciliations",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("confirmed_at", None)), fields=["id"], name="curb_reconciliations_to_send"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TripFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file_name", models.CharField(max_length=200)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("FILE", "A file"),
                            ("TRIP_LOG", "CURB, trip log"),
                            ("CARDS", "CURB, card transactions"),
                        ],
                        default="FILE",
                        max_length=8,
                    ),
                ),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                (
                    "imported_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="imported"),
                ),
                ("row_count", models.PositiveIntegerField(verbose_name="rows")),
                ("imported_count", models.PositiveIntegerField(default=0, verbose_name="imported")),
                ("known_count", models.PositiveIntegerField(default=0, verbose_name="known before")),
                ("error_count", models.PositiveIntegerField(default=0, verbose_name="rows with errors")),
                ("errors", models.JSONField(blank=True, default=list)),
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
            ],
            options={
                "db_table": "curb_trip_files",
                "ordering": ["-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Trip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.CharField(max_length=6)),
                ("record_id", models.CharField(max_length=20, verbose_name="record")),
                ("received", models.JSONField()),
                ("raw", models.TextField(blank=True, default="")),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received"),
                ),
                ("license", models.CharField(blank=True, max_length=20)),
                ("cab", models.CharField(blank=True, max_length=20)),
                ("start_at", models.DateTimeField(verbose_name="start")),
                ("end_at", models.DateTimeField(blank=True, null=True, verbose_name="end")),
                (
                    "payment_type",
                    models.CharField(
                        choices=[
                            ("CARD", "Card"),
                            ("CASH", "Cash"),
                            ("PRIVATE", "Private"),
                            ("NO_CHARGE", "No charge"),
                            ("DISPUTE", "Dispute"),
                        ],
                        max_length=9,
                        verbose_name="paid by",
                    ),
                ),
                ("fare", models.DecimalField(decimal_places=2, max_digits=8)),
                ("tips", models.DecimalField(decimal_places=2, max_digits=8)),
                ("extras", models.DecimalField(decimal_places=2, max_digits=8)),
                ("tolls", models.DecimalField(decimal_places=2, max_digits=8)),
                ("mta_tax", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="MTA tax")),
                (
                    "improvement",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="improvement surcharge (TIF)"),
                ),
                (
                    "congestion",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="congestion surcharge"),
                ),
                ("airport", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="airport fee")),
                ("cbd", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="CBD toll")),
                ("ehail", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="e-hail fee")),
                ("health", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="health fee")),
                ("total", models.DecimalField(decimal_places=2, max_digits=8)),
                (
                    "waits_for",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "Nothing"),
                            ("DRIVER", "A driver with this license"),
                            ("VEHICLE", "A cab with this medallion"),
                            ("LEASE", "Which of several leases of the cab it was"),
                        ],
                        default="",
                        max_length=7,
                        verbose_name="waits for",
                    ),
                ),
                ("bound_at", models.DateTimeField(blank=True, null=True, verbose_name="bound")),
                ("week_end", models.DateField(blank=True, null=True, verbose_name="counted in the week ending")),
                (
                    "credited_reference",
                    models.CharField(blank=True, default="", max_length=64, verbose_name="credited by"),
                ),
                ("taxes_reference", models.CharField(blank=True, default="", max_length=64, verbose_name="taxed by")),
                (
                    "bound_by",
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
                        related_name="trips",
                        to="leases.driver",
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="leases.lease",
                    ),
                ),
                (
                    "reconciliation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="curb.reconciliation",
                        verbose_name="receipt",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="leases.vehicle",
                        verbose_name="cab (vehicle)",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trips", to="curb.tripfile"
                    ),
                ),
            ],
            options={
                "db_table": "curb_trips",
                "ordering": ["-start_at", "-id"],
                "permissions": [("match_trip", "Can assign a waiting trip to a driver")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="CardTransaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_id", models.CharField(max_length=40, unique=True, verbose_name="row")),
                (
                    "state",
                    models.CharField(
                        choices=[("AP", "Approved"), ("DC", "Declined"), ("DUP", "Duplicate")], max_length=3
                    ),
                ),
                ("raw", models.TextField()),
                ("received", models.JSONField()),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received"),
                ),
                ("license", models.CharField(blank=True, max_length=20)),
                ("cab", models.CharField(blank=True, max_length=20)),
                ("service_number", models.CharField(blank=True, max_length=20)),
                ("start_at", models.DateTimeField(verbose_name="start")),
                ("end_at", models.DateTimeField(blank=True, null=True, verbose_name="end")),
                ("fare", models.DecimalField(decimal_places=2, max_digits=8)),
                ("tips", models.DecimalField(decimal_places=2, max_digits=8)),
                ("extras", models.DecimalField(decimal_places=2, max_digits=8)),
                ("tolls", models.DecimalField(decimal_places=2, max_digits=8)),
                ("mta_tax", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="MTA tax")),
                (
                    "improvement",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="improvement surcharge (TIF)"),
                ),
                (
                    "congestion",
                    models.DecimalField(decimal_places=2, max_digits=8, verbose_name="congestion surcharge"),
                ),
                ("airport", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="airport fee")),
                ("cbd", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="CBD toll")),
                ("ehail", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="e-hail fee")),
                ("amount", models.DecimalField(decimal_places=2, max_digits=8)),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transactions",
                        to="curb.tripfile",
                        verbose_name="received in",
                    ),
                ),
            ],
            options={
                "db_table": "curb_card_transactions",
                "ordering": ["-start_at", "-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.AddConstraint(
            model_name="tripfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "row_count",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("imported_count"), "+", models.F("known_count")
                            ),
                            "+",
                            models.F("error_count"),
                        ),
                    )
                ),
                name="curb_trip_files_every_row_told",
            ),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(fields=["week_end", "driver", "lease"], name="curb_trips_counted"),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                condition=models.Q(("week_end", None)), fields=["start_at"], name="curb_trips_uncounted"
            ),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(fields=["-start_at", "-id"], name="curb_trips_newest"),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                condition=models.Q(("credited_reference", ""), _negated=True),
                fields=["credited_reference"],
                name="curb_trips_credited",
            ),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                condition=models.Q(("reconciliation", None), ("week_end__isnull", False)),
                fields=["week_end"],
                name="curb_trips_unreconciled",
            ),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                condition=models.Q(("waits_for", ""), _negated=True), fields=["waits_for"], name="curb_trips_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="trip",
            index=models.Index(
                condition=models.Q(("taxes_reference", ""), _negated=True),
                fields=["taxes_reference"],
                name="curb_trips_taxed",
            ),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.UniqueConstraint(fields=("period", "record_id"), name="curb_trips_record"),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(
                condition=models.Q(("payment_type__in", ["CARD", "CASH", "PRIVATE", "NO_CHARGE", "DISPUTE"])),
                name="curb_trips_payment_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("waits_for", ""), _negated=True),
                    models.Q(("driver__isnull", False), ("vehicle__isnull", False)),
                    _connector="OR",
                ),
                name="curb_trips_waits_while_unknown",
            ),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(
                condition=models.Q(("week_end", None), ("waits_for", ""), _connector="OR"),
                name="curb_trips_counts_when_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("credited_reference", ""),
                    models.Q(("payment_type__in", ["CARD"]), ("week_end__isnull", False)),
                    _connector="OR",
                ),
                name="curb_trips_only_card_credits",
            ),
        ),
        migrations.AddConstraint(
            model_name="trip",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taxes_reference", ""),
                    models.Q(("payment_type__in", ["CARD", "CASH"]), ("week_end__isnull", False)),
                    _connector="OR",
                ),
                name="curb_trips_only_card_and_cash_taxed",
            ),
        ),
        migrations.AddIndex(
            model_name="cardtransaction",
            index=models.Index(fields=["-start_at", "-id"], name="curb_card_transactions_newest"),
        ),
        migrations.AddConstraint(
            model_name="cardtransaction",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["AP", "DC", "DUP"])), name="curb_card_transactions_state_known"
            ),
        ),
    ]
