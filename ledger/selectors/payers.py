"""Who pays, as a paper names them: the ledger knows no license, no cab and no lease's terms, so who does is asked.

The app that knows says so in its AppConfig's ``ready``::

    register_payers(describe_payer)
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ledger.money import ZERO


@dataclass(frozen=True, slots=True)
class Payer:
    """A driver with their lease and its cab; empty where there is none. Dollars of deposit are those of the lease."""

    name: str
    tlc_license: str
    lease: str = ""
    medallion: str = ""
    plate: str = ""
    deposit_asked: Decimal = ZERO
    deposit_held: Decimal = ZERO


#: Gets a driver, a lease or None, and the moment at which the cab was theirs.
DescribePayer = Callable[[int, int | None, datetime], Payer]

_describers: list[DescribePayer] = []


def register_payers(describe: DescribePayer) -> None:
    """Have ``describe`` be asked who a driver is."""
    _describers[:] = [describe]


def get_payer(driver_id: int, lease_id: int | None, *, at: datetime) -> Payer:
    """Return who a driver is; without ``lease_id``, on the one lease that they held on that day, if it was one."""
    return _describers[0](driver_id, lease_id, at)
