from django.apps import AppConfig

from core.groups import AUDITOR, OFFICE, SUPERVISOR

_TRIPS = [
    "view_trip",
    "view_tripcount",
    "view_tripfile",
    "view_cardtransaction",
    "view_reconciliation",
    "view_cardtripsexpected",
    "view_attributeruling",
]
_ACTS = ["match_trip", "correct_trip", "see_unread"]


class CurbConfig(AppConfig):
    name = "curb"
    verbose_name = "CURB"

    GRANTS = {
        SUPERVISOR: [*_TRIPS, *_ACTS, "expect_card_trips", "rule_attribute"],
        OFFICE: [*_TRIPS, *_ACTS],
        AUDITOR: _TRIPS,
    }

    def ready(self) -> None:
        from curb.rules import CREDITED, TAXED
        from curb.services.voids import void_share_of
        from ledger.services import register_joint_void

        register_joint_void(void_share_of, CREDITED, TAXED)
