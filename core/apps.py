import gc

from django.apps import AppConfig

from core import groups
from core.groups import AUDITOR, OFFICE, SUPERVISOR
from core.names import name_author

_AUDITS = ("view_auditrun", "view_auditresult", "add_auditrun")
_DOORS = ("view_accessentry", "view_signinfailure", "view_authenticator", "view_person")
_EVENTS = ("view_event", "view_webhookendpoint", "view_webhookdelivery")


class CoreConfig(AppConfig):
    """Domain-free building blocks; its tables (API tokens, stored answers, audit runs) know no taxis and no money."""

    name = "core"

    GRANTS = {
        SUPERVISOR: [
            *_AUDITS,
            *_DOORS,
            *_EVENTS,
            "unlock_sign_in",
            "reset_authenticator",
            "manage_person",
            "manage_webhookendpoint",
            "send_webhookdelivery",
            "read_reports",
            "read_control_reports",
            "see_status",
            "add_apitoken",
            "view_apitoken",
        ],
        OFFICE: ["read_reports", "add_apitoken"],
        AUDITOR: [*_AUDITS, *_DOORS, *_EVENTS, "read_reports", "read_control_reports", "view_apitoken"],
    }

    def ready(self) -> None:
        # Axes and the models are there only now.
        from django.contrib.auth.models import User

        from core import capacity, deployment, expressions  # noqa: F401  (they register their checks, and ``among``)
        from core.doors import second_step, signals

        # In lists and facts too a person is called by their name.
        User.__str__ = name_author  # type: ignore[method-assign]
        groups.connect()
        signals.connect()
        second_step.check_roles()
        look_seldom()


def look_seldom() -> None:
    """Have the collector of cycles look more seldom, and pass over the code, which stays to the end.

    Until now it may not have looked at all: see manage.py.

    Rows by the hundred thousand pass through a process, and nearly all of it is freed without the collector: by the
    numbers that Python begins with, it takes a fifth of the time of an import. More seldom than this would be felt:
    a page leaves some two thousand objects that name each other, and what collects fifty thousand of them stops
    the page that it falls into for 25 ms, and now and then for half a second.
    """
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
    gc.enable()
