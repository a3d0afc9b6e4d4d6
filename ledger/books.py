"""The books: the chart of accounts, and which account each posting and each transfer debits and credits. Pure.

Postings move what lies between the fleet and its drivers, and transfers the fleet's own side. A void, or the reversal
of a transfer, books the swap of what it undoes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from django.db.models import TextChoices

from ledger.categories import (
    CREDIT_ONLY_CATEGORIES,
    OBLIGATION_CATEGORIES,
    AccountType,
    Category,
    Kind,
    PaymentMethod,
    TransferKind,
)


class Account(TextChoices):
    """The accounts by code, in the order of the books."""

    CASH = "1010", "Cash"
    CHECKS = "1020", "Checks received"
    BANK = "1030", "Bank"
    CURB_CLEARING = "1040", "CURB clearing"
    RECEIVABLE = "1100", "Drivers' receivable"
    LOANS = "1150", "Loans to drivers"
    DRIVER_CREDIT = "2010", "Drivers' credit"
    DEPOSITS_HELD = "2020", "Deposits held"
    TAXES_PAYABLE = "2110", "Trip taxes payable"
    TOLLS_PAYABLE = "2120", "E-ZPass tolls payable"
    PVB_PAYABLE = "2130", "Parking and camera violations payable"
    TLC_PAYABLE = "2140", "TLC summonses payable"
    RECOVERIES = "2300", "Recoveries"
    OPENING_BALANCES = "3010", "Opening balances"
    LEASE_INCOME = "4010", "Lease income"
    REPAIR_INCOME = "4020", "Repair income"
    MISC_INCOME = "4030", "Miscellaneous income"
    INTEREST_INCOME = "4040", "Interest income"
    BAD_DEBT = "6010", "Bad debt"
    CARD_FEES = "6020", "Card processing fees"
    BANK_FEES = "6030", "Bank fees"
    BORNE = "6040", "Tolls, fines and taxes borne by the fleet"
    OVER_SHORT = "6050", "Cash over and short"

    @property
    def type(self) -> AccountType:
        return AccountType.CLEARING if self is Account.RECOVERIES else _TYPES[self.value[0]]


#: The first digit of a code tells the type, but for the clearing account among the liabilities.
_TYPES = {
    "1": AccountType.ASSET,
    "2": AccountType.LIABILITY,
    "3": AccountType.EQUITY,
    "4": AccountType.INCOME,
    "6": AccountType.EXPENSE,
}
#: They move by postings only, and so equal the drivers' balances on every day.
CONTROL_ACCOUNTS = frozenset({Account.RECEIVABLE, Account.DRIVER_CREDIT, Account.DEPOSITS_HELD})
PAYABLES = (Account.TAXES_PAYABLE, Account.TOLLS_PAYABLE, Account.PVB_PAYABLE, Account.TLC_PAYABLE)

#: These stand for something else that is carried over row by row.
NEVER_OPENED = CONTROL_ACCOUNTS | {Account.LOANS, Account.RECOVERIES, Account.OPENING_BALANCES}
#: The codes of the fleet's own accounts, which a go-live may open with a balance.
OPENED_ACCOUNTS = tuple(account.value for account in Account if account not in NEVER_OPENED)


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
#: What a credit memo gives back: what a charge of its category brought in, but of a loan the interest. A recovery is
#: never refunded; it is voided.
REFUNDED_FROM: dict[str, Account] = {
    category: Account.INTEREST_INCOME if category == Category.LOAN else account
    for category, account in CHARGED_TO.items()
    if category != Category.RECOVERY
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
        BookEntry(Kind.CREDIT_MEMO, category, "", account, Account.DRIVER_CREDIT)
        for category, account in REFUNDED_FROM.items()
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
    # A deposit carried over at go-live was received before, by other books.
    received.append(BookEntry(Kind.DEPOSIT, Category.DEPOSIT, "", Account.OPENING_BALANCES, Account.DEPOSITS_HELD))
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


#: What a transfer may debit and credit; its reversal swaps them. ``ledger/sql/transfers.sql`` holds the same.
Pairs = frozenset[tuple[Account, Account]]


def _pairs(debits: Iterable[Account], credits_: Iterable[Account]) -> Pairs:
    return frozenset((debit, credit) for debit, credit in product(debits, credits_) if debit != credit)


def _both_ways(pairs: Pairs) -> Pairs:
    return pairs | frozenset((credit, debit) for debit, credit in pairs)


_MOVABLE = tuple(account for account in Account if account not in CONTROL_ACCOUNTS)
_REFUNDED = (*PAYABLES, Account.LEASE_INCOME, Account.REPAIR_INCOME, Account.MISC_INCOME, Account.INTEREST_INCOME)

TRANSFER_PAIRS: dict[TransferKind, Pairs] = {
    TransferKind.LOAN_OUT: _pairs([Account.LOANS], [Account.CASH, Account.BANK, Account.OPENING_BALANCES]),
    TransferKind.RETURNED_ITEM: _pairs([Account.CHECKS], [Account.BANK])
    | _pairs([Account.RECOVERIES], [Account.BANK, Account.CHECKS]),
    TransferKind.NEGATIVE_WEEK: _pairs([Account.RECOVERIES], [Account.CURB_CLEARING]),
    TransferKind.WIN_BACK: _pairs(
        [Account.RECOVERIES],
        [
            *(Account.CASH, Account.CHECKS, Account.BANK, Account.CURB_CLEARING),
            *(*_REFUNDED, Account.OPENING_BALANCES),
        ],
    ),
    TransferKind.OPENING: _both_ways(_pairs(_MOVABLE, [Account.OPENING_BALANCES])),
    TransferKind.CURB_REMITTANCE: _pairs([Account.BANK], [Account.CURB_CLEARING]),
    TransferKind.CARD_FEES: _pairs([Account.CARD_FEES], [Account.CURB_CLEARING]),
    TransferKind.BANK_DEPOSIT: _pairs([Account.BANK], [Account.CASH, Account.CHECKS]),
    TransferKind.FLOAT: _pairs([Account.CASH], [Account.BANK]),
    TransferKind.PAID_OVER: _both_ways(_pairs(PAYABLES, [Account.BANK])),
    TransferKind.BORNE: _pairs([Account.BORNE], [Account.BANK, *PAYABLES]),
    TransferKind.OVER_SHORT: _both_ways(_pairs([Account.OVER_SHORT], [Account.CASH])),
    TransferKind.BANK_FEE: _pairs([Account.BANK_FEES], [Account.BANK]),
    TransferKind.CORRECTION: _pairs(
        [account for account in _MOVABLE if account != Account.LOANS],
        [account for account in _MOVABLE if account != Account.LOANS],
    ),
}
#: What no act of the ledger makes, so that a person records it; all others mirror their cause.
RECORDED_KINDS = (
    TransferKind.CURB_REMITTANCE,
    TransferKind.CARD_FEES,
    TransferKind.BANK_DEPOSIT,
    TransferKind.FLOAT,
    TransferKind.PAID_OVER,
    TransferKind.BORNE,
    TransferKind.OVER_SHORT,
    TransferKind.BANK_FEE,
    TransferKind.CORRECTION,
)
#: These say why.
REASONED_KINDS = (TransferKind.OVER_SHORT, TransferKind.CORRECTION)


def _held_in(category: str) -> Account:
    return Account.DEPOSITS_HELD if category == Category.DEPOSIT else Account.DRIVER_CREDIT
