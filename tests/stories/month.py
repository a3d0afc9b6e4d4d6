"""A fleet of four cabs whose month is kept by hand: what it opens with, and the words in which its acts are told.

Adams, Baker and Cruz rent a cab each, Diaz has given theirs back, and Evans only owes. The old books end on Saturday,
October 3, 2026; ours begin on the Sunday after it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Sum

from core.weeks import week_of
from dtr import services as dtr
from golive import services as golive
from leases.models import Driver, Lease
from ledger import selectors as books
from ledger import services as ledger
from ledger.books import Account
from ledger.models import LedgerBalance, LedgerPosting, Transfer
from loans.models import DriverLoan
from tests.factories import UserFactory
from tests.golive.workbooks import empty, workbook
from tests.stories.fleet import Table, drive, get_dtr
from tickets import services as tickets
from tickets.models import Ticket

CUT_OVER = date(2026, 10, 4)
FIRST, SECOND, THIRD, FOURTH = (date(2026, 10, day) for day in (10, 17, 24, 31))

#: The rows of the opening workbook by sheet; their heads are those of every workbook.
OPENING: dict[str, list[list[Any]]] = {
    "Cut-over": [[CUT_OVER]],
    "Drivers": [
        ["5000001", "Ann", "Adams", None, None, "ACTIVE"],
        ["5000002", "Ben", "Baker", None, None, "ACTIVE"],
        ["5000003", "Cleo", "Cruz", None, None, "ACTIVE"],
        ["5000004", "Dan", "Diaz", None, None, "ACTIVE"],
        ["5000005", "Eve", "Evans", None, None, "INACTIVE"],
    ],
    "Vehicles": [
        ["1A10", "1FTDX000000000001", None, "T100001C", "NY", None, date(2026, 1, 1)],
        ["1A11", "1FTDX000000000002", None, "T100002C", "NY", None, date(2026, 1, 1)],
        ["1A12", "1FTDX000000000003", None, "T100003C", "NY", None, date(2026, 1, 1)],
        ["1A13", "1FTDX000000000004", None, "T100004C", "NY", None, date(2026, 1, 1)],
    ],
    "Leases": [
        ["L-1", "5000001", "1A10", "LONG_TERM", "FULL", date(2026, 1, 4), date(2027, 1, 2), 500, 500, None],
        ["L-2", "5000002", "1A11", "LONG_TERM", "FULL", date(2026, 1, 4), date(2027, 1, 2), 350, None, None],
        ["L-3", "5000003", "1A12", "LONG_TERM", "FULL", date(2026, 1, 4), date(2027, 1, 2), 420, 420, None],
        ["L-4", "5000004", "1A13", "LONG_TERM", "FULL", date(2026, 1, 4), date(2026, 9, 5), 400, 400, None],
    ],
    "Debts": [
        ["A1", "5000001", "LEASE", 300, date(2026, 10, 3), "L-1", None],
        ["D1", "5000004", "EZPASS", "45.60", date(2026, 9, 19), "L-4", None],
        ["E1", "5000005", "REPAIR", 180, date(2026, 8, 29), None, None],
    ],
    "Credits": [["B1", "5000002", "MISC", 50, "L-2", None]],
    "Deposits": [["A", "L-1", 500], ["D", "L-4", 400]],
    "Loans": [["C1", "5000003", "L-3", 600, None, date(2026, 10, 3), 200, CUT_OVER]],
    "Accounts": [["1030", "DEBIT", 10000]],
    "Control": [
        ["Drivers", 5, 0],
        ["Vehicles", 4, 0],
        ["Leases", 4, 1670],
        ["Debts", 3, "525.60"],
        ["Credits", 1, 50],
        ["Deposits", 2, 900],
        ["Repairs", 0, 0],
        ["Loans", 1, 600],
        ["Accounts", 1, 10000],
    ],
}


@dataclass(frozen=True)
class Fleet:
    """The five drivers, the leases of those who have one, the loan that was carried over, and who is in the office."""

    adams: Driver
    baker: Driver
    cruz: Driver
    diaz: Driver
    evans: Driver
    #: By their numbers in this story: 1 Adams, 2 Baker, 3 Cruz, 4 Diaz.
    leases: dict[int, Lease]
    old_loan: DriverLoan
    clerk: User

    @property
    def drivers(self) -> list[Driver]:
        return [self.adams, self.baker, self.cruz, self.diaz, self.evans]


def open_fleet() -> Fleet:
    """Go live on the cut-over: what the old books left comes in by its workbook."""
    clerk = UserFactory.create()
    sheets = empty()
    for name, rows in OPENING.items():
        sheets[name] = [sheets[name][0], *rows]
    golive.import_opening(file_name="opening.xlsx", content=workbook(sheets), today=CUT_OVER, actor=clerk)
    drivers = Driver.objects.in_bulk([f"500000{number}" for number in range(1, 6)], field_name="license_key")
    adams, baker, cruz, diaz, evans = (drivers[f"500000{number}"] for number in range(1, 6))
    return Fleet(
        adams=adams,
        baker=baker,
        cruz=cruz,
        diaz=diaz,
        evans=evans,
        leases=dict(enumerate(Lease.objects.order_by("pk"), start=1)),
        old_loan=DriverLoan.objects.get(),
        clerk=clerk,
    )


def drive_week(lease: Lease, saturday: date, card: str, taxes: str) -> None:
    """Bring in a week's card money and the taxes in it: a trip each day, in whole dollars but for the last."""
    days = week_of(saturday).days
    parts = [(Decimal(total) // len(days), Decimal(total)) for total in (card, taxes)]
    for day in days:
        on_day = [total - part * (len(days) - 1) if day == saturday else part for part, total in parts]
        drive(lease, card=str(on_day[0]), card_taxes=str(on_day[1]), on=day)


def bring_in(kind: str, content: bytes, *, on: date) -> Ticket:
    """Import a file with one new ticket, and return that."""
    staged = tickets.stage_file(kind=kind, file_name=f"{kind}-{on}.csv", file=BytesIO(content), today=on)
    tickets.confirm_import(import_id=staged.file.pk, today=on)
    return Ticket.objects.latest("pk")


def move(kind: str, debit: str, credit: str, amount: str, reference: str, *, on: date, why: str = "") -> None:
    """Record money moved between two of the fleet's own accounts."""
    ledger.record_transfer(
        kind=kind,
        debit=debit,
        credit=credit,
        amount=Decimal(amount),
        reference_id=reference,
        effective_on=on,
        reason=why,
        actor=None,
    )


def remit(gross: str, fee: str, *, of: date) -> None:
    """Record CURB's statement of a week, which comes on the Tuesday after it."""
    ledger.record_curb_statement(
        gross=Decimal(gross),
        fee=Decimal(fee),
        reference_id=f"CURB-STATEMENT-{of}",
        effective_on=of + timedelta(days=3),
        actor=None,
    )


def pay_week(driver: Driver, saturday: date, lease: Lease, *, amount: str, check: str = "") -> None:
    """Pay out what the DTR of a week says, on the Monday after it: by the check of that number, or to the bank."""
    paid = dtr.pay_dtr(
        dtr_id=get_dtr(driver, saturday, lease).pk,
        method="CHECK" if check else "ACH",
        instrument_number=check,
        effective_on=saturday + timedelta(days=2),
    )
    assert str(paid.amount) == amount


def read_trial_balance(on: date) -> dict[str, str]:
    """Every account's balance at the end of a day by its code: debit above zero, credit below."""
    moved = {total.account: total.balance for total in books.list_trial_balance(to_on=on)}
    return {account.value: str(moved.get(account, Decimal("0.00"))) for account in Account}


def sum_balances() -> dict[str, Decimal]:
    """What is open of the drivers' balances, by the account that stands for it."""
    open_ = LedgerBalance.objects.filter(status="OPEN")
    credits_ = open_.filter(entry_type="CREDIT")
    sides = {
        "1100": (1, open_.filter(entry_type="DEBIT")),
        "2010": (-1, credits_.exclude(category="DEPOSIT")),
        "2020": (-1, credits_.filter(category="DEPOSIT")),
    }
    return {
        code: sign * (rows.aggregate(sum=Sum("remaining"))["sum"] or Decimal("0.00"))
        for code, (sign, rows) in sides.items()
    }


def read_remaining(driver: Driver) -> Table:
    """What remains of each balance of the driver that is open, in the order they were opened."""
    open_ = LedgerBalance.objects.filter(driver=driver, status="OPEN").order_by("posting_id")
    return [[row.reference_id, row.entry_type, str(row.remaining)] for row in open_]


def count_postings() -> Table:
    """How many postings there are of each kind, and what they sum to."""
    return _count(LedgerPosting.objects.order_by("kind").values("kind"))


def count_transfers() -> Table:
    """How many transfers there are of each kind, and what they sum to."""
    return _count(Transfer.objects.order_by("kind").values("kind"))


def _count(rows: Any) -> Table:
    counted = rows.annotate(sum=Sum("amount"))
    numbers = {row["kind"]: rows.filter(kind=row["kind"]).count() for row in counted}
    return [[row["kind"], str(numbers[row["kind"]]), str(row["sum"])] for row in counted]
