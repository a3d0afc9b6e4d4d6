"""The taxes of trips by medallion and kind, for a quarter, its months or its weeks, and what the books say of them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.admin import label_of
from core.clock import at
from core.reports import (
    QUARTER,
    READ,
    Asked,
    Bar,
    Behind,
    Foot,
    Parameter,
    ParameterKind,
    Report,
    SqlRows,
    count,
    lines_of,
    money,
    register,
    text,
)
from core.reports.parameters import days_of_quarter
from core.weeks import week_ending
from core.words import say_week
from curb import rules
from curb.models import Trip
from curb.selectors.card_money import TAXED, list_parameters
from curb.selectors.tax_quarters import TaxReconciliation, reconcile_taxes
from ledger import selectors as ledger
from ledger.money import ZERO, format_dollars

_LABELS = {column: label_of(Trip, column) for column in rules.TAX_COLUMNS}
_SPLITS = (("", "For the quarter"), ("MONTH", "Month by month"), ("WEEK", "Week by week"))
_SPLIT = Parameter("split", "Told", ParameterKind.CHOICE, choices=_SPLITS)
_PAID_AS = "CASE WHEN counts_as = '' THEN payment_type ELSE counts_as END"
_DAY = "(start_at AT TIME ZONE 'America/New_York')::date"
_KINDS = ", ".join(f"('{column}', taxed.{column}, counted.{column})" for column in rules.TAX_COLUMNS)
_COUNTED = ", ".join(f"sum(c.{column}) AS {column}" for column in rules.TAX_COLUMNS)
_FIGURES = ("card_trips", "cash_trips", "amount", "charged", "not_charged")
#: A line for each trip and kind of tax, with the week (by its Saturday) or the month that it is told in, if any.
_TAXED = f"""
    SELECT 'curb_trip' AS page, taxed.id, taxed.day, 'Trip ' || taxed.period_record AS words,
        initcap(taxed.paid_as) AS reference_id, taxed.told, taxed.cab, kind.name AS kind,
        CASE WHEN taxed.paid_as = 'CARD' AND kind.amount <> 0 THEN 1 ELSE 0 END AS card_trips,
        CASE WHEN taxed.paid_as = 'CASH' AND kind.amount <> 0 THEN 1 ELSE 0 END AS cash_trips,
        kind.amount, coalesce(kind.counted, 0.00) AS charged, kind.amount - coalesce(kind.counted, 0.00) AS not_charged
    FROM (
        SELECT *, period || '-' || record_id AS period_record, {_DAY} AS day, {_PAID_AS} AS paid_as, CASE %(split)s
            WHEN 'WEEK' THEN to_char({_DAY} + 6 - extract(dow FROM {_DAY})::int, 'YYYY-MM-DD')
            WHEN 'MONTH' THEN to_char({_DAY}, 'YYYY-MM') ELSE '' END AS told
        FROM curb_trips WHERE start_at >= %(begins)s AND start_at < %(ends)s AND {TAXED}
            AND (%(cab)s::text IS NULL OR cab = %(cab)s)
    ) AS taxed
        LEFT JOIN LATERAL (SELECT {_COUNTED} FROM curb_trip_counts c WHERE c.trip_id = taxed.id) AS counted ON true
        CROSS JOIN LATERAL (VALUES {_KINDS}) AS kind (name, amount, counted)
"""
_TAXES = f"""
    SELECT told, cab, kind, {", ".join(f"sum({figure}) AS {figure}" for figure in _FIGURES)} FROM ({_TAXED}) AS line
    GROUP BY told, cab, kind HAVING sum(amount) <> 0 OR sum(charged) <> 0
"""


def _say_told(told: str) -> str:
    """Say ``2026-03`` or ``2026-03-07``, a week's Saturday; of the quarter there is nothing to say."""
    if not told:
        return ""
    if len(told) == 7:
        return f"{date.fromisoformat(told + '-01'):%B %Y}"
    return say_week(week_ending(date.fromisoformat(told)))


