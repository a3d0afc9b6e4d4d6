"""Short words for tests of what closes count: trips are corrected, and what was counted of them is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from core.errors import DomainError
from curb import services as curb
from curb.importers.transactions import parse_transactions
from curb.models import Trip, TripCorrection, TripCount
from curb.rules import TransactionState
from curb.services.transactions import keep_transactions
from leases.models import Lease
from tests.refusals import refused


def move(one: Trip, lease: Lease, **others: Any) -> Trip:
    """Move a trip to the driver of a lease, on its cab."""
    return curb.move_trip(
        trip_id=one.pk,
        driver_id=lease.primary_driver_id,
        vehicle_id=lease.vehicle_id,
        reason="Theirs",
        **{"actor": None, **others},
    )


def back(one: Trip, reason: str = "Test ride") -> Trip:
    return curb.count_trip_back(trip_id=one.pk, reason=reason, actor=None)


def counts_of(one: Trip) -> list[tuple[int, date, int, str, str]]:
    """Sign, week, driver, total and taxes of each row, in the order of writing."""
    rows = TripCount.objects.filter(trip=one).order_by("id")
    return [(row.sign, row.week_end, row.driver_id, str(row.total), str(row.taxes_total)) for row in rows]


@contextmanager
def nothing_corrected(error: type[DomainError], **expected: Any) -> Iterator[Any]:
    """Exactly this refusal, no row of a correction, and the trips as they were."""
    before = list(Trip.objects.order_by("pk").values())
    with refused(error, **expected) as refusal:
        yield refusal
    assert list(Trip.objects.order_by("pk").values()) == before
    assert TripCorrection.objects.count() == 0


def receive_transaction(one: Trip, state: str, *, row_id: str = "", **different: str) -> None:
    """Keep an answer of CURB with one card transaction, alike to the trips of the tests unless it says otherwise."""
    values = {
        "TRIPDATE": "03/03/2026",
        "TRIPTIMESTART": "10:00",
        "TRIPTIMEEND": "10:20",
        "TRIPDRIVERID": "5000001",
        "CABNUMBER": "9Z90",
        "NUM_SERVICE": "7",
        "AMOUNT": "17.30",
        **different,
    }
    children = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    content = f'<trans><tran ROWID="{row_id or one.record_id + state}">{children}</tran></trans>'.encode()
    keep_transactions(
        file_name="cards", content=content, parsed=parse_transactions(content), state=TransactionState(state)
    )
