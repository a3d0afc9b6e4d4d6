"""The chart and the whole table of entries, written down by hand: what every posting and every transfer may book."""

from itertools import product

from ledger.books import TRANSFER_PAIRS, Account, list_book_entries
from ledger.categories import TransferKind

CHART = """
    1010 asset     Cash
    1020 asset     Checks received
    1030 asset     Bank
    1040 asset     CURB clearing
    1100 asset     Drivers' receivable
    1150 asset     Loans to drivers
    2010 liability Drivers' credit
    2020 liability Deposits held
    2110 liability Trip taxes payable
    2120 liability E-ZPass tolls payable
    2130 liability Parking and camera violations payable
    2140 liability TLC summonses payable
    2300 clearing  Recoveries
    3010 equity    Opening balances
    4010 income    Lease income
    4020 income    Repair income
    4030 income    Miscellaneous income
    4040 income    Interest income
    6010 expense   Bad debt
    6020 expense   Card processing fees
    6030 expense   Bank fees
    6040 expense   Tolls, fines and taxes borne by the fleet
    6050 expense   Cash over and short
"""

OWED = "TAXES EZPASS LEASE RECOVERY PVB TLC REPAIR LOAN MISC"
SPENDABLE = f"{OWED} PAYMENT EARNINGS"
METHODS = "CASH CHECK ACH"

#: Kind; the categories of the money; how it crossed the counter; debit; credit. A list of accounts goes with its list.
POSTINGS = [
    ("OBLIGATION", "TAXES EZPASS PVB TLC", "", "1100", "2110 2120 2130 2140"),
    ("OBLIGATION", "LEASE REPAIR MISC", "", "1100", "4010 4020 4030"),
    ("OBLIGATION", "RECOVERY LOAN", "", "1100", "2300 1150"),
    ("CREDIT_MEMO", "TAXES EZPASS PVB TLC", "", "2110 2120 2130 2140", "2010"),
    ("CREDIT_MEMO", "LEASE REPAIR MISC LOAN", "", "4010 4020 4030 4040", "2010"),
    ("EARNINGS", "EARNINGS", "", "1040", "2010"),
    ("PAYMENT", "PAYMENT", METHODS, "1010 1020 1030", "2010"),
    ("DEPOSIT", "DEPOSIT", METHODS, "1010 1020 1030", "2020"),
    ("DEPOSIT", "DEPOSIT", "", "3010", "2020"),
    ("ALLOCATION", SPENDABLE, "", "2010", "1100"),
    ("APPLICATION", SPENDABLE, "", "2010", "1100"),
    ("APPLICATION", "DEPOSIT", "", "2020", "1100"),
    ("PAYOUT", SPENDABLE, METHODS, "2010", "1010 1030 1030"),
    ("PAYOUT", "DEPOSIT", METHODS, "2020", "1010 1030 1030"),
    ("WRITE_OFF", OWED, "", "6010", "1100"),
]

ALL = " ".join(line.split()[0] for line in CHART.strip().splitlines())
PAYABLES = "2110 2120 2130 2140"
#: Kind; what it debits; what it credits: each with each, both ways where it says so.
TRANSFERS = [
    ("LOAN_OUT", "1150", "1010 1030 3010", ""),
    ("RETURNED_ITEM", "1020", "1030", ""),
    ("RETURNED_ITEM", "2300", "1030 1020", ""),
    ("NEGATIVE_WEEK", "2300", "1040", ""),
    ("WIN_BACK", "2300", f"1010 1020 1030 1040 {PAYABLES} 3010 4010 4020 4030 4040", ""),
    ("OPENING", ALL, "3010", "both ways"),
    ("CURB_REMITTANCE", "1030", "1040", ""),
    ("CARD_FEES", "6020", "1040", ""),
    ("BANK_DEPOSIT", "1030", "1010 1020", ""),
    ("FLOAT", "1010", "1030", ""),
    ("PAID_OVER", PAYABLES, "1030", "both ways"),
    ("BORNE", "6040", f"1030 {PAYABLES}", ""),
    ("OVER_SHORT", "6050", "1010", "both ways"),
    ("BANK_FEE", "6030", "1030", ""),
    ("CORRECTION", ALL, ALL, ""),
]
#: No transfer moves the first three, and no correction loans.
NEVER = {"1100", "2010", "2020"}


def test_the_chart() -> None:
    rows = [line.split(maxsplit=2) for line in CHART.strip().splitlines()]
    assert [[account.value, account.type.lower(), account.label] for account in Account] == rows


def test_what_postings_book() -> None:
    expected = {
        (kind, category, method, debit, credit)
        for kind, categories, methods, debits, credits_ in POSTINGS
        for category, method, debit, credit in _spread(categories, methods, debits, credits_)
    }
    found = [
        (entry.kind.value, str(entry.category), str(entry.method), entry.debit.value, entry.credit.value)
        for entry in list_book_entries()
        # An allocation is always of its payment.
        if not (entry.kind == "ALLOCATION" and entry.category == "DEPOSIT")
    ]
    assert set(found) == expected
    assert len(found) == len(expected)


def test_what_transfers_move() -> None:
    expected: dict[str, set[tuple[str, str]]] = {kind: set() for kind in TransferKind.values}
    for kind, debits, credits_, ways in TRANSFERS:
        never = NEVER | ({"1150"} if kind == "CORRECTION" else set())
        pairs = {
            (debit, credit)
            for debit, credit in product(debits.split(), credits_.split())
            if debit != credit and not {debit, credit} & never
        }
        expected[kind] |= pairs | ({(credit, debit) for debit, credit in pairs} if ways else set())
    assert {
        kind.value: {(debit.value, credit.value) for debit, credit in pairs} for kind, pairs in TRANSFER_PAIRS.items()
    } == expected


def _spread(categories: str, methods: str, debits: str, credits_: str) -> list[tuple[str, str, str, str]]:
    """Each row of a line: the accounts go with the methods where there are as many, with the categories otherwise."""
    rows = []
    for row, category in enumerate(categories.split()):
        for column, method in enumerate(methods.split() or [""]):
            debit, credit = (
                accounts[0] if len(accounts) == 1 else accounts[column if methods else row]
                for accounts in (debits.split(), credits_.split())
            )
            rows.append((category, method, debit, credit))
    return rows
