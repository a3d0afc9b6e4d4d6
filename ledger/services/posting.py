"""The one path by which anything opens a balance, for one row or a hundred thousand: a fixed number of statements."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from core.checks import check_description, check_reason
from core.columns import NULL, SEPARATOR, as_cell, as_column, copy_rows, split_column
from core.errors import ValueInvalid
from core.statements import list_columns, make_row
from ledger.categories import Category, EntryType, Kind
from ledger.errors import AmountInvalid, RecoveryNotRefunded, ReferenceConflict, ReferenceVoided
from ledger.locks import lock_accounts, lock_may_begin
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO, parse_amount
from ledger.services.checks import check_new_reference, check_obligation_category
from ledger.services.transactions import ask_alone, list_bounds
from ledger.words import say_memo


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What opens a balance, in dollars and New York dates: a row of a batch, or what a single call makes of itself.

    Only an obligation has ``due_on``, which is ``effective_on`` when left out and then not compared on a replay. Only a
    credit memo has ``reason``: why the fleet owes it. ``description`` says what it is in words that a driver knows, and
    is never compared: the first one told stands. ``income`` dollars of a loan's charge are interest.
    """

    category: str
    amount: Decimal
    reference_id: str
    driver_id: int
    effective_on: date
    lease_id: int | None = None
    vehicle_id: int | None = None
    due_on: date | None = None
    reason: str = ""
    description: str = ""
    income: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class PostingCounts:
    """What a batch did: rows posted now, and rows found posted before with the same facts."""

    posted: int
    already_posted: int

    def __add__(self, other: "PostingCounts") -> "PostingCounts":
        return PostingCounts(self.posted + other.posted, self.already_posted + other.already_posted)


NOTHING_POSTED = PostingCounts(0, 0)


_OPEN_UNKNOWN = f"""
    SELECT {list_columns(LedgerPosting)} FROM ledger_open_unknown(%s, %s, %s, %s, %s, %s, %s, %s::bigint, %s::bigint,
        %s::bigint, %s, %s, %s, %s, %s, %s::integer)
"""


@dataclass(frozen=True, slots=True)
class _Known:
    """The last balance that bears a reference."""

    posting_id: int
    voided: bool
    facts: tuple[Any, ...]
    due_on: date | None
    effective_on: date


def open_balances(
    kind: Kind,
    openings: Sequence[Opening],
    *,
    actor: User | None,
    replaces: Collection[int] = (),
    same_on_any_day: bool = False,
) -> PostingCounts:
    """Lock the drivers, see what is posted already, and post the rest, row for row as a loop of single calls would.

    Must run inside a money transaction. ``replaces`` names the voided postings whose references corrections use again.
    With ``same_on_any_day`` a replay on another day is one: ``effective_on`` is no fact that it compares.

    :raises DriverNotFound, LeaseNotFound, VehicleNotFound: a row names something that does not exist
    :raises LeaseNotTheDrivers: the driver was never on the lease
    :raises ReferenceConflict: a reference is posted with other facts, earlier or in this very batch
    :raises ReferenceVoided: a reference was posted and voided
    :raises ValueInvalid: ``replaces`` is given for a reference that was never posted
    """
    if not openings:
        return NOTHING_POSTED
    lock_accounts(opening.driver_id for opening in openings)
    known = _find_known([opening.reference_id for opening in openings])
    entry_type = EntryType.DEBIT if kind == Kind.OBLIGATION else EntryType.CREDIT
    fresh: dict[str, Opening] = {}
    for opening in openings:
        reference_id = opening.reference_id
        if reference_id in fresh:
            _refuse_other_facts(opening, _known_from(fresh[reference_id], entry_type), entry_type, same_on_any_day)
        elif reference_id not in known:
            if replaces:
                raise ValueInvalid(f"{reference_id} was never posted, so nothing of it is replaced.", field="replaces")
            fresh[reference_id] = opening
        elif not known[reference_id].voided:
            _refuse_other_facts(opening, known[reference_id], entry_type, same_on_any_day)
        elif known[reference_id].posting_id in replaces:
            fresh[reference_id] = opening
        else:
            raise ReferenceVoided(
                f"{reference_id} was posted and voided (posting {known[reference_id].posting_id}).",
                reference_id=reference_id,
                posting_id=known[reference_id].posting_id,
            )
    if fresh:
        _insert(kind, entry_type, list(fresh.values()), actor)
    return PostingCounts(posted=len(fresh), already_posted=len(openings) - len(fresh))


