"""A year by driver: what they earned by card, were charged, and were paid out."""

from datetime import date

from core.reports import READ, WHO, YEAR, Asked, Report, SqlRows, money, register, text
from ledger.categories import OBLIGATION_CATEGORIES, Category
from ledger.reports import DRIVER, DRIVER_NAME

_CHARGED = ", ".join(
    f"""coalesce(sum(amount) FILTER (WHERE event = 'OBLIGATION' AND category = '{category}'), 0.00)
        AS {category.lower()}"""
    for category in OBLIGATION_CATEGORIES
)
#: By the day on which a posting takes effect; of trips by the Saturday of the week that counted them, which is the
#: same day. What go-live opened was earned and charged before.
_YEARLY = f"""
    WITH moved AS (
        SELECT p.driver_id, coalesce(undone.kind, p.kind) AS event, p.category,
            CASE WHEN p.kind = 'VOID' THEN -p.amount ELSE p.amount END AS amount
        FROM ledger_postings p LEFT JOIN ledger_postings undone ON undone.id = p.reverses_id
            LEFT JOIN ledger_postings opening ON opening.id = p.balance_id
        WHERE p.effective_on BETWEEN %(from_on)s AND %(to_on)s
            AND CASE coalesce(undone.kind, p.kind) WHEN 'PAYOUT' THEN opening.kind <> 'DEPOSIT'
                WHEN 'OBLIGATION' THEN p.reference_id NOT LIKE 'OPEN-%%'
                WHEN 'EARNINGS' THEN p.reference_id NOT LIKE 'OPEN-%%' ELSE false END
    ), sums AS (
        SELECT driver_id, coalesce(sum(amount) FILTER (WHERE event = 'EARNINGS'), 0.00) AS gross, {_CHARGED},
            coalesce(sum(amount) FILTER (WHERE event = 'PAYOUT'), 0.00) AS paid_out
        FROM moved GROUP BY driver_id
    ), tipped AS (
        SELECT c.driver_id, sum(c.sign * t.tips) AS tips FROM curb_trip_counts c JOIN curb_trips t ON t.id = c.trip_id
        WHERE c.week_end BETWEEN %(from_on)s AND %(to_on)s AND c.payment_type = 'CARD' GROUP BY c.driver_id
    )
    SELECT {DRIVER_NAME}, d.tlc_license, gross, coalesce(tips, 0.00) AS tips,
        {", ".join(category.lower() for category in OBLIGATION_CATEGORIES)}, paid_out
    FROM sums LEFT JOIN tipped USING (driver_id) JOIN leases_driver d ON d.id = sums.driver_id
"""


def _read(asked: Asked) -> SqlRows:
    year = int(asked["year"])
    return SqlRows(_YEARLY, "driver, driver_id", {"from_on": date(year, 1, 1), "to_on": date(year, 12, 31)})


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
            *(money(category.lower(), str(Category(category).label)) for category in OBLIGATION_CATEGORIES),
            money("paid_out", "Paid out"),
        ),
        read=_read,
        empty="Nothing was earned, charged or paid out in this year.",
    )
)
