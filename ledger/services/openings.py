"""What was there before the cut-over: deposits held, and the fleet's own accounts."""

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User

from core.checks import check_date, check_description
from core.errors import ValueInvalid
from ledger import errors
from ledger.books import NEVER_OPENED, Account
from ledger.categories import Category, EntryType, Kind, Status, TransferKind
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting, Transfer
from ledger.money import parse_amount
from ledger.services.checks import check_reference
from ledger.services.posting import get_live_opening
from ledger.services.transactions import money_transaction
from ledger.services.transfers import TransferRow, record_rows
from ledger.services.writing import write_postings

DEPOSIT_PREFIX = "OPEN-DEPOSIT-"


@money_transaction
def open_deposit(
    *,
    driver_id: int,
    lease_id: int,
    amount: Decimal,
    reference_id: str,
    effective_on: date,
    description: str = "",
    actor: User | None,
) -> LedgerPosting:
    """Hold ``amount`` dollars as a deposit on a lease that was received before the cut-over, without a receipt.

    ``reference_id`` begins with ``OPEN-DEPOSIT-``. The same reference and facts return the first posting.

    :raises AmountInvalid, ValueInvalid: an argument is not what it should be
    :raises DriverNotFound, LeaseNotFound: it names something that does not exist
    :raises ReferenceConflict, ReferenceVoided: the reference is posted with other facts, or was voided
    """
    amount = parse_amount(amount)
    check_date(effective_on, field="effective_on")
    if not check_reference(reference_id).startswith(DEPOSIT_PREFIX):
        raise ValueInvalid(f"The reference of an opening deposit begins with {DEPOSIT_PREFIX}.", field="reference_id")
    lock_accounts([driver_id])
    known = LedgerBalance.objects.bearing([reference_id]).order_by("-pk").first()
    if known is not None:
        return _read_same(known, (driver_id, lease_id, amount, effective_on))
    opened = LedgerPosting(
        kind=Kind.DEPOSIT,
        entry_type=EntryType.CREDIT,
        category=Category.DEPOSIT,
        amount=amount,
        reference_id=reference_id,
        driver_id=driver_id,
        lease_id=lease_id,
        effective_on=effective_on,
        description=check_description(description),
        posted_by=actor,
    )
    return write_postings([opened])[0]


@money_transaction
def open_account(
    *, account: str, side: str, amount: Decimal, reference_id: str, effective_on: date, actor: User | None
) -> Transfer:
    """Book that one of the fleet's own accounts stood at ``amount`` dollars, DEBIT or CREDIT, before the cut-over.

    :raises TransferInvalid: the account is none of the fleet's own, or is carried over row by row
    :raises: what ``record_transfer`` raises
    """
    if account not in Account.values or Account(account) in NEVER_OPENED:
        raise errors.TransferInvalid(f"{account!r} is not an account that opens with a balance.", field="account")
    if side not in EntryType.values:
        raise ValueInvalid(f"{side!r} is neither DEBIT nor CREDIT.", field="side")
    own, equity = Account(account), Account.OPENING_BALANCES
    row = TransferRow(
        kind=TransferKind.OPENING,
        debit=own if side == EntryType.DEBIT else equity,
        credit=equity if side == EntryType.DEBIT else own,
        amount=parse_amount(amount),
        reference_id=check_reference(reference_id),
        effective_on=check_date(effective_on, field="effective_on"),
    )
    (transfer,) = record_rows([row], actor=actor)
    return transfer


def _read_same(known: LedgerBalance, facts: tuple[int, int, Decimal, date]) -> LedgerPosting:
    if known.status == Status.VOIDED:
        raise errors.ReferenceVoided(f"{known.reference_id} was posted and voided.", reference_id=known.reference_id)
    if (known.driver_id, known.lease_id, known.original_amount, known.effective_on) != facts:
        raise errors.ReferenceConflict(
            f"{known.reference_id} is already posted with other facts.", reference_id=known.reference_id
        )
    return get_live_opening(known.reference_id)
