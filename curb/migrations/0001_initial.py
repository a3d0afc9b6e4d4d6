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
            name="CardTransaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row_id", models.CharField(max_length=40, verbose_name="row")),
                ("is_current", models.BooleanField(db_default=True, default=True)),
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
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="curb.cardtransaction",
                    ),
                ),
            ],
            options={
                "db_table": "curb_card_transactions",
                "ordering": ["-start_at", "-id"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["-start_at", "-id"], name="curb_card_transactions_newest"),
                    models.Index(
                        condition=models.Q(("is_current", False)), fields=["row_id"], name="curb_card_rows_superseded"
                    ),
                    models.Index(
                        condition=models.Q(("is_current", True), ("state__in", ["DC", "DUP"])),
                        fields=["cab", "license", "service_number", "amount"],
                        name="curb_card_rows_doubtful",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)), fields=("row_id",), name="curb_card_transactions_row"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["AP", "DC", "DUP"])),
                        name="curb_card_transactions_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("license__regex", "^0[0-9]*$"), _negated=True),
                        name="curb_card_transactions_license_is_a_key",
                    ),
                ],
            },
        ),
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
                ("asked_on", models.DateField(blank=True, null=True, verbose_name="asked about")),
                ("sha256", models.CharField(max_length=64, unique=True, verbose_name="SHA-256")),
                (
                    "imported_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="imported"),
                ),
                ("row_count", models.PositiveIntegerField(verbose_name="rows")),
                ("imported_count", models.PositiveIntegerField(default=0, verbose_name="imported")),
                ("known_count", models.PositiveIntegerField(default=0, verbose_name="known before")),
                ("amended_count", models.PositiveIntegerField(default=0, verbose_name="amended")),
                (
                    "amended_by",
                    models.DecimalField(decimal_places=2, default=0, max_digits=12, verbose_name="amended by"),
                ),
                (
                    "remarked_count",
                    models.PositiveIntegerField(default=0, verbose_name="with remarks on their amounts"),
                ),
                ("error_count", models.PositiveIntegerField(default=0, verbose_name="rows with errors")),
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
                "permissions": [("see_unread", "Can say that rows that could not be read were looked at")],
                "default_permissions": ("view",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amended_count__lte", models.F("imported_count"))),
                        name="curb_trip_files_amended_imported",
                    ),
                    models.CheckConstraint(
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
                ],
            },
        ),
        migrations.CreateModel(
            name="Trip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.CharField(max_length=6)),
                ("record_id", models.CharField(max_length=20, verbose_name="record")),
                ("is_current", models.BooleanField(db_default=True, default=True)),
                ("raw", models.TextField()),
                (
                    "received_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="received"),
                ),
                ("license", models.CharField(blank=True, max_length=20)),
                ("cab", models.CharField(blank=True, max_length=20)),
                ("service_number", models.CharField(blank=True, default="", max_length=20)),
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
                ("passed_through", models.DecimalField(db_default=0, decimal_places=2, default=0, max_digits=8)),
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
                (
                    "counts_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "As its record says"),
                            ("CARD", "Paid by card"),
                            ("CASH", "Paid in cash"),
                            ("NO_CHARGE", "No charge"),
                            ("NOTHING", "Nobody's: it counts for nobody"),
                        ],
                        default="",
                        max_length=9,
                        verbose_name="counts as",
                    ),
                ),
                (
                    "awaits_count",
                    models.BooleanField(db_default=True, default=True, verbose_name="the next close looks at it"),
                ),
                ("week_end", models.DateField(blank=True, null=True, verbose_name="counted in the week ending")),
                (
                    "bound_by",
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
                    "driver",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
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
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="leases.lease",
                    ),
                ),
                (
                    "paired_with",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="curb.cardtransaction",
                    ),
                ),
                (
                    "reconciliation",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trips",
                        to="curb.reconciliation",
                        verbose_name="receipt",
                    ),
                ),
                (
                    "supersedes",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
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
                "permissions": [
                    ("match_trip", "Can assign a waiting trip to a driver"),
                    ("correct_trip", "Can move a trip to another driver, count it back, or say how it was paid"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("week_end__isnull", False)), fields=["week_end"], name="curb_trips_counted"
                    ),
                    models.Index(
                        condition=models.Q(("awaits_count", True)), fields=["start_at"], name="curb_trips_awaiting"
                    ),
                    models.Index(fields=["-start_at", "-id"], name="curb_trips_newest"),
                    models.Index(
                        condition=models.Q(("is_current", True)),
                        fields=["vehicle", "start_at", "end_at"],
                        name="curb_trips_of_a_cab",
                    ),
                    models.Index(
                        condition=models.Q(("paired_with__isnull", False)),
                        fields=["paired_with"],
                        name="curb_trips_paired",
                    ),
                    models.Index(
                        condition=models.Q(("is_current", False)),
                        fields=["period", "record_id"],
                        name="curb_trips_superseded",
                    ),
                    models.Index(
                        condition=models.Q(("reconciliation", None), ("week_end__isnull", False)),
                        fields=["week_end"],
                        name="curb_trips_unreconciled",
                    ),
                    models.Index(
                        condition=models.Q(("reconciliation__isnull", False)),
                        fields=["reconciliation"],
                        name="curb_trips_on_receipts",
                    ),
                    models.Index(
                        condition=models.Q(("waits_for", ""), _negated=True),
                        fields=["waits_for"],
                        name="curb_trips_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("counts_as", ""), ("is_current", True), ("paired_with__isnull", False)),
                        fields=["start_at"],
                        name="curb_trips_undecided",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_current", True)),
                        fields=("period", "record_id"),
                        name="curb_trips_record",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("supersedes__isnull", False)),
                        fields=("supersedes",),
                        name="curb_trips_superseded_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counts_as__in", ["", "CARD", "CASH", "NO_CHARGE", "NOTHING"])),
                        name="curb_trips_counts_as_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("license__regex", "^0[0-9]*$"), _negated=True),
                        name="curb_trips_license_is_a_key",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("paired_with", None), ("payment_type", "CARD"), _connector="OR"),
                        name="curb_trips_only_card_pairs",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payment_type__in", ["CARD", "CASH", "PRIVATE", "NO_CHARGE", "DISPUTE"])),
                        name="curb_trips_payment_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("waits_for", ""), _negated=True),
                            models.Q(("driver__isnull", False), ("vehicle__isnull", False)),
                            _connector="OR",
                        ),
                        name="curb_trips_waits_while_unknown",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("week_end", None), ("waits_for", ""), _connector="OR"),
                        name="curb_trips_counts_when_known",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="cardtransaction",
            name="file",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="transactions",
                to="curb.tripfile",
                verbose_name="received in",
            ),
        ),
        migrations.CreateModel(
            name="UnreadRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField()),
                ("attribute", models.CharField(max_length=60)),
                ("message", models.CharField(max_length=300)),
                ("day", models.DateField(blank=True, null=True)),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="seen")),
                (
                    "seen_reason",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="what was found"),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="unread_records", to="curb.tripfile"
                    ),
                ),
                (
                    "seen_by",
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
                "db_table": "curb_unread_records",
                "ordering": ["file_id", "row", "id"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("seen_at", None)), fields=["day"], name="curb_unread_records_unseen"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("seen_at", None), ("seen_by", None), ("seen_reason", "")),
                            models.Q(("seen_at__isnull", False), models.Q(("seen_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="curb_unread_records_seen_with_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AttributeRuling",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=60, verbose_name="attribute")),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("FARE", "Fare: the driver's, as it is in the total"),
                            ("MTA_TAX", "MTA tax: charged to the driver"),
                            ("IMPROVEMENT", "Improvement surcharge (TIF): charged to the driver"),
                            ("CONGESTION", "Congestion surcharge: charged to the driver"),
                            ("AIRPORT", "Airport fee: charged to the driver"),
                            ("CBD", "CBD toll: charged to the driver"),
                            ("PASSED_THROUGH", "Passed through: the fleet remits it, neither credited nor charged"),
                            ("NOT_MONEY", "No amount of money"),
                            ("MAY_BE_MISSING", "A tax that records may leave out"),
                        ],
                        max_length=14,
                        verbose_name="belongs to",
                    ),
                ),
                ("from_on", models.DateField(verbose_name="trips from")),
                ("reason", models.CharField(max_length=500)),
                (
                    "ruled_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="ruled"),
                ),
                (
                    "ruled_by",
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
                "verbose_name": "ruling on an attribute",
                "verbose_name_plural": "rulings on attributes",
                "db_table": "curb_attributes",
                "ordering": ["-id"],
                "permissions": [("rule_attribute", "Can say where an attribute of CURB's records belongs")],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["key", "-id"], name="curb_attributes_by_key")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "place__in",
                                [
                                    "FARE",
                                    "MTA_TAX",
                                    "IMPROVEMENT",
                                    "CONGESTION",
                                    "AIRPORT",
                                    "CBD",
                                    "PASSED_THROUGH",
                                    "NOT_MONEY",
                                    "MAY_BE_MISSING",
                                ],
                            )
                        ),
                        name="curb_attributes_place_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reason", ""), _negated=True), models.Q(("key", ""), _negated=True)
                        ),
                        name="curb_attributes_says_why",
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
            name="AmountRemark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("SUM", "The parts are not the total"),
                            ("UNKNOWN", "An attribute that nobody knows"),
                            ("MISSING", "A tax that is not named"),
                        ],
                        max_length=7,
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=60)),
                ("name", models.CharField(blank=True, max_length=60, verbose_name="attribute")),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=10, null=True)),
                (
                    "read_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("FARE", "Fare: the driver's, as it is in the total"),
                            ("MTA_TAX", "MTA tax: charged to the driver"),
                            ("IMPROVEMENT", "Improvement surcharge (TIF): charged to the driver"),
                            ("CONGESTION", "Congestion surcharge: charged to the driver"),
                            ("AIRPORT", "Airport fee: charged to the driver"),
                            ("CBD", "CBD toll: charged to the driver"),
                            ("PASSED_THROUGH", "Passed through: the fleet remits it, neither credited nor charged"),
                            ("NOT_MONEY", "No amount of money"),
                            ("MAY_BE_MISSING", "A tax that records may leave out"),
                        ],
                        default="",
                        max_length=14,
                    ),
                ),
                ("seen_at", models.DateTimeField(blank=True, null=True, verbose_name="seen")),
                (
                    "seen_reason",
                    models.CharField(blank=True, default="", max_length=500, verbose_name="what was found"),
                ),
                (
                    "seen_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "transaction",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="curb.cardtransaction",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="remarks",
                        to="curb.trip",
                    ),
                ),
            ],
            options={
                "db_table": "curb_amount_remarks",
                "ordering": ["id"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("read_as", ""), ("seen_at", None)),
                        fields=["key"],
                        name="curb_amount_remarks_open",
                    ),
                    models.Index(fields=["key", "id"], name="curb_amount_remarks_by_key"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("transaction__isnull", False), ("trip", None)),
                            models.Q(("transaction", None), ("trip__isnull", False)),
                            _connector="OR",
                        ),
                        name="curb_amount_remarks_of_one_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("amount__isnull", False), ("key", ""), ("name", ""), ("read_as", ""), ("what", "SUM")
                            ),
                            models.Q(
                                ("amount__isnull", False),
                                ("what", "UNKNOWN"),
                                models.Q(("key", ""), _negated=True),
                                models.Q(("read_as", "MAY_BE_MISSING"), _negated=True),
                            ),
                            models.Q(
                                ("amount", None),
                                ("read_as__in", ["", "MAY_BE_MISSING"]),
                                ("what", "MISSING"),
                                models.Q(("key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="curb_amount_remarks_of_a_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("seen_at", None), ("seen_by", None), ("seen_reason", "")),
                            models.Q(
                                ("seen_at__isnull", False),
                                ("what", "SUM"),
                                models.Q(("seen_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="curb_amount_remarks_seen_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TripCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("MOVED", "Moved to another driver"),
                            ("BACK", "Counted back: nobody's"),
                            ("DECIDED", "Said how it was paid"),
                        ],
                        max_length=8,
                    ),
                ),
                ("counts_as", models.CharField(blank=True, default="", max_length=9)),
                ("reason", models.CharField(max_length=500)),
                ("made_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                (
                    "from_driver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leases.driver",
                    ),
                ),
                (
                    "from_lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leases.lease",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_driver",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leases.driver",
                    ),
                ),
                (
                    "to_lease",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="leases.lease",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="curb.trip"
                    ),
                ),
            ],
            options={
                "db_table": "curb_trip_corrections",
                "ordering": ["-id"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="curb_trip_corrections_with_a_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("act", "MOVED"), _negated=True), ("to_driver__isnull", False), _connector="OR"
                        ),
                        name="curb_trip_corrections_moved_to_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TripCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("week_end", models.DateField(verbose_name="counted in the week ending")),
                ("sign", models.SmallIntegerField()),
                ("is_void", models.BooleanField(db_default=False, default=False)),
                ("share", models.CharField(max_length=56)),
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
                        verbose_name="counted as",
                    ),
                ),
                ("is_late", models.BooleanField(verbose_name="of an earlier week")),
                ("total", models.DecimalField(decimal_places=2, max_digits=8)),
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
                (
                    "counted_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="counted"
                    ),
                ),
                (
                    "driver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trip_counts", to="leases.driver"
                    ),
                ),
                (
                    "lease",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trip_counts",
                        to="leases.lease",
                    ),
                ),
                (
                    "trip",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="counts",
                        to="curb.trip",
                    ),
                ),
                (
                    "vehicle",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trip_counts",
                        to="leases.vehicle",
                        verbose_name="cab",
                    ),
                ),
            ],
            options={
                "verbose_name": "counted trip",
                "db_table": "curb_trip_counts",
                "ordering": ["-id"],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["week_end", "driver", "lease"], name="curb_trip_counts_of_a_week"),
                    models.Index(fields=["share"], name="curb_trip_counts_by_share"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("trip", "week_end", "sign", "is_void"), name="curb_trip_counts_once_a_close"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sign__in", [1, -1])), name="curb_trip_counts_sign_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("payment_type__in", ["CARD", "CASH", "PRIVATE", "NO_CHARGE", "DISPUTE"])),
                        name="curb_trip_counts_payment_type_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("payment_type__in", ["CARD", "CASH"]),
                            models.Q(("airport", 0), ("cbd", 0), ("congestion", 0), ("improvement", 0), ("mta_tax", 0)),
                            _connector="OR",
                        ),
                        name="curb_trip_counts_only_card_and_cash_taxed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__regex", "^\\d{4}-\\d\\d-\\d\\d-(D\\d+|L\\d+(-D\\d+)?)$")),
                        name="curb_trip_counts_share_names",
                    ),
                ],
            },
        ),
    ]
