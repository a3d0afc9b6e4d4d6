"""What a service would do to a driver's money just now: it is run, looked at, and rolled back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.previews import rolled_back
from ledger.locks import lock_accounts
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.narration import name_unnumbered, say_what_would_be, tell_opening
from ledger.selectors import get_position, get_posting
from ledger.services.transactions import named_refusals
from ledger.services.voids import get_payment, void_payment, void_posting


@dataclass(frozen=True)
class BalanceChange:
    """A balance before and after an act, in dollars."""

    reference_id: str
    #: What it is, in words that the driver knows; blank where those would name a number that is not drawn yet.
    description: str
    category: str
    is_obligation: bool
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class MoneyPreview:
    """What an act would do: each step in words, each balance that changes in figures, and the net position's change."""

    steps: list[str]
    changes: list[BalanceChange]
    net_position_change: Decimal


def preview_money(*, driver_id: int, act: Callable[[], object], today: date) -> MoneyPreview:
    """Say in words and figures what ``act``, one call of a service for this driver, would do now; and write nothing.

    Without steps it would write nothing.

    :raises: what the service raises
    """
    # Refusals are named inside, so that a lock that was not had in time is the ledger's own.
    with rolled_back(), named_refusals():
        # Nobody else's posting of this driver can come in between the two looks.
        lock_accounts([driver_id])
        position = get_position(driver_id, as_of=today)
        before = _read_remaining(driver_id)
        last = LedgerPosting.objects.filter(driver_id=driver_id).order_by("-pk").values_list("pk", flat=True).first()
        act()
        new = LedgerPosting.objects.filter(driver_id=driver_id, pk__gt=last or 0).order_by("pk")
        written = list(new.select_related("funding", "reverses__funding"))
        names = name_unnumbered(written)
        return MoneyPreview(
            say_what_would_be(written, names),
            _list_changes(driver_id, before, names),
            get_position(driver_id, as_of=today).net_position - position.net_position,
        )


def preview_void(*, posting_id: int, cascade: bool = False, effective_on: date) -> MoneyPreview:
    """Say what :func:`void_posting` would do now, and write nothing.

    :raises: what :func:`void_posting` raises, but for the reason
    """
    return preview_money(
        driver_id=get_posting(posting_id).driver_id,
        act=lambda: void_posting(
            posting_id=posting_id, reason="Preview", actor=None, cascade=cascade, effective_on=effective_on
        ),
        today=effective_on,
    )


def preview_void_payment(
    *,
    payment_id: int,
    cascade: bool = False,
    returned_item: bool = False,
    was_at_bank: bool | None = None,
    effective_on: date,
) -> MoneyPreview:
    """Say what :func:`void_payment` would do now, and write nothing.

    :raises: what :func:`void_payment` raises, but for the reason
    """
    return preview_money(
        driver_id=get_payment(payment_id).driver_id,
        act=lambda: void_payment(
            payment_id=payment_id,
            reason="Preview",
            actor=None,
            cascade=cascade,
            returned_item=returned_item,
            was_at_bank=was_at_bank,
            effective_on=effective_on,
        ),
        today=effective_on,
    )


def _read_remaining(driver_id: int) -> dict[int, Decimal]:
    balances = LedgerBalance.objects.open().filter(driver_id=driver_id)
    return dict(balances.values_list("pk", "remaining"))


def _list_changes(driver_id: int, before: dict[int, Decimal], names: dict[str, str]) -> list[BalanceChange]:
    after = _read_remaining(driver_id)
    changed = [pk for pk in before.keys() | after.keys() if before.get(pk) != after.get(pk)]
    return [
        BalanceChange(
            names.get(balance.reference_id, balance.reference_id),
            "" if balance.reference_id in names else tell_opening(balance.posting),
            balance.category,
            balance.is_obligation,
            before.get(balance.pk, ZERO),
            after.get(balance.pk, ZERO),
        )
        for balance in LedgerBalance.objects.filter(pk__in=changed).select_related("posting").order_by("pk")
    ]
