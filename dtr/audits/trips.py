"""The trips that the closes counted: each as it is, and each reference the sum of what was counted under it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Count, DecimalField, F, Q, Sum
from django.db.models.functions import Coalesce

from core.audits import audit
from curb import rules
from curb.models import Trip, TripCount, WaitsFor
from dtr.audits.statements import split
from dtr.models import WeekClose
from ledger import selectors as ledger
from ledger.categories import EntryType, Status
from ledger.money import ZERO

REFERENCES_AT_ONCE = 5000
FINDINGS_TOLD = 1000

_TAXED = [kind.value for kind in rules.TAXED_TYPES]
_CARD = [kind.value for kind in rules.EARNING_TYPES]


@audit(
    "dtr.trips", "Each share of counted trips is of one week, driver and lease, and no trip was counted while it waits."
)
def find_uncounted_trips() -> Iterator[str]:
    mixed = (
        TripCount.objects.order_by()
        .values("share")
        .annotate(
            weeks=Count("week_end", distinct=True),
            drivers=Count("driver", distinct=True),
            leases=Count(Coalesce("lease_id", 0), distinct=True),
        )
        .exclude(weeks=1, drivers=1, leases=1)
    )
    for row in mixed:
        yield f"{row['share']} is of several weeks, or of several drivers or leases."
    for trip in Trip.objects.filter(week_end__isnull=False).exclude(waits_for=WaitsFor.NOTHING)[:FINDINGS_TOLD]:
        yield f"Trip {trip} was counted while it waits for {trip.waits_for}."


@audit(
    "dtr.earnings",
    "Card fares were credited and trip taxes charged to the cent: each posting is the sum of what its reference "
    "counted, and what was voided is counted no more.",
)
def find_wrong_earnings() -> Iterator[str]:
    taxes = sum((F(column) for column in rules.TAX_COLUMNS[1:]), F(rules.TAX_COLUMNS[0]))
    yield from _compare_references(rules.credited_reference_of, Q(payment_type__in=_CARD), F("total"), is_credit=True)
    yield from _compare_references(rules.taxes_reference_of, Q(payment_type__in=_TAXED), taxes, is_credit=False)


@audit(
    "dtr.sources",
    "Whatever is posted of a week's trips is of trips that were counted, for the same driver, lease and Saturday.",
)
def find_postings_of_no_trips() -> Iterator[str]:
    yield from ledger.find_wrong_sources(("CURB", "TAXES"), _RECORDS)


_RECORDS = """
    SELECT named.prefix || share AS reference_id, named.shapes, min(driver_id) AS driver_id, min(lease_id) AS lease_id,
        min(week_end) AS effective_on, NULL::date AS due_on, false AS is_gone
    FROM curb_trip_counts CROSS JOIN (VALUES
        ('CURB-', ARRAY['EARNINGS EARNINGS', 'OBLIGATION RECOVERY']),
        ('TAXES-', ARRAY['OBLIGATION TAXES', 'CREDIT_MEMO TAXES'])) AS named (prefix, shapes)
    GROUP BY named.prefix, named.shapes, share
