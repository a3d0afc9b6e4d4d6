import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "started_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="started"),
                ),
                ("finished_at", models.DateTimeField(null=True, verbose_name="finished")),
                ("findings", models.PositiveIntegerField(default=0)),
            ],
            options={
                "db_table": "core_audit_runs",
                "ordering": ["-id"],
                "permissions": [
                    ("read_reports", "Can read the reports of the office"),
                    ("read_control_reports", "Can read the reports of who did what with the money"),
                ],
                "default_permissions": ("add", "view"),
            },
        ),
        migrations.CreateModel(
            name="EventMark",
            fields=[
                ("source", models.CharField(max_length=63, primary_key=True, serialize=False)),
                ("through", models.BigIntegerField(default=0)),
                ("pending", models.BigIntegerField(null=True)),
                (
                    "writers",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
            ],
            options={
                "db_table": "core_event_marks",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("driver_id", models.BigIntegerField(null=True)),
                ("data", models.JSONField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "core_facts",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditResult",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("promise", models.TextField()),
                ("findings", models.PositiveIntegerField()),
                ("sample", models.JSONField(default=list)),
                ("seconds", models.FloatField()),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="results", to="core.auditrun"
                    ),
                ),
            ],
            options={
                "db_table": "core_audit_results",
                "ordering": ["id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("driver_id", models.BigIntegerField(null=True)),
                ("source", models.CharField(max_length=63)),
                ("source_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "core_events",
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["kind", "id"], name="core_events_by_kind")],
                "constraints": [models.UniqueConstraint(fields=("source", "source_id"), name="core_events_each_once")],
            },
        ),
        migrations.CreateModel(
            name="HistoricalWebhookEndpoint",
            fields=[
                ("id", models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("PAUSED", "Paused"), ("DELETED", "Deleted")],
                        default="ACTIVE",
                        max_length=7,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, default="", max_length=500, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="added"),
                ),
                ("paused_at", models.DateTimeField(editable=False, null=True, verbose_name="paused")),
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
                "verbose_name": "historical webhook endpoint",
                "verbose_name_plural": "historical webhook endpoints",
                "ordering": ("-history_date", "-history_id"),
                "get_latest_by": ("history_date", "history_id"),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name="ListAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("page", models.CharField(max_length=100)),
                ("chosen_at", models.TextField()),
                ("typed", models.JSONField(null=True)),
                ("is_confirmed", models.BooleanField(default=False)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="begun"),
                ),
                (
                    "looked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), verbose_name="looked at"
                    ),
                ),
                (
                    "worked_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="worked"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="list_acts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "core_list_acts",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("url", models.CharField(max_length=500, verbose_name="address")),
                (
                    "kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("ACTIVE", "Active"), ("PAUSED", "Paused"), ("DELETED", "Deleted")],
                        default="ACTIVE",
                        max_length=7,
                    ),
                ),
                ("state_reason", models.CharField(blank=True, default="", max_length=500, verbose_name="reason")),
                ("seed", models.CharField(editable=False, max_length=64)),
                ("former_seed", models.CharField(blank=True, default="", editable=False, max_length=64)),
                ("former_until", models.DateTimeField(editable=False, null=True)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="added"),
                ),
                ("paused_at", models.DateTimeField(editable=False, null=True, verbose_name="paused")),
                ("failures", models.PositiveIntegerField(default=0, editable=False, verbose_name="failures in a row")),
                ("queued_through", models.BigIntegerField(default=0, editable=False)),
                ("held_until", models.DateTimeField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "webhook endpoint",
                "db_table": "core_webhook_endpoints",
                "ordering": ["name", "id"],
                "permissions": [("manage_webhookendpoint", "Can add, change, pause and delete webhook endpoints")],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "DELETED"), _negated=True),
                        fields=("name",),
                        name="core_webhook_endpoints_live_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["ACTIVE", "PAUSED", "DELETED"])),
                        name="core_webhook_endpoints_state_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("READ", "Read only"),
                            ("COUNTER", "What the counter does"),
                            ("OFFICE", "What the office does"),
                            ("ALL", "Everything the user may"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="made"),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="expires")),
                ("last_used_on", models.DateField(editable=False, null=True, verbose_name="last used")),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked")),
                (
                    "made_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "API token",
                "db_table": "core_api_tokens",
                "ordering": ["-id"],
                "permissions": [("manage_apitoken", "Can make and revoke everybody's API tokens")],
                "default_permissions": ("add", "view"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["READ", "COUNTER", "OFFICE", "ALL"])),
                        name="core_api_tokens_scope_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__isnull", True), ("expires_at__gt", models.F("created_at")), _connector="OR"
                        ),
                        name="core_api_tokens_expires_after_made",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at__isnull", True)),
                        fields=("user", "name"),
                        name="core_api_tokens_live_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ListActRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("record_id", models.BigIntegerField()),
                ("name", models.TextField()),
                ("cells", models.JSONField(default=list)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("CHOSEN", "Not looked at yet"),
                            ("MAY", "May be done"),
                            ("DONE", "Done"),
                            ("LEFT", "Left alone"),
                        ],
                        default="CHOSEN",
                        max_length=6,
                    ),
                ),
                ("told", models.JSONField(default=list)),
                ("given", models.TextField(blank=True)),
                (
                    "act",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="core.listact"
                    ),
                ),
            ],
            options={
                "db_table": "core_list_act_rows",
                "ordering": ["id"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("outcome", "MAY")), fields=["act"], name="core_list_act_rows_not_done"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("act", "record_id"), name="core_list_act_rows_each_once"),
                    models.CheckConstraint(
                        condition=models.Q(("outcome__in", ["CHOSEN", "MAY", "DONE", "LEFT"])),
                        name="core_list_act_rows_outcome_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("list_name", models.CharField(max_length=100, verbose_name="list")),
                ("name", models.CharField(max_length=40)),
                ("query", models.CharField(blank=True, max_length=2000)),
                ("is_shared", models.BooleanField(default=False, verbose_name="shared")),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="saved"),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "core_saved_views",
                "ordering": ["name", "id"],
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("is_shared", True)), fields=["list_name"], name="core_saved_views_shared"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("owner", "list_name", "name"), name="core_saved_views_one_of_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="core_saved_views_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=150)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField()),
                ("body", models.TextField()),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="created"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "db_table": "core_stored_answers",
                "default_permissions": (),
                "indexes": [models.Index(fields=["created_at"], name="core_stored_answers_by_age")],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="core_stored_answers_key")],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lane", models.BigIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "Waiting"), ("DELIVERED", "Delivered"), ("GIVEN_UP", "Given up")],
                        default="WAITING",
                        max_length=9,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True, verbose_name="next attempt")),
                ("tried_at", models.DateTimeField(null=True, verbose_name="last attempt")),
                ("status", models.PositiveSmallIntegerField(null=True, verbose_name="answered")),
                ("answer", models.CharField(blank=True, default="", max_length=500)),
                ("failure", models.CharField(blank=True, default="", max_length=300)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="queued"),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="core.event"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="core.webhookendpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "webhook delivery",
                "verbose_name_plural": "webhook deliveries",
                "db_table": "core_webhook_deliveries",
                "ordering": ["-id"],
                "permissions": [("send_webhookdelivery", "Can have an event sent to a webhook again")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "WAITING")),
                        fields=["endpoint", "lane", "event"],
                        name="core_webhook_deliveries_queue",
                    ),
                    models.Index(fields=["created_at"], name="core_webhook_deliveries_by_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lane__isnull", False)),
                        fields=("endpoint", "event"),
                        name="core_webhook_deliveries_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("due_at__isnull", False), ("state", "WAITING")),
                            models.Q(
                                ("due_at", None), ("state__in", ["DELIVERED", "GIVEN_UP"]), ("tried_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="core_webhook_deliveries_state_tells",
                    ),
                ],
            },
        ),
    ]
