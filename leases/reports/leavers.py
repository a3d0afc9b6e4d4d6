"""Drivers whose last lease is over, and who still owe."""

from core.reports import PAST_DAY, READ, WHO, Asked, Report, SqlRows, day, money, register, text
from leases.rules import DEPOSIT_HELD_DAYS
from ledger.reports import DRIVER, DRIVER_NAME, last_payment_of, left_open_on


def _read(asked: Asked) -> SqlRows:
    sql = f"""
        WITH left_open AS ({left_open_on(asked)}), gone AS (
            SELECT driver_id, max(end_on) AS ended_on FROM leases_leasedriver
            GROUP BY driver_id HAVING max(end_on) < %(as_of)s
        ), stands AS (
            SELECT o.driver_id, coalesce(sum(remaining) FILTER (WHERE o.entry_type = 'DEBIT'), 0.00) AS owes,
                coalesce(sum(remaining) FILTER (WHERE o.entry_type = 'CREDIT' AND o.category <> 'DEPOSIT'), 0.00)
                    AS held,
                coalesce(sum(remaining) FILTER (WHERE o.category = 'DEPOSIT'), 0.00) AS deposit
            FROM left_open JOIN ledger_postings o ON o.id = left_open.balance_id GROUP BY o.driver_id
        )
        SELECT {DRIVER_NAME}, gone.ended_on, stands.owes, stands.held, stands.deposit, CASE WHEN stands.deposit > 0
            THEN gone.ended_on + %(held_days)s END AS settle_on, d.phone, last_payment.received_on AS last_payment
        FROM gone JOIN stands USING (driver_id) JOIN leases_driver d ON d.id = gone.driver_id
            {last_payment_of("gone.driver_id")}
        WHERE stands.owes > 0
    """
    return SqlRows(sql, "driver, driver_id", {"as_of": asked["as_of"], "held_days": DEPOSIT_HELD_DAYS})


register(
    Report(
        slug="left-and-owe",
        title="Drivers who left and owe",
        group="Where drivers stand",
        place=14,
        sentence="Drivers whose last lease was over on a day and who owed something then, due or not. What was held "
        "for them, and their deposit, is not taken off.",
        permissions=(READ, "ledger.view_ledgerbalance", "leases.view_driver"),
        parameters=(PAST_DAY, WHO),
        columns=(
            DRIVER,
            day("ended_on", "Last lease ended"),
            money("owes", "Owes"),
            money("held", "Held"),
            money("deposit", "Deposit held"),
            day("settle_on", "To settle on"),
            text("phone", "Phone"),
            day("last_payment", "Last payment"),
        ),
        read=_read,
        empty="Nobody who had left owed anything on that day.",
    )
)
