"""The four weeks of the month that is kept by hand: every act by its own service, and the close of each week."""

from datetime import date
from decimal import Decimal

from core.weeks import week_of
from leases import services as leases
from ledger import services as ledger
from ledger.models import InterimPayment
from ledger.selectors import list_open_weeks
from loans import services as loans
from loans.models import DriverLoan
from repairs import services as repairs
from tests.stories.fleet import close_week, drive, find_posting, hand_in, pay_out, read_dtr, table
from tests.stories.month import FIRST, FOURTH, SECOND, THIRD, Fleet, bring_in, drive_week, move, pay_week, remit
from tests.tickets.files import EZPASS_HEAD, FLEET_HEAD, fleet_violation, text, toll
from tickets import services as tickets
from tickets.models import Ticket


def live_through_the_first_week(fleet: Fleet) -> None:
    fifth, sixth, seventh, eighth, ninth = (date(2026, 10, day) for day in range(5, 10))
    move("FLOAT", "1010", "1030", "200.00", "DRAWER-1", on=fifth)
    loans.disburse_loan(
        driver_id=fleet.baker.pk,
        lease_id=fleet.leases[2].pk,
        principal=Decimal("1200.00"),
        rate_percent=Decimal("10"),
        disbursed_on=fifth,
        method="CHECK",
        instrument_number="1001",
        starts_on=date(2026, 10, 11),
        today=fifth,
        actor=None,
    )
    hand_in(fleet.adams, "300.00", {"OPEN-DEBT-A1": "300.00"}, lease=fleet.leases[1], on=sixth)
    check = hand_in(fleet.cruz, "600.00", {"LEASE-3-2026W41": "420.00"}, check="555", lease=fleet.leases[3], on=seventh)
    tickets.enter_summons(
        number="D1",
        violation="Failure to inspect",
        issued_on=date(2026, 9, 3),
        amount=Decimal("115.00"),
        license=fleet.diaz.tlc_license,
        today=seventh,
        actor=None,
    )
    pay_out(fleet.cruz, "100.00", on=eighth)
    leases.settle_deposit(
        lease_id=fleet.leases[4].pk,
        as_of=eighth,
        reason="The lease is over",
        method="CHECK",
        instrument_number="1002",
        actor=None,
    )
    ledger.record_bank_deposit(
        cash=Decimal("250.00"), payment_ids=[check.pk], reference_id="DEP-1", effective_on=ninth, actor=None
    )
    for number, card, taxes in ((1, "900.00", "60.00"), (2, "700.00", "45.00"), (3, "500.00", "30.00")):
        drive_week(fleet.leases[number], FIRST, card, taxes)
    close_week(FIRST)


def live_through_the_second_week(fleet: Fleet) -> None:
    """Check 555 comes back; what it had paid is owed again, and 100.00 of it had left in cash."""
    thirteenth, fifteenth, sixteenth = (date(2026, 10, day) for day in (13, 15, 16))
    pay_week(fleet.adams, FIRST, fleet.leases[1], amount="340.00", check="1003")
    pay_week(fleet.baker, FIRST, fleet.leases[2], amount="355.00", check="1004")
    pay_week(fleet.cruz, FIRST, fleet.leases[3], amount="350.00")
    remit("2100.00", "63.00", of=FIRST)
    bring_in("ezpass", text(EZPASS_HEAD, [toll("A1", "NY T100001C", on="10/12/2026", amount="$-14.06")]), on=thirteenth)
    ledger.credit_driver(
        driver_id=fleet.adams.pk,
        category="REPAIR",
        amount=Decimal("60.00"),
        reference_id="CREDIT-A1",
        reason="Charged twice",
        lease_id=fleet.leases[1].pk,
        effective_on=thirteenth,
        actor=fleet.clerk,
    )
    pay_out(fleet.adams, "60.00", on=thirteenth)
    come_back("PAY-000002", cascade=True, on=date(2026, 10, 14))
    move("BANK_FEE", "6030", "1030", "12.00", "RETURNED-PAY-000002", on=date(2026, 10, 14))
    row = fleet_violation("8000000001", "T100002C", on="10/14/2026", money="115.00,0.00,0.00,0.00,0.00", due="115.00")
    bring_in("pvb-fleet", text(FLEET_HEAD, [row]), on=fifteenth)
    hand_in(fleet.baker, "115.00", {"PVB-8000000001": "115.00"}, lease=fleet.leases[2], on=fifteenth)
    move("PAID_OVER", "2140", "1030", "115.00", "TLC-D1", on=sixteenth)
    move("PAID_OVER", "2130", "1030", "115.00", "PVB-8000000001", on=sixteenth)
    move("PAID_OVER", "2120", "1030", "14.06", "EZPASS-STATEMENT", on=sixteenth)
    move("BORNE", "6040", "1030", "5.94", "EZPASS-STATEMENT", on=sixteenth)
    for number, card, taxes in ((1, "850.00", "55.00"), (2, "500.00", "32.00"), (3, "780.00", "48.00")):
        drive_week(fleet.leases[number], SECOND, card, taxes)
    close_week(SECOND)
    assert read_dtr(fleet.cruz, SECOND, fleet.leases[3])[:-1] == table("""
        owed      opening  charged  paid  applied  undone  closing
        TAXES           -    48.00     -    48.00       -        -
        LEASE           -   420.00     -   702.00  420.00   138.00
        RECOVERY        -   100.00     -        -       -   100.00
        LOAN            -   200.00     -        -   50.00   250.00
        held      opening  received  voided  allocated  applied  undone  paid-out  closing
        PAYMENT         -         -  500.00          -        -  500.00         -        -
        EARNINGS   350.00    780.00       -          -   780.00       -    350.00        -
    """)


