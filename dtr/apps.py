from django.apps import AppConfig

from config.kit.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_STATEMENTS = ["view_dtr", "view_weekclose"]
_TRIPS = ["view_trip", "view_tripfile"]


class DtrConfig(AppConfig):
    name = "dtr"
    verbose_name = "Pay week"

    GRANTS = {
        CASHIER: _STATEMENTS,
        SUPERVISOR: [*_STATEMENTS, "close_week", *_TRIPS],
        OFFICE: [*_STATEMENTS, *_TRIPS],
        AUDITOR: [*_STATEMENTS, *_TRIPS],
    }
