"""What a week of the demo charges, entered as the office would. Rent and trip taxes come by themselves.

Tolls and violations come in files, summonses and miscellaneous charges over forms, repairs and loans as plans.
"""

import csv
import io
import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from config.demo.trips import HOURS
from core.weeks import Week
from leases.models import Lease
from loans import services as loans
from repairs import services as repairs
from tickets import services as tickets
from tickets.models import ChargeType
from tickets.rules import FileKind

TOLLS = ("6.94", "9.11", "14.06", "17.63")
TOLL_HEAD = "Lane Txn ID,Tag/Plate #,Agency,Entry Plaza,Exit Plaza,Class,Date,Exit Time,Amount"
VIOLATION_HEAD = (
    "Plate,State,License Type,Summons Number,Issue Date,Violation Time,Violation,Judgment Entry Date,Fine Amount,"
    "Penalty Amount,Interest Amount,Reduction Amount,Payment Amount,Amount Due,Precinct,County,Issuing Agency,"
    "Violation Status,Summons Image"
)

REFUND_WEEK = 3
#: The demo's week, whose lease, and what the workshop did for how much.
REPAIRS = (
    (0, 15, "Brakes, front and rear", "740.50"),
    (1, 23, "Transmission", "1368.75"),
    (3, 30, "Side mirror and door handle", "285.20"),
)
#: The demo's week, whose lease, and the dollars lent.
LOANS = ((0, 7, "1000.00"), (2, 18, "400.00"))


def charge_week(chance: random.Random, week: Week, number: int, leases: list[Lease], *, on: date, actor: User) -> None:
    """Enter on the day ``on`` what happened in ``week``: tolls, tickets, repairs, loans and miscellaneous charges.

    ``number`` counts the demo's files from 0.
    """
    tolls = _tolls(chance, week, number, leases)
    bring_in(FileKind.EZPASS, f"ezpass-{number + 1}.csv", TOLL_HEAD, tolls, on, actor)
    violations = _violations(chance, week, number, leases)
    if violations:
        bring_in(FileKind.PVB, f"pvb-{number + 1}.csv", VIOLATION_HEAD, violations, on, actor)
    _enter_single_charges(chance, week, number, leases, on, actor)
    _start_plans(week, number, leases, actor)


def _tolls(chance: random.Random, week: Week, number: int, leases: Iterable[Lease]) -> list[list[str]]:
    rows: list[list[str]] = []
    for lease in leases:
        for _ in range(chance.choice((0, 1, 2, 3, 4, 6))):
            at = _moment(chance, week, lease)
            transaction_id = str(71_000_000_000 + 100_000 * number + len(rows) + 1)
            rows.append(
                [transaction_id, f"NY {lease.vehicle.plate}", "MTAB&T", "", chance.choice(("QMT", "RKB", "HCT")), "31",
                 f"{at:%m/%d/%Y}", f"{at:%I:%M:%S %p}", f"$-{chance.choice(TOLLS)}"]
            )  # fmt: skip
    if number == REFUND_WEEK:
        # The plaza had read the plate twice: the same passage again, with a number of its own, the other way.
        rows.append([str(71_000_090_000), *rows[0][1:-1], rows[0][-1].replace("-", "")])
    return rows


def _violations(chance: random.Random, week: Week, number: int, leases: Iterable[Lease]) -> list[list[str]]:
    rows: list[list[str]] = []
    for lease in leases:
        if chance.random() < 0.09:
            at = _moment(chance, week, lease)
            fine = f"{chance.choice((50, 65, 115))}.00"
            summons = str(4_700_000_000 + 100_000 * number + len(rows) + 1)
            rows.append(
                [lease.vehicle.plate, "NY", "OMT", summons, f"{at:%m/%d/%Y}", f"{at:%I:%M%p}"[:6],
                 "NO STANDING-DAY/TIME LIMITS", "", fine, "0.00", "0.00", "0.00", "0.00", fine, "014", "NY",
                 "TRAFFIC", "", ""]
            )  # fmt: skip
    return rows


def _moment(chance: random.Random, week: Week, lease: Lease) -> datetime:
    """New York's clock on Wednesday or Thursday of the week, when every lease runs, in the lease's hours."""
    from_hour, to_hour = HOURS[lease.shift]
    day = week.start + timedelta(days=chance.choice((3, 4)))
    return datetime.combine(day, time(chance.randrange(from_hour, to_hour), chance.randrange(60)))


def bring_in(kind: str, name: str, head: str, rows: list[list[str]], on: date, actor: User) -> None:
    """Upload a file of this name and confirm it."""
    text = io.StringIO()
    csv.writer(text).writerows([head.split(","), *rows])
    staged = tickets.stage_file(
        kind=kind,
        file_name=name,
        file=io.BytesIO(text.getvalue().encode()),
        today=on,
        actor=actor,
    )
    tickets.confirm_import(import_id=staged.file.pk, today=on, actor=actor)


def _enter_single_charges(
    chance: random.Random, week: Week, number: int, leases: Iterable[Lease], on: date, actor: User
) -> None:
    lost_key = ChargeType.objects.get(name="Lost key")
    for position, lease in enumerate(leases):
        if chance.random() < 0.02:
            tickets.enter_summons(
                number=f"FN{1_000_000 + 1000 * number + position}",
                violation="Failure to inspect",
                issued_on=week.start + timedelta(days=3),
                amount=Decimal(100),
                license=lease.primary_driver.tlc_license,
                today=on,
                actor=actor,
            )
        if chance.random() < 0.02:
            tickets.create_misc_charge(
                charge_type_id=lost_key.pk,
                driver_id=lease.primary_driver_id,
                amount=Decimal(25),
                lease_id=lease.pk,
                today=on,
                actor=actor,
            )


def _start_plans(week: Week, number: int, leases: list[Lease], actor: User) -> None:
    wednesday = week.start + timedelta(days=3)
    for in_week, position, work, dollars in REPAIRS:
        if in_week == number:
            lease, amount = leases[position], Decimal(dollars)
            repairs.create_invoice(
                driver_id=lease.primary_driver_id,
                vehicle_id=lease.vehicle_id,
                lease_id=lease.pk,
                workshop="Northern Boulevard Auto",
                workshop_number=f"NB-{2041 + number}",
                invoiced_on=wednesday,
                lines=[repairs.InvoiceItem(work, amount)],
                amount=amount,
                starts_on=week.start,
                today=wednesday,
                actor=actor,
            )
    for in_week, position, dollars in LOANS:
        if in_week == number:
            lease = leases[position]
            loans.disburse_loan(
                driver_id=lease.primary_driver_id,
                lease_id=lease.pk,
                principal=Decimal(dollars),
                disbursed_on=wednesday,
                method="CHECK",
                instrument_number=str(3300 + number),
                starts_on=week.start,
                today=wednesday,
                actor=actor,
            )
