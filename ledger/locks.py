"""The one lock of a driver's money: their account row, taken in id order before anything else.

The order everywhere is accounts → source rows → receipt counter. A lock not had in time is an error, never a hang: the
transaction around it bounds its waits (``ledger.services.money_transaction``).
"""

from collections.abc import Iterable

from django.db import DataError, IntegrityError, connection, transaction

from core.columns import is_bigint
from core.log_context import note_driver
from core.statements import bound_cursor
from ledger.errors import DriverNotFound


def lock_accounts(driver_ids: Iterable[int]) -> None:
    """Lock the accounts of the given drivers in id order, opening them on first use.

    Must run inside the transaction that will write; everything it decides by is read after this call.

    :raises DriverNotFound: one of them does not exist
    """
    wanted = sorted(set(driver_ids))
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An account is locked in the transaction that will write.")
    lock_may_begin(*wanted)
    locked = _lock_existing(wanted)
    if len(locked) < len(wanted):
        _open_accounts([driver_id for driver_id in wanted if driver_id not in locked])
        _lock_existing(wanted)


def lock_may_begin(*driver_ids: int) -> None:
    """See that the accounts of these drivers (in id order) may be locked now, and have the log tell of the one.

    :raises DriverNotFound: an id that no driver can have
    """
    note_driver(driver_ids[0] if len(driver_ids) == 1 else None)
    for driver_id in (*driver_ids[:1], *driver_ids[-1:]):
        if not is_bigint(driver_id):
            raise DriverNotFound(f"No driver {driver_id}.", drivers=[driver_id])


def _lock_existing(wanted: list[int]) -> set[int]:
    with bound_cursor() as cursor:
        cursor.execute(
            'SELECT driver_id FROM "ledger_accounts" WHERE driver_id = ANY(%s::bigint[]) ORDER BY 1 ASC FOR UPDATE',
            [wanted],
        )
        return {driver_id for (driver_id,) in cursor.fetchall()}


def _open_accounts(missing: list[int]) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_accounts (driver_id) SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING", [missing]
            )
    except (IntegrityError, DataError):
        raise DriverNotFound(
            f"No driver {missing[0]}." if len(missing) == 1 else "One of the drivers does not exist.", drivers=missing
        ) from None
