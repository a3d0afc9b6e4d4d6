"""What a service would do just now: it is run, looked at, and rolled back."""

from collections.abc import Callable
from decimal import Decimal

from django.db import transaction

from ledger.categories import Kind
from ledger.locks import lock_accounts, set_lock_timeout
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO, format_dollars
from ledger.selectors import get_position
from ledger.services.arguments import today_in_new_york
from ledger.services.transactions import named_refusals
from ledger.services.voids import BalanceChange, VoidPreview

#: What papers that have no number yet are called.
UNNUMBERED: dict[str, str] = {Kind.PAYMENT: "this payment", Kind.DEPOSIT: "this deposit"}


def rehearse(*, driver_id: int, act: Callable[[], object]) -> VoidPreview:
    """Say in words and figures what ``act``, one call of a service for this driver, would do now; and write nothing.

    Without steps it would write nothing.

    :raises: what the service raises
    """
    with named_refusals(), transaction.atomic():
        set_lock_timeout()
        # Nobody else's posting of this driver can come in between the two looks.
        lock_accounts([driver_id])
        today = today_in_new_york()
        position = get_position(driver_id, as_of=today)
        before = _read_remaining(driver_id)
        last = LedgerPosting.objects.filter(driver_id=driver_id).order_by("-pk").values_list("pk", flat=True).first()
        act()
        new = LedgerPosting.objects.filter(driver_id=driver_id, pk__gt=last or 0).order_by("pk")
        written = list(new.select_related("funding", "reverses"))
        # A receipt's number is only drawn when it is done: somebody else may take this one meanwhile.
        names = {posting.reference_id: UNNUMBERED[posting.kind] for posting in written if posting.kind in UNNUMBERED}
        steps = [_say(posting, names) for posting in written]
        changes = _list_changes(driver_id, before, names)
        change = get_position(driver_id, as_of=today).net_position - position.net_position
        transaction.set_rollback(True)
    return VoidPreview(steps, changes, change)


def _read_remaining(driver_id: int) -> dict[int, Decimal]:
    balances = LedgerBalance.objects.open().filter(driver_id=driver_id)
    return dict(balances.values_list("pk", "remaining"))


def _list_changes(driver_id: int, before: dict[int, Decimal], names: dict[str, str]) -> list[BalanceChange]:
    after = _read_remaining(driver_id)
    changed = [pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)]
    return [
        BalanceChange(
            names.get(balance.reference_id, balance.reference_id),
            balance.category,
            balance.is_obligation,
            before.get(balance.pk, ZERO),
            after.get(balance.pk, ZERO),
        )
        for balance in LedgerBalance.objects.filter(pk__in=changed).order_by("pk")
    ]


def _say(posting: LedgerPosting, names: dict[str, str]) -> str:
    amount = format_dollars(posting.amount)
    reference = names.get(posting.reference_id, posting.reference_id)
    match posting.kind:
        case Kind.ALLOCATION | Kind.APPLICATION if posting.funding:
            credit = posting.funding.reference_id
            return f"{amount} of {names.get(credit, credit)} pays {reference}."
        case Kind.PAYMENT | Kind.DEPOSIT:
            return f"{amount} is received as {reference}."
        case Kind.OBLIGATION:
            return f"{reference} of {amount} is charged."
        case Kind.PAYOUT:
            return f"{amount} of {reference} is paid out to the driver."
        case Kind.WRITE_OFF:
            return f"{amount} of {reference} is written off."
        case Kind.VOID if posting.reverses and posting.reverses.kind != Kind.PAYOUT:
            return f"{posting.reverses.get_kind_display()} of {amount} on {reference} is undone."
        case _:
            return f"{reference}: {amount} is held for the driver."
