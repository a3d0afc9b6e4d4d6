from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db.models.signals import post_migrate

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW = ("view_repairinvoice", "view_repairband", "view_maintenancerule")


class RepairsConfig(AppConfig):
    name = "repairs"

    #: The office enters invoices and holds them; what undoes a charge, or changes a rule, is a supervisor's.
    GRANTS = {
        CASHIER: ("view_repairinvoice",),
        SUPERVISOR: (
            *_VIEW,
            "add_repairinvoice",
            "hold_repairinvoice",
            "void_repairinvoice",
            "add_repairband",
            "add_maintenancerule",
            "change_maintenancerule",
        ),
        OFFICE: (*_VIEW, "add_repairinvoice", "hold_repairinvoice"),
        AUDITOR: _VIEW,
    }

    def ready(self) -> None:
        from core.corrections import register_own_act
        from core.finders import register_finder
        from core.sources import register_source
        from repairs.corrections import say_repair_act
        from repairs.finders import find_repairs
        from repairs.sources import find_page

        register_finder(140, "repairs.view_repairinvoice", find_repairs)
        post_migrate.connect(_plant_reference_rows, sender=self, dispatch_uid="repairs.reference_rows")
        register_source("REPAIR", find_page)
        register_own_act("REPAIR", say_repair_act)


def _plant_reference_rows(*, using: str, apps: Any = global_apps, **kwargs: Any) -> None:
    """Make the bands and rules that a new fleet starts with, where there are none yet; a flush makes them anew."""
    from ledger.installments.models import plant_default_bands
    from repairs.rules import DEFAULT_MAINTENANCE

    try:
        band = apps.get_model("repairs", "RepairBand")
        rule = apps.get_model("repairs", "MaintenanceRule")
    except LookupError:  # migrating backwards past the first migration
        return
    plant_default_bands(band, using)
    rules = rule._base_manager.using(using)
    if not rules.exists():
        rules.bulk_create(
            [
                rule(lease_type=default.lease_type, is_owners=default.is_owners, citation=default.citation)
                for default in DEFAULT_MAINTENANCE
            ]
        )
