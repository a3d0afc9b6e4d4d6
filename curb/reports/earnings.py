"""What drivers earned by card, week by week, and in what parts."""

from core.reports import READ, WEEKS, WHO, Asked, Report, SqlRows, count, money, register, text
from core.reports.links import to_list
from core.weeks import week_ending
from core.words import say_week
from ledger.reports import CAB, DRIVER, DRIVER_NAME

#: As the closes counted them: what was counted back stands with a minus, and cancels what it was counted as.
_EARNINGS = f"""
    SELECT c.week_end, {DRIVER_NAME}, d.tlc_license, v.medallion AS cab,
        coalesce(sum(c.sign) FILTER (WHERE c.payment_type = 'CARD'), 0) AS trips,
        coalesce(sum(c.sign * t.fare) FILTER (WHERE c.payment_type = 'CARD'), 0.00) AS fares,
        coalesce(sum(c.sign * t.tips) FILTER (WHERE c.payment_type = 'CARD'), 0.00) AS tips,
        coalesce(sum(c.sign * t.tolls) FILTER (WHERE c.payment_type = 'CARD'), 0.00) AS tolls,
        coalesce(sum(c.sign * t.extras) FILTER (WHERE c.payment_type = 'CARD'), 0.00) AS extras,
        coalesce(sum(c.total - c.sign * (t.fare + t.tips + t.tolls + t.extras))
            FILTER (WHERE c.payment_type = 'CARD'), 0.00) AS taxes,
        coalesce(sum(c.total) FILTER (WHERE c.payment_type = 'CARD'), 0.00) AS gross,
        coalesce(sum(c.sign) FILTER (WHERE c.payment_type = 'CASH'), 0) AS cash_trips,
        coalesce(sum(c.total) FILTER (WHERE c.payment_type = 'CASH'), 0.00) AS cash
    FROM curb_trip_counts c JOIN curb_trips t ON t.id = c.trip_id JOIN leases_driver d ON d.id = c.driver_id
        JOIN leases_vehicle v ON v.id = c.vehicle_id
    WHERE c.week_end BETWEEN %(from_week)s AND %(to_week)s
    GROUP BY c.week_end, d.id, v.medallion
"""


def _read(asked: Asked) -> SqlRows:
    given = {"from_week": asked["from_week"], "to_week": asked["to_week"]}
    return SqlRows(_EARNINGS, "week_end, driver, driver_id, cab", given)


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
            count(
                "trips",
                "Card trips",
                link=to_list("admin:curb_tripcount_changelist", week_end="week_end", driver__id__exact="driver_id"),
            ),
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
        empty="No close has counted trips in these weeks.",
    )
)
