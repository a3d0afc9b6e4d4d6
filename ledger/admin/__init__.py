"""The ledger's pages: lists to look at, a page per driver, and one page for each thing that can be done."""

from ledger.admin.lists import (  # noqa: F401  (they register their pages)
    accounts,
    balances,
    closed_days,
    journal,
    payments,
    payouts,
    postings,
    seals,
    transfers,
    waterfall,
)
