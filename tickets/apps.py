from django.apps import AppConfig

from config.kit.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW = ("view_ticket", "view_ticketimport", "view_importrow", "view_misccharge", "view_chargetype")


class TicketsConfig(AppConfig):
    name = "tickets"

    #: The office brings tickets in and says whose they are; what undoes a charge, or allows a fee, is a supervisor's.
    GRANTS = {
        CASHIER: ("view_ticket", "view_misccharge"),
        SUPERVISOR: (
            *_VIEW,
            "add_ticketimport",
            "add_ticket",
            "assign_ticket",
            "correct_ticket",
            "add_misccharge",
            "void_misccharge",
            "add_chargetype",
            "change_chargetype",
        ),
        OFFICE: (*_VIEW, "add_ticketimport", "add_ticket", "assign_ticket", "add_misccharge"),
        AUDITOR: _VIEW,
    }

    def ready(self) -> None:
        from config.kit.sources import register_source
        from tickets.sources import find_charge_page, find_ticket_page

        for prefix in ("PVB", "TLC", "EZPASS"):
            register_source(prefix, find_ticket_page)
        register_source("MISC", find_charge_page)
