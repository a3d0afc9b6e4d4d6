from django.apps import AppConfig

from core.groups import AUDITOR, OFFICE, SUPERVISOR

_TRIPS = ["view_trip", "view_tripfile", "view_cardtransaction", "view_reconciliation", "view_cardtripsexpected"]


class CurbConfig(AppConfig):
    name = "curb"
    verbose_name = "CURB"

    GRANTS = {
        SUPERVISOR: [*_TRIPS, "match_trip", "expect_card_trips"],
        OFFICE: [*_TRIPS, "match_trip"],
        AUDITOR: _TRIPS,
    }
