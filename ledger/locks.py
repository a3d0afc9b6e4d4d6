"""The one lock of a driver's money: their account row, taken in id order before anything else.

The order everywhere is accounts → source rows → receipt counter. A lock not had in time is an error, never a hang: the
transaction around it bounds its waits (``ledger.services.money_transaction``).
"""

from collections.abc import Iterable

from django.db import DataError, IntegrityError, connection, transaction

from core.columns import is_among
from core.log_context import note_driver
from ledger.errors import DriverNotFound
from ledger.models import LedgerAccount


def lock_accounts(driver_ids: Iterable[int]) -> None:
    """Lock the accounts of the given drivers in id order, opening them on first use.

    Must run inside the transaction that will write; everything it decides by is read after this call.

    :raises DriverNotFound: one of them does not exist
    """
    wanted = sorted(set(driver_ids))
    note_driver(wanted[0] if len(wanted) == 1 else None)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("lock_accounts needs the transaction that will write.")
    locked = _lock_existing(wanted)
    if len(locked) < len(wanted):
        _open_accounts([driver_id for driver_id in wanted if driver_id not in locked])
        _lock_existing(wanted)


def _lock_existing(wanted: list[int]) -> set[int]:
    those = is_among("ledger_accounts.driver_id", "bigint", wanted)
    accounts = LedgerAccount.objects.select_for_update().filter(those).order_by("driver_id")
    # A lazy queryset takes no lock: evaluate it here.
    return set(accounts.values_list("driver_id", flat=True))


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
