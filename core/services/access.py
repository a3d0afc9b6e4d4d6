"""The log of sign-ins and refusals, and the lock of a sign-in taken away."""

import hashlib
from datetime import datetime

from django.contrib.auth.models import User

from core.checks import check_reason
from core.errors import AlreadyUnlocked
from core.models import AccessEntry, SignInFailure
from core.transactions import bounded_transaction

UNLOCK = "core.unlock_sign_in"
PAIR, ADDRESS, NAME = "PAIR", "ADDRESS", "NAME"
_LONGEST = 700


def record_access(
    *,
    kind: AccessEntry.Kind,
    user: User | None = None,
    username: str = "",
    address: str = "",
    told: str = "",
    request_id: str = "",
    once_in: datetime | None = None,
) -> None:
    """Add an entry to the log. With ``once_in`` (an hour, say) only the first one of its like in that time is kept."""
    name = (user.get_username() if user else username)[:150]
    merged_by = None
    if once_in is not None:
        like = (kind, str(user.pk if user else ""), name, address, told, once_in.isoformat())
        merged_by = hashlib.sha256("\0".join(like).encode()).hexdigest()
    entry = AccessEntry(
        kind=kind,
        user=user,
        username=name,
        address=address,
        told=told[:_LONGEST],
        request_id=request_id,
        merged_by=merged_by,
    )
    AccessEntry.objects.bulk_create([entry], ignore_conflicts=merged_by is not None)


def purge_access(*, before: datetime) -> int:
    """Delete entries from before that moment, as far as the database lets them go; return how many."""
    deleted, _ = AccessEntry.objects.filter(at__lt=before).delete()
    return deleted


@bounded_transaction
def unlock_sign_in(
    *, failure_id: int, scope: str, reason: str, actor: User, address: str = "", request_id: str = ""
) -> str:
    """Forget failed sign-ins, so that it can be tried again; return whose, in words.

    ``scope`` is PAIR (of the name from the address), ADDRESS (of everybody from there) or NAME (of the name from
    anywhere).

    :raises ReasonRequired, ValueInvalid: see :func:`core.checks.check_reason`
    :raises AlreadyUnlocked: nothing is locked there any more
    """
    reason = check_reason(reason)
    failed = SignInFailure.objects.select_for_update().filter(pk=failure_id).first()
    if failed is None:
        raise AlreadyUnlocked("Nothing is locked there any more: somebody was quicker, or the time is over.")
    place = failed.ip_address or "an unknown address"
    scopes: dict[str, tuple[dict[str, str | None], str]] = {
        PAIR: ({"username": failed.username, "ip_address": failed.ip_address}, f"{failed.username} from {place}"),
        ADDRESS: ({"ip_address": failed.ip_address}, f"everybody from {place}"),
        NAME: ({"username": failed.username}, f"{failed.username} from anywhere"),
    }
    which, told = scopes[scope]
    # One browser more is one row more of the same name and address.
    SignInFailure.objects.filter(**which).delete()
    record_access(
        kind=AccessEntry.Kind.UNLOCKED, user=actor, address=address, told=f"{told}: {reason}", request_id=request_id
    )
    return told
