"""What becomes of a deposit, told with figures worked out by hand.

The lease of cab T100001C ended on November 21; on December 21, thirty days later, its deposit is settled.
"""

from datetime import date
from decimal import Decimal

import pytest

from core.clock import at
from leases import selectors, services
from leases.models import DepositSettlement, Driver, Lease
from leases.selectors import Part
from ledger import services as ledger
from ledger.models import LedgerBalance, Payout
from ledger.selectors import get_payable
from loans import services as loans
from loans.models import DriverLoan
from tests.books import assert_books_clean
from tests.factories import LeaseDriverFactory, LeaseFactory, LeaseInstallmentFactory, UserFactory
from tests.stories.fleet import hand_in, owe
from tests.tickets.files import leased_cab
from tickets import services as tickets
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

END = date(2026, 11, 21)
#: A Monday, the first day on which the deposit may be settled, and its week's Saturday.
TODAY = date(2026, 12, 21)
SATURDAY = date(2026, 12, 26)
JANUARY = date(2027, 1, 30)


@pytest.fixture
def lease() -> Lease:
    return leased_cab(end_on=END)


@pytest.fixture
def driver(lease: Lease) -> Driver:
    return lease.primary_driver


def leave_deposit(lease: Lease, amount: str, *, driver: Driver | None = None) -> None:
    """Hand in an installment of the lease's deposit in cash."""
    ledger.apply_interim_payment(
        payment_amount=Decimal(amount),
        deposit=Decimal(amount),
        allocations={},
        driver_id=(driver or lease.primary_driver).pk,
        lease_id=lease.pk,
        payment_method="CASH",
        effective_on=date(2026, 1, 5),
    )


def settle(lease: Lease, *, on: date = TODAY, **facts: bool) -> DepositSettlement:
    settlement = services.settle_deposit(
        lease_id=lease.pk, as_of=on, reason="Lease over", method="CHECK", instrument_number="1002", actor=None, **facts
    )
    assert_books_clean()
    return settlement


def read(settlement: DepositSettlement) -> tuple[str, str, str]:
    """What the deposit paid, what went back, what is kept."""
    return str(settlement.applied), str(settlement.released), str(settlement.kept)


def lines_of(settlement: DepositSettlement, part: Part) -> list[tuple[str, str]]:
    items = selectors.list_settlement_items(settlement)
    return [(item.reference_id, str(item.amount)) for item in items if item.part == part]


def sum_open(driver: Driver) -> Decimal:
    open_ = LedgerBalance.objects.filter(driver=driver, entry_type="DEBIT", status="OPEN")
    return sum(open_.values_list("remaining", flat=True), start=Decimal("0.00"))


def dispute(lease: Lease, amount: str = "115.00") -> Ticket:
    """A violation of the lease's cab in its time, which the driver disputes: so it is not charged."""
    return Ticket.objects.create(
        kind="PVB",
        number="4664359196",
        state="DISPUTED",
        at=at(date(2026, 11, 16)),
        at_latest=at(date(2026, 11, 16)),
        amount=Decimal(amount),
        plate="T100001C",
        plate_state="NY",
        vehicle=lease.vehicle,
        driver=lease.primary_driver,
        lease=lease,
    )


def test_tolls_and_a_summons_that_is_due_later(lease: Lease, driver: Driver) -> None:
    """400.00 pays 45.60 and 115.00, though that is due later: 239.40 goes back."""
    leave_deposit(lease, "400.00")
    owe(driver, "EZPASS-1", "45.60", lease=lease)
    owe(driver, "TLC-1", "115.00", lease=lease, due=JANUARY)
    settlement = settle(lease)
    assert read(settlement) == ("160.60", "239.40", "0.00")
    assert settlement.payout_reference == "OUT-000001"
    assert lines_of(settlement, Part.PAID) == [("EZPASS-1", "45.60"), ("TLC-1", "115.00")]


