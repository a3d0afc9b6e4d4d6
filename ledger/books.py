"""The general ledger seen through the postings: which account each kind debits and which it credits. Pure.

A void books the swap of what it reverses.
"""

from dataclasses import dataclass
from enum import StrEnum

from ledger.categories import CREDIT_ONLY_CATEGORIES, OBLIGATION_CATEGORIES, Category, Kind, PaymentMethod


class Account(StrEnum):
    CASH = "Cash"
    CHECKS = "Checks received"
    BANK = "Bank"
    CURB_CLEARING = "CURB clearing"
    RECEIVABLE = "Drivers' receivable"
    LOANS = "Loans to drivers"
    DRIVER_CREDIT = "Drivers' credit"
    DEPOSITS_HELD = "Deposits held"
    TAXES_PAYABLE = "Trip taxes payable"
    TOLLS_PAYABLE = "E-ZPass tolls payable"
    PVB_PAYABLE = "Parking and camera violations payable"
    TLC_PAYABLE = "TLC summonses payable"
    LEASE_INCOME = "Lease income"
    REPAIR_INCOME = "Repair income"
    MISC_INCOME = "Miscellaneous income"
    RECOVERIES = "Recoveries"
    BAD_DEBT = "Bad debt"


@dataclass(frozen=True, slots=True)
class BookEntry:
    """The accounts of one kind of posting. ``category`` is the money's (see :func:`list_book_entries`)."""

    kind: Kind
    category: str
    #: How the money crossed the counter; empty where it did not.
    method: str
    debit: Account
    credit: Account


#: What a charge earns, passes on or wins back.
CHARGED_TO: dict[str, Account] = {
    Category.TAXES: Account.TAXES_PAYABLE,
    Category.EZPASS: Account.TOLLS_PAYABLE,
    Category.LEASE: Account.LEASE_INCOME,
    Category.RECOVERY: Account.RECOVERIES,
    Category.PVB: Account.PVB_PAYABLE,
    Category.TLC: Account.TLC_PAYABLE,
    Category.REPAIR: Account.REPAIR_INCOME,
    Category.LOAN: Account.LOANS,
    Category.MISC: Account.MISC_INCOME,
}
HANDED_OVER: dict[str, Account] = {
    PaymentMethod.CASH: Account.CASH,
    PaymentMethod.CHECK: Account.CHECKS,
    PaymentMethod.ACH: Account.BANK,
}
#: A payout by check is drawn on the bank; a received check lies in the drawer until it is deposited.
PAID_FROM: dict[str, Account] = {**HANDED_OVER, PaymentMethod.CHECK: Account.BANK}


def list_book_entries() -> list[BookEntry]:
    """Return one entry for each kind, category and method that a posting can have.

    The category is that of the money: of the funding for what a credit pays, of the posting itself otherwise.
    """
    charges = [
        BookEntry(Kind.OBLIGATION, category, "", Account.RECEIVABLE, CHARGED_TO[category])
        for category in OBLIGATION_CATEGORIES
    ]
    refunds = [
        BookEntry(Kind.CREDIT_MEMO, category, "", CHARGED_TO[category], Account.DRIVER_CREDIT)
        for category in OBLIGATION_CATEGORIES
    ]
    forgiven = [
        BookEntry(Kind.WRITE_OFF, category, "", Account.BAD_DEBT, Account.RECEIVABLE)
        for category in OBLIGATION_CATEGORIES
    ]
    received = [
        BookEntry(kind, kind.value, method, HANDED_OVER[method], _held_in(kind.value))
        for kind in (Kind.PAYMENT, Kind.DEPOSIT)
        for method in PaymentMethod.values
    ]
    earned = [BookEntry(Kind.EARNINGS, Category.EARNINGS, "", Account.CURB_CLEARING, Account.DRIVER_CREDIT)]
    money = (*OBLIGATION_CATEGORIES, *CREDIT_ONLY_CATEGORIES)
    used = [
        BookEntry(kind, category, "", _held_in(category), Account.RECEIVABLE)
        for kind in (Kind.ALLOCATION, Kind.APPLICATION)
        for category in money
    ]
    paid_out = [
        BookEntry(Kind.PAYOUT, category, method, _held_in(category), PAID_FROM[method])
        for category in money
        for method in PaymentMethod.values
    ]
    return [*charges, *refunds, *forgiven, *received, *earned, *used, *paid_out]


def _held_in(category: str) -> Account:
    return Account.DEPOSITS_HELD if category == Category.DEPOSIT else Account.DRIVER_CREDIT
