"""Who is short for Saturday, rent being charged or not: what a calculator says of a few drivers."""

from datetime import timedelta
from decimal import Decimal
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.desk import Waiting, list_stacks, sum_stacks
from core.weeks import week_of
from leases.models import Lease
from ledger import selectors
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, LeaseInstallmentFactory
from tests.ledger.hostile import SATURDAY
from tests.loans.office import lend
from tests.reports import read

pytestmark = pytest.mark.django_db

TODAY = SATURDAY - timedelta(days=2)
#: Of the rents of a lease, that due on this Saturday.
THIS_WEEK = 9


def owe(driver_id: int, amount: str, *, in_days: int) -> None:
    ledger.create_obligation(
        driver_id=driver_id,
        category="MISC",
        reference_id=f"MISC-{driver_id}-{in_days}",
        amount=Decimal(amount),
        due_on=TODAY + timedelta(days=in_days),
        effective_on=TODAY,
    )


def lease_with_rent(*, number: int = THIS_WEEK, on_hold: bool = False) -> Lease:
    """A lease of a driver of its own whose rent of 500.00 is not charged yet."""
    lease = LeaseFactory.create()
    LeaseInstallmentFactory.create(lease=lease, number=number, on_hold=on_hold)
    return lease


def find_on_home() -> Waiting:
    (short,) = (stack for stack in list_stacks() if stack.name == "ledger.short")
    (waiting,) = sum_stacks([short], today=TODAY)
    return waiting


def count_on_home() -> tuple[int, Decimal | None]:
    waiting = find_on_home()
    return waiting.count, waiting.amount


def list_drivers() -> set[int]:
    return set(selectors.sum_short_for_saturday(today=TODAY))


def test_rent_that_is_not_charged_yet_comes_due_as_what_is():
    """Late 25.00 and a toll of 10.00, rent 500.00 to come; late 40.00 and 7.00 charged: 582.00 of two drivers."""
    debtor, other = lease_with_rent().primary_driver_id, DriverFactory.create().pk
    for driver_id, late, coming in ((debtor, "25.00", "10.00"), (other, "40.00", "7.00")):
        owe(driver_id, late, in_days=-1)
        owe(driver_id, coming, in_days=0)
    owe(debtor, "99.00", in_days=3)  # after Saturday

    assert list_drivers() == {debtor, other}
    assert count_on_home() == (2, Decimal("582.00"))


def test_rent_alone_makes_short_charged_or_not():
    """Late 25.00, and rent of 500.00: 525.00, before and after it is charged."""
    lease = lease_with_rent()
    owe(lease.primary_driver_id, "25.00", in_days=-1)
    assert count_on_home() == (1, Decimal("525.00"))
    ledger.post_scheduled_installments(as_of=SATURDAY)
    assert count_on_home() == (1, Decimal("525.00"))


def test_every_kind_of_plan_is_asked():
    """Late 25.00, and of a loan 60.00 to come by Saturday and 40.00 after it: 85.00."""
    driver = DriverFactory.create()
    owe(driver.pk, "25.00", in_days=-1)
    assert count_on_home() == (0, Decimal("0.00"))
    lent = {"principal": Decimal("100.00"), "rate_percent": Decimal("0"), "weekly_amount": Decimal("60.00")}
    lend(driver, **lent, disbursed_on=TODAY, starts_on=week_of(TODAY).start, today=TODAY)
    assert count_on_home() == (1, Decimal("85.00"))


@pytest.mark.parametrize("why_not", ["helped", "paid up", "on hold", "next week"])
def test_who_is_not_short(why_not: str):
    lease = lease_with_rent(number=THIS_WEEK + (why_not == "next week"), on_hold=why_not == "on hold")
    driver_id = lease.primary_driver_id
    owe(driver_id, "25.00", in_days=0 if why_not == "paid up" else -1)
    if why_not == "helped":
        ledger.post_earnings(driver_id=driver_id, amount=Decimal("10.00"), reference_id="CURB-1", effective_on=SATURDAY)
    assert list_drivers() == set()
    assert count_on_home() == (0, Decimal("0.00"))


def test_a_deposit_is_nothing_that_helps():
    lease = lease_with_rent()
    owe(lease.primary_driver_id, "25.00", in_days=-1)
    ledger.apply_interim_payment(
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        payment_amount=Decimal("90.00"),
        deposit=Decimal("90.00"),
        allocations={},
        payment_method="CASH",
        effective_on=TODAY,
    )
    assert count_on_home() == (1, Decimal("525.00"))


def test_home_leads_to_those_drivers_and_their_sum():
    """Two of four drivers are short, by 25.00 and 500.00, and by 12.50 and 500.00: 1,037.50."""
    short = []
    for late in ("25.00", "12.50"):
        lease = lease_with_rent()
        owe(lease.primary_driver_id, late, in_days=-1)
        short.append(lease.primary_driver_id)
    lease_with_rent()
    owe(DriverFactory.create().pk, "70.00", in_days=-1)

    asked = urlsplit(find_on_home().stack.address(TODAY))
    assert asked.path == reverse("reports:report", args=["current-balances"])
    listed = read("current-balances", today=TODAY, **dict(parse_qsl(asked.query)))

    assert {row["driver_id"] for row in listed.rows} == set(short)
    assert (listed.count, listed.sums["by_saturday"]) == count_on_home() == (2, Decimal("1037.50"))


def test_it_is_one_statement_however_many_are_short():
    counts = []
    for _ in range(2):
        lease = lease_with_rent()
        owe(lease.primary_driver_id, "25.00", in_days=-1)
        with CaptureQueriesContext(connection) as captured:
            count_on_home()
        counts.append(len(captured))
    assert counts == [1, 1]
