"""What an act on a lease would do just now: it is run, looked at, and rolled back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from leases import selectors
from leases.errors import NoSuchLease
from leases.models import Lease, LeaseInstallment
from ledger import services as ledger


@dataclass(frozen=True, slots=True)
class RentChange:
    """A week's rent in dollars before and after; None after, where it is dropped."""

    reference_id: str
    before: Decimal
    after: Decimal | None
    held_before: bool
    held_after: bool


@dataclass(frozen=True, slots=True)
class LeaseRehearsal:
    """What an act changes: the rent to come, and the money already charged; and the weeks above the legal cap then."""

    rents: Sequence[RentChange]
    money: ledger.MoneyPreview
    cap_warnings: Sequence[str]


def rehearse_lease(*, lease_id: int, act: Callable[[], object], today: date) -> LeaseRehearsal:
    """Say what ``act``, one call of a service for this lease, would change now; and write nothing.

    :raises NoSuchLease: no lease bears this number
    :raises: what the service raises
    """
    lease = Lease.objects.filter(pk=lease_id).first()
    if lease is None:
        raise NoSuchLease(f"No lease {lease_id}.")
    looks: list[dict[str, tuple[Decimal, bool]]] = []
    warnings: list[str] = []

    def look_twice() -> None:
        looks.append(_read_rents(lease_id))
        act()
        looks.append(_read_rents(lease_id))
        warnings.extend(str(week) for week in selectors.list_weeks_above_cap(lease))

    money = ledger.preview_money(driver_id=lease.primary_driver_id, act=look_twice, today=today)
    before, after = looks
    changes = [
        RentChange(
            reference_id,
            amount,
            after[reference_id][0] if reference_id in after else None,
            held,
            after[reference_id][1] if reference_id in after else False,
        )
        for reference_id, (amount, held) in before.items()
        if after.get(reference_id) != (amount, held)
    ]
    return LeaseRehearsal(changes, money, warnings if changes else [])


def _read_rents(lease_id: int) -> dict[str, tuple[Decimal, bool]]:
    rents = LeaseInstallment.objects.filter(lease_id=lease_id).order_by("number")
    return {row[0]: (row[1], row[2]) for row in rents.values_list("reference_id", "amount", "on_hold")}
