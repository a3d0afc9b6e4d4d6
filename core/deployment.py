"""What `manage.py check --deploy` says: whether the product works as a role that owns nothing, and what mail is off."""

from typing import Any

import psycopg
from django.conf import settings
from django.core import checks
from django.db import connection

_OWN = """
    SELECT pg_get_userbyid(relowner) FROM pg_class
     WHERE oid = to_regclass('public.django_migrations') AND pg_has_role(relowner, 'USAGE')
"""
_OWNER = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('public.django_migrations')"
_SOCKETS = "/var/run/postgresql"


@checks.register(checks.Tags.security, deploy=True)
def check_ways_to_be_the_owner(**_: Any) -> list[checks.CheckMessage]:
    """Warn where whoever runs the product is let in as the tables' owner without a password: two roles are one then.

    A server does so over its socket where the owner is called as that system user (``peer``), or by ``trust``.
    """
    given = {name: value for name, value in connection.get_connection_params().items() if name != "pool"}
    patient = given | {"connect_timeout": 3}
    try:
        with psycopg.connect(**patient) as session:
            found = session.execute(_OWNER).fetchone()
    except psycopg.Error:
        return []
    if found is None or found[0] == given.get("user"):
        return []
    as_owner = {name: value for name, value in patient.items() if name != "password"} | {"user": found[0]}
    for host in dict.fromkeys([given.get("host", ""), _SOCKETS]):
        try:
            psycopg.connect(**as_owner | {"host": host}).close()
        except psycopg.Error:
            continue
        return [
            checks.Warning(
                f"Whoever runs this may be {found[0]}, who owns the tables, without a password (host {host or '-'}).",
                hint="Call the owner as no system user (ALTER ROLE … RENAME TO …), and let pg_hba.conf trust nobody.",
                id="core.W010",
            )
        ]
    return []


@checks.register(checks.Tags.security, deploy=True)
def check_role(**_: Any) -> list[checks.CheckMessage]:
    """Warn where the product owns the tables; say nothing where there is no database to ask."""
    given = {name: value for name, value in connection.get_connection_params().items() if name != "pool"}
    try:
        with psycopg.connect(**given | {"connect_timeout": 3}) as session:
            owner = session.execute(_OWN).fetchone()
    except psycopg.Error:
        return []
    if owner is None:
        return []
    return [
        checks.Warning(
            f"The product works as {owner[0]}, who owns the tables: guards hold it back, and it can switch them off.",
            hint="Give it a role of its own, and migrations MIGRATE_DATABASE_URL: docs/operations.md.",
            id="core.W001",
        )
    ]


@checks.register(deploy=True)
def check_mail(**_: Any) -> list[checks.CheckMessage]:
    """Say what is off without mail, and warn where it is set by half."""
    hint = "docs/people.md says how mail is set; `manage.py sendtestemail` tries it."
    if not settings.MAIL_IS_SET:
        told = (
            "EMAIL_URL is not set: first passwords are shown on the page, nobody has a link to a new password mailed, "
            "and what the audits find is mailed to nobody."
        )
        return [checks.Info(told, hint=hint, id="core.I001")]
    found: list[checks.CheckMessage] = []
    if settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        told = "DEFAULT_FROM_EMAIL is not set: mails are from nobody, which few mail servers take."
        found.append(checks.Warning(told, hint=hint, id="core.W002"))
    if settings.EMAIL_HOST_PASSWORD and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        told = "EMAIL_URL begins with smtp: its password travels in the clear. submission:// does it by TLS."
        found.append(checks.Warning(told, hint=hint, id="core.W003"))
    if not settings.ADMINS:
        told = "ADMIN_EMAILS is not set: what the audits find is mailed to nobody."
        found.append(checks.Info(told, hint=hint, id="core.I002"))
    return found