"""


@audit(
    "dtr.told_trips",
    "What a DTR says of card, cash and other trips, and of trip taxes, is what its week's close counted for its "
    "driver on its lease.",
)
def find_wrong_told_trips() -> Iterator[str]:
    # A week at a time, so that what is added up at once does not grow with the weeks.
    for week_end in WeekClose.objects.order_by("week_end").values_list("week_end", flat=True):
        with connection.cursor() as cursor:
            cursor.execute(_WRONGLY_TOLD, [week_end, week_end, FINDINGS_TOLD])
            for number, told, counted in cursor.fetchall():
                yield f"DTR-{number:06d}: it tells {_say(told)}; its week's close counted {_say(counted)}."


def _say(figures: Sequence[Decimal]) -> str:
    card, card_total, cash, cash_total, other, other_total, taxes = figures
    return (
        f"{card} card trips of {card_total}, {cash} cash of {cash_total}, {other} other of {other_total}, taxes {taxes}"
    )


#: Counted back takes off the sums, and not the numbers. What a void of a share's money cancels stays told.
_WRONGLY_TOLD = """
    SELECT number, told, counted FROM (
        SELECT d.number, coalesce(c.counted, ARRAY[0, 0.00, 0, 0.00, 0, 0.00, 0.00]) AS counted, ARRAY[
            d.card_trips, d.card_total, d.cash_trips, d.cash_total, d.other_trips, d.other_total, d.taxes_total
        ] AS told
        FROM dtr_dtrs d LEFT JOIN (
            SELECT driver_id, lease_id, ARRAY[
                count(*) FILTER (WHERE payment_type = 'CARD' AND sign = 1),
                coalesce(sum(total) FILTER (WHERE payment_type = 'CARD'), 0.00),
                count(*) FILTER (WHERE payment_type = 'CASH' AND sign = 1),
                coalesce(sum(total) FILTER (WHERE payment_type = 'CASH'), 0.00),
                count(*) FILTER (WHERE payment_type NOT IN ('CARD', 'CASH') AND sign = 1),
                coalesce(sum(total) FILTER (WHERE payment_type NOT IN ('CARD', 'CASH')), 0.00),
                sum(mta_tax + improvement + congestion + airport + cbd)
            ] AS counted
            FROM curb_trip_counts WHERE week_end = %s AND NOT is_void GROUP BY driver_id, lease_id
        ) AS c ON c.driver_id = d.driver_id AND c.lease_id IS NOT DISTINCT FROM d.lease_id
        WHERE d.week_end = %s
    ) AS both_sides WHERE told <> counted ORDER BY number LIMIT %s
"""


@audit(
    "dtr.receipts",
    "Every trip on a receipt to CURB was counted by the closed week, and is of the period, of it.",
    is_about_money=False,
)
def find_wrong_receipts() -> Iterator[str]:
    wrong = Trip.objects.filter(reconciliation__isnull=False).exclude(
        week_end__in=_list_closed_weeks(),
        week_end=F("reconciliation__week_end"),
        period=F("reconciliation__period"),
    )
    for trip in wrong.order_by("pk").iterator():
        yield f"Trip {trip}: it is on receipt {trip.reconciliation_id}, which is not of its closed week and period."


def _compare_references(name: Callable[[str], str], which: Q, amount: object, *, is_credit: bool) -> Iterator[str]:
    money = DecimalField(max_digits=14, decimal_places=2)
    sums = {
        name(row["share"]): (row["counted"] or ZERO, row["left"] or ZERO)
        for row in TripCount.objects.filter(which, week_end__in=_list_closed_weeks())
        .order_by()
        .values("share")
        .annotate(
            counted=Sum(amount, filter=Q(is_void=False), output_field=money), left=Sum(amount, output_field=money)
        )
    }
    for references in split(sorted(sums), REFERENCES_AT_ONCE):
        # The first posting that opened under the reference: a later correction of it is the ledger's own affair.
        opened: dict[str, Decimal] = {}
        voided: set[str] = set()
        openings = ledger.list_postings().filter(reference_id__among=references, balance__isnull=True).order_by("id")
        for reference_id, entry_type, posted, state in openings.values_list(
            "reference_id", "entry_type", "amount", "opened__status"
        ):
            opened.setdefault(reference_id, posted if (entry_type == EntryType.CREDIT) == is_credit else -posted)
            (voided.add if state == Status.VOIDED else voided.discard)(reference_id)
        for reference_id in references:
            counted, left = sums[reference_id]
            posted = opened.get(reference_id, ZERO)
            if counted != posted:
                yield f"{reference_id}: its trips sum to {counted}, posted was {posted}."
            if left != (ZERO if reference_id in voided else counted):
                yield f"{reference_id}: it was{'' if reference_id in voided else ' not'} voided, and {left} is counted."


def _list_closed_weeks() -> list[date]:
    return list(WeekClose.objects.filter(state=WeekClose.State.CLOSED).values_list("week_end", flat=True))
