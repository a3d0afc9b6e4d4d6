from datetime import date
from decimal import Decimal
from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db.models.signals import post_migrate

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW = ("view_driverloan", "view_loanband", "view_ratelimit")
_KEEP = ("add_driverloan", "hold_driverloan", "pay_off_driverloan")


class LoansConfig(AppConfig):
    name = "loans"

    #: The office lends, holds and computes payoffs; what forgives or undoes, or changes a rule, is a supervisor's.
    GRANTS = {
        CASHIER: ("view_driverloan",),
        SUPERVISOR: (
            *_VIEW,
            *_KEEP,
            "write_off_driverloan",
            "void_driverloan",
            "add_loanband",
            "add_ratelimit",
            "change_ratelimit",
        ),
        OFFICE: (*_VIEW, *_KEEP),
        AUDITOR: _VIEW,
    }

    def ready(self) -> None:
        from core.corrections import register_own_act
        from core.finders import register_finder
        from core.sources import register_source
        from ledger.services import register_calling_in
        from loans.corrections import say_loan_act
        from loans.finders import find_loans
        from loans.models import LoanInstallment
        from loans.services.payoffs import call_in_loans
        from loans.sources import find_page

        register_finder(150, "loans.view_driverloan", find_loans)
        post_migrate.connect(_plant_reference_rows, sender=self, dispatch_uid="loans.reference_rows")
        register_source("LOAN", find_page)
        register_own_act("LOAN", say_loan_act)
        register_calling_in(LoanInstallment, call_in_loans)


def _plant_reference_rows(*, using: str, apps: Any = global_apps, **kwargs: Any) -> None:
    """Make the bands and the rate limit that a new fleet starts with, where there are none; a flush makes them anew."""
    from ledger.installments.models import plant_default_bands

    try:
        band = apps.get_model("loans", "LoanBand")
        limit = apps.get_model("loans", "RateLimit")
    except LookupError:  # migrating backwards past the first migration
        return
    plant_default_bands(band, using)
    limits = limit._base_manager.using(using)
    if not limits.exists():
        limits.create(
            effective_on=date(2000, 1, 1),
            highest_percent=Decimal("16.00"),
            citation="New York's civil usury rate, Banking Law § 14-a",
        )
