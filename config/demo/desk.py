"""What lies on the office's desk today: tolls and summonses that wait, each for another reason, and what came changed.

Some leases have further drivers by now, some trips came late, and a few tickets are disputed, left to the fleet or put
back.
"""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.contrib.auth.models import User

from config.demo.charges import TOLL_HEAD, VIOLATION_HEAD, bring_in
from config.demo.trips import LateTrip, tell_late_trips
from core.clock import week_starts_at
from core.weeks import Week
from leases import services as lease_services
from leases.models import Driver, Lease, Vehicle
from ledger import services as ledger
from ledger.categories import TransferKind
from tickets import services as tickets
from tickets.importers.tlc import COLUMNS
from tickets.models import Ticket
from tickets.rules import FileKind

JERSEY_HEAD = (
    "POSTING DATE,TRANSACTION DATE,TAG/PLATE NUMBER,AGENCY,ACTIVITY,PLAZA ID,ENTRY TIME,ENTRY PLAZA,ENTRY LANE,"
    "EXIT TIME,EXIT PLAZA,EXIT LANE,VEHICLE TYPE CODE,AMOUNT,PREPAID,PLAN/RATE,FARE TYPE,BALANCE"
)
#: Leases by their place: which have a further driver, and which cab somebody else took for a trip.
SHARED, BORROWED = (20, 25, 31), 35
#: Codes of the chart of accounts.
BANK, BORNE = "1030", "6040"
#: How violations come again: what is added to each sum, and what the city says.
CHANGES: Sequence[tuple[Mapping[str, str], str]] = (
    ({"Reduction Amount": "15.00", "Amount Due": "-15.00"}, "HEARING HELD-REDUCED"),
    ({"Reduction Amount": "all", "Amount Due": "-all"}, "HEARING HELD-NOT GUILTY"),
    ({"Penalty Amount": "10.00", "Interest Amount": "1.17", "Amount Due": "11.17"}, ""),
    ({"Payment Amount": "all", "Amount Due": "-all"}, "PAID IN FULL"),
    ({"Payment Amount": "20.00", "Amount Due": "-20.00"}, ""),
)


def fill_desk(week: Week, leases: Sequence[Lease], staff: dict[str, User], *, on: date) -> None:
    """Bring in on the day ``on`` what happened in ``week``, which is over, and is not decided yet."""
    office, supervisor = staff["office"], staff["supervisor"]
    thursday = week.start + timedelta(days=4)
    further = [_share(leases, place, week, actor=office) for place in SHARED]
    spare = _register_spare_cab(week, actor=office)
    late = [LateTrip(leases[place], driver, thursday) for place, driver in zip(SHARED, further, strict=True)]
    borrower = leases[BORROWED - 2].primary_driver
    tell_late_trips(
        random.Random(week.label), week, [*late, LateTrip(leases[BORROWED], borrower, thursday)], actor=office
    )
    bring_in(FileKind.EZPASS, "ezpass-desk.csv", TOLL_HEAD, _tolls(thursday, leases, spare), on, office)
    bring_in(FileKind.EZPASS, "ezpass-jersey.csv", JERSEY_HEAD, _jersey_rows(thursday, leases), on, office)
    bring_in(FileKind.TLC, "tlc-desk.csv", ",".join(COLUMNS), _summonses(thursday, leases), on, office)
    violations = list(Ticket.objects.filter(kind=Ticket.Kind.PVB, state=Ticket.State.CHARGED).order_by("-pk")[:7])
    again = [_tell_again(ticket, *change) for ticket, change in zip(violations, CHANGES, strict=False)]
    if again:
        bring_in(FileKind.PVB, "pvb-again.csv", VIOLATION_HEAD, again, on, office)
    for ticket in violations[len(CHANGES) :]:
        reason = "The sign was hidden by a tree"
        tickets.dispute_ticket(ticket_id=ticket.pk, reason=reason, today=on, actor=supervisor)
    _leave_to_fleet(supervisor, office, on=on)
    _put_back(supervisor, on=on)


def _share(leases: Sequence[Lease], place: int, week: Week, *, actor: User) -> Driver:
    """Let the driver of the lease before drive on this one too, from the week on."""
    driver = leases[place - 1].primary_driver
    lease_services.add_driver(lease_id=leases[place].pk, driver_id=driver.pk, start_on=week.start, actor=actor)
    return driver


def _register_spare_cab(week: Week, *, actor: User) -> Vehicle:
    """A cab that nobody leases."""
    return lease_services.register_vehicle(
        vin="JTMRWZFV900000000",
        medallion="9Z90",
        plate="9Z90B",
        make_and_model="Toyota Camry Hybrid",
        from_at=week_starts_at(week),
        actor=actor,
    )


