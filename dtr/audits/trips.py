"""The trips that the closes counted: each with its references, and each reference the sum of its trips."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, DecimalField, F, Q, Sum
from django.db.models.functions import Coalesce

from core.audits import audit
from curb import rules
from curb.models import Trip, WaitsFor
from dtr.audits.statements import split
from dtr.models import WeekClose
from ledger import selectors as ledger
from ledger.categories import EntryType
from ledger.money import ZERO

REFERENCES_AT_ONCE = 5000


@audit("dtr.trips", "Card and cash trips of a closed week carry the references of their driver, lease and week.")
def find_uncounted_trips() -> Iterator[str]:
    taxed = Q(payment_type__in=[kind.value for kind in rules.TAXED_TYPES])
    earning = Q(payment_type__in=[kind.value for kind in rules.EARNING_TYPES])
    closed = Trip.objects.filter(week_end__in=_list_closed_weeks())
    for trip in closed.filter((taxed & Q(taxes_reference="")) | (earning & Q(credited_reference="")))[:1000]:
        yield f"Trip {trip} was counted in the week ending {trip.week_end} and carries no reference."
    mixed = (
        Trip.objects.exclude(taxes_reference="")
        .order_by()
        .values("taxes_reference")
        .annotate(
            weeks=Count("week_end", distinct=True),
            drivers=Count("driver", distinct=True),
            leases=Count(Coalesce("lease_id", 0), distinct=True),
        )
        .exclude(weeks=1, drivers=1, leases=1)
    )
    for row in mixed:
        yield f"{row['taxes_reference']} is carried by trips of several weeks, or of several drivers or leases."
    for trip in Trip.objects.filter(week_end__isnull=False).exclude(waits_for=WaitsFor.NOTHING)[:1000]:
        yield f"Trip {trip} was counted while it waits for {trip.waits_for}."


@audit(
    "dtr.earnings", "Card fares were credited and trip taxes charged to the cent: each posting is the sum of its trips."
)
def find_wrong_earnings() -> Iterator[str]:
    taxes = sum((F(column) for column in rules.TAX_COLUMNS[1:]), F(rules.TAX_COLUMNS[0]))
    yield from _compare_references("credited_reference", F("total"), owed_to_driver=True)
    yield from _compare_references("taxes_reference", taxes, owed_to_driver=False)


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


def _compare_references(column: str, amount: object, *, owed_to_driver: bool) -> Iterator[str]:
    sums = {
        row[column]: row["amount"]
        for row in Trip.objects.exclude(**{column: ""})
        .order_by()
        .values(column)
        .annotate(
            amount=Sum(amount, output_field=DecimalField(max_digits=14, decimal_places=2)),
        )
    }
    for references in split(sorted(sums), REFERENCES_AT_ONCE):
        # The first posting that opened under the reference: a later correction of it is the ledger's own affair.
        opened: dict[str, Decimal] = {}
        openings = ledger.list_postings().filter(reference_id__in=references, balance__isnull=True).order_by("id")
        for reference_id, entry_type, posted in openings.values_list("reference_id", "entry_type", "amount"):
            is_credit = entry_type == EntryType.CREDIT
            opened.setdefault(reference_id, posted if is_credit == owed_to_driver else -posted)
        for reference_id in references:
            if sums[reference_id] != opened.get(reference_id, ZERO):
                yield (
                    f"{reference_id}: its trips sum to {sums[reference_id]}, posted was "
                    f"{opened.get(reference_id, ZERO)}."
                )


def _list_closed_weeks() -> list[date]:
    return list(WeekClose.objects.filter(state=WeekClose.State.CLOSED).values_list("week_end", flat=True))
