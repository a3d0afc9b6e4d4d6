"""The ledger's refusals: all of them, and nowhere else. Other apps take them from ``ledger.services``.

What is wrong with an argument of any app (``ValueInvalid``, ``ReasonRequired``) is refused by ``core.errors``, so a
caller who wants to catch whatever a service can refuse catches ``core.errors.DomainError``.
"""

from core.errors import DomainError


class LedgerError(DomainError):
    """The base of what only the ledger refuses; nothing was written."""

    code = "ledger_refused"


class AmountInvalid(LedgerError):
    """An amount that is not a positive number of whole cents, or is too large."""

    code = "invalid_amount"
    field = "amount"
    http_status = 400


class DriverNotFound(LedgerError):
    code = "driver_not_found"
    field = "driver"
    http_status = 404


class LeaseNotFound(LedgerError):
    code = "lease_not_found"
    field = "lease"
    http_status = 404


class LeaseNotTheDrivers(LedgerError):
    """What is posted on a lease belongs to its primary driver or a further one; or it is posted on no lease."""

    code = "lease_not_the_drivers"
    field = "lease"


class VehicleNotFound(LedgerError):
    code = "vehicle_not_found"
    field = "vehicle"
    http_status = 404


class PostingNotFound(LedgerError):
    code = "posting_not_found"
    http_status = 404


class PaymentNotFound(LedgerError):
    code = "payment_not_found"
    http_status = 404


class PayoutNotFound(LedgerError):
    code = "payout_not_found"
    http_status = 404


class ReferenceNotFound(LedgerError):
    """No obligation of any driver bears this reference, and no installment that may be paid ahead does."""

    code = "reference_not_found"
    field = "reference_id"
    http_status = 404


class ReferenceConflict(LedgerError):
    """The reference is already posted with other facts."""

    code = "reference_conflict"
    field = "reference_id"


class ReferenceReserved(LedgerError):
    """The reference begins as those of a module do, whose records alone bear them."""

    code = "reference_reserved"
    field = "reference_id"


class ReferenceVoided(LedgerError):
    """The reference was posted and voided; only a correction that names the voided posting may use it again."""

    code = "reference_voided"
    field = "reference_id"


class IdempotencyConflict(LedgerError):
    """The idempotency key was used before for something else."""

    code = "idempotency_conflict"
    field = "idempotency_key"


class PaymentDoubtful(LedgerError):
    """It looks like a mistake, and nobody has said that it is none; ``facts["doubts"]`` has code and detail of each."""

    code = "payment_doubtful"


class AnotherDriversObligation(LedgerError):
    code = "another_drivers_obligation"
    field = "allocations"


class ObligationClosed(LedgerError):
    """The obligation is settled or voided: there is nothing left to pay."""

    code = "obligation_closed"
    field = "allocations"


class OverAllocation(LedgerError):
    """More was asked to move than remains on the obligation or the credit."""

    code = "over_allocation"
    field = "allocations"


class AllocationsExceedPayment(LedgerError):
    code = "allocations_exceed_payment"
    field = "allocations"
    http_status = 400


class NotAnObligation(LedgerError):
    code = "not_an_obligation"
    http_status = 400


class NotADeposit(LedgerError):
    code = "not_a_deposit"
    http_status = 400


class NotACredit(LedgerError):
    """What was named holds no money that could be won back, or used, in this way."""

    code = "not_a_credit"
    http_status = 400


class AlreadyWonBack(LedgerError):
    code = "already_won_back"


class NotVoided(LedgerError):
    """A charge that stands was to be charged again."""

    code = "not_voided"


class ChargedElsewhere(LedgerError):
    """The charge follows a record of its module, and is corrected by an act of that one; the message names it."""

    code = "charged_elsewhere"


class AlreadyVoided(LedgerError):
    code = "already_voided"


class VoidOfVoid(LedgerError):
    code = "void_of_void"


class BalanceInUse(LedgerError):
    """It is voided only as long as nothing of it was paid, used or paid out; ``facts["movements"]`` has what did."""

    code = "balance_in_use"


class CreditInUse(LedgerError):
    """The held credit has paid for something; ``facts["uses"]`` lists what."""

    code = "credit_in_use"


class CreditPaidOut(LedgerError):
    """Part of the held credit has left to the driver; the payout must be voided, or the money won back."""

    code = "credit_paid_out"