def test_more_is_owed_than_was_left(lease: Lease, driver: Driver) -> None:
    """A repair of 900.00 is charged at once and due later, 150.00 of rent is not charged yet, and a ticket is 115.00.

    1,165.00 in all: the 500.00 pays what it can, nothing goes back, and 665.00 stays owed.
    """
    leave_deposit(lease, "500.00")
    owe(driver, "REPAIR-1-1", "900.00", lease=lease, due=JANUARY)
    LeaseInstallmentFactory.create(lease=lease, number=46, amount=Decimal("150.00"))
    owe(driver, "PVB-1", "115.00", lease=lease, due=JANUARY)
    settlement = settle(lease)
    assert read(settlement) == ("500.00", "0.00", "0.00")
    assert (settlement.posted, Payout.objects.count(), sum_open(driver)) == (1, 0, Decimal("665.00"))
    assert lines_of(settlement, Part.OPEN) == [("REPAIR-1-1", "665.00")]


def test_a_loan_of_who_has_no_lease_any_more(lease: Lease, driver: Driver) -> None:
    """120.00 is owed on the lease, and 300.00 of a loan is not charged yet: 420.00 is paid, 80.00 goes back."""
    leave_deposit(lease, "500.00")
    owe(driver, "PVB-1", "120.00", lease=lease)
    loans.disburse_loan(
        driver_id=driver.pk,
        principal=Decimal("300.00"),
        rate_percent=Decimal(0),
        disbursed_on=TODAY,
        method="CASH",
        starts_on=date(2026, 12, 20),
        today=TODAY,
        actor=None,
    )
    settlement = settle(lease)
    assert read(settlement) == ("420.00", "80.00", "0.00")
    assert lines_of(settlement, Part.PAID) == [("PVB-1", "120.00"), ("LOAN-1-PAYOFF", "300.00")]


def lend(driver: Driver) -> DriverLoan:
    """1,200.00 at 10 % a year, 20.00 a week for sixty weeks from Nov 21: 69.54 of interest, if it took all of them."""
    return loans.disburse_loan(
        driver_id=driver.pk,
        principal=Decimal("1200.00"),
        rate_percent=Decimal(10),
        weekly_amount=Decimal("20.00"),
        disbursed_on=date(2026, 11, 16),
        method="CASH",
        starts_on=date(2026, 11, 15),
        today=date(2026, 11, 16),
        actor=None,
    )


def test_a_loan_that_is_called_in_bears_no_interest_of_days_to_come(lease: Lease, driver: Driver) -> None:
    """Earned by Dec 21: 1.64 of the first five days, 2.26, 2.22, 2.19, 2.15 a week, and 0.60 of two days: 11.06."""
    leave_deposit(lease, "2000.00")
    loan = lend(driver)
    settlement = settle(lease)
    assert read(settlement) == ("1211.06", "788.94", "0.00")
    assert lines_of(settlement, Part.PAID) == [(f"LOAN-{loan.pk}-PAYOFF", "1211.06")]
    loan.refresh_from_db()
    assert loan.status == "PAID_OFF"


def test_a_loan_on_hold_is_kept_for_until_it_is_resumed(lease: Lease, driver: Driver) -> None:
    """Its pause bears no interest: 1,200.00 is kept. Resumed, and settled on Saturday, it is 1.64 more.

    That is the interest of its first five days, which the pause has moved to this week.
    """
    leave_deposit(lease, "2000.00")
    loan = lend(driver)
    loans.hold_loan(loan_id=loan.pk, reason="Ill", actor=None)
    settlement = settle(lease)
    assert read(settlement) == ("0.00", "800.00", "1200.00")
    assert lines_of(settlement, Part.KEPT) == [(f"LOAN-{loan.pk}-PAYOFF", "1200.00")]
    (kept,) = [item for item in selectors.list_settlement_items(settlement) if item.part == Part.KEPT]
    assert (kept.words, kept.note) == (
        "Loan of Nov 16, what is left of it: 1,200.00",
        "on hold: until it is resumed and paid",
    )

    loans.resume_loan(loan_id=loan.pk, starts_on=date(2026, 12, 20), today=TODAY, actor=None)
    assert read(settle(lease, on=SATURDAY)) == ("1200.00", "0.00", "0.00")
    assert sum_open(driver) == Decimal("1.64")


