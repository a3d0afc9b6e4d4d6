from django.apps import AppConfig

from core.groups import AUDITOR, CASHIER, OFFICE, SUPERVISOR

_VIEW_MONEY = (
    "view_ledgeraccount",
    "view_ledgerposting",
    "view_ledgerbalance",
    "view_interimpayment",
    "view_payout",
)
_VIEW_ALL = (*_VIEW_MONEY, "view_waterfallorder")


class LedgerConfig(AppConfig):
    name = "ledger"

    #: A cashier takes money in; whatever undoes, forgives or gives money out is a supervisor's.
    GRANTS = {
        CASHIER: (*_VIEW_MONEY, "add_interimpayment"),
        SUPERVISOR: (
            *_VIEW_ALL,
            "add_interimpayment",
            "void_interimpayment",
            "void_ledgerposting",
            "write_off_ledgerposting",
            "credit_driver",
            "apply_earnings",
            "add_payout",
            "void_payout",
            "add_waterfallorder",
        ),
        OFFICE: (*_VIEW_MONEY, "view_waterfallorder"),
        AUDITOR: _VIEW_ALL,
    }
