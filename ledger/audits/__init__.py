"""The ledger's promises, checked from its rows, by other means than those that hold them.

PostgreSQL refuses what would break most of them. An audit tells when somebody with the power to switch those guards off
has done so, or when a guard or a service is wrong.
"""

from ledger.audits import (
    accounts,
    books,
    days,
    documents,
    guards,
    installments,
    postings,
    projection,
    seals,
    sources,
    sums,
    transfers,
    waterfall,
)

__all__ = [
    "accounts",
    "books",
    "days",
    "documents",
    "guards",
    "installments",
    "postings",
    "projection",
    "seals",
    "sources",
    "sums",
    "transfers",
    "waterfall",
]
