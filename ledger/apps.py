from typing import Any

from django.apps import AppConfig
from django.apps import apps as global_apps
from django.db.models.signals import post_migrate

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW_MONEY = (
    "view_ledgeraccount",
    "view_ledgerbalance",
    "view_interimpayment",
    "view_payout",
)
#: The ledger's own lines, and the fleet's own side: whoever keeps or checks the books. What happened on an account is
#: told in words to whoever may see its balances.
_VIEW_BOOKS = ("view_ledgerposting", "view_transfer", "view_chartaccount")
_VIEW_ALL = (*_VIEW_MONEY, *_VIEW_BOOKS, "view_waterfallorder", "view_booksentry", "view_journalbatch")
#: What was sealed, and comparing it: whoever answers for the money, and whoever checks them.
_SEALS = ("view_seal", "view_sealcheck", "add_sealcheck")


class LedgerConfig(AppConfig):
    name = "ledger"

    #: A cashier takes money in; whatever undoes, forgives or gives money out is a supervisor's.
    GRANTS = {
        CASHIER: (*_VIEW_MONEY, "add_interimpayment", "use_credit"),
        SUPERVISOR: (
            *_VIEW_ALL,
            *_SEALS,
            "add_interimpayment",
            "void_interimpayment",
            "post_obligation",
            "void_ledgerposting",
            "write_off_ledgerposting",
            "credit_driver",
            "apply_earnings",
            "correct_charge",
            "win_back",
            "use_credit",
            "add_payout",
            "void_payout",
            "add_waterfallorder",
            "add_transfer",
            "correct_transfer",
            "reverse_transfer",
            "change_chartaccount",
            "close_books",
            "add_journalbatch",
        ),
        OFFICE: (*_VIEW_ALL, "add_journalbatch", "add_transfer", "change_chartaccount"),
        AUDITOR: (*_VIEW_ALL, *_SEALS),
    }

    def ready(self) -> None:
        from core.corrections import register_own_act
        from core.finders import register_act, register_finder, register_standings
        from ledger import finders

        register_finder(10, "ledger.view_interimpayment", finders.find_payments)
        register_finder(20, "ledger.view_payout", finders.find_payouts)
        register_finder(30, "ledger.view_ledgerposting", finders.find_postings)
        register_act("ledger.add_interimpayment", finders.find_payment_page)
        register_standings("ledger.view_ledgerbalance", finders.tell_standings)
        post_migrate.connect(_plant_chart, sender=self, dispatch_uid="ledger.chart")
        for prefix in ("RETURNED", "WINBACK"):
            register_own_act(prefix, _say_recovery_act)


def _plant_chart(*, using: str, apps: Any = global_apps, **kwargs: Any) -> None:
    """Write the accounts that the chart does not have yet; a flush makes them anew."""
    from ledger.books import Account

    try:
        chart = apps.get_model("ledger", "ChartAccount")
    except LookupError:  # migrating backwards past the first migration
        return
    chart._base_manager.using(using).bulk_create(
        [chart(code=account.value, name=account.label, type=account.type.value) for account in Account],
        ignore_conflicts=True,
    )


def _say_recovery_act(charge: Any) -> str:
    return f"{charge.reference_id} is what was given, no more and no less. It can be written off, or voided."
