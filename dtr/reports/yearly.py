"""A year by driver: what they earned by card, were charged, and were paid out."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.reports import READ, WHO, YEAR, Asked, Bar, Behind, Report, SqlRows, lines_of, money, register, text
from ledger import selectors as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.reports import DRIVER, DRIVER_NAME, OF_DRIVER, list_charge_columns

_CATEGORIES = tuple(category.lower() for category in OBLIGATION_CATEGORIES)
_FIGURES = ("gross", "tips", *_CATEGORIES, "paid_out")


def _when(figure: str, condition: str) -> str:
    return f"CASE WHEN {condition} THEN moved.amount END AS {figure}"


_CHARGED = ", ".join(
    _when(category.lower(), f"event = 'OBLIGATION' AND category = '{category}'") for category in OBLIGATION_CATEGORIES
)
#: By the day on which a posting takes effect; of trips by the Saturday of the week that counted them, which is the
#: same day. What go-live opened was earned and charged before. Voids and payouts are few: what each undid or paid out
#: is looked up. A row is of one figure, and nothing in the others: a sum of zeros takes the memory of a sum.
_MOVED = f"""
    SELECT 'ledger_ledgerposting' AS page, moved.id, moved.effective_on AS day, NULL AS words, moved.reference_id,
        moved.driver_id, {_when("gross", "event = 'EARNINGS'")}, NULL AS tips, {_CHARGED},
        {_when("paid_out", "event = 'PAYOUT'")}
    FROM (
        SELECT p.id, p.effective_on, p.reference_id, p.driver_id, p.balance_id, p.category, CASE WHEN p.kind = 'VOID'
                THEN (SELECT undone.kind FROM ledger_postings undone WHERE undone.id = p.reverses_id)
                ELSE p.kind END AS event,
            CASE WHEN p.kind = 'VOID' THEN -p.amount ELSE p.amount END AS amount
        FROM ledger_postings p
        WHERE p.effective_on BETWEEN %(from_on)s AND %(to_on)s
            AND p.kind IN ('EARNINGS', 'OBLIGATION', 'PAYOUT', 'VOID')
            AND (%(driver_id)s::bigint IS NULL OR p.driver_id = %(driver_id)s)
    ) AS moved
    WHERE CASE event
        WHEN 'PAYOUT' THEN (SELECT o.kind <> 'DEPOSIT' FROM ledger_postings o WHERE o.id = moved.balance_id)
        WHEN 'OBLIGATION' THEN reference_id NOT LIKE 'OPEN-%%'
        WHEN 'EARNINGS' THEN reference_id NOT LIKE 'OPEN-%%' ELSE false END
    UNION ALL
    SELECT 'curb_trip', t.id, c.week_end, 'Card trip ' || t.period || '-' || t.record_id, '', c.driver_id, NULL,
        c.sign * t.tips, {", ".join("NULL" for _ in _CATEGORIES)}, NULL
    FROM curb_trip_counts c JOIN curb_trips t ON t.id = c.trip_id
    WHERE c.week_end BETWEEN %(from_on)s AND %(to_on)s AND c.payment_type = 'CARD'
        AND (%(driver_id)s::bigint IS NULL OR c.driver_id = %(driver_id)s)
"""
_YEARLY = f"""
    WITH sums AS (
        SELECT driver_id, {", ".join(f"coalesce(sum({figure}), 0.00) AS {figure}" for figure in _FIGURES)}
        FROM ({_MOVED}) AS moved GROUP BY driver_id
    )
    SELECT {DRIVER_NAME}, d.tlc_license, {", ".join(_FIGURES)} FROM sums JOIN leases_driver d ON d.id = sums.driver_id
"""


def _days(asked: Asked) -> dict[str, Any]:
    year = int(asked["year"])
    return {"from_on": date(year, 1, 1), "to_on": date(year, 12, 31), "driver_id": None}


def _read_lines(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    return lines_of(figure, _MOVED, {**_days(asked), **keys})


def _read(asked: Asked) -> SqlRows:
    return SqlRows(_YEARLY, "driver, driver_id", _days(asked))


register(
    Report(
        slug="year-by-driver",
        title="Year by driver",
        group="Card trips and taxes",
        place=43,
        sentence="What each driver earned by card in a year, gross, the tips in it, what they were charged by "
        "category, and what they were paid out. Voids count in the year in which they were made. Neither "
        "credit memos nor deposits are in it, nor what go-live carried over.",
        permissions=(READ, "ledger.view_ledgerposting", "curb.view_tripcount"),
        parameters=(YEAR, WHO),
        columns=(
            DRIVER,
            text("tlc_license", "TLC license", is_searched=True),
            money("gross", "Gross card"),
            money("tips", "Tips in it"),
            *list_charge_columns(),
            money("paid_out", "Paid out"),
        ),
        read=_read,
        bar=(
            Bar("gross", "earned by card by", "driver", by="driver_id"),
            Bar("paid_out", "paid out to", "driver", by="driver_id"),
        ),
        behind=Behind(keys=OF_DRIVER, figures=_FIGURES, read=_read_lines, tell=ledger.list_words),
        empty="Nothing was earned, charged or paid out in this year.",
    )
)
