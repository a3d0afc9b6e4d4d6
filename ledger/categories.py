"""The kinds of money the ledger knows, and the order in which a driver's credits pay what they owe."""

from django.db.models import TextChoices


class Category(TextChoices):
    TAXES = "TAXES", "Trip taxes"
    EZPASS = "EZPASS", "E-ZPass tolls"
    LEASE = "LEASE", "Lease"
    RECOVERY = "RECOVERY", "Recovery"
    PVB = "PVB", "Parking and camera violations"
    TLC = "TLC", "TLC summonses"
    REPAIR = "REPAIR", "Repairs"
    LOAN = "LOAN", "Loans"
    MISC = "MISC", "Miscellaneous"
    PAYMENT = "PAYMENT", "Payments on account"
    DEPOSIT = "DEPOSIT", "Lease deposits"
    EARNINGS = "EARNINGS", "Card earnings"


#: What is owed or given back under a category, as it is said within a sentence to a driver.
_IN_WORDS: dict[str, str] = {
    Category.TAXES: "trip taxes",
    Category.EZPASS: "tolls",
    Category.LEASE: "rent",
    Category.RECOVERY: "money to be won back",
    Category.PVB: "parking and camera violations",
    Category.TLC: "TLC summonses",
    Category.REPAIR: "repairs",
    Category.LOAN: "a loan",
    Category.MISC: "miscellaneous charges",
    Category.PAYMENT: "payment",
    Category.DEPOSIT: "lease deposit",
    Category.EARNINGS: "card trips",
}


def say_category(category: str) -> str:
    """Return a category as it is said within a sentence: ``rent``, ``trip taxes``."""
    return _IN_WORDS[category]


#: What a driver can owe, in the waterfall order in force when no dated setting says otherwise.
OBLIGATION_CATEGORIES: tuple[str, ...] = (
    Category.TAXES,
    Category.EZPASS,
    Category.LEASE,
    Category.RECOVERY,
    Category.PVB,
    Category.TLC,
    Category.REPAIR,
    Category.LOAN,
    Category.MISC,
)
#: What the fleet can refund. What wins money back is never refunded: it is voided, and what had paid it is free again.
REFUNDED_CATEGORIES: tuple[str, ...] = tuple(name for name in OBLIGATION_CATEGORIES if name != Category.RECOVERY)
#: What the fleet can hold for a driver besides refunds, which bear the category of what they refund.
CREDIT_ONLY_CATEGORIES: tuple[str, ...] = (Category.PAYMENT, Category.DEPOSIT, Category.EARNINGS)


class Kind(TextChoices):
    """The event a posting records; the table of kinds in docs/ledger.md gives each one's shape."""

    OBLIGATION = "OBLIGATION", "Charge"
    PAYMENT = "PAYMENT", "Payment"
    DEPOSIT = "DEPOSIT", "Deposit"
    EARNINGS = "EARNINGS", "Earnings"
    CREDIT_MEMO = "CREDIT_MEMO", "Credit memo"
    ALLOCATION = "ALLOCATION", "Pays"
    APPLICATION = "APPLICATION", "From credit"
    PAYOUT = "PAYOUT", "Payout"
    WRITE_OFF = "WRITE_OFF", "Write-off"
    VOID = "VOID", "Void"


class EntryType(TextChoices):
    DEBIT = "DEBIT", "Debit"
    CREDIT = "CREDIT", "Credit"


class Status(TextChoices):
    OPEN = "OPEN", "Open"
    SETTLED = "SETTLED", "Settled"
    VOIDED = "VOIDED", "Voided"


class PaymentMethod(TextChoices):
    CASH = "CASH", "Cash"
    CHECK = "CHECK", "Check"
    ACH = "ACH", "ACH"


class TransferKind(TextChoices):
    """What a transfer between the fleet's own accounts records; ``ledger/books.py`` gives the accounts of each."""

    LOAN_OUT = "LOAN_OUT", "Loan paid out"
    RETURNED_ITEM = "RETURNED_ITEM", "Returned item"
    NEGATIVE_WEEK = "NEGATIVE_WEEK", "Card week below zero"
    WIN_BACK = "WIN_BACK", "Won back"
    OPENING = "OPENING", "Opening balance"
    CURB_REMITTANCE = "CURB_REMITTANCE", "CURB remittance"
    CARD_FEES = "CARD_FEES", "Card processing fees"
    BANK_DEPOSIT = "BANK_DEPOSIT", "Bank deposit"
    FLOAT = "FLOAT", "Float"
    PAID_OVER = "PAID_OVER", "Paid over"
    BORNE = "BORNE", "Borne by the fleet"
    OVER_SHORT = "OVER_SHORT", "Cash over or short"
    BANK_FEE = "BANK_FEE", "Bank fee"
    CORRECTION = "CORRECTION", "Correction"


class AccountType(TextChoices):
    ASSET = "ASSET", "Asset"
    LIABILITY = "LIABILITY", "Liability"
    CLEARING = "CLEARING", "Clearing"
    EQUITY = "EQUITY", "Equity"
    INCOME = "INCOME", "Income"
    EXPENSE = "EXPENSE", "Expense"
