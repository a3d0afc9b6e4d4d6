"""What an act on a lease would do just now: it is run, looked at, and rolled back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.weeks import week_of
from leases import rules, selectors
from leases.models import Lease, LeaseInstallment
from ledger import services as ledger


@dataclass(frozen=True, slots=True)
class RentChange:
    """A week's rent in dollars before and after. ``name`` is what people call it.

    None before: it is laid down again. None after: it is dropped.
    """

    reference_id: str
    name: str
    before: Decimal | None
    after: Decimal | None
    held_before: bool
    held_after: bool


@dataclass(frozen=True, slots=True)
class LeaseActPreview:
    """What an act changes: the rent to come, and the money already charged; and the weeks above the legal cap then."""

    rents: Sequence[RentChange]
    money: ledger.MoneyPreview
    cap_warnings: Sequence[str]


def preview_lease_act(*, lease_id: int, act: Callable[[], object], today: date) -> LeaseActPreview:
    """Say what ``act``, one call of a service for this lease, would change now; and write nothing.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises: what the service raises
    """
    lease = Lease.objects.filter(pk=lease_id).first()
    if lease is None:
        raise ledger.LeaseNotFound(f"No lease {lease_id}.")
    looks: list[dict[str, LeaseInstallment]] = []
    warnings: list[str] = []

    def look_twice() -> None:
        looks.append(_read_rents(lease_id))
        act()
        looks.append(_read_rents(lease_id))
        # Read again: the act may have changed its last day.
        warnings.extend(str(week) for week in selectors.list_weeks_above_cap(Lease.objects.get(pk=lease_id)))

    money = ledger.preview_money(driver_id=lease.primary_driver_id, act=look_twice, today=today)
    before, after = looks
    references = [*before, *(reference_id for reference_id in after if reference_id not in before)]
    compared = [(before.get(reference_id), after.get(reference_id)) for reference_id in references]
    changes = [_compare(rent, then) for rent, then in compared if _state_of(rent) != _state_of(then)]
    return LeaseActPreview(changes, money, warnings if changes else [])


def _read_rents(lease_id: int) -> dict[str, LeaseInstallment]:
    rents = LeaseInstallment.objects.filter(lease_id=lease_id).order_by("number")
    return {rent.reference_id: rent for rent in rents}


def _state_of(rent: LeaseInstallment | None) -> tuple[Decimal, bool] | None:
    return (rent.amount, rent.on_hold) if rent else None


def _compare(before: LeaseInstallment | None, after: LeaseInstallment | None) -> RentChange:
    rent = before or after
    assert rent is not None
    return RentChange(
        reference_id=rent.reference_id,
        name=rules.say_rent(week_of(rent.week_start)),
        before=before.amount if before else None,
        after=after.amount if after else None,
        held_before=bool(before and before.on_hold),
        held_after=bool(after and after.on_hold),
    )
