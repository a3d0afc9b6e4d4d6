from django.apps import AppConfig

from config.kit.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_STATEMENTS = ["view_dtr", "view_weekclose"]
_TRIPS = ["view_trip", "view_tripfile", "view_cardtransaction", "view_reconciliation"]


class DtrConfig(AppConfig):
    name = "dtr"
    verbose_name = "Pay week"

    GRANTS = {
        CASHIER: _STATEMENTS,
        SUPERVISOR: [*_STATEMENTS, "close_week", "match_trip", *_TRIPS, "view_openingimport", "import_opening"],
        OFFICE: [*_STATEMENTS, "match_trip", *_TRIPS],
        AUDITOR: [*_STATEMENTS, *_TRIPS, "view_openingimport"],
    }

    def ready(self) -> None:
        from config.kit.sources import register_source
        from dtr.sources import find_opening_page

        register_source("OPEN", find_opening_page)
