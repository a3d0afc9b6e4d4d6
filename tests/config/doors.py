"""Hints that lead to a page: what raises them, and where they lead.

``tests/config/test_doors.py`` opens each as whoever may get the hint.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.config import behind_doors as behind


@dataclass(frozen=True)
class Door:
    """Who gets the hint: whoever holds one of these permissions (none: a superuser). And where it leads."""

    raised_by: tuple[str, ...]
    pages: Callable[[], list[behind.Page]]


_CORRECTS = ("ledger.correct_charge", "ledger.win_back")
_VOIDS = ("ledger.void_ledgerposting", "ledger.void_interimpayment")
_UNDOES_CREDITS = (*_VOIDS, "tickets.correct_ticket", "loans.pay_off_driverloan")

#: By the hint, as its source has it.
DOORS: dict[str, Door] = {
    "The trip counts for nobody; move it to its driver first.": Door(("curb.correct_trip",), behind.nobodys_trip),
    "CURB sent this record anew: correct the one that stands.": Door(("curb.correct_trip",), behind.amended_trip),
    "This trip waits: assign it to a driver.": Door(("curb.correct_trip",), behind.waiting_trip),
    "A trip among these was moved or counted back by a close. Void what that close made of it first{}.": Door(
        _VOIDS, behind.moved_trip
    ),
    "{} follows its trips. On a trip's page, under Trips, it is moved to its right driver or counted back, and the "
    "next close makes up for it.": Door(_CORRECTS, behind.week_trip),
    "; otherwise its trips are moved or counted back, on their pages": Door(_VOIDS, behind.week_trip),
    "The week ending {} is still open; close it first.": Door(("dtr.close_week",), behind.open_week),
    "The week ending {} is not closed: close it first.": Door(("ledger.close_books",), behind.week_to_close),
    "Only a superuser reopens a day.": Door((), behind.closed_day),
    "“{}” is not overruled: what it finds is mended, or looked at.": Door(("dtr.overrule_check",), behind.readiness),
    "{} was charged before {} was carried over: a supervisor gives a credit memo for it.": Door(
        ("leases.record_days_away",), behind.credit_memo
    ),
    "{} is not voided; correct its amount instead.": Door(("ledger.correct_charge",), behind.standing_charge),
    "Posting {} bears {} since then; charge that one again.": Door(("ledger.correct_charge",), behind.voided_charge),
    "charge it again instead, on the page of posting {}": Door(_VOIDS, behind.voided_charge),
    "what it undid is made anew instead": Door(_VOIDS, behind.voided_payment),
    "Posting {} is no money that the fleet gave the driver. A payment or deposit is voided instead.": Door(
        ("ledger.win_back",), behind.payment_to_void
    ),
    "A recovery is never refunded: void it, and what had paid it is free again.": Door(
        ("ledger.credit_driver",), behind.recovery
    ),
    "{} is what was given, no more and no less. It can be written off, or voided.": Door(_CORRECTS, behind.recovery),
    "{} of {} has been paid out to the driver. If that was wrong, a supervisor voids the payout first{}.": Door(
        _UNDOES_CREDITS, behind.payout
    ),
    "; otherwise a supervisor wins the money back on the credit's page": Door(_UNDOES_CREDITS, behind.paid_out_memo),
    "{} has paid {}{}; those must be undone with it.": Door(_VOIDS, behind.used_credit),
    "{} Void {} with them first, on its page in the ledger.": Door(("tickets.correct_ticket",), behind.used_refund),
    "Transfer {} is itself a reversal; record it anew instead.": Door(("ledger.reverse_transfer",), behind.transfers),
    "This mirrors {}: void that, and the transfer goes with it.": Door(("ledger.reverse_transfer",), behind.mirrored),
    "A slip says that the check of {} was at the bank: reverse transfer {} first.": Door(
        ("ledger.reverse_transfer",), behind.slip
    ),
    "{} can't be used so. A supervisor settles a deposit on its lease's page.": Door(
        ("ledger.use_credit",), behind.deposit
    ),
    "{} follows its loan's schedule. On the loan's page it can be held, paid off, restored, written off or "
    "voided.": Door(_CORRECTS, behind.loan_of_charge),
    "{} of {} is paid or written off: a supervisor undoes that first.": Door(
        ("loans.pay_off_driverloan",), behind.paid_payoff
    ),
    "If its payment was undone, the schedule can be restored.": Door(
        ("loans.pay_off_driverloan",), behind.unpaid_payoff
    ),
    "What is left of the driver's plans is called in as planned. A plan with interest costs the driver less when it is "
    "paid off on its own page first.": Door(("leases.terminate_lease",), behind.loan_to_pay_off),
    "{} was voided as a whole. Enter the invoice anew under Repairs.": Door(_CORRECTS, behind.new_invoice),
    "{} was voided as a whole. Enter it anew under Miscellaneous charges.": Door(_CORRECTS, behind.new_misc_charge),
    "{} follows its ticket. On the ticket's page its amount is corrected, and it is assigned, disputed or "
    "dismissed.": Door(_CORRECTS, behind.charged_ticket),
    "{} was voided in the ledger: assign it to its driver first, which charges it again.": Door(
        ("tickets.correct_ticket",), behind.voided_ticket
    ),
    "{} has refunded {}: a supervisor dismisses the refund first.": Door(
        ("tickets.assign_ticket", "tickets.correct_ticket"), behind.refund
    ),
    "Nobody is known for sure to have had the cab: assign {} to its driver first.": Door(
        ("tickets.correct_ticket",), behind.fleets_ticket
    ),
    "The fleet has borne {}, {}: a supervisor reverses that transfer first.": Door(
        ("tickets.assign_ticket", "tickets.correct_ticket"), behind.borne_ticket
    ),
    "{} may be a charge or a refund: say on its page which it is.": Door(
        ("tickets.assign_ticket",), behind.ticket_without_sign
    ),
    "{} is not yours to dismiss: ask a supervisor.": Door(("tickets.lay_aside_ticket",), behind.ticket_to_dismiss),
    "{} known ones have changed: see Changed since charged.": Door(
        ("tickets.add_ticketimport",), behind.changed_ticket
    ),
    "Correct the workbook, and upload it again.": Door(("golive.import_opening",), behind.upload),
}
