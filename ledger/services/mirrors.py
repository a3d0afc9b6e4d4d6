"""Transfers that mirror what an act of the ledger, or of a module, does to the fleet's own accounts.

Each is written in its cause's transaction and goes with it. The database holds both to that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import connection

from ledger.books import CHARGED_TO, HANDED_OVER, PAID_FROM, REFUNDED_FROM, Account
from ledger.categories import Category, Kind, PaymentMethod, TransferKind
from ledger.models import InterimPayment, LedgerPosting, Transfer
from ledger.selectors.slips import is_on_slip
from ledger.services.transactions import money_transaction
from ledger.services.transfers import reverse_all


@money_transaction
def record_loan_out(
    *,
    loan_id: int,
    reference_id: str,
    principal: Decimal,
    method: str | None,
    effective_on: date,
    actor: User | None,
) -> Transfer:
    """Book that a loan's principal left the drawer or the bank; without a ``method`` it did before the cut-over.

    The caller has locked the driver's account, and checked the amount.
    """
    source = Account.OPENING_BALANCES if method is None else PAID_FROM[method]
    return Transfer.objects.create(
        kind=TransferKind.LOAN_OUT,
        debit_id=Account.LOANS.value,
        credit_id=source.value,
        amount=principal,
        reference_id=reference_id,
        effective_on=effective_on,
        loan_id=loan_id,
        posted_by=actor,
    )


@money_transaction
def reverse_loan_out(*, loan_id: int, reason: str, effective_on: date, actor: User | None) -> None:
    """Take back what :func:`record_loan_out` booked: the loan is voided."""
    standing = Transfer.objects.filter(loan_id=loan_id, reverses=None, reversals=None)
    reverse_all(list(standing), reason=reason, effective_on=effective_on, actor=actor)


@money_transaction
def record_negative_weeks(*, reference_ids: Iterable[str], actor: User | None) -> None:
    """Book that these recoveries are card money that CURB took back; those booked before are passed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_transfers (kind, debit, credit, amount, reference_id, effective_on, reason, posting_id,
                posted_by_id)
            SELECT %(kind)s, %(debit)s, %(credit)s, p.amount, p.reference_id, p.effective_on, '', p.id, %(actor)s
            FROM ledger_balances b JOIN ledger_postings p ON p.id = b.posting_id
            WHERE b.reference_id = ANY(%(references)s) AND b.status <> 'VOIDED'
                AND p.kind = 'OBLIGATION' AND p.category = 'RECOVERY'
                AND NOT EXISTS (SELECT FROM ledger_transfers t WHERE t.posting_id = p.id AND t.reverses_id IS NULL)
            ORDER BY p.driver_id, p.id
            """,
            {
                "kind": TransferKind.NEGATIVE_WEEK.value,
                "debit": Account.RECOVERIES.value,
                "credit": Account.CURB_CLEARING.value,
                "references": list(reference_ids),
                "actor": actor.pk if actor else None,
            },
        )


@money_transaction
def record_openings(*, reference_ids: Iterable[str], actor: User | None) -> None:
    """Book these charges and credit memos against the opening balances: they are no income or cost of this period."""
    accounts = [(Kind.OBLIGATION, category, account) for category, account in CHARGED_TO.items()]
    accounts += [(Kind.CREDIT_MEMO, category, account) for category, account in REFUNDED_FROM.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_transfers (kind, debit, credit, amount, reference_id, effective_on, reason, posting_id,
                posted_by_id)
            SELECT %(kind)s, CASE p.kind WHEN 'OBLIGATION' THEN booked.account ELSE %(opening)s END,
                CASE p.kind WHEN 'OBLIGATION' THEN %(opening)s ELSE booked.account END,
                p.amount, p.reference_id, p.effective_on, '', p.id, %(actor)s
            FROM ledger_balances b JOIN ledger_postings p ON p.id = b.posting_id
                JOIN unnest(%(kinds)s::text[], %(categories)s::text[], %(accounts)s::text[])
                    AS booked (kind, category, account) ON (booked.kind, booked.category) = (p.kind, p.category)
            WHERE b.reference_id = ANY(%(references)s) AND b.status <> 'VOIDED'
                AND NOT EXISTS (SELECT FROM ledger_transfers t WHERE t.posting_id = p.id AND t.reverses_id IS NULL)
            ORDER BY p.driver_id, p.id
            """,
            {
                "kind": TransferKind.OPENING.value,
                "opening": Account.OPENING_BALANCES.value,
                "kinds": [kind.value for kind, _, _ in accounts],
                "categories": [str(category) for _, category, _ in accounts],
                "accounts": [account.value for _, _, account in accounts],
                "references": list(reference_ids),
                "actor": actor.pk if actor else None,
            },
        )


