"""Pages that a hint leads to, each with what it offers, on a fleet that needs it: see ``doors.py``."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from curb import services as curb
from curb.models import Trip, TripFile
from leases.models import Driver
from ledger import services
from ledger.models import InterimPayment, LedgerPosting
from loans import services as loans
from loans.models import DriverLoan
from tests.curb import trip, trip_file
from tests.curb.counting import back, move
from tests.dtr.fleet import NEXT_WEEK, card, close, drive, leased_driver
from tests.dtr.fleet import start as start_close
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, hold, owe, url_of
from tests.loans.test_admin import lend_now
from tests.tickets.files import ticket_of
from tests.tickets.pages import current_lease, import_tolls, recent_toll
from tickets import services as tickets

#: An address, and what stands on its page.
Page = tuple[str, str]


def today() -> Any:
    return timezone.localdate()


def void(posting: LedgerPosting, **facts: Any) -> LedgerPosting:
    given = {"reason": "Mistake", "effective_on": today(), "actor": None, **facts}
    return services.void_posting(posting_id=posting.pk, **given)[-1]


def memo(driver: Driver, reference: str = "MEMO-1", amount: str = "100.00") -> LedgerPosting:
    return services.credit_driver(
        driver_id=driver.pk,
        category="MISC",
        amount=Decimal(amount),
        reference_id=reference,
        reason="Given",
        effective_on=today(),
    )


def pay(driver: Driver, amount: str = "100.00", pays: dict[str, str] | None = None, **facts: Any) -> InterimPayment:
    given = {"payment_method": "CASH", "effective_on": today(), **facts}
    named = {reference: Decimal(part) for reference, part in (pays or {}).items()}
    return services.apply_interim_payment(
        driver_id=driver.pk, payment_amount=Decimal(amount), allocations=named, **given
    )


def pay_out(driver: Driver, amount: str) -> Any:
    return services.pay_out(driver_id=driver.pk, amount=Decimal(amount), method="CASH", effective_on=today())


def change_of(name: str, record: Any) -> str:
    return url_of(f"{name}_change", record.pk)


# Trips.


def counted_trip() -> Trip:
    leased_driver("5000001", "9Z90")
    (one,) = drive(card())
    close()
    return one


def nobodys_trip() -> list[Page]:
    one = counted_trip()
    back(one)
    return [(change_of("curb_trip", one), "Move to another driver"), (url_of("curb_trip_move", one.pk), "Move")]


def amended_trip() -> list[Page]:
    one = counted_trip()
    curb.import_trips(file_name="b.xml", content=trip_file([one.received | {"TOTAL_AMOUNT": "20.00"}]))
    new = Trip.objects.current().get()
    return [(change_of("curb_trip", one), change_of("curb_trip", new)), (url_of("curb_trip_move", new.pk), "Move")]


def waiting_trip() -> list[Page]:
    (one,) = drive(card())
    return [(change_of("curb_trip", one), "Assign to a driver"), (url_of("curb_trip_bind", one.pk), "Assign")]


def week_trip() -> list[Page]:
    one = counted_trip()
    offered = [(change_of("curb_trip", one), label) for label in ("Move to another driver", "Count back")]
    return [(url_of("curb_trip_changelist"), str(one)), *offered]


def moved_trip() -> list[Page]:
    """Adams's week can't be voided before Baker's, which counted a trip of it and is named by the hint."""
    adams, baker = leased_driver("5000001", "9Z90"), leased_driver("5000002", "9Z91")
    untaxed = {"TAX": "0", "IMPTAX": "0", "CONGFEE": "0"}
    one, _ = drive(trip(**untaxed), trip(**untaxed))
    close()
    move(one, baker)
    drive(trip(**untaxed, TOTAL_AMOUNT="40.00", START_DATE="03/10/2026 10:00:00", END_DATE=""))
    close(NEXT_WEEK)
    fares = LedgerPosting.objects.get(reference_id=f"CURB-2026-03-07-L{adams.pk}", balance=None)
    with pytest.raises(curb.CountedElsewhere) as refusal:
        void(fares)
    later = f"CURB-2026-03-14-L{baker.pk}"
    assert later in refusal.value.message
    return [(url_of("ledger_ledgerbalance_changelist") + f"?q={later}", later), void_page(posting_of(later))]


# The week and the books.


def open_week() -> list[Page]:
    leased_driver()
    start_close()
    return [(url_of("dtr_weekclose_close"), "Closing")]


def week_to_close() -> list[Page]:
    return [(url_of("dtr_weekclose_close"), "Close this week")]


def closed_day() -> list[Page]:
    return [(url_of("ledger_booksentry_reopen"), "Reopen")]


def readiness() -> list[Page]:
    curb.import_trips(file_name="a.xml", content=trip_file([trip(TRIP="a lot")]))
    file = TripFile.objects.get()
    page = url_of("dtr_weekclose_readiness") + "?week_end=2026-03-07"
    return [(page, change_of("curb_tripfile", file)), (url_of("curb_tripfile_seen", file.pk), "Looked at")]