def _parameters(asked: Asked) -> dict[str, Any]:
    first, last = days_of_quarter(asked["quarter"])
    given = {"begins": at(first), "ends": at(last + timedelta(days=1)), "split": asked["split"], "cab": None}
    return {**given, **list_parameters()}


def _read(asked: Asked) -> SqlRows:
    return SqlRows(_TAXES, "told, cab, kind", _parameters(asked))


def _read_lines(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    sql = f"SELECT * FROM ({_TAXED}) AS line WHERE told = coalesce(%(told)s, '') AND kind = %(kind)s"
    return lines_of(figure, sql, {**_parameters(asked), **keys})


def _reconcile(asked: Asked) -> TaxReconciliation | None:
    return asked.find_once("reconciled", lambda: reconcile_taxes(asked["quarter"]))  # type: ignore[no-any-return]


def _tell_books(asked: Asked) -> Sequence[str]:
    reconciled = _reconcile(asked)
    if reconciled is None:
        return []
    return [
        f"Trips go by their day, the books by the week whose close counted them: of {format_dollars(reconciled.made)} "
        f"made in the quarter {format_dollars(reconciled.not_counted)} are not counted yet and "
        f"{format_dollars(reconciled.counted_later)} were counted in a later quarter; "
        f"{format_dollars(reconciled.counted_of_before)} counted in it are of trips of before; charges of its weeks "
        f"voided after it, less those of before voided in it, are {format_dollars(reconciled.voided_elsewhere)}.",
    ]


def _sum_books(asked: Asked) -> Foot | None:
    """Return what became of the account in the quarter: who pays over names neither a medallion nor a kind of tax."""
    reconciled = _reconcile(asked)
    if reconciled is None:
        return None
    payable, from_on, to_on = ledger.Account.TAXES_PAYABLE, reconciled.from_on, reconciled.to_on
    moved = _sum_credits(ledger.list_trial_balance(from_on, to_on, accounts=[payable]))
    at_end = _sum_credits(ledger.list_trial_balance(to_on=to_on, accounts=[payable]))
    paid_over = ledger.sum_paid_over(payable, from_on, to_on)
    return Foot(
        f"In the books of {asked['quarter']}: account {payable.value} {payable.label}",
        [
            ("Open when it began", at_end - moved),
            ("Charged in it", reconciled.charged),
            ("Paid over in it", -paid_over),
            ("Otherwise: given back, borne by the fleet, corrected", moved - reconciled.charged + paid_over),
            ("Open at its end", at_end),
        ],
        "account",
        {"account": payable.value, "from_on": from_on, "to_on": to_on},
    )


def _sum_credits(totals: Sequence[ledger.AccountTotal]) -> Decimal:
    return sum((total.credit_balance for total in totals), start=ZERO)


register(
    Report(
        slug="taxes",
        title="Taxes and TIF by medallion",
        group="Card trips and taxes",
        place=42,
        sentence="What the card and cash trips of a quarter owe to the city and the state, by medallion and kind, as "
        "the trips state it; and how much of it the closes have charged to drivers. Trips that wait to be said card, "
        "cash or no charge are left out.",
        permissions=(READ, "curb.view_trip"),
        parameters=(QUARTER, _SPLIT),
        columns=(
            text("cab", "Medallion", is_searched=True),
            text("told", "Month or week", say=_say_told),
            text("kind", "Kind", say=lambda column: _LABELS[column]),
            count("card_trips", "Card trips", is_summed=False),
            count("cash_trips", "Cash trips", is_summed=False),
            money("amount", "Amount"),
            money("charged", "Charged"),
            money("not_charged", "Not charged"),
        ),
        read=_read,
        bar=(Bar("amount", "on trips of", "medallion", by="cab"), Bar("charged", "charged for", "medallion", by="cab")),
        behind=Behind(keys={"told": str, "cab": str, "kind": str}, figures=_FIGURES, read=_read_lines),
        tell=_tell_books,
        foot=_sum_books,
        empty="No card or cash trips began in this quarter.",
    )
)
