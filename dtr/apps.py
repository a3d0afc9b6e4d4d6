from django.apps import AppConfig

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_STATEMENTS = ["view_dtr", "view_weekclose", "view_overrule"]


class DtrConfig(AppConfig):
    name = "dtr"
    verbose_name = "Pay week"

    GRANTS = {
        CASHIER: _STATEMENTS,
        SUPERVISOR: [*_STATEMENTS, "close_week", "overrule_check"],
        OFFICE: _STATEMENTS,
        AUDITOR: _STATEMENTS,
    }

    def ready(self) -> None:
        from core.corrections import register_own_act
        from core.finders import register_finder
        from dtr.corrections import say_week_act
        from dtr.finders import find_dtrs

        register_finder(160, "dtr.view_dtr", find_dtrs)
        for prefix in ("CURB", "TAXES"):
            register_own_act(prefix, say_week_act)