def live_through_the_third_week(fleet: Fleet) -> None:
    """A paid ticket is dismissed, check 777 comes back, and Adams has a card week below zero."""
    nineteenth, twentieth, twenty_first = (date(2026, 10, day) for day in (19, 20, 21))
    repairs.create_invoice(
        driver_id=fleet.adams.pk,
        vehicle_id=fleet.leases[1].vehicle_id,
        workshop="Queens Auto",
        workshop_number="QA-1043",
        invoiced_on=nineteenth,
        lines=[repairs.InvoiceItem("Brakes", Decimal("150.00"))],
        amount=Decimal("150.00"),
        starts_on=date(2026, 10, 18),
        today=nineteenth,
        actor=None,
    )
    pay_week(fleet.adams, SECOND, fleet.leases[1], amount="280.94")
    remit("2130.00", "63.90", of=SECOND)
    ticket = Ticket.objects.get(kind="PVB")
    tickets.dismiss_ticket(ticket_id=ticket.pk, reason="The City dismissed it", today=twentieth, actor=None)
    loan = DriverLoan.objects.get(driver=fleet.baker)
    ledger.allocate_credit(
        posting_id=find_posting("PAYMENT", "PAY-000003").pk,
        allocations={f"LOAN-{loan.pk}-1": Decimal("115.00")},
        reason="By the driver's word",
        effective_on=twentieth,
        actor=None,
    )
    check = hand_in(fleet.baker, "100.00", {}, check="777", lease=fleet.leases[2], on=twenty_first)
    ledger.write_off_obligation(
        posting_id=find_posting("OBLIGATION", "OPEN-DEBT-E1").pk,
        reason="Moved away",
        effective_on=twenty_first,
        actor=None,
    )
    ledger.record_bank_deposit(
        payment_ids=[check.pk], reference_id="DEP-2", effective_on=date(2026, 10, 22), actor=None
    )
    ledger.win_back(
        posting_id=find_posting("CREDIT_MEMO", "CREDIT-A1").pk,
        reason="It was charged once",
        effective_on=date(2026, 10, 22),
        actor=None,
    )
    come_back("PAY-000004", on=date(2026, 10, 23))
    drive(fleet.leases[1], card="-50.00", card_taxes="-3.30", on=twentieth)
    for number, card, taxes in ((2, "640.00", "40.00"), (3, "700.00", "44.00")):
        drive_week(fleet.leases[number], THIRD, card, taxes)
    close_week(THIRD)
    assert read_dtr(fleet.baker, THIRD, fleet.leases[2])[:5] == table("""
        owed   opening  charged  corrected    paid  applied  undone  closing
        TAXES        -    40.00          -       -    40.00       -        -
        LEASE        -   350.00          -       -   350.00       -        -
        PVB          -        -    -115.00       -        -  115.00        -
        LOAN    135.95   251.82          -  115.00   250.00       -    22.77
    """)


def live_through_the_last_week(fleet: Fleet) -> None:
    """Evans pays 80.00 of what was forgiven, and Baker gets three days of rent back."""
    twenty_seventh, twenty_eighth, twenty_ninth, thirtieth = (date(2026, 10, day) for day in range(27, 31))
    ledger.apply_interim_payment(
        payment_amount=Decimal("210.00"),
        deposit=Decimal("210.00"),
        allocations={},
        driver_id=fleet.cruz.pk,
        lease_id=fleet.leases[3].pk,
        payment_method="ACH",
        effective_on=date(2026, 10, 26),
    )
    remit("1290.00", "38.70", of=THIRD)
    leases.record_days_away(
        lease_id=fleet.leases[2].pk,
        start_on=date(2026, 10, 19),
        end_on=date(2026, 10, 21),
        reason="In the shop",
        effective_on=twenty_seventh,
        actor=None,
    )
    ledger.write_off_obligation(
        posting_id=find_posting("OBLIGATION", "RETURNED-PAY-000002").pk,
        reason="Too little to ask for",
        effective_on=twenty_eighth,
        actor=None,
    )
    move("PAID_OVER", "1030", "2130", "115.00", "PVB-8000000001", on=twenty_eighth)
    ledger.void_posting(
        posting_id=find_posting("WRITE_OFF", "OPEN-DEBT-E1").pk,
        reason="They pay",
        effective_on=twenty_ninth,
        actor=None,
    )
    hand_in(fleet.evans, "80.00", {"OPEN-DEBT-E1": "80.00"}, on=twenty_ninth)
    ledger.write_off_obligation(
        posting_id=find_posting("OBLIGATION", "OPEN-DEBT-E1").pk,
        reason="Moved away",
        effective_on=twenty_ninth,
        actor=None,
    )
    move("PAID_OVER", "2110", "1030", "350.70", "TAXES-2026-10", on=thirtieth)
    move("OVER_SHORT", "6050", "1010", "1.00", "DRAWER-1", on=thirtieth, why="Counted 284.00, expected 285.00")
    for number, card, taxes in ((1, "800.00", "50.00"), (2, "900.00", "58.00"), (3, "760.00", "47.00")):
        drive_week(fleet.leases[number], FOURTH, card, taxes)
    # October's trial balance is not final before its last week is closed, and says so.
    assert list_open_weeks(FOURTH) == [week_of(FOURTH)]
    close_week(FOURTH)
    assert list_open_weeks(FOURTH) == []


def come_back(reference: str, *, cascade: bool = False, on: date) -> None:
    """The bank returns a check that a slip took there."""
    payment = InterimPayment.objects.get(number=int(reference.removeprefix("PAY-")))
    ledger.void_payment(
        payment_id=payment.pk,
        reason="Returned by the bank",
        returned_item=True,
        cascade=cascade,
        effective_on=on,
        actor=None,
    )
