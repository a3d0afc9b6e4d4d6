"""Drivers whose last lease is over, and who still owe."""

from core.reports import PAST_DAY, READ, WHO, Asked, Bar, Behind, Report, SqlRows, day, money, register, text
from leases.rules import DEPOSIT_HELD_DAYS
from ledger import selectors as ledger
from ledger.reports import (
    DRIVER,
    DRIVER_NAME,
    OF_DRIVER,
    last_payment_of,
    read_standing_lines,
    sum_standing_by_driver,
)


def _read(asked: Asked) -> SqlRows:
    sql = f"""
        WITH gone AS (
            SELECT driver_id, max(end_on) AS ended_on FROM leases_leasedriver
            GROUP BY driver_id HAVING max(end_on) < %(as_of)s
        )
        SELECT {DRIVER_NAME}, gone.ended_on, stands.owed, stands.held, stands.deposit, CASE WHEN stands.deposit > 0
            THEN gone.ended_on + %(held_days)s END AS settle_on, d.phone, last_payment.received_on AS last_payment
        FROM gone JOIN ({sum_standing_by_driver(asked)}) AS stands USING (driver_id)
            JOIN leases_driver d ON d.id = gone.driver_id {last_payment_of("gone.driver_id")}
        WHERE stands.owed > 0
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
            money("owed", "Owes"),
            money("held", "Held"),
            money("deposit", "Deposit held"),
            day("settle_on", "To settle on"),
            text("phone", "Phone"),
            day("last_payment", "Last payment"),
        ),
        read=_read,
        bar=(Bar("owed", "owed by", "driver", by="driver_id"),),
        behind=Behind(
            keys=OF_DRIVER,
            figures=("owed", "held", "deposit"),
            read=read_standing_lines,
            tell=ledger.list_words,
        ),
        empty="Nobody who had left owed anything on that day.",
    )
)