# The ledger.


def posting_of(reference: str) -> LedgerPosting:
    return LedgerPosting.objects.filter(reference_id=reference, balance=None).latest("pk")


def void_page(posting: LedgerPosting) -> Page:
    return url_of("ledger_ledgerposting_void", posting.pk), f"Void posting {posting.pk}"


def standing_charge() -> list[Page]:
    charge = owe(DriverFactory.create())
    url = url_of("ledger_correct_amount", charge.pk)
    return [(change_of("ledger_ledgerbalance", charge), url), (url, "The right amount")]


def voided_charge() -> list[Page]:
    charge = owe(DriverFactory.create())
    void(charge)
    url = url_of("ledger_charge_again", charge.pk)
    return [(change_of(f"ledger_ledger{kind}", charge), url) for kind in ("posting", "balance")] + [
        (url, "What had paid it pays it again")
    ]


def voided_payment() -> list[Page]:
    return [(url_of("ledger_driver_payment", DriverFactory.create().pk), "Amount received")]


def payment_to_void() -> list[Page]:
    payment = pay(DriverFactory.create())
    url = url_of("ledger_interimpayment_void", payment.pk)
    return [(change_of("ledger_interimpayment", payment), url), (url, "Void")]


def recovery() -> list[Page]:
    given = memo(DriverFactory.create())
    charge = services.win_back(posting_id=given.pk, reason="Mistake", effective_on=today(), actor=None)
    url, title = void_page(charge)
    balance = change_of("ledger_ledgerbalance", charge)
    return [(balance, url), (balance, "It can be written off, or voided"), (url, title)]


def paid_out_memo() -> list[Page]:
    """Of the ledger's own memo, and of a toll's refund, which its ticket can't take back any more."""
    driver = DriverFactory.create()
    given = memo(driver)
    pay_out(driver, "40.00")
    lease = current_lease()
    import_tolls(browse(), recent_toll(1))
    pay(lease.primary_driver, "9.11", {"EZPASS-1": "9.11"})
    import_tolls(browse(), recent_toll(2, amount="$9.11"))
    pay_out(lease.primary_driver, "9.11")
    with pytest.raises(services.CreditPaidOut, match="wins the money back on the credit's page"):
        dismiss(2)
    urls = [(made, url_of("ledger_win_back", made.pk)) for made in (given, posting_of("EZPASS-2-REFUND"))]
    return [page for made, url in urls for page in ((change_of("ledger_ledgerbalance", made), url), (url, "Win back"))]


def payout() -> list[Page]:
    driver = DriverFactory.create()
    memo(driver)
    paid = pay_out(driver, "40.00")
    url = url_of("ledger_payout_void", paid.pk)
    return [(change_of("ledger_payout", paid), url), (url, "Void")]


def used_credit() -> list[Page]:
    driver = DriverFactory.create()
    owe(driver)
    used = hold(driver)
    payment = pay(driver, "50.00")
    services.apply_weekly_earnings(as_of=today())
    owe(driver, "MISC-2", "50.00")
    services.apply_weekly_earnings(as_of=today())
    return [
        (url_of("ledger_ledgerposting_void", used.pk), "Undo these too"),
        (url_of("ledger_interimpayment_void", payment.pk), "Undo these too"),
    ]


def deposit() -> list[Page]:
    lease = LeaseFactory.create()
    return [(url_of("leases_lease_settle", lease.pk), "Settle")]


def transfers() -> list[Page]:
    return [(url_of("ledger_transfer_record_menu"), "Float")]


def mirrored() -> list[Page]:
    """A loan's transfer, and that of a recovery."""
    loan = lend_now(DriverFactory.create())
    given = memo(DriverFactory.create())
    charge = services.win_back(posting_id=given.pk, reason="Mistake", effective_on=today(), actor=None)
    return [(url_of("loans_driverloan_void", loan.pk), "Void the loan"), void_page(charge)]


def slip() -> list[Page]:
    check = pay(DriverFactory.create(), payment_method="CHECK", instrument_number="555")
    (banked,) = services.record_bank_deposit(
        payment_ids=[check.pk], reference_id="DEP-1", effective_on=today(), actor=None
    )
    url = url_of("ledger_transfer_reverse", banked.pk)
    return [(change_of("ledger_transfer", banked), url), (url, "Reverse")]


def credit_memo() -> list[Page]:
    return [(url_of("ledger_driver_credit_memo", DriverFactory.create().pk), "Credit memo for")]


# Loans, repairs and tickets.


def loan_of_charge() -> list[Page]:
    loan = lend_now(DriverFactory.create())
    page = change_of("loans_driverloan", loan)
    return [(page, label) for label in ("Pay off early", "Hold", "Write off", "Void")]