def _tolls(thursday: date, leases: Sequence[Lease], spare: Vehicle) -> list[list[str]]:
    """Tolls of one night: one in each shared cab's late trip, the others for a person."""
    plates = [f"NY {leases[place].vehicle.plate}" for place in SHARED]
    borrowed, own = f"NY {leases[BORROWED].vehicle.plate}", f"NY {leases[BORROWED - 1].vehicle.plate}"
    late, next_day = time(23, 20), datetime.combine(thursday + timedelta(days=1), time(8, 5))
    rows: list[tuple[str, str, str, time | datetime, str]] = [
        *((plate, "MTAB&T", "RKB", late, "-9.11") for plate in plates),
        *((plate, "MTAB&T", "QMT", time(23, 55), "-9.11") for plate in plates[:2]),
        (borrowed, "MTAB&T", "HCT", late, "-9.11"),
        ("NJ R41HXZ", "PANYNJ", "GWB", time(9, 12), "-14.06"),
        ("PA LBN2210", "PANYNJ", "LINCOLN", time(17, 40), "-14.06"),
        (" 00499900417", "MTAB&T", "TNB", time(6, 31), "-6.94"),
        (f"NY {spare.plates.get().plate}", "MTAB&T", "BWB", time(14, 2), "-6.94"),
        (own, "CBDTP", "CRZ", time(11, 15), "-0.75"),
        (plates[0], "CBDTP", "CRZ", time(15, 45), "-0.75"),
        (own, "PANYNJ", "GWB", time(3, 30), "17.63"),
        (own, "MTAB&T", "RKM", next_day, "-6.94"),
    ]
    return [
        [str(72_000_000_001 + place), mark, agency, "", plaza, "31", f"{thursday:%m/%d/%Y}", _show(clock), f"${amount}"]
        for place, (mark, agency, plaza, clock, amount) in enumerate(rows)
    ]


def _show(clock: time | datetime) -> str:
    """A time cell; one that bears a day of its own contradicts the row's."""
    return f"{clock:%m/%d/%Y %I:%M:%S %p}" if isinstance(clock, datetime) else f"{clock:%I:%M:%S %p}"


def _jersey_rows(thursday: date, leases: Sequence[Lease]) -> list[list[str]]:
    """Rows of New Jersey's statement that are no plain tolls."""
    day, tags = f"{thursday:%m/%d/%Y}", [leases[place].vehicle.tags.get().tag for place in (14, 16, 18, 22)]
    rows = [
        (tags[0], "ADJUSTMENT", "($4.50)"),
        (tags[1], "VIOLATION FEE", "($50.00)"),
        (tags[2], "TOLL", "$14.06"),
        (tags[3], "MONTHLY SERVICE FEE", "($1.00)"),
    ]
    return [
        [day, day, tag, "PANYNJ", activity, "45", "", "-", "-", f"{4 + place:02d}:10:00", "GWB", "4", "1", amount, "Y",
         "STANDARD", "N", "$235.00"]
        for place, (tag, activity, amount) in enumerate(rows)
    ]  # fmt: skip


def _summonses(thursday: date, leases: Sequence[Lease]) -> list[list[str]]:
    """Summonses of our template: of a license that nobody has, and of one cab's medallion with another's plate."""
    day = f"{thursday:%m/%d/%Y}"
    medallion, plate = leases[28].vehicle.medallion, leases[29].vehicle.plates.get().plate
    return [
        ["FN9000001", "Directive", day, "", "4999998", "", "", "", "75.00", "", ""],
        ["FN9000002", "Failure to inspect", day, "", "", medallion, plate, "NY", "100.00", "", ""],
    ]


def _tell_again(ticket: Ticket, added: Mapping[str, str], status: str) -> list[str]:
    """The row of a violation once more, with other sums."""
    fine = Decimal(ticket.received["Fine Amount"])
    cells = {**ticket.received, "Violation Status": status}
    for column, amount in added.items():
        more = Decimal(amount.replace("all", f"{fine}"))
        cells[column] = f"{Decimal(cells.get(column, '0')) + more:.2f}"
    return [cells.get(column, "") for column in VIOLATION_HEAD.split(",")]


def _put_back(supervisor: User, *, on: date) -> None:
    """Dispute a toll, which turns out to be another's: it waits in review again."""
    tolls = Ticket.objects.filter(kind=Ticket.Kind.EZPASS, state=Ticket.State.CHARGED, refunds=None).order_by("-pk")
    for ticket in tolls[:1]:
        tickets.dispute_ticket(ticket_id=ticket.pk, reason="The driver was at home", today=on, actor=supervisor)
        tickets.restore_ticket(ticket_id=ticket.pk, reason="Somebody else had the cab", actor=supervisor)


def _leave_to_fleet(supervisor: User, office: User, *, on: date) -> None:
    """Leave two tolls to the fleet; one of them is recorded in the books."""
    tolls = Ticket.objects.filter(kind=Ticket.Kind.EZPASS, state=Ticket.State.CHARGED, refunds=None).order_by("-pk")[:2]
    for number, ticket in enumerate(tolls):
        reason = "The cab was on its way to the workshop"
        tickets.let_fleet_pay(ticket_id=ticket.pk, reason=reason, today=on, actor=supervisor)
        if not number:
            ledger.record_transfer(
                kind=TransferKind.BORNE,
                debit=BORNE,
                credit=BANK,
                amount=ticket.amount,
                reference_id=ticket.reference_id,
                effective_on=on,
                today=on,
                actor=office,
            )