class RecoveryNotRefunded(LedgerError):
    """A credit memo on a recovery: what was won back wrongly is voided instead."""

    code = "recovery_not_refunded"
    field = "category"
    http_status = 400


class TransferNotFound(LedgerError):
    code = "transfer_not_found"
    http_status = 404


class TransferInvalid(LedgerError):
    """Accounts that a transfer of this kind can't move, or a kind that is not recorded by hand."""

    code = "transfer_invalid"
    field = "kind"
    http_status = 400


class AlreadyReversed(LedgerError):
    code = "already_reversed"


class TransferFollowsCause(LedgerError):
    """It mirrors a posting, a payment or a loan, and is reversed with that alone."""

    code = "transfer_follows_cause"


class CheckNotHeld(LedgerError):
    """A payment whose check can't be taken to the bank: it is none, is on another slip, or came back."""

    code = "check_not_held"
    field = "checks"


class ExceedsNetDue(LedgerError):
    """A payout above what the fleet owes the driver, net of what the driver owes."""

    code = "exceeds_net_due"
    field = "amount"


class DriverLocked(LedgerError):
    """The driver is locked: nothing is paid out to them, and no lease is started."""

    code = "driver_locked"
    field = "driver"


class ExceedsHeldOnLease(LedgerError):
    """A payout for one lease above the credits that are still held on it; ``facts["held"]`` says what they hold."""

    code = "exceeds_held_on_lease"
    field = "amount"


class BooksClosed(LedgerError):
    """A day on or before the one through which the books are closed; ``facts["day"]`` is that one."""

    code = "books_closed"
    field = "effective_on"


class DayNotCome(LedgerError):
    """A day after the one that the service was given as today: nothing is booked ahead."""

    code = "day_not_come"
    field = "effective_on"
    http_status = 400


class VoidBeforeOriginal(LedgerError):
    code = "void_before_original"
    field = "effective_on"


class AlreadyClosed(LedgerError):
    """The books are closed through that day, or a later one, already."""

    code = "day_already_closed"
    field = "through"


class DayNotOver(LedgerError):
    """A day is closed when it is over, New York time."""

    code = "day_not_over"
    field = "through"


class WeekNotClosed(LedgerError):
    """A week that ends on or before the day is to be closed first; the books are closed with it."""

    code = "week_not_closed"
    field = "through"


class DayNotClosed(LedgerError):
    """A day that is open anyway needs no reopening."""

    code = "day_not_closed"
    field = "day"


class SuperuserRequired(LedgerError):
    """Going back into closed books is a superuser's act."""

    code = "superuser_required"
    http_status = 403


class OrderInThePast(LedgerError):
    """What was applied before has followed the order then in force, and must go on being judged by it."""

    code = "order_in_the_past"
    field = "effective_on"
    http_status = 400


class OrderIncomplete(LedgerError):
    """An order names each category that a driver can owe once, and nothing else."""

    code = "order_incomplete"
    field = "categories"
    http_status = 400


class LedgerBusy(LedgerError):
    """Somebody else holds the driver's account; nothing was written, and the same request may be sent again."""

    code = "ledger_busy"
    retry_after = 1


class JournalEmpty(LedgerError):
    """A batch of the journal was asked for, and nothing was posted since the last one."""

    code = "journal_empty"


class SealHeadInvalid(LedgerError):
    """What was given as a head of the seals is no beginning of a SHA-256 in hex, or too short for one."""

    code = "invalid_seal_head"
    field = "head"
    http_status = 400


class LedgerRefused(LedgerError):
    """The database refused a row by a rule that has no friendlier name here; ``facts["constraint"]`` names it."""

    code = "ledger_refused"


class PlanError(DomainError):
    """The base of what a plan of installments can't be."""

    code = "plan_refused"
    http_status = 400


class PlanTooLong(PlanError):
    """More than ten years of weekly installments."""

    code = "plan_too_long"
    field = "amount"


class PlanStartInvalid(PlanError):
    """A plan starts, or resumes, on the Sunday of this week or of the next one."""

    code = "plan_start_refused"
    field = "starts_on"


class BandsInvalid(PlanError):
    """Bands that are not in order, name an amount twice, or leave amounts without a band."""

    code = "bands_incomplete"
    field = "bands"


class BandsInThePast(PlanError):
    """Plans were cut by the bands then in force; new ones are in force from today or a later day."""

    code = "bands_in_the_past"
    field = "effective_on"


class NothingToHold(DomainError):
    """Every installment is charged already."""

    code = "nothing_to_hold"
