"""A posting in words: to its driver, and the bookkeeper's sentence of what it did or would do. Nobody else words one.

What opens a balance was told when it was posted, and says so for ever; a movement is told here, by what it moves.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from core.words import lower_first, make_sentence, say_amount, say_day
from ledger.categories import Category, Kind
from ledger.models import LedgerPosting
from ledger.money import ZERO, format_dollars
from ledger.words import say_how_paid

#: What a preview calls money that has no number yet: somebody else may draw the next one meanwhile.
_UNNUMBERED: dict[str, str] = {Kind.PAYMENT: "this payment", Kind.DEPOSIT: "this deposit"}
#: How the charge of a returned payment is named.
_RETURNED = "RETURNED-"


def tell(posting: LedgerPosting) -> str:
    """Return what a posting is to its driver: ``Rent Nov 15–21``, ``Paid by you: Rent Nov 15–21``.

    Reads what it moves, its funding, its payout and what it reverses. A charge that was corrected says so where the
    posting was loaded with ``selectors.with_corrections``.
    """
    match posting.kind:
        case Kind.ALLOCATION:
            return f"Paid by you: {_opening_of(posting)}"
        case Kind.APPLICATION:
            return f"Paid from {_credit_of(posting)}: {_opening_of(posting)}"
        case Kind.PAYOUT:
            return _tell_payout(posting)
        case Kind.WRITE_OFF:
            return f"Forgiven: {_opening_of(posting)} ({posting.reason})"
        case Kind.VOID if posting.reverses:
            undone = tell(posting.reverses)
            return f"Taken back: {undone if posting.reverses.is_opening else lower_first(undone)} ({posting.reason})"
        case _:
            return tell_opening(posting)


def tell_opening(opening: LedgerPosting, corrected_from: Decimal | None = None) -> str:
    """Return what opened a balance: its description, or its category where it has none.

    ``corrected_from`` dollars, its own where it was loaded with them, are what it amounted to before.
    """
    words = opening.description or str(Category(opening.category).label)
    was = corrected_from if corrected_from is not None else getattr(opening, "corrected_from", None)
    if was is None or was == opening.amount:
        return words
    return f"{words}, corrected from {say_amount(was)} to {say_amount(opening.amount)}"


def say(posting: LedgerPosting) -> str:
    """Return what a posting did, for its own page; reads its driver and its funding."""
    amount = format_dollars(posting.amount)
    match posting.kind:
        case Kind.OBLIGATION:
            return f"Charges {amount} to {posting.driver}, due {posting.due_on:%b %-d, %Y}."
        case Kind.PAYMENT:
            return f"{amount} received over the counter, held for {posting.driver} until it is used."
        case Kind.DEPOSIT:
            return f"{amount} received as a lease deposit of {posting.driver}."
        case Kind.EARNINGS:
            return f"{amount} of card fares, held for {posting.driver} until it is used."
        case Kind.CREDIT_MEMO:
            return f"{amount} credited to {posting.driver}, held until it is used."
        case Kind.ALLOCATION:
            return f"{_pays(posting, {})}, as the driver named it at the counter."
        case Kind.APPLICATION:
            return f"{_pays(posting, {})}, in the priority order."
        case Kind.PAYOUT:
            return f"{amount} of {posting.reference_id} is paid out to {posting.driver}."
        case Kind.WRITE_OFF:
            return f"{amount} of {posting.reference_id} is written off."
        case _:
            return f"Undoes posting {posting.reverses_id}: {amount} on {posting.reference_id}."


def say_what_would_be(written: Sequence[LedgerPosting], names: Mapping[str, str]) -> list[str]:
    """Return what postings that were only tried would do, in their order; reads their funding and what they reverse.

    ``names`` are those of :func:`name_unnumbered`.
    """
    sentences = []
    told: set[int] = set()
    for posting in written:
        if _charges_back(posting, written):
            paid_back = [other for other in written if other.balance_id == posting.pk]
            told.update(other.pk for other in paid_back)
            sentences.append(_say_recovery(posting, paid_back))
        elif posting.pk not in told:
            sentences.append(_say_step(posting, names))
    return sentences


def name_unnumbered(written: Iterable[LedgerPosting]) -> dict[str, str]:
    """Return what a preview calls the payments and deposits among postings that were only tried, by reference."""
    return {posting.reference_id: _UNNUMBERED[posting.kind] for posting in written if posting.kind in _UNNUMBERED}


def _opening_of(movement: LedgerPosting) -> str:
    return tell_opening(movement.balance.posting) if movement.balance else movement.reference_id


def _credit_of(movement: LedgerPosting) -> str:
    if movement.funding is None or movement.funding.category == Category.DEPOSIT:
        return "your deposit"
    return lower_first(tell_opening(movement.funding.posting))


def _tell_payout(posting: LedgerPosting) -> str:
    payout = posting.payout
    if payout is None:
        return "Paid to you"
    return make_sentence(
        "Paid to you",
        say_how_paid(payout.method, payout.instrument_number),
        say_day(payout.paid_on, told_on=posting.effective_on),
        payout.reference_id,
        f"for {payout.dtr_number}" if payout.dtr_number else "",
    )


def _say_step(posting: LedgerPosting, names: Mapping[str, str]) -> str:
    amount = format_dollars(posting.amount)
    reference = names.get(posting.reference_id, posting.reference_id)
    match posting.kind:
        case Kind.ALLOCATION | Kind.APPLICATION:
            return f"{_pays(posting, names)}."
        case Kind.PAYMENT | Kind.DEPOSIT:
            return f"{amount} is received as {reference}."
        case Kind.OBLIGATION:
            return f"{reference} of {amount} is charged."
        case Kind.PAYOUT:
            return f"{amount} of {reference} is paid out to the driver."
        case Kind.WRITE_OFF:
            return f"{amount} of {reference} is written off."
        case Kind.VOID if posting.reverses:
            return _say_undone(posting.reverses, amount, reference)
        case _:
            return f"{reference}: {amount} is held for the driver."


def _say_undone(undone: LedgerPosting, amount: str, reference: str) -> str:
    match undone.kind:
        case Kind.ALLOCATION | Kind.APPLICATION:
            return f"{amount} paid on {reference} is undone; the money returns to {undone.funding}."
        case Kind.PAYOUT:
            return f"Payout of {amount} is undone; the money returns to {reference}."
        case Kind.WRITE_OFF:
            return f"Write-off of {amount} on {reference} is undone."
        case _:
            return f"{undone.get_kind_display()} {reference} of {amount} is voided."


def _pays(posting: LedgerPosting, names: Mapping[str, str]) -> str:
    credit = str(posting.funding)
    reference = names.get(posting.reference_id, posting.reference_id)
    return f"{format_dollars(posting.amount)} of {names.get(credit, credit)} pays {reference}"


def _charges_back(posting: LedgerPosting, written: Iterable[LedgerPosting]) -> bool:
    """Whether it charges a returned payment, and is not a correction of such a charge."""
    is_recovery = posting.kind == Kind.OBLIGATION and posting.category == Category.RECOVERY
    if not is_recovery or not posting.reference_id.startswith(_RETURNED):
        return False
    return not any(other.kind == Kind.VOID and other.reference_id == posting.reference_id for other in written)


def _say_recovery(recovery: LedgerPosting, paid_back: Iterable[LedgerPosting]) -> str:
    returned = sum((part.amount for part in paid_back), start=ZERO)
    return (
        f"{recovery.reference_id}: a recovery of {format_dollars(recovery.amount)} is charged, of which "
        f"{format_dollars(returned)} is paid at once by what is left of the payment; "
        f"{format_dollars(recovery.amount - returned)} has left to the driver and stays owed."
    )
