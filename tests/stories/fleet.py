"""The words the stories are told in: who rents, drives, owes and pays; and what stands in the books afterwards.

Every step goes through a service, as an office would do it. What stands in the books is read as tables, so that a story
can write down what it expects as an accountant would; ``-`` stands for 0.00.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

from django.contrib.auth.models import User

from core.weeks import week_of
from curb import services as curb
from dtr import selectors as dtr_selectors
from dtr import services as dtr
from dtr.models import Dtr, DtrLine
from leases.models import Driver, Lease
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting, Payout
from tests.curb import trip, trip_file
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory

#: The week of the stories, and the one after it.
MONDAY = date(2026, 11, 16)
WEDNESDAY = date(2026, 11, 18)
SATURDAY = date(2026, 11, 21)
NEXT_MONDAY = date(2026, 11, 23)
NEXT_WEDNESDAY = date(2026, 11, 25)
NEXT_SATURDAY = date(2026, 11, 28)

Table = list[list[str]]

_trip_numbers = count(1)


def rent_cab(
    *, lease: int, rent: str = "500.00", weeks: int = 1, start: date = MONDAY, driver: Driver | None = None
) -> Lease:
    """Lease a cab under this number for the coming year; rent is planned for ``weeks`` from the week of ``start`` on.

    The lease is a new driver's unless one is given. Nothing is charged yet.
    """
    first = week_of(start)
    made = LeaseFactory.create(
        pk=lease,
        primary_driver=driver or DriverFactory.create(),
        weekly_amount=Decimal(rent),
        start_on=first.start,
        end_on=first.start + timedelta(days=363),
    )
    for number in range(1, weeks + 1):
        LeaseInstallmentFactory.create(lease=made, number=number)
    return made


def lease_cab(*, lease: int, start: date = MONDAY, driver: Driver | None = None) -> Lease:
    """Lease a cab under this number; no rent is planned, so that nothing but the story's own charges comes due."""
    return rent_cab(lease=lease, weeks=0, start=start, driver=driver)


def drive(
    lease: Lease, *, card: str = "", card_taxes: str = "0", cash: str = "", cash_taxes: str = "0", on: date = WEDNESDAY
) -> None:
    """Bring in what the lease's driver took in by card and in cash that day, and the trip taxes contained in it."""
    records = [
        trip(
            ID=str(next(_trip_numbers)),
            PERIOD=f"{on:%Y%m}",
            CABNUMBER=lease.vehicle.medallion,
            DRIVER=lease.primary_driver.tlc_license,
            START_DATE=f"{on:%m/%d/%Y} 10:00:00",
            END_DATE=f"{on:%m/%d/%Y} 10:20:00",
            T=letter,
            TRIP=str(Decimal(total) - Decimal(taxes)),
            TIPS="0",
            EXTRAS="0",
            TAX=taxes,
            IMPTAX="0",
            CONGFEE="0",
            TOTAL_AMOUNT=total,
        )
        for letter, total, taxes in (("C", card, card_taxes), ("$", cash, cash_taxes))
        if total
    ]
    imported = curb.import_trips(file_name=f"trips-{on}.xml", content=trip_file(records))
    assert imported.file.imported_count == len(records)


def owe(
    driver: Driver,
    reference: str,
    amount: str,
    *,
    lease: Lease | None = None,
    due: date = SATURDAY,
    on: date = MONDAY,
    actor: User | None = None,
) -> LedgerPosting:
    """Charge the driver; the reference names the category."""
    return ledger.create_obligation(
        category=reference.split("-")[0],
        amount=Decimal(amount),
        reference_id=reference,
        driver_id=driver.pk,
        lease_id=lease.pk if lease else None,
        due_on=due,
        effective_on=on,
        actor=actor,
    )


def credit(driver: Driver, reference: str, amount: str, *, lease: Lease, reason: str, on: date) -> LedgerPosting:
    """Credit the driver with what the fleet owes them; the reference names the category refunded."""
    return ledger.credit_driver(
        driver_id=driver.pk,
        category=reference.split("-")[0],
        amount=Decimal(amount),
        reference_id=reference,
        reason=reason,
        lease_id=lease.pk,
        effective_on=on,
    )


