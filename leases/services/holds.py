"""A lease is on hold: none of its rent is posted until it is resumed."""

from django.contrib.auth.models import User

from core.checks import check_reason
from core.history import save_as, update_all_as
from leases.errors import AlreadyHeld, LeaseNotHeld
from leases.models import Lease
from leases.services.records import check_not_ended, lock_lease
from ledger import services as ledger


@ledger.money_transaction
def hold_lease(*, lease_id: int, reason: str, actor: User | None) -> Lease:
    """Put all rent of a lease that is not charged yet on hold; its vehicle stays with it.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises core.errors.ReasonRequired: no reason given
    :raises LeaseEnded, AlreadyHeld: it was ended early, or is on hold already
    """
    reason = check_reason(reason)
    lease = lock_lease(lease_id)
    check_not_ended(lease)
    if lease.status == Lease.Status.HELD:
        raise AlreadyHeld(f"{lease} is on hold already: {lease.status_reason}")
    _set_on_hold(lease, True, actor=actor)
    lease.status, lease.status_reason = Lease.Status.HELD, reason
    save_as(lease, actor)
    return lease


@ledger.money_transaction
def resume_lease(*, lease_id: int, actor: User | None) -> Lease:
    """Resume all rent of a lease that is on hold: what is due by then is charged by the next run.

    For days without a cab the driver gets a credit memo; or the lease was terminated, and what is left of its rent is
    resumed by this.

    :raises ledger.services.LeaseNotFound: no lease has this number
    :raises LeaseNotHeld: neither the lease nor any of its rent is on hold
    """
    lease = lock_lease(lease_id)
    is_held = lease.status == Lease.Status.HELD
    if not is_held and not lease.installments.filter(on_hold=True, posted_at=None).exists():
        raise LeaseNotHeld(f"{lease} is not on hold.")
    _set_on_hold(lease, False, actor=actor)
    if is_held:
        lease.status, lease.status_reason = Lease.Status.ACTIVE, ""
        save_as(lease, actor)
    return lease


def _set_on_hold(lease: Lease, on_hold: bool, *, actor: User | None) -> None:
    rents = list(lease.installments.filter(posted_at=None, on_hold=not on_hold))
    for rent in rents:
        rent.on_hold = on_hold
    update_all_as(rents, ["on_hold"], actor)
