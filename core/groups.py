"""The groups of staff, and what each app grants them.

An app says what a role may do with its own tables in its AppConfig::

    GRANTS = {"Cashier": ["add_interimpayment", "view_interimpayment"], ...}

After each migration (and after a flush, so that a test has them again) the groups are made and hold, of that app,
exactly these permissions. Whoever needs something else makes a group of another name: those are never touched.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_migrate

if TYPE_CHECKING:  # apps are configured by this module, before there are models
    from django.contrib.auth.models import User

CASHIER = "Cashier"
SUPERVISOR = "Supervisor"
OFFICE = "Office"
AUDITOR = "Auditor"
ROLES = (CASHIER, SUPERVISOR, OFFICE, AUDITOR)
#: What a superuser is called beside them.
ADMINISTRATOR = "Administrator"

Grants = Mapping[str, Sequence[str]]


def connect() -> None:
    """Have the groups made after every migration, once Django has made the permissions (it is connected first)."""
    post_migrate.connect(_grant_after_migration, dispatch_uid="core.groups")


def grants_of(app_config: AppConfig) -> Grants:
    """Return the app's grants by role.

    :raises ImproperlyConfigured: one of them names no role
    """
    grants: Grants = getattr(app_config, "GRANTS", {})
    unknown = set(grants) - set(ROLES)
    if unknown:
        raise ImproperlyConfigured(f"{app_config.label}.GRANTS names no role: {', '.join(sorted(unknown))}.")
    return grants


@cache
def list_granted(role: str) -> frozenset[str]:
    """Return what all apps grant the role, as in "ledger.view_payout"."""
    return frozenset(
        f"{app.label}.{name}" for app in global_apps.get_app_configs() for name in grants_of(app).get(role, ())
    )


def say_roles(user: "User") -> str:
    """Return the roles of somebody, as people name them; nothing where they have none. It reads their groups."""
    return ", ".join([ADMINISTRATOR] * user.is_superuser + sorted(group.name for group in user.groups.all()))


def _grant_after_migration(*, app_config: AppConfig, using: str, apps: Any = global_apps, **kwargs: Any) -> None:
    grants = grants_of(app_config)
    if not grants:
        return
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # migrating backwards past django.contrib.auth
        return
    own = permission_model.objects.using(using).filter(content_type__app_label=app_config.label)
    for role in ROLES:
        group, _ = group_model.objects.using(using).get_or_create(name=role)
        # A permission that an older schema does not have yet is granted when its migration has made it.
        granted = set(own.filter(codename__in=grants.get(role, ())))
        held = set(group.permissions.filter(content_type__app_label=app_config.label))
        group.permissions.add(*granted - held)
        group.permissions.remove(*held - granted)
