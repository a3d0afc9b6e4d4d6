"""A small fleet as the old system left it on Saturday, 2026-02-28, in an opening workbook."""

import copy
import io
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook

CUT_OVER = date(2026, 3, 1)
TODAY = date(2026, 3, 3)

#: Every sheet: its heads, then its rows.
SHEETS: dict[str, list[list[Any]]] = {
    "Cut-over": [["Date"], [CUT_OVER]],
    "Drivers": [
        ["TLC license", "First name", "Last name", "Phone", "Email", "Status"],
        ["1234567", "Ana", "Reyes", "212-555-0100", "ana@fleet.example", "ACTIVE"],
        ["0654321", "Bo", "Chen", None, None, "active"],
        [765432, "Cy", "Old", None, None, "INACTIVE"],
    ],
    "Vehicles": [
        ["Medallion", "VIN", "Make and model", "Plate", "State", "E-ZPass tag", "On vehicle since"],
        ["9z90", "1FTDX000000000001", "Toyota Camry", "Y100000C", "NY", "2200000001", date(2025, 1, 1)],
        ["9Z91", "1FTDX000000000002", None, None, None, None, "2025-01-01"],
    ],
    "Leases": [
        [
            "Reference", "TLC license", "Medallion", "Type", "Shift", "Start", "End", "Weekly amount", "Deposit asked",
            "Early-termination fee",
        ],
        ["L-1", "1234567", "9Z90", "LONG_TERM", "FULL", date(2025, 6, 4), date(2026, 3, 17), 500, 500.0, None],
        ["L-2", "0654321", "9Z91", "DRIVER_OWNED", "DAY", date(2026, 3, 4), date(2026, 12, 31), "350.50", None, 100],
    ],
    "Debts": [
        ["Reference", "TLC license", "Category", "Amount", "Due", "Lease", "In words"],
        ["D-1", "1234567", "LEASE", 500, date(2026, 2, 28), "L-1"],
        ["D-2", "1234567", "PVB", 115.25, date(2026, 2, 14), "L-1", "no standing, W 34 St"],
        ["D-3", 765432, "MISC", "1,040.10", date(2025, 12, 31), None],
    ],
    "Credits": [
        ["Reference", "TLC license", "Category", "Amount", "Lease", "In words"],
        ["D-1", "0654321", "MISC", 80.4, None],
    ],
    "Deposits": [["Reference", "Lease", "Amount"], ["P-1", "L-1", 500]],
    "Repairs": [
        [
            "Reference", "TLC license", "Medallion", "Lease", "Workshop", "Invoice number", "Invoice date", "Remaining",
            "Weekly amount", "Resumes on",
        ],
        ["R-1", "1234567", "9Z90", "L-1", "Queens Auto", "0781", date(2026, 1, 20), 450, 200, date(2026, 3, 1)],
    ],
    "Loans": [
        [
            "Reference", "TLC license", "Lease", "Remaining principal", "Rate", "Interest paid to", "Weekly amount",
            "Resumes on",
        ],
        ["B-1", "1234567", "L-1", 700, 10, date(2026, 2, 28), 300, date(2026, 3, 8)],
    ],
    "Accounts": [["Account", "Side", "Amount"], [1030, "DEBIT", 10000], ["2110", "credit", "1,200.55"]],
    "Control": [
        ["Sheet", "Rows", "Dollars"],
        ["Drivers", 3, 0],
        ["Vehicles", 2, 0],
        ["Leases", 2, 850.50],
        ["Debts", 3, 1655.35],
        ["Credits", 1, 80.40],
        ["Deposits", 1, 500],
        ["Repairs", 1, 450],
        ["Loans", 1, 700],
        ["Accounts", 2, 11200.55],
    ],
}  # fmt: skip


def fleet() -> dict[str, list[list[Any]]]:
    """The example, to change before it is made a workbook."""
    return copy.deepcopy(SHEETS)


def empty() -> dict[str, list[list[Any]]]:
    """The same sheets without a row, but the cut-over and the totals of nothing."""
    sheets = {name: rows[:1] for name, rows in fleet().items()}
    sheets["Cut-over"].append([CUT_OVER])
    sheets["Control"] += [[row[0], 0, 0] for row in SHEETS["Control"][1:]]
    return sheets


def workbook(sheets: dict[str, list[list[Any]]] | None = None) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in (fleet() if sheets is None else sheets).items():
        page = book.create_sheet(name)
        for row in rows:
            page.append([float(cell) if isinstance(cell, Decimal) else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
