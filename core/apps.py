from django.apps import AppConfig

from core import groups
from core.groups import AUDITOR, SUPERVISOR


class CoreConfig(AppConfig):
    """Domain-free building blocks; its tables (API tokens, stored answers, audit runs) know no taxis and no money."""

    name = "core"

    GRANTS = {
        SUPERVISOR: ["view_auditrun", "view_auditresult", "add_auditrun"],
        AUDITOR: ["view_auditrun", "view_auditresult"],
    }

    def ready(self) -> None:
        groups.connect()
