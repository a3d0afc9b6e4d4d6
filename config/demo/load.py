"""The demo from nothing: people, cabs, leases; eight weeks lived one after the other; the week that runs now."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from config.demo import bank, charges, counter, desk, people
from config.demo.trips import settle_trips, tell_trips
from core.clock import week_starts_at
from core.services import run_audits
from core.weeks import Week, week_of
from core.words import say_full_day
from dtr import services as dtr
from leases import services as lease_services
from leases.models import Driver, Lease
from ledger import services as ledger

SEED = 7_2026
WEEKS = 8
#: Cabs driven by two drivers, one by day and one by night; each of the other drivers has a cab of their own.
SHARED_CABS = 6
FULL_TIME_RENT, ONE_SHIFT_RENT = (Decimal(575), Decimal(600), Decimal(640)), (Decimal(350), Decimal(385))

Say = Callable[[str], None]


@transaction.atomic
class PeopleHere(Exception):
    """The database is somebody's: logins whose password everybody knows must not get into it."""


def load_demo(*, today: date, say: Say) -> bool:
    """Load the demo fleet with the eight full weeks before ``today`` (New York); all of it, or nothing.

    Returns False, and changes nothing, when the demo is there already. ``say`` is called with how far it is.

    :raises PeopleHere: drivers or users are there, and they are not the demo's
    """
    if people.are_here():
        return False
    if Driver.objects.exists() or User.objects.exists():
        raise PeopleHere("There are drivers or users in this database, and they are not the demo's.")
    chance = random.Random(SEED)
    weeks = _weeks_before(today)
    say("Hiring staff and drivers ...")
    staff = people.make_staff()
    leases = _start_leases(chance, weeks[0], staff["office"])
    counter.take_deposits(leases, on=weeks[0].start, actor=staff["cashier"])
    for number, week in enumerate(weeks):
        say(f"Living the week ending {say_full_day(week.end)} ({number + 1} of {len(weeks)}) ...")
        _live(chance, number, week, leases, staff, today=today)
    settle_trips(closed_through=weeks[-1])
    say("Opening the week that runs now ...")
    _open_current_week(chance, weeks[-1], leases, staff, today=today)
    say("Checking the books ...")
    ledger.seal_rows()
    ledger.verify_seals(is_whole=True)
    run_audits()
    return True


def _weeks_before(today: date) -> list[Week]:
    weeks = [week_of(today).previous]
    while len(weeks) < WEEKS:
        weeks.insert(0, weeks[0].previous)
    return weeks


def _start_leases(chance: random.Random, first: Week, office: User) -> list[Lease]:
    """Start a lease for each driver, from the first week on; the last one starts in midweek and pays a part of it."""
    drivers = people.make_drivers(chance, people.DRIVERS, actor=office)
    shared = 2 * SHARED_CABS
    vehicles = people.make_vehicles(chance, people.DRIVERS - SHARED_CABS, from_at=week_starts_at(first), actor=office)
    leases = []
    for number, driver in enumerate(drivers):
        in_shift = number < shared
        shift = ("DAY", "NIGHT")[number % 2] if in_shift else "FULL"
        rent = chance.choice(ONE_SHIFT_RENT if in_shift else FULL_TIME_RENT)
        leases.append(
            lease_services.start_lease(
                driver_id=driver.pk,
                vehicle_id=(vehicles[number // 2] if in_shift else vehicles[number - SHARED_CABS]).pk,
                lease_type="SHIFT" if in_shift else "LONG_TERM",
                shift=shift,
                start_on=first.start + timedelta(days=3 if number == people.DRIVERS - 1 else 0),
                end_on=first.start + timedelta(weeks=52, days=-1),
                weekly_amount=rent,
                deposit=rent,
                cancellation_fee=Decimal(250),
                actor=office,
            )
        )
    return leases


def _live(
    chance: random.Random, number: int, week: Week, leases: list[Lease], staff: dict[str, User], *, today: date
) -> None:
    """A week as it comes: trips and charges, money over the counter, corrections, the close, the payouts."""
    tell_trips(chance, week, leases, actor=staff["office"])
    friday = week.end - timedelta(days=1)
    charges.charge_week(chance, week, number, leases, on=friday, actor=staff["office"])
    counter.take_payments(chance, leases, on=week.end, actor=staff["cashier"])
    counter.correct(number, week, actor=staff["supervisor"])
    # As each minute of a served fleet, so that the week's papers have a seal.
    ledger.seal_rows()
    # On the Sunday after it, as the schedule would: its DTRs are of that day, and were paid out later.
    dtr.close_week(week=week, today=week.next.start, actor=staff["supervisor"])
    counter.pay_out_week(chance, week, latest=today, actor=staff["supervisor"])
    bank.bank_week(number, week, latest=today, actor=staff["office"])


def _open_current_week(
    chance: random.Random, last: Week, leases: list[Lease], staff: dict[str, User], *, today: date
) -> None:
    """What is on the desk today: files that name the last week only now, and payments at the counter."""
    charges.charge_week(chance, last, WEEKS, leases, on=today, actor=staff["office"])
    counter.take_payments(chance, leases[: len(leases) // 2], on=today, actor=staff["cashier"])
    desk.fill_desk(last, leases, staff, on=today)
