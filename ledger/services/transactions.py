"""How a money transaction begins, and how the database's refusals become named errors."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import date
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, DataError, connection, transaction

from core import transactions
from core.errors import DomainError, ValueInvalid
from core.outages import note_commit
from core.statements import bound_cursor
from core.transactions import LostRaceError, atomic_service, is_retryable, is_undone_whole
from ledger import errors

P = ParamSpec("P")
R = TypeVar("R")

BUSY = "Somebody else is moving this driver's money just now. Nothing was written; try again."

#: The day that the outermost service was given as today.
_today: ContextVar[date | None] = ContextVar("ledger_today", default=None)

NOT_THEIRS = "The driver was never on that lease, neither as its primary driver nor as a further one."

#: Constraint → the error it means and the sentence that says so.
BY_CONSTRAINT: dict[str, tuple[type[errors.LedgerError], str]] = {
    "ledger_accounts_driver_exists": (errors.DriverNotFound, "No such driver."),
    "ledger_postings_lease_exists": (errors.LeaseNotFound, "No such lease."),
    "ledger_postings_lease_of_driver": (errors.LeaseNotTheDrivers, NOT_THEIRS),
    "ledger_payments_lease_of_driver": (errors.LeaseNotTheDrivers, NOT_THEIRS),
    "ledger_payouts_lease_of_driver": (errors.LeaseNotTheDrivers, NOT_THEIRS),
    "ledger_postings_vehicle_exists": (errors.VehicleNotFound, "No such vehicle."),
    "ledger_payments_driver_exists": (errors.DriverNotFound, "No such driver."),
    "ledger_payments_lease_exists": (errors.LeaseNotFound, "No such lease."),
    "ledger_payouts_driver_exists": (errors.DriverNotFound, "No such driver."),
    "ledger_payouts_lease_exists": (errors.LeaseNotFound, "No such lease."),
    "ledger_balances_live_reference": (errors.ReferenceConflict, "This reference is already posted."),
    "ledger_balances_remaining_range": (errors.OverAllocation, "More than what remains."),
    "ledger_postings_reversed_once": (errors.AlreadyVoided, "The posting was voided before."),
    "ledger_postings_void_not_before": (
        errors.VoidBeforeOriginal,
        "A void is dated on the day of what it voids, or later.",
    ),
    "ledger_books_log_moves_forward": (errors.AlreadyClosed, "The books are closed through that day already."),
    "ledger_books_log_weeks_closed": (errors.WeekNotClosed, "A week that ends on or before that day is not closed."),
    "ledger_books_log_day_is_closed": (errors.DayNotClosed, "That day is not closed."),
    "ledger_books_log_by_superuser": (errors.SuperuserRequired, "Only a superuser reopens a day."),
    "ledger_postings_one_driver": (errors.AnotherDriversObligation, "A movement across two drivers."),
    "ledger_postings_amount_positive": (errors.AmountInvalid, "The amount must be above zero."),
    "ledger_transfers_reversed_once": (errors.AlreadyReversed, "The transfer was reversed before."),
    "ledger_transfers_live_reference": (errors.ReferenceConflict, "This reference is already recorded."),
    "ledger_transfers_occurrence": (errors.ReferenceConflict, "This reference is already recorded."),
    "ledger_slip_checks_once": (errors.CheckNotHeld, "The check is on another slip."),
    "ledger_payments_idempotency_key_key": (errors.IdempotencyConflict, "This key was used for another payment."),
    "ledger_payouts_idempotency_key_key": (errors.IdempotencyConflict, "This key was used for another payout."),
}

#: Constraint → the error whose sentence the database says, with the day it names.
BY_CONSTRAINT_OF_DAYS: dict[str | None, type[errors.LedgerError]] = {
    f"ledger_{table}_{rule}": error
    for table in ("postings", "payments", "payouts", "transfers")
    for rule, error in (("day_open", errors.BooksClosed), ("day_has_come", errors.DayNotCome))
}

#: Lost races of two first-time writers: the loser re-reads once and answers as a replay would.
RE_READ_ONCE = frozenset(
    {
        "ledger_balances_live_reference",
        "ledger_transfers_live_reference",
        "ledger_transfers_occurrence",
        "ledger_payments_idempotency_key_key",
        "ledger_payouts_idempotency_key_key",
    }
)


def money_transaction(service: Callable[P, R]) -> Callable[P, R]:
    """Run a service as one transaction of money: all or nothing, bounded waits, and refusals by name.

    What locks but moves no money is a ``core.transactions.bounded_transaction``.
    """

    @wraps(service)
    def bounded(*args: P.args, **kwargs: P.kwargs) -> R:
        set_bounds()
        return service(*args, **kwargs)

    return self_bounded_transaction(bounded)


def self_bounded_transaction(service: Callable[P, R]) -> Callable[P, R]:
    """The same for a service whose first statement sets the bounds itself (:func:`list_bounds`), which saves one."""

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with named_refusals():
            try:
                return _run_atomically(service, *args, **kwargs)
            except DatabaseError as refusal:
                if constraint_of(refusal) not in RE_READ_ONCE:
                    raise
                if is_undone_whole():
                    raise LostRaceError from refusal
                # The savepoint or transaction is rolled back; what the winner committed is visible now.
                return _run_atomically(service, *args, **kwargs)

    return run


def ask_alone(statement: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run one statement that sets the bounds itself (:func:`list_bounds`), all or nothing, and return its rows.

    By itself it is a transaction, without a BEGIN and a COMMIT, which take half as long as it does. Inside another
    it is a savepoint of that, always: a caller may look again after a refusal.

    :raises LedgerError: the database refuses it
    """
    is_within = connection.in_atomic_block
    with named_refusals(), transaction.atomic() if is_within else nullcontext(), bound_cursor() as cursor:
        if not is_within:
            note_commit()
        cursor.execute(statement, given)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@contextmanager