def check_openings(kind: Kind, openings: Iterable[Opening]) -> list[Opening]:
    """Return the rows with amounts in cents, refusing bad arguments before any lock is taken.

    :raises AmountInvalid, ValueInvalid, ReasonRequired, RecoveryNotRefunded: of the first bad row
    """
    return [_check_opening(kind, opening) for opening in openings]


def _check_opening(kind: Kind, opening: Opening) -> Opening:
    _check_category(kind, opening.category)
    check_new_reference(opening.reference_id, of_a_credit=kind != Kind.OBLIGATION)
    _check_due_on(kind, opening.due_on)
    amount = parse_amount(opening.amount)
    reason = _check_reason(kind, opening.reason)
    description = _check_description(kind, opening)
    income = check_income(kind, opening.category, opening.amount, opening.income)
    if type(opening.amount) is Decimal and (reason, description) == (opening.reason, opening.description):
        # Nothing to change, as of nearly every row of a batch: making another takes longer than looking at it.
        return opening
    return replace(opening, amount=amount, reason=reason, description=description, income=income)


def _check_category(kind: Kind, category: str) -> str:
    if kind == Kind.CREDIT_MEMO and category == Category.RECOVERY:
        raise RecoveryNotRefunded("A recovery is never refunded: void it, and what had paid it is free again.")
    if kind != Kind.EARNINGS:
        return check_obligation_category(category)
    if category != Category.EARNINGS:
        raise ValueInvalid(f"Card earnings are {Category.EARNINGS.value}, not {category!r}.", field="category")
    return category


def _check_due_on(kind: Kind, due_on: date | None) -> date | None:
    if due_on is not None and kind != Kind.OBLIGATION:
        raise ValueInvalid("Only what a driver owes falls due.", field="due_on")
    return due_on


def _check_reason(kind: Kind, reason: str) -> str:
    if kind == Kind.CREDIT_MEMO:
        return check_reason(reason)
    if reason:
        raise ValueInvalid("Only a credit memo gives a reason.", field="reason")
    return reason


def _check_description(kind: Kind, opening: Opening) -> str:
    """Return what it says of itself; a memo without words of its own says what it is for and why."""
    if kind == Kind.CREDIT_MEMO and not opening.description:
        return say_memo(opening.category, opening.reason)
    return check_description(opening.description)


def check_income(kind: Kind | str, category: str, amount: Decimal, income: Decimal) -> Decimal:
    """:raises AmountInvalid, ValueInvalid: not a part of what is charged, or what is charged is no loan's"""
    if income == 0:
        return ZERO
    income = parse_amount(income, field="income")
    if kind != Kind.OBLIGATION or category != Category.LOAN:
        raise ValueInvalid("Only what is charged of a loan bears interest.", field="income")
    if income > amount:
        raise AmountInvalid("Interest is a part of what is charged, never more.", field="income")
    return income


def open_unknown(kind: Kind, opening: Opening, *, actor: User | None) -> LedgerPosting | None:
    """Post one row under its driver's lock by one statement; None where its reference may be posted already.

    Then :func:`open_balances` looks again. It needs no transaction around it.

    :raises DriverNotFound, LeaseNotFound, VehicleNotFound, LeaseNotTheDrivers: as :func:`open_balances`
    """
    lock_may_begin(opening.driver_id)
    given = [
        *list_bounds(),
        kind,
        EntryType.DEBIT if kind == Kind.OBLIGATION else EntryType.CREDIT,
        opening.category,
        opening.amount,
        opening.reference_id,
        opening.driver_id,
        opening.lease_id,
        opening.vehicle_id,
        opening.due_on or opening.effective_on if kind == Kind.OBLIGATION else None,
        opening.effective_on,
        opening.reason,
        opening.description,
        opening.income,
        actor.pk if actor else None,
    ]
    try:
        rows = ask_alone(_OPEN_UNKNOWN, given)
    except ReferenceConflict:
        return None  # posted for another driver, now or meanwhile
    return make_row(LedgerPosting, rows[0]) if rows else None


