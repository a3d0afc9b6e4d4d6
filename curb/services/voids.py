"""What a close credited and charged for a driver's trips is voided as one: then the trips may be counted again."""

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError, connection, transaction

from curb import rules
from curb.errors import CountedElsewhere
from curb.models import Trip, TripCount
from ledger import services as ledger

_CANCEL = f"""
INSERT INTO curb_trip_counts (trip_id, week_end, sign, is_void, driver_id, vehicle_id, lease_id, share, payment_type,
    is_late, total, {", ".join(rules.TAX_COLUMNS)})
SELECT trip_id, week_end, -sign, true, driver_id, vehicle_id, lease_id, share, payment_type, is_late, -total,
    {", ".join(f"-{column}" for column in rules.TAX_COLUMNS)}
FROM curb_trip_counts WHERE share = %s AND payment_type = ANY(%s) AND NOT is_void ORDER BY trip_id
"""
#: Guards that refuse a void after which a trip would count twice, or less than not at all.
_COUNTED_ELSEWHERE = ("curb_trip_counts_one_at_a_time", "curb_trip_counts_back_as_counted")


def void_share_of(order: ledger.VoidOrder) -> list[Any] | None:
    """Void what a close credited and charged for a driver's trips on a lease, together, with what it counted.

    The trips are looked at by the next close, which counts them for whom they are by then. None where the posting is
    not of a close's trips.

    :raises BalanceInUse: something of the credit or of the taxes was used, paid or paid out
    :raises CountedElsewhere: a close has moved or counted back one of the trips since
    """
    share = rules.find_share(order.opening.reference_id)
    if share is None or not TripCount.objects.filter(share=share).exists():
        return None
    written = ledger.void_untouched(
        reference_ids=[rules.credited_reference_of(share), rules.taxes_reference_of(share)],
        driver_id=order.opening.driver_id,
        reason=order.reason,
        actor=order.actor,
        effective_on=order.effective_on,
    )
    taxed = [kind.value for kind in rules.TAXED_TYPES]
    trips = Trip.objects.filter(counts__share=share, counts__payment_type__in=taxed)
    numbers = list(trips.order_by("pk").values_list("pk", flat=True).distinct())
    list(Trip.objects.filter(pk__in=numbers).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CANCEL, [share, taxed])
    except DatabaseError as refusal:
        diagnosis = getattr(refusal.__cause__, "diag", None)
        if diagnosis is None or diagnosis.constraint_name not in _COUNTED_ELSEWHERE:
            raise
        raise CountedElsewhere(
            "A trip among these was moved or counted back by a close. Void what that close made of it first"
            f"{_say_later(numbers, share)}.",
            share=share,
        ) from refusal
    Trip.objects.filter(pk__in=numbers).update(awaits_count=True)
    return written


def _say_later(trip_ids: Sequence[int], share: str) -> str:
    """The references under which closes have counted these trips since."""
    later = TripCount.objects.filter(trip__in=trip_ids, is_void=False).exclude(share=share)
    shares = sorted(set(later.values_list("share", flat=True)))
    return f": {', '.join(rules.credited_reference_of(one) for one in shares[:3])}" if shares else ""