def named_refusals() -> Iterator[None]:
    """Turn a refusal of PostgreSQL into the ledger's error for it; every other error passes."""
    try:
        yield
    except DatabaseError as refusal:
        named = name_refusal(refusal)
        if named is None:
            raise
        raise named from refusal


def name_refusal(refusal: DatabaseError) -> DomainError | None:
    """The error that a database error stands for, or None where it is none of the ledger's business."""
    if is_retryable(refusal):
        return errors.LedgerBusy(BUSY)
    if isinstance(refusal, DataError):
        return ValueInvalid("A value is not of the kind or in the range that the ledger holds.")
    constraint = constraint_of(refusal)
    if constraint in BY_CONSTRAINT_OF_DAYS:
        told = getattr(refusal.__cause__, "diag")  # noqa: B009  (of psycopg, not of Exception)
        return BY_CONSTRAINT_OF_DAYS[constraint](told.message_primary, constraint=constraint, day=told.message_detail)
    if constraint in BY_CONSTRAINT:
        error, sentence = BY_CONSTRAINT[constraint]
        return error(sentence, constraint=constraint)
    if constraint and constraint.startswith(("ledger_", "interimpayment_", "payout_")):
        return errors.LedgerRefused(f"The ledger refused the entry ({constraint}).", constraint=constraint)
    return None


def constraint_of(refusal: DatabaseError) -> str | None:
    diagnosis = getattr(refusal.__cause__, "diag", None)
    return diagnosis.constraint_name if diagnosis else None


def _run_atomically(service: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    given = kwargs.get("today")
    with booking_until(given if isinstance(given, date) else None), atomic_service():
        return service(*args, **kwargs)


@contextmanager
def booking_until(today: date | None) -> Iterator[None]:
    """Have a service that is given its today book nothing on a later day, nor any that it calls: the trigger looks.

    With None, what holds already goes on.
    """
    token = _today.set(today or _today.get())
    try:
        yield
    finally:
        _today.reset(token)


def set_bounds() -> None:
    """Bound the running transaction: how long it waits for a lock, and the last day on which it may book."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('ledger.today', %s, true)", list_bounds()
        )


def list_bounds() -> list[str]:
    """Return these bounds as a function of ``ledger/sql/singles.sql`` takes them: the wait, then the day or nothing."""
    today = _today.get()
    return [transactions.LOCK_TIMEOUT, today.isoformat() if today else ""]
