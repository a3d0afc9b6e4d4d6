"""The taxes of trips by medallion and kind, for a quarter or its weeks, and what the books say of them."""

from collections.abc import Sequence

from core.admin import label_of
from core.clock import at
from core.reports import QUARTER, READ, Asked, Parameter, ParameterKind, Report, SqlRows, count, money, register, text
from core.reports.parameters import days_of_quarter
from curb import rules
from curb.models import Trip
from curb.selectors.card_money import TAXED, list_parameters
from curb.selectors.tax_quarters import reconcile_taxes
from ledger import selectors as ledger
from ledger.money import ZERO, format_dollars

_LABELS = {column: label_of(Trip, column) for column in rules.TAX_COLUMNS}
_SPLIT = Parameter("split", "Told", ParameterKind.CHOICE, choices=(("", "For the quarter"), ("WEEK", "Week by week")))
_PAID_AS = "CASE WHEN counts_as = '' THEN payment_type ELSE counts_as END"
_DAY = "(start_at AT TIME ZONE 'America/New_York')::date"
_KINDS = ", ".join(f"('{column}', taxed.{column}, counted.{column})" for column in rules.TAX_COLUMNS)
_COUNTED = ", ".join(f"sum(c.{column}) AS {column}" for column in rules.TAX_COLUMNS)
_TAXES = f"""
    SELECT taxed.week, taxed.cab, kind.name AS kind,
        count(*) FILTER (WHERE taxed.paid_as = 'CARD' AND kind.amount <> 0) AS card_trips,
        count(*) FILTER (WHERE taxed.paid_as = 'CASH' AND kind.amount <> 0) AS cash_trips,
        sum(kind.amount) AS amount, coalesce(sum(kind.counted), 0.00) AS charged,
        sum(kind.amount) - coalesce(sum(kind.counted), 0.00) AS not_charged
    FROM (
        SELECT *, {_PAID_AS} AS paid_as, CASE WHEN %(split)s = 'WEEK'
            THEN to_char({_DAY} + 6 - extract(dow FROM {_DAY})::int, 'YYYY-MM-DD') ELSE '' END AS week
        FROM curb_trips WHERE start_at >= %(begins)s AND start_at < %(ends)s AND {TAXED}
    ) AS taxed
        LEFT JOIN LATERAL (SELECT {_COUNTED} FROM curb_trip_counts c WHERE c.trip_id = taxed.id) AS counted ON true
        CROSS JOIN LATERAL (VALUES {_KINDS}) AS kind (name, amount, counted)
    GROUP BY taxed.week, taxed.cab, kind.name HAVING sum(kind.amount) <> 0 OR coalesce(sum(kind.counted), 0) <> 0
"""


def _read(asked: Asked) -> SqlRows:
    first, last = days_of_quarter(asked["quarter"])
    given = {"begins": at(first), "ends": at(last.fromordinal(last.toordinal() + 1)), "split": asked["split"]}
    return SqlRows(_TAXES, "week, cab, kind", {**given, **list_parameters()})


def _tell_books(asked: Asked) -> Sequence[str]:
    reconciled = reconcile_taxes(asked["quarter"])
    if reconciled is None:
        return []
    payable = ledger.Account.TAXES_PAYABLE
    moved = {total.account: total for total in ledger.list_trial_balance(reconciled.from_on, reconciled.to_on)}.get(
        payable
    )
    stands = {total.account: total for total in ledger.list_trial_balance(to_on=reconciled.to_on)}.get(payable)
    paid_over = reconciled.charged - (moved.credit_balance if moved else ZERO)
    open_now = stands.credit_balance if stands else ZERO
    return [
        f"In the books (account {payable.value}) the quarter was charged {format_dollars(reconciled.charged)}, "
        f"{format_dollars(paid_over)} were paid over or given up, and {format_dollars(open_now)} are open at its end.",
        f"Trips go by their day, the books by the week whose close counted them: of {format_dollars(reconciled.made)} "
        f"made in the quarter {format_dollars(reconciled.not_counted)} are not counted yet and "
        f"{format_dollars(reconciled.counted_later)} were counted in a later quarter; "
        f"{format_dollars(reconciled.counted_of_before)} counted in it are of trips of before.",
    ]


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
            text("week", "Week ending"),
            text("kind", "Kind", say=lambda column: _LABELS[column]),
            count("card_trips", "Card trips", is_summed=False),
            count("cash_trips", "Cash trips", is_summed=False),
            money("amount", "Amount"),
            money("charged", "Charged"),
            money("not_charged", "Not charged"),
        ),
        read=_read,
        tell=_tell_books,
        empty="No card or cash trips began in this quarter.",
    )
)
