"""People of the office, first passwords that wait to be changed, and what is written of both in the log."""

import django.contrib.auth.models
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("core", "0005_proxies_of_doors"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstPassword",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="first_password",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "given_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="given"),
                ),
                ("good_to", models.DateTimeField(verbose_name="good to")),
            ],
            options={
                "db_table": "core_first_passwords",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "permissions": [
                    ("manage_person", "Can make logins, give roles and first passwords, and lock people out")
                ],
                "proxy": True,
                "default_permissions": ("view",),
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.user",),
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="accessentry",
            name="core_access_log_kind_known",
        ),
        migrations.AlterField(
            model_name="accessentry",
            name="kind",
            field=models.CharField(
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
                    ("ADDED", "Person added"),
                    ("CHANGED", "Person changed"),
                    ("GIVEN", "First password given"),
                    ("CLOSED", "Person locked"),
                    ("OPENED", "Person unlocked"),
                    ("LINK", "Password link sent"),
                ],
                max_length=11,
                verbose_name="what",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessentry",
            constraint=models.CheckConstraint(
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
                            "ADDED",
                            "CHANGED",
                            "GIVEN",
                            "CLOSED",
                            "OPENED",
                            "LINK",
                        ],
                    )
                ),
                name="core_access_log_kind_known",
            ),
        ),
        migrations.AddField(
            model_name="firstpassword",
            name="given_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="firstpassword",
            constraint=models.CheckConstraint(
                condition=models.Q(("good_to__gt", models.F("given_at"))), name="core_first_passwords_good_for_a_time"
            ),
        ),
    ]