def loan_to_pay_off() -> list[Page]:
    loan = lend_now(DriverFactory.create())
    return [(url_of("loans_driverloan_pay_off", loan.pk), "Pay off early")]


def paid_off_loan() -> tuple[DriverLoan, LedgerPosting]:
    loan = lend_now(DriverFactory.create())
    loans.pay_off_loan(loan_id=loan.pk, as_of=today(), today=today(), actor=None)
    return loan, posting_of(f"LOAN-{loan.pk}-PAYOFF")


def unpaid_payoff() -> list[Page]:
    loan, _ = paid_off_loan()
    return [(change_of("loans_driverloan", loan), "the schedule can be restored")]


def paid_payoff() -> list[Page]:
    loan, charge = paid_off_loan()
    pay(loan.driver, "10.00", {charge.reference_id: "10.00"})
    use = LedgerPosting.objects.get(balance_id=charge.pk)
    return [(change_of("ledger_ledgerbalance", charge), url_of("ledger_ledgerposting_void", use.pk))]


def new_invoice() -> list[Page]:
    url = url_of("repairs_repairinvoice_enter")
    return [(url_of("repairs_repairinvoice_changelist"), url), (url, "Enter a repair invoice")]


def new_misc_charge() -> list[Page]:
    url = url_of("tickets_misccharge_enter")
    return [(url_of("tickets_misccharge_changelist"), url), (url, "Miscellaneous charges")]


def charged_ticket() -> list[Page]:
    current_lease()
    import_tolls(browse(), recent_toll(1))
    page = change_of("tickets_ticket", ticket_of(1))
    return [(page, label) for label in ("Charge another driver", "Correct the amount", "Dispute", "Dismiss")]


def voided_ticket() -> list[Page]:
    current_lease()
    import_tolls(browse(), recent_toll(1))
    void(posting_of("EZPASS-1"))
    ticket = ticket_of(1)
    return [
        (change_of("tickets_ticket", ticket), "Charge again"),
        (url_of("tickets_ticket_assign", ticket.pk), "Assign"),
    ]


def fleets_ticket() -> list[Page]:
    current_lease()
    import_tolls(browse(), recent_toll(1))
    ticket = ticket_of(1)
    tickets.let_fleet_pay(ticket_id=ticket.pk, reason="Ours", today=today(), actor=None)
    return [(change_of("tickets_ticket", ticket), "Charge after all")]


def borne_ticket() -> list[Page]:
    fleets_ticket()
    borne = services.record_transfer(
        kind="BORNE",
        debit="6040",
        credit="1030",
        amount=Decimal("9.11"),
        reference_id="EZPASS-1",
        effective_on=today(),
        today=today(),
        actor=None,
    )
    url = url_of("ledger_transfer_reverse", borne.pk)
    return [(change_of("tickets_ticket", ticket_of(1)), "$9.11"), (change_of("ledger_transfer", borne), url)]


def ticket_to_dismiss() -> list[Page]:
    import_tolls(browse(), recent_toll(1, amount="$9.11"))
    return [(url_of("tickets_ticket_dismiss", ticket_of(1).pk), "Dismiss")]


def ticket_without_sign() -> list[Page]:
    import_tolls(browse(), recent_toll(1, amount="$9.11"))
    ticket = ticket_of(1)
    type(ticket).objects.filter(pk=ticket.pk).update(waits_for="SIGN")
    return [(change_of("tickets_ticket", ticket), said) for said in ("It is a charge", "It is a refund")]


def changed_ticket() -> list[Page]:
    current_lease()
    import_tolls(browse(), recent_toll(1))
    import_tolls(browse(), recent_toll(1, amount="$-4.00"))
    return [(url_of("tickets_ticket_changes"), "EZPASS-1")]


def refunded_toll() -> Any:
    lease = current_lease()
    import_tolls(browse(), recent_toll(1))
    pay(lease.primary_driver, "9.11", {"EZPASS-1": "9.11"})
    import_tolls(browse(), recent_toll(2, amount="$9.11"))
    return lease.primary_driver


def dismiss(number: int) -> None:
    tickets.dismiss_ticket(ticket_id=ticket_of(number).pk, reason="Wrong", today=today(), actor=None)


def refund() -> list[Page]:
    refunded_toll()
    url = url_of("tickets_ticket_dismiss", ticket_of(2).pk)
    return [(change_of("tickets_ticket", ticket_of(2)), url), (url, "Dismiss")]


def used_refund() -> list[Page]:
    driver = refunded_toll()
    owe(driver, "MISC-1", "5.00")
    services.apply_weekly_earnings(as_of=today())
    with pytest.raises(services.CreditInUse, match="Void EZPASS-2-REFUND with them first"):
        dismiss(2)
    return [(url_of("ledger_ledgerposting_void", posting_of("EZPASS-2-REFUND").pk), "Undo these too")]


def upload() -> list[Page]:
    return [(url_of("golive_openingimport_upload"), "Upload and preview")]
