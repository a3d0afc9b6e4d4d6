"""DTRs whose net is due to the driver and that nobody has paid out, on any day up to now."""

from core.reports import PAST_DAY, READ, WHO, Asked, Bar, Report, SqlRows, day, money, register, text
from core.reports.links import to_page
from core.weeks import week_ending
from core.words import say_week
from ledger.reports import DRIVER, DRIVER_NAME, LEASE

_TO_DTR = to_page("admin:dtr_dtr_change", "id")
_NUMBER = "'DTR-' || lpad(x.number::text, greatest(6, length(x.number::text)), '0')"


def _read(asked: Asked) -> SqlRows:
    """Return what stood unpaid at the end of ``as_of``; of today, what does now.

    A later DTR of the driver carries what an earlier one left unpaid, so the newest week of each is looked up; there
    are as many DTRs in it as the driver had leases. A voided payout has paid nothing, from the day of its void on.
    """
    sealed = paid = undone = "true"
    if asked["as_of"] < asked.today:
        sealed = "newest.sealed_on <= %(as_of)s"
        paid, undone = "payout.paid_on <= %(as_of)s", "undone.effective_on <= %(as_of)s"
    sql = f"""
        SELECT x.id, x.number, {_NUMBER} AS dtr, x.week_end, {DRIVER_NAME}, x.lease_id, x.medallion AS cab, x.sealed_on,
            x.held - x.owed_due AS net_due, greatest(x.held - x.owed_due - x.owed_since, 0.00) AS payable
        FROM leases_driver d CROSS JOIN LATERAL (
                SELECT * FROM dtr_dtrs newest WHERE newest.driver_id = d.id AND {sealed}
                ORDER BY newest.week_end DESC FETCH FIRST 1 ROW WITH TIES
            ) AS x
        WHERE x.held > x.owed_due
            AND NOT EXISTS (
                SELECT FROM ledger_payouts payout JOIN ledger_postings drawn ON drawn.payout_id = payout.id
                WHERE payout.dtr_number = {_NUMBER} AND drawn.kind = 'PAYOUT' AND {paid}
                    AND NOT EXISTS (
                        SELECT FROM ledger_postings undone WHERE undone.reverses_id = drawn.id AND {undone} OFFSET 0
                    )
                OFFSET 0 -- looked up for each, where all payouts were read
            )
    """
    return SqlRows(sql, "week_end, driver, number", {"as_of": asked["as_of"]})


register(
    Report(
        slug="unpaid-dtrs",
        title="Unpaid DTRs",
        group="At the counter",
        place=24,
        sentence="Of each driver the newest DTRs sealed by the end of a day, where they say that money is due to the "
        "driver and no payout had paid it by then. A payout that was voided later still stood on that day. What was "
        "posted since the seal may leave less of it.",
        permissions=(READ, "dtr.view_dtr"),
        parameters=(PAST_DAY, WHO),
        columns=(
            text("dtr", "DTR", link=_TO_DTR, is_searched=True),
            text("week_end", "Week", say=lambda saturday: say_week(week_ending(saturday))),
            DRIVER,
            LEASE,
            text("cab", "Cab", is_searched=True),
            day("sealed_on", "Sealed on"),
            money("net_due", "Net due for the week", link=_TO_DTR),
            money("payable", "Payable on the day of the seal", link=_TO_DTR),
        ),
        read=_read,
        bar=(Bar("net_due", "due on", "DTR", by="id"),),
        empty="Every DTR that was due to a driver by that day was paid out.",
    )
)
