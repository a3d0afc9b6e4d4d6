"""What drivers earned by card, week by week, and in what parts."""

from collections.abc import Mapping
from typing import Any

from core.reports import (
    READ,
    WEEKS,
    WHO,
    Asked,
    Bar,
    Behind,
    Report,
    SqlRows,
    count,
    lines_of,
    money,
    read_day,
    read_number,
    register,
    text,
)
from core.weeks import week_ending
from core.words import say_week
from ledger.reports import CAB, DRIVER, DRIVER_NAME

_OF_CARD = ("trips", "fares", "tips", "tolls", "extras", "taxes", "gross")
_FIGURES = (*_OF_CARD, "cash_trips", "cash")


def _when(name: str, sql: str, paid_by: str) -> str:
    return f"CASE WHEN c.payment_type = '{paid_by}' THEN {sql} ELSE 0 END AS {name}"


#: As the closes counted them: what was counted back stands with a minus, and cancels what it was counted as.
_COUNTED = f"""
    SELECT 'curb_trip' AS page, t.id, (t.start_at AT TIME ZONE 'America/New_York')::date AS day,
        CASE WHEN c.sign < 0 THEN 'Counted back: trip ' ELSE 'Trip ' END || t.period || '-' || t.record_id AS words,
        to_char(t.start_at AT TIME ZONE 'America/New_York', 'FMHH12:MI AM') AS reference_id, c.week_end, c.driver_id,
        c.vehicle_id, {_when("trips", "c.sign", "CARD")}, {_when("fares", "c.sign * t.fare", "CARD")},
        {_when("tips", "c.sign * t.tips", "CARD")}, {_when("tolls", "c.sign * t.tolls", "CARD")},
        {_when("extras", "c.sign * t.extras", "CARD")},
        {_when("taxes", "c.total - c.sign * (t.fare + t.tips + t.tolls + t.extras)", "CARD")},
        {_when("gross", "c.total", "CARD")}, {_when("cash_trips", "c.sign", "CASH")}, {_when("cash", "c.total", "CASH")}
    FROM curb_trip_counts c JOIN curb_trips t ON t.id = c.trip_id
    WHERE c.week_end BETWEEN %(from_week)s AND %(to_week)s
        AND (%(driver_id)s::bigint IS NULL OR c.driver_id = %(driver_id)s)
"""
_EARNINGS = f"""
    SELECT sums.*, {DRIVER_NAME}, d.tlc_license, v.medallion AS cab
    FROM (
        SELECT week_end, driver_id AS whose, vehicle_id,
            {", ".join(f"sum({figure}) AS {figure}" for figure in _FIGURES)}
        FROM ({_COUNTED}) AS line GROUP BY week_end, driver_id, vehicle_id
    ) AS sums JOIN leases_driver d ON d.id = sums.whose JOIN leases_vehicle v ON v.id = sums.vehicle_id
"""


def _read(asked: Asked) -> SqlRows:
    given = {"from_week": asked["from_week"], "to_week": asked["to_week"], "driver_id": None}
    return SqlRows(_EARNINGS, "week_end, driver, driver_id, cab", given)


def _read_lines(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    sql = f"SELECT * FROM ({_COUNTED}) AS line WHERE vehicle_id = %(vehicle_id)s"
    return lines_of(figure, sql, {**keys, "from_week": keys["week_end"], "to_week": keys["week_end"]})


register(
    Report(
        slug="earnings",
        title="Earnings by week",
        group="Card trips and taxes",
        place=41,
        sentence="Card trips as the close of each week counted them for a driver and cab, in their parts, which come "
        "to the gross that was credited. Trips that no close has counted yet are left out; cash is the driver's own, "
        "for information.",
        permissions=(READ, "curb.view_tripcount"),
        parameters=(*WEEKS, WHO),
        columns=(
            text("week_end", "Week", say=lambda day: say_week(week_ending(day))),
            DRIVER,
            text("tlc_license", "TLC license", is_searched=True),
            CAB,
            count("trips", "Card trips"),
            money("fares", "Fares"),
            money("tips", "Tips"),
            money("tolls", "Tolls"),
            money("extras", "Extras"),
            money("taxes", "Taxes and fees in it"),
            money("gross", "Gross card"),
            count("cash_trips", "Cash trips"),
            money("cash", "Cash"),
        ),
        read=_read,
        bar=(Bar("gross", "by card, of", "driver", by="driver_id"),),
        behind=Behind(
            keys={"week_end": read_day, "driver_id": read_number, "vehicle_id": read_number},
            figures=_FIGURES,
            read=_read_lines,
        ),
        empty="No close has counted trips in these weeks.",
    )
)