def test_rent_put_off_is_kept_for_and_nothing_leaves_before_it(lease: Lease, driver: Driver) -> None:
    """Two weeks of 500.00 were put off: of 1,300.00 it keeps 1,000.00, and of 300.00 more nothing is paid out.

    Resumed, the 300.00 pays first, the deposit the 700.00 that are left, and 300.00 of it goes back.
    """
    leave_deposit(lease, "1300.00")
    for number in (45, 46):
        LeaseInstallmentFactory.create(lease=lease, number=number, amount=Decimal("500.00"))
    services.hold_lease(lease_id=lease.pk, reason="Rent later: ill", actor=None)
    first = settle(lease)
    assert read(first) == ("0.00", "300.00", "1000.00")
    assert [amount for _, amount in lines_of(first, Part.KEPT)] == ["500.00", "500.00"]

    ledger.credit_driver(
        driver_id=driver.pk,
        category="MISC",
        amount=Decimal("300.00"),
        reference_id="MEMO-1",
        reason="Found money",
        effective_on=TODAY,
        actor=UserFactory.create(),
    )
    payable = get_payable(driver.pk, on=TODAY)
    assert (str(payable.to_charge), str(payable.amount)) == ("1000.00", "0.00")
    with pytest.raises(ledger.ExceedsNetDue):
        ledger.pay_out(driver_id=driver.pk, amount=Decimal("300.00"), method="CASH", effective_on=TODAY, actor=None)

    services.resume_lease(lease_id=lease.pk, actor=None)
    again = settle(lease)
    assert (str(again.from_credits), *read(again)) == ("300.00", "700.00", "300.00", "0.00")
    assert sum_open(driver) == Decimal("0.00")


def test_what_is_on_hold_is_not_kept_for_where_nobody_wants_to(lease: Lease, driver: Driver) -> None:
    leave_deposit(lease, "500.00")
    LeaseInstallmentFactory.create(lease=lease, number=46, amount=Decimal("500.00"))
    services.hold_lease(lease_id=lease.pk, reason="In dispute", actor=None)
    assert read(settle(lease, keeps_for_claims=False)) == ("0.00", "500.00", "0.00")


def test_what_another_lease_owes_on_saturday(lease: Lease, driver: Driver) -> None:
    """The other lease goes on and its 200.00 is due on Saturday: it is listed, and 380.00 goes back."""
    leave_deposit(lease, "500.00")
    owe(driver, "PVB-1", "120.00", lease=lease)
    lease_that_goes_on = LeaseFactory.create(primary_driver=driver)
    owe(driver, "LEASE-9", "200.00", lease=lease_that_goes_on, due=SATURDAY)
    settlement = settle(lease)
    assert read(settlement) == ("120.00", "380.00", "0.00")
    assert lines_of(settlement, Part.LISTED) == [("LEASE-9", "200.00")]
    assert sum_open(driver) == Decimal("200.00")


def test_what_another_lease_owes_overdue_is_kept_until_it_is_paid(lease: Lease, driver: Driver) -> None:
    """200.00 is overdue on the lease that goes on: 180.00 goes back and 200.00 stays held. Once it is paid, it goes."""
    leave_deposit(lease, "500.00")
    owe(driver, "PVB-1", "120.00", lease=lease)
    lease_that_goes_on = LeaseFactory.create(primary_driver=driver)
    owe(driver, "LEASE-9", "200.00", lease=lease_that_goes_on, due=date(2026, 12, 19))
    settlement = settle(lease)
    assert read(settlement) == ("120.00", "180.00", "200.00")
    assert lines_of(settlement, Part.KEPT) == [("LEASE-9", "200.00")]
    assert selectors.get_deposit_state(lease).held == Decimal("200.00")

    hand_in(driver, "200.00", {"LEASE-9": "200.00"}, lease=lease_that_goes_on, on=SATURDAY)
    again = settle(lease, on=SATURDAY)
    assert read(again) == ("0.00", "200.00", "0.00")
    assert [str(row) for row in selectors.list_settlements(lease.pk)] == [
        "Settlement of Dec 26, 2026",
        "Settlement of Dec 21, 2026",
    ]


def test_a_disputed_ticket_is_kept_for_by_default(lease: Lease, driver: Driver) -> None:
    """115.00 is in dispute: 265.00 goes back and 115.00 is kept; dismissed, it goes back as well."""
    leave_deposit(lease, "500.00")
    owe(driver, "LEASE-1", "120.00", lease=lease)
    ticket = dispute(lease)
    settlement = settle(lease)
    assert read(settlement) == ("120.00", "265.00", "115.00")
    assert lines_of(settlement, Part.KEPT) == [("PVB-4664359196", "115.00")]

    tickets.dismiss_ticket(ticket_id=ticket.pk, reason="The City dismissed it", today=TODAY, actor=None)
    assert read(settle(lease)) == ("0.00", "115.00", "0.00")