def get_live_opening(reference_id: str) -> LedgerPosting:
    """The posting that opened the live balance of ``reference_id``."""
    return LedgerBalance.objects.live().select_related("posting").get(reference_id=reference_id).posting


def _refuse_other_facts(opening: Opening, known: _Known, entry_type: str, same_on_any_day: bool) -> None:
    if (
        known.facts != _facts_of(opening, entry_type)
        or (opening.due_on is not None and opening.due_on != known.due_on)
        or (opening.effective_on != known.effective_on and not same_on_any_day)
    ):
        raise ReferenceConflict(
            f"{opening.reference_id} is already posted with other facts.", reference_id=opening.reference_id
        )


def _facts_of(opening: Opening, entry_type: str) -> tuple[Any, ...]:
    return (
        entry_type,
        opening.category,
        opening.amount,
        opening.driver_id,
        opening.lease_id,
        opening.vehicle_id,
        opening.income,
    )


def _known_from(opening: Opening, entry_type: str) -> _Known:
    facts = _facts_of(opening, entry_type)
    return _Known(0, False, facts, opening.due_on or opening.effective_on, opening.effective_on)


def _find_known(reference_ids: list[str]) -> dict[str, _Known]:
    # Live references are unique, voided ones sit in an index of their own: one look into each. Interest stands on the
    # posting alone, so only a loan's is looked up.
    columns = """reference_id, posting_id, status = 'VOIDED', entry_type, category, original_amount, driver_id,
        lease_id, vehicle_id, CASE category WHEN 'LOAN' THEN (SELECT income FROM ledger_postings WHERE id = posting_id)
            ELSE 0 END, due_on, effective_on"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH asked AS MATERIALIZED (SELECT {split_column("text")} AS reference_ids)
            SELECT {columns} FROM ledger_balances
            WHERE reference_id = ANY((SELECT reference_ids FROM asked)::text[]) AND status <> 'VOIDED'
            UNION ALL
            SELECT {columns} FROM ledger_balances
            WHERE reference_id = ANY((SELECT reference_ids FROM asked)::text[]) AND status = 'VOIDED'
            ORDER BY posting_id
            """,
            [as_column(reference_ids)],
        )
        # In id order, so that the last balance of a reference is the one kept; a live one is always the last.
        return {row[0]: _Known(row[1], row[2], tuple(row[3:10]), row[10], row[11]) for row in cursor.fetchall()}


def _insert(kind: Kind, entry_type: str, openings: list[Opening], actor: User | None) -> None:
    """Insert the rows by COPY, which takes half the time of arrays on both sides."""
    falls_due = kind == Kind.OBLIGATION
    author = f"{actor.pk}" if actor else NULL
    copy_rows(
        "ledger_postings",
        (
            *("kind", "entry_type", "posted_by_id", "category", "amount", "reference_id", "driver_id", "lease_id"),
            *("vehicle_id", "due_on", "effective_on", "reason", "description", "income"),
        ),
        (
            f"{kind}{SEPARATOR}{entry_type}{SEPARATOR}{author}{SEPARATOR}{row.category}{SEPARATOR}{row.amount}{SEPARATOR}"
            f"{row.reference_id}{SEPARATOR}{row.driver_id}{SEPARATOR}{as_cell(row.lease_id)}{SEPARATOR}"
            f"{as_cell(row.vehicle_id)}{SEPARATOR}{row.due_on or row.effective_on if falls_due else NULL}{SEPARATOR}"
            f"{row.effective_on}{SEPARATOR}{row.reason}{SEPARATOR}{row.description}{SEPARATOR}{row.income}"
            for row in openings
        ),
    )
