"""The fleet's own side of the books: what no act of the ledger makes is recorded here, and reversed.

What mirrors an act (a loan paid out, a returned check, a card week below zero) is written with it by ``mirrors``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import MAX_REASON, check_date, check_reason, check_text
from core.errors import ValueInvalid
from core.words import say_full_day
from ledger import errors
from ledger.books import REASONED_KINDS, RECORDED_KINDS, TRANSFER_PAIRS, Account
from ledger.categories import TransferKind
from ledger.locks import lock_accounts
from ledger.models import InterimPayment, SlipCheck, Transfer
from ledger.money import ZERO, parse_amount
from ledger.selectors.slips import list_undeposited_checks
from ledger.services.checks import check_reference
from ledger.services.transactions import money_transaction


@dataclass(frozen=True, slots=True)
class TransferRow:
    """The facts of a transfer without a cause, checked."""

    kind: TransferKind
    debit: Account
    credit: Account
    amount: Decimal
    reference_id: str
    effective_on: date
    reason: str = ""


@money_transaction
def record_transfer(
    *,
    kind: str,
    debit: str,
    credit: str,
    amount: Decimal,
    reference_id: str,
    effective_on: date,
    reason: str = "",
    today: date | None = None,
    actor: User | None,
) -> Transfer:
    """Record ``amount`` dollars moved between two of the fleet's accounts, named by their codes.

    It is for what no act of the ledger makes: a remittance, something paid over, a fee, a correction. While it stands,
    the same reference and facts return it; reversed, it may be recorded anew under its reference. Where a person named
    the day, ``today`` is the last one that may be.

    :raises DayNotCome: the day is after ``today``
    :raises TransferInvalid: no such kind or account, a kind that mirrors an act, or accounts that the kind can't move
    :raises AmountInvalid, ValueInvalid, ReasonRequired: an argument is not what it should be
    :raises ReferenceConflict: the reference is recorded with other facts
    """
    row = check_transfer(
        kind=kind,
        debit=debit,
        credit=credit,
        amount=amount,
        reference_id=reference_id,
        effective_on=effective_on,
        reason=reason,
    )
    if row.kind not in RECORDED_KINDS:
        raise errors.TransferInvalid(f"{row.kind.label} is recorded by the act that makes it.", field="kind")
    (transfer,) = record_rows([row], actor=actor)
    return transfer


@money_transaction
def record_curb_statement(
    *,
    gross: Decimal,
    fee: Decimal,
    reference_id: str,
    effective_on: date,
    today: date | None = None,
    actor: User | None,
) -> list[Transfer]:
    """Record what CURB's statement says: ``gross`` dollars of card money, of which it keeps ``fee``, and pays the rest.

    :raises TransferInvalid: the fee takes all
    :raises: what :func:`record_transfer` raises
    """
    gross = parse_amount(gross, field="gross")
    fee = parse_amount(fee, field="fee", allow_zero=True)
    if fee >= gross:
        raise errors.TransferInvalid("The fee is less than the card money it is kept from.", field="fee")
    parts = [
        (TransferKind.CURB_REMITTANCE, Account.BANK, gross - fee),
        (TransferKind.CARD_FEES, Account.CARD_FEES, fee),
    ]
    rows = [
        check_transfer(
            kind=kind,
            debit=debit,
            credit=Account.CURB_CLEARING,
            amount=amount,
            reference_id=reference_id,
            effective_on=effective_on,
        )
        for kind, debit, amount in parts
        if amount
    ]
    _refuse_part_of(rows, {TransferKind.CURB_REMITTANCE, TransferKind.CARD_FEES})
    return record_rows(rows, actor=actor)


@money_transaction
def record_bank_deposit(
    *,
    cash: Decimal = ZERO,
    payment_ids: Iterable[int] = (),
    other_checks: Decimal = ZERO,
    reference_id: str,
    effective_on: date,
    today: date | None = None,
    actor: User | None,
) -> list[Transfer]:
    """Record a slip: ``cash`` dollars, and the checks of these payments, taken to the bank.

    ``other_checks`` are dollars of checks that no payment here stands for, such as those of before the cut-over.

    :raises CheckNotHeld: one of the payments is no check, or its check is on another slip or came back
    :raises TransferInvalid: nothing is on the slip
    :raises: what :func:`record_transfer` raises
    """
    cash = parse_amount(cash, field="cash", allow_zero=True)
    other_checks = parse_amount(other_checks, field="other_checks", allow_zero=True)
    wanted = sorted(set(payment_ids))
    payments = list(InterimPayment.objects.filter(pk__in=wanted))
    lock_accounts(payment.driver_id for payment in payments)
    checks = other_checks + sum((payment.amount for payment in payments), start=ZERO)
    rows = [
        check_transfer(
            kind=TransferKind.BANK_DEPOSIT,
            debit=Account.BANK,
            credit=credit,
            amount=amount,
            reference_id=reference_id,
            effective_on=effective_on,
        )
        for credit, amount in ((Account.CASH, cash), (Account.CHECKS, checks))
        if amount
    ]
    if not rows:
        raise errors.TransferInvalid("Nothing is on the slip.", field="cash")
    first = _refuse_part_of(rows, {TransferKind.BANK_DEPOSIT})
    if first:
        named = SlipCheck.objects.filter(transfer__in=first).order_by("payment_id")
        if list(named.values_list("payment_id", flat=True)) != wanted:
            raise _conflict(reference_id)
        return first
    _refuse_unheld(wanted)
    transfers = record_rows(rows, actor=actor)
    if payments:
        SlipCheck.objects.bulk_create(SlipCheck(transfer=transfers[-1], payment_id=number) for number in wanted)
    return transfers


@money_transaction
def reverse_transfer(
    *, transfer_id: int, reason: str, effective_on: date, today: date | None = None, actor: User | None
) -> Transfer:
    """Undo a transfer by its swap, and return that; what was on a slip may go on another.

    :raises ReasonRequired: no reason given
    :raises TransferNotFound: no such transfer
    :raises AlreadyReversed: it was reversed before, or is itself a reversal
    :raises TransferFollowsCause: it mirrors something that stands, and goes only with that
    :raises ValueInvalid: the day is before the transfer's
    :raises DayNotCome: the day is after ``today``
    """
    reason = check_reason(reason)
    check_date(effective_on, field="effective_on")
    transfer = Transfer.objects.filter(pk=transfer_id).first()
    if transfer is None:
        raise errors.TransferNotFound(f"No transfer {transfer_id}.", transfer_id=transfer_id)
    lock_accounts(_drivers_of(transfer))
    if transfer.reverses_id is not None:
        raise errors.AlreadyReversed(f"Transfer {transfer_id} is itself a reversal; record it anew instead.")
    if Transfer.objects.filter(reverses=transfer).exists():
        raise errors.AlreadyReversed(f"{transfer} was reversed before.", transfer_id=transfer_id)
    if effective_on < transfer.effective_on:
        raise ValueInvalid(
            f"It is of {say_full_day(transfer.effective_on)}: reverse it on that day or later.", field="effective_on"
        )
    _refuse_caused(transfer)
    (reversal,) = reverse_all([transfer], reason=reason, effective_on=effective_on, actor=actor)
    return reversal


def reverse_all(
    transfers: Sequence[Transfer], *, reason: str, effective_on: date, actor: User | None
) -> list[Transfer]:
    """Write the swap of each."""
    return Transfer.objects.bulk_create(
        [
            Transfer(
                kind=transfer.kind,
                debit_id=transfer.credit_id,
                credit_id=transfer.debit_id,
                amount=transfer.amount,
                reference_id=transfer.reference_id,
                effective_on=effective_on,
                reason=reason,
                posting_id=transfer.posting_id,
                payment_id=transfer.payment_id,
                loan_id=transfer.loan_id,
                reverses=transfer,
                posted_by=actor,
            )
            for transfer in transfers
        ]
    )


def check_transfer(
    *,
    kind: str,
    debit: str,
    credit: str,
    amount: Decimal,
    reference_id: str,
    effective_on: date,
    reason: str = "",
) -> TransferRow:
    """Return the facts in the books' own types, refusing what can't be before anything is read.

    :raises TransferInvalid, AmountInvalid, ValueInvalid, ReasonRequired: an argument is not what it should be
    """
    if kind not in TransferKind.values:
        raise errors.TransferInvalid(f"{kind!r} is not a kind of transfer.", field="kind")
    for code, field in ((debit, "debit"), (credit, "credit")):
        if code not in Account.values:
            raise errors.TransferInvalid(f"{code!r} is not an account of the chart.", field=field)
    row = TransferRow(
        kind=TransferKind(kind),
        debit=Account(debit),
        credit=Account(credit),
        amount=parse_amount(amount),
        reference_id=check_reference(reference_id),
        effective_on=check_date(effective_on, field="effective_on"),
        reason=check_reason(reason)
        if kind in REASONED_KINDS
        else check_text(reason, field="reason", longest=MAX_REASON, required=False),
    )
    if (row.debit, row.credit) not in TRANSFER_PAIRS[row.kind]:
        raise errors.TransferInvalid(
            f"{row.kind.label} does not move money from {row.credit.label} to {row.debit.label}.", field="debit"
        )
    return row


def record_rows(rows: Sequence[TransferRow], *, actor: User | None) -> list[Transfer]:
    """Write what does not stand yet, and return all; the arguments are checked.

    :raises ReferenceConflict: a reference is recorded with other facts
    """
    return [_find_same(row) or _write(row, actor=actor) for row in rows]


def _write(row: TransferRow, *, actor: User | None) -> Transfer:
    return Transfer.objects.create(
        kind=row.kind,
        debit_id=row.debit.value,
        credit_id=row.credit.value,
        amount=row.amount,
        reference_id=row.reference_id,
        effective_on=row.effective_on,
        reason=row.reason,
        posted_by=actor,
    )


def _find_same(row: TransferRow) -> Transfer | None:
    """The transfer that stands under the row's reference.

    :raises ReferenceConflict: it has another amount or day
    """
    first = Transfer.objects.filter(
        kind=row.kind,
        debit__code=row.debit.value,
        credit__code=row.credit.value,
        reference_id=row.reference_id,
        reverses=None,
        reversals=None,
    ).first()
    if first is not None and (first.amount, first.effective_on) != (row.amount, row.effective_on):
        raise _conflict(row.reference_id)
    return first


def _refuse_part_of(rows: Sequence[TransferRow], kinds: Iterable[TransferKind]) -> list[Transfer]:
    """What stands under the reference of a paper of several rows: all of it, or nothing.

    :raises ReferenceConflict: the paper was recorded with other rows
    """
    standing = Transfer.objects.filter(
        kind__in=list(kinds), reference_id=rows[0].reference_id, reverses=None, reversals=None
    )
    found = list(standing.order_by("pk"))
    if found and [_find_same(row) for row in rows] != found:
        raise _conflict(rows[0].reference_id)
    return found


def _refuse_unheld(payment_ids: Sequence[int]) -> None:
    held = set(list_undeposited_checks().filter(pk__in=payment_ids).values_list("pk", flat=True))
    for payment_id in payment_ids:
        if payment_id not in held:
            raise errors.CheckNotHeld(
                f"Payment {payment_id} is no check that waits for the bank.", payment_id=payment_id
            )


def _refuse_caused(transfer: Transfer) -> None:
    """:raises TransferFollowsCause: it mirrors a posting, a loan, or what is voided of a check on a slip"""
    if transfer.posting_id is not None or transfer.loan_id is not None:
        raise errors.TransferFollowsCause(
            f"This mirrors {transfer.reference_id}: void that, and the transfer goes with it.",
            reference_id=transfer.reference_id,
        )
    if transfer.payment_id is not None:
        slip = SlipCheck.objects.filter(payment_id=transfer.payment_id, transfer__reversals=None).first()
        if slip is not None:
            raise errors.TransferFollowsCause(
                f"A slip says that the check of {transfer.reference_id} was at the bank: reverse transfer "
                f"{slip.transfer_id} first.",
                reference_id=transfer.reference_id,
            )


def _drivers_of(transfer: Transfer) -> set[int]:
    """Whose money is looked at before it is reversed."""
    payments = InterimPayment.objects.filter(slips__transfer=transfer)
    if transfer.payment_id is not None:
        payments = InterimPayment.objects.filter(pk=transfer.payment_id)
    return set(payments.values_list("driver_id", flat=True))


def _conflict(reference_id: str) -> errors.ReferenceConflict:
    return errors.ReferenceConflict(f"{reference_id} is already recorded with other facts.", reference_id=reference_id)