def test_a_disputed_ticket_is_not_kept_for_where_nobody_wants_to(lease: Lease, driver: Driver) -> None:
    leave_deposit(lease, "500.00")
    owe(driver, "LEASE-1", "120.00", lease=lease)
    dispute(lease)
    assert read(settle(lease, keeps_for_claims=False)) == ("120.00", "380.00", "0.00")


def test_the_drivers_own_credits_pay_first(lease: Lease, driver: Driver) -> None:
    """90.00 of card fares is held: it pays first, 30.00 of 120.00 is left to the deposit, and 470.00 goes back."""
    leave_deposit(lease, "500.00")
    owe(driver, "LEASE-1", "40.00", lease=lease)
    owe(driver, "REPAIR-1-1", "80.00", lease=lease, due=JANUARY)
    ledger.post_earnings(amount=Decimal("90.00"), reference_id="CURB-1", driver_id=driver.pk, effective_on=TODAY)
    settlement = settle(lease)
    assert (str(settlement.from_credits), *read(settlement)) == ("90.00", "30.00", "470.00", "0.00")


def test_a_deposit_in_two_installments_is_one_payout(lease: Lease, driver: Driver) -> None:
    """150.00 and 150.00, and 73.20 is owed: the older pays it, and 76.80 + 150.00 go back by one check."""
    leave_deposit(lease, "150.00")
    leave_deposit(lease, "150.00")
    owe(driver, "PVB-1", "73.20", lease=lease)
    settlement = settle(lease)
    assert read(settlement) == ("73.20", "226.80", "0.00")
    drawn = Payout.objects.get().postings.order_by("pk").values_list("reference_id", "amount")
    assert list(drawn) == [("DEPOSIT-000001", Decimal("76.80")), ("DEPOSIT-000002", Decimal("150.00"))]


def test_what_a_further_driver_owes_is_listed(lease: Lease, driver: Driver) -> None:
    leave_deposit(lease, "500.00")
    further = LeaseDriverFactory.create(lease=lease).driver
    owe(further, "TAXES-1", "31.00", lease=lease)
    settlement = settle(lease)
    assert read(settlement) == ("0.00", "500.00", "0.00")
    assert lines_of(settlement, Part.OF_OTHERS) == [("TAXES-1", "31.00")]
    assert sum_open(further) == Decimal("31.00")


def test_a_further_drivers_deposit_is_theirs(lease: Lease, driver: Driver) -> None:
    """Each left 100.00; it pays what its own driver owes, and the primary driver's is settled first."""
    further = LeaseDriverFactory.create(lease=lease).driver
    leave_deposit(lease, "100.00", driver=further)
    leave_deposit(lease, "100.00")
    owe(further, "TAXES-1", "31.00", lease=lease)
    first, second = settle(lease), settle(lease)
    assert [(row.driver, *read(row)) for row in (first, second)] == [
        (driver, "0.00", "100.00", "0.00"),
        (further, "31.00", "69.00", "0.00"),
    ]


def test_what_is_on_no_lease_while_another_goes_on(lease: Lease, driver: Driver) -> None:
    """A charge on no lease is the running lease's to bring in: it is not paid, and kept for only where it is due."""
    leave_deposit(lease, "500.00")
    LeaseFactory.create(primary_driver=driver)
    owe(driver, "MISC-1", "40.00", due=date(2026, 12, 19))
    owe(driver, "MISC-2", "60.00", due=JANUARY)
    settlement = settle(lease)
    assert read(settlement) == ("0.00", "460.00", "40.00")
    assert lines_of(settlement, Part.LISTED) == [("MISC-2", "60.00")]


def test_what_a_lease_that_is_over_owes_later_is_kept(lease: Lease, driver: Driver) -> None:
    """Nothing else will bring it in."""
    leave_deposit(lease, "500.00")
    owe(driver, "REPAIR-1-1", "60.00", lease=LeaseFactory.create(primary_driver=driver, end_on=END), due=JANUARY)
    assert read(settle(lease)) == ("0.00", "440.00", "60.00")
