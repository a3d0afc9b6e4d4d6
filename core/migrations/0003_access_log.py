"""The log of sign-ins and refusals, which is only added to."""

from pathlib import Path

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="when")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SIGNED_IN", "Signed in"),
                            ("FAILED", "Sign-in failed"),
                            ("CODE_FAILED", "Wrong code"),
                            ("LOCKED_OUT", "Locked out"),
                            ("UNLOCKED", "Unlocked"),
                            ("SIGNED_OUT", "Signed out"),
                            ("PASSWORD", "Password changed"),
                            ("SET_UP", "Authenticator set up"),
                            ("CODES", "Recovery codes made"),
                            ("RESET", "Authenticator taken away"),
                            ("REFUSED", "Refused"),
                        ],
                        max_length=11,
                        verbose_name="what",
                    ),
                ),
                ("username", models.CharField(blank=True, db_default="", max_length=150, verbose_name="who")),
                ("address", models.CharField(blank=True, db_default="", max_length=64, verbose_name="from")),
                ("told", models.CharField(blank=True, db_default="", max_length=700, verbose_name="details")),
                ("request_id", models.CharField(blank=True, db_default="", max_length=64, verbose_name="request")),
                ("merged_by", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-in or refusal",
                "verbose_name_plural": "sign-ins and refusals",
                "db_table": "core_access_log",
                "ordering": ["-id"],
                "permissions": [
                    ("unlock_sign_in", "Can unlock a sign-in that failed too often"),
                    ("reset_authenticator", "Can take somebody's lost authenticator away"),
                ],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["at"], name="core_access_log_by_age"),
                    models.Index(fields=["user", "id"], name="core_access_log_of_user"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "SIGNED_IN",
                                    "FAILED",
                                    "CODE_FAILED",
                                    "LOCKED_OUT",
                                    "UNLOCKED",
                                    "SIGNED_OUT",
                                    "PASSWORD",
                                    "SET_UP",
                                    "CODES",
                                    "RESET",
                                    "REFUSED",
                                ],
                            )
                        ),
                        name="core_access_log_kind_known",
                    )
                ],
            },
        ),
        migrations.RunSQL(
            sql=(SQL / "access_log.sql").read_text(),
            reverse_sql=(SQL / "access_log_reverse.sql").read_text(),
        ),
    ]