def mirror_returned_recovery(
    recovery: LedgerPosting, payment: InterimPayment, *, was_at_bank: bool, actor: User | None
) -> Transfer:
    """Book that a returned check, or bank payment, is missing where it was: the recovery wins it back."""
    source = Account.BANK if was_at_bank or payment.method == PaymentMethod.ACH else Account.CHECKS
    transfer = _make(TransferKind.RETURNED_ITEM, Account.RECOVERIES, source, recovery, actor, payment_id=payment.pk)
    transfer.save(force_insert=True)
    return transfer


def mirror_win_back(recovery: LedgerPosting, credit: LedgerPosting, *, actor: User | None) -> Transfer:
    """Book that a recovery wins back what ``credit`` was opened with by mistake: where that came from, it is again."""
    transfer = _make(TransferKind.WIN_BACK, Account.RECOVERIES, _came_from(credit), recovery, actor)
    transfer.save(force_insert=True)
    return transfer


def mirror_replacements(replacements: Mapping[int, LedgerPosting], *, actor: User | None) -> None:
    """What mirrored charges that were replaced, or charged again, mirrors the new ones with their new amounts.

    ``replacements`` are the new postings by the ids of the old ones.
    """
    before = Transfer.objects.filter(posting__in=list(replacements), reverses=None).order_by("pk")
    Transfer.objects.bulk_create(
        _make(
            TransferKind(mirrored.kind),
            Account(mirrored.debit_id),
            Account(mirrored.credit_id),
            replacements[mirrored.posting_id or 0],
            actor,
            payment_id=mirrored.payment_id,
        )
        for mirrored in before
    )


def mirror_voids(
    postings: Sequence[LedgerPosting],
    *,
    reason: str,
    effective_on: date,
    actor: User | None,
    was_at_bank: bool = False,
    is_mirrored: bool = True,
) -> None:
    """Undo what mirrors these postings, which are about to be voided; and take checks that were banked off the bank.

    ``was_at_bank`` says so of checks that no slip names. Nothing is looked for where none is known to.
    """
    openings = [posting for posting in postings if posting.is_opening]
    if not openings:
        return
    if is_mirrored:
        standing = Transfer.objects.filter(posting__in=openings, reverses=None, reversals=None)
        reverse_all(list(standing), reason=reason, effective_on=effective_on, actor=actor)
    received = [posting for posting in openings if posting.kind in (Kind.PAYMENT, Kind.DEPOSIT) and posting.payment]
    for posting in received:
        payment_id = posting.payment_id
        assert payment_id is not None
        assert posting.payment is not None
        if posting.payment.method == PaymentMethod.CHECK and (was_at_bank or is_on_slip(payment_id)):
            Transfer.objects.create(
                kind=TransferKind.RETURNED_ITEM,
                debit_id=Account.CHECKS.value,
                credit_id=Account.BANK.value,
                amount=posting.amount,
                reference_id=posting.reference_id,
                effective_on=effective_on,
                reason=reason,
                payment_id=payment_id,
                posted_by=actor,
            )


def _came_from(credit: LedgerPosting) -> Account:
    """The account that a held credit's opening debited; what was carried over came from the opening balances."""
    if Transfer.objects.filter(posting=credit, kind=TransferKind.OPENING).exists():
        return Account.OPENING_BALANCES
    if credit.kind == Kind.EARNINGS:
        return Account.CURB_CLEARING
    if credit.kind == Kind.PAYMENT:
        assert credit.payment is not None
        return HANDED_OVER[credit.payment.method]
    return REFUNDED_FROM[Category(credit.category)]


def _make(
    kind: TransferKind,
    debit: Account,
    credit: Account,
    cause: LedgerPosting,
    actor: User | None,
    *,
    payment_id: int | None = None,
) -> Transfer:
    """An unsaved transfer of all that its cause charged, under the cause's reference and on its day."""
    return Transfer(
        kind=kind,
        debit_id=debit.value,
        credit_id=credit.value,
        amount=cause.amount,
        reference_id=cause.reference_id,
        effective_on=cause.effective_on,
        posting=cause,
        payment_id=payment_id,
        posted_by=actor,
    )