def hand_in(
    driver: Driver,
    amount: str,
    pays: Mapping[str, str],
    *,
    lease: Lease | None = None,
    check: str = "",
    on: date = WEDNESDAY,
) -> InterimPayment:
    """Take cash, or the check of that number, over the counter; ``pays`` gives dollars per reference."""
    return ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        allocations={reference: Decimal(part) for reference, part in pays.items()},
        driver_id=driver.pk,
        lease_id=lease.pk if lease else None,
        payment_method="CHECK" if check else "CASH",
        instrument_number=check,
        effective_on=on,
    )


def pay_out(driver: Driver, amount: str, *, on: date) -> Payout:
    return ledger.pay_out(driver_id=driver.pk, amount=Decimal(amount), method="CASH", effective_on=on)


def close_week(saturday: date, *, on: date | None = None) -> None:
    """Close the week that ends on that Saturday; on the Sunday after it, unless ``on`` says otherwise."""
    dtr.close_week(week=week_of(saturday), today=on or saturday + timedelta(days=1))


def find_posting(kind: str, reference: str) -> LedgerPosting:
    """The one posting of this kind under this reference."""
    return LedgerPosting.objects.get(kind=kind, reference_id=reference)


def read_books(driver: Driver) -> Table:
    """Every balance of the driver in the order it was opened: reference, original amount, what remains, status."""
    return [
        [balance.reference_id, str(balance.original_amount), str(balance.remaining), balance.status]
        for balance in LedgerBalance.objects.filter(driver=driver).order_by("posting_id")
    ]


def read_journal(driver: Driver) -> Table:
    """Every posting of the driver in the order it was written: kind, reference, amount, entry, effective date."""
    return [
        [posting.kind, posting.reference_id, str(posting.amount), posting.entry_type, str(posting.effective_on)]
        for posting in LedgerPosting.objects.filter(driver=driver).order_by("pk")
    ]


def get_dtr(driver: Driver, saturday: date, lease: Lease | None = None) -> Dtr:
    """The driver's DTR of that week on that lease, or the one on none."""
    return dtr_selectors.list_dtrs().get(driver=driver, week=saturday, lease=lease)


#: The heads of a DTR's columns, as a story writes them; those marked are there only where something stands in them.
_OWED = {
    "opening": "opening",
    "before": "from_before?",
    "charged": "opened",
    "corrected": "corrected?",
    "paid": "paid",
    "applied": "applied",
    "deposit": "from_deposit?",
    "undone": "undone?",
    "written-off": "written_off?",
    "unforgiven": "write_offs_undone?",
    "closing": "closing",
}
_HELD = {
    "opening": "opening",
    "before": "from_before?",
    "received": "opened",
    "voided": "receipts_voided?",
    "allocated": "paid",
    "applied": "applied",
    "undone": "undone?",
    "paid-out": "paid_out",
    "returned": "payouts_undone?",
    "closing": "closing",
}


def read_dtr(driver: Driver, saturday: date, lease: Lease | None = None) -> Table:
    """The lines of a DTR, with the heads of their columns, and what is due to the driver, or from them, in the end."""
    dtr_ = get_dtr(driver, saturday, lease)
    owed = [line for line in dtr_.lines.order_by("pk") if line.is_obligation]
    held = [line for line in dtr_.lines.order_by("pk") if not line.is_obligation]
    return [*_tabulate("owed", owed, _OWED), *_tabulate("held", held, _HELD), ["net", "due", str(dtr_.net_due)]]


def read_undone(lease: Lease, saturday: date) -> list[list[str]]:
    """What the DTR lists as undone: the kind of what was undone, its document, the amount, why."""
    undone = dtr_selectors.list_undone_of([get_dtr(lease.primary_driver, saturday, lease)])
    return [
        [row.undone.event, row.reference_id, str(row.amount), row.reason] for rows in undone.values() for row in rows
    ]


def _tabulate(side: str, lines: list[DtrLine], columns: Mapping[str, str]) -> Table:
    if not lines:
        return []
    shown = {
        head: column.rstrip("?")
        for head, column in columns.items()
        if not column.endswith("?") or any(getattr(line, column.rstrip("?")) for line in lines)
    }
    rows = [[line.category, *(_show(getattr(line, column)) for column in shown.values())] for line in lines]
    return [[side, *shown], *rows]


def table(written: str) -> Table:
    """What a story expects, written down as a table."""
    return [line.split() for line in written.splitlines() if line.strip()]


def _show(amount: Decimal) -> str:
    return str(amount) if amount else "-"
