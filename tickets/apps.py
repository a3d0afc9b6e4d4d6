from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db.models.signals import post_migrate

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW = ("view_ticket", "view_ticketimport", "view_importrow", "view_misccharge", "view_chargetype")


class TicketsConfig(AppConfig):
    name = "tickets"

    #: The office brings tickets in, assigns them, and lays aside what is no cab of ours; what undoes a charge, or
    #: allows a fee, is a supervisor's.
    GRANTS = {
        CASHIER: ("view_ticket", "view_misccharge"),
        SUPERVISOR: (
            *_VIEW,
            "add_ticketimport",
            "add_ticket",
            "assign_ticket",
            "correct_ticket",
            "lay_aside_ticket",
            "add_misccharge",
            "void_misccharge",
            "add_chargetype",
            "change_chargetype",
        ),
        OFFICE: (*_VIEW, "add_ticketimport", "add_ticket", "assign_ticket", "lay_aside_ticket", "add_misccharge"),
        AUDITOR: _VIEW,
    }

    def ready(self) -> None:
        from core.corrections import register_own_act
        from core.finders import register_finder
        from core.sources import register_source
        from leases.selectors import register_claims
        from tickets.corrections import say_charge_act, say_ticket_act
        from tickets.finders import find_charges, find_tickets
        from tickets.selectors.claims import list_claims_on_lease
        from tickets.sources import find_charge_page, find_ticket_page

        post_migrate.connect(_plant_reference_rows, sender=self, dispatch_uid="tickets.reference_rows")
        register_finder(130, "tickets.view_ticket", find_tickets)
        register_finder(155, "tickets.view_misccharge", find_charges)
        for prefix in ("PVB", "TLC", "EZPASS"):
            register_source(prefix, find_ticket_page)
        register_source("MISC", find_charge_page)
        for prefix in ("PVB", "TLC", "EZPASS"):
            register_own_act(prefix, say_ticket_act)
        register_own_act("MISC", say_charge_act)
        register_claims(list_claims_on_lease)


def _plant_reference_rows(*, using: str, apps: Any = global_apps, **kwargs: Any) -> None:
    """Make the types of charges that a new fleet starts with, where there are none yet; a flush makes them anew."""
    from tickets.rules import DEFAULT_CHARGES, DEFAULT_FEES

    try:
        charge_type = apps.get_model("tickets", "ChargeType")
    except LookupError:  # migrating backwards past the first migration
        return
    types = charge_type._base_manager.using(using)
    if not types.exists():
        types.bulk_create(
            [
                *(charge_type(name=name, is_active=True) for name in DEFAULT_CHARGES),
                *(charge_type(name=name, added_to=kind, is_active=False) for name, kind in DEFAULT_FEES.items()),
            ]
        )
