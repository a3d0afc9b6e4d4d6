"""Rent by week with its cap, and the leases of a day with theirs."""

from datetime import timedelta

from core.clock import at
from core.reports import (
    AS_OF,
    READ,
    WEEKS,
    WHO,
    Asked,
    Bar,
    Behind,
    Report,
    SqlRows,
    choice,
    day,
    lines_of,
    money,
    register,
    text,
)
from core.reports.links import to_list, to_page
from core.weeks import week_of
from core.words import say_week
from leases.models import Lease
from ledger import selectors as ledger
from ledger.reports import CAB, DRIVER, DRIVER_NAME, LEASE

_TYPE = text("lease_type", "Type", say=lambda code: str(Lease.Type(code).label))
_TYPES = choice("lease_type", "Type", Lease.Type.choices)
_TO_LEASE = to_page("lease", "lease_id")
_TO_CAPS = to_list("admin:leases_weeklycap_changelist")
_OF_TYPE = "(%(lease_type)s = '' OR l.lease_type = %(lease_type)s)"

#: The cap is that of the first day that rent is owed for, and the part of it for such days: as a lease's page warns.
_RENTS = f"""
    SELECT i.lease_id, i.week_start, i.reference_id, {DRIVER_NAME}, v.medallion AS cab, l.lease_type,
        rate.weekly_amount AS weekly, rent.days, coalesce(b.original_amount, 0.00) AS charged,
        round(cap.amount * rent.days / 7, 2) AS cap,
        coalesce(b.original_amount - b.remaining, 0.00) - forgiven.amount AS paid, forgiven.amount AS forgiven,
        coalesce(b.remaining, 0.00) AS open
    FROM leases_leaseinstallment i JOIN leases_lease l ON l.id = i.lease_id
        JOIN leases_driver d ON d.id = l.primary_driver_id JOIN leases_vehicle v ON v.id = l.vehicle_id
        LEFT JOIN ledger_balances b ON b.reference_id = i.reference_id AND b.status <> 'VOIDED'
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(CASE WHEN w.kind = 'VOID' THEN -w.amount ELSE w.amount END), 0.00) AS amount
            FROM ledger_postings w LEFT JOIN ledger_postings o ON o.id = w.reverses_id
            WHERE w.balance_id = b.posting_id AND 'WRITE_OFF' IN (w.kind, o.kind)
        ) AS forgiven
        LEFT JOIN LATERAL (
            SELECT r.weekly_amount FROM leases_leaserate r WHERE r.lease_id = l.id AND r.from_on <= i.week_start + 6
            ORDER BY r.from_on DESC LIMIT 1
        ) AS rate ON true
        CROSS JOIN LATERAL (
            SELECT count(*) AS days, min(day) AS first_on
            FROM generate_series(greatest(l.start_on, i.week_start), least(l.end_on, i.week_start + 6),
                interval '1 day') AS given (moment) CROSS JOIN LATERAL (SELECT given.moment::date) AS told (day)
            WHERE NOT EXISTS (
                SELECT FROM leases_leasedaysaway away
                WHERE away.lease_id = l.id AND NOT away.is_taken_back AND day BETWEEN away.start_on AND away.end_on
            )
        ) AS rent
        LEFT JOIN LATERAL (
            SELECT c.amount FROM leases_weeklycap c
            WHERE c.lease_type = l.lease_type AND c.shift = l.shift AND c.from_on <= rent.first_on
            ORDER BY c.from_on DESC LIMIT 1
        ) AS cap ON true
    WHERE i.week_start BETWEEN %(first)s AND %(last)s AND {_OF_TYPE}
"""


#: What opened the charge, and each movement on it, by what it did to it.
_OF_RENT = """
    SELECT 'ledger_ledgerposting' AS page, id, effective_on AS day, NULL AS words, reference_id,
        CASE WHEN event = 'OBLIGATION' THEN amount ELSE 0.00 END AS charged,
        CASE WHEN event IN ('OBLIGATION', 'WRITE_OFF') THEN 0.00 ELSE amount END AS paid,
        CASE WHEN event = 'WRITE_OFF' THEN amount ELSE 0.00 END AS forgiven,
        CASE WHEN event = 'OBLIGATION' THEN amount ELSE -amount END AS open
    FROM (
        SELECT p.id, p.effective_on, p.reference_id, coalesce(o.kind, p.kind) AS event,
            CASE WHEN p.kind = 'VOID' THEN -p.amount ELSE p.amount END AS amount
        FROM ledger_balances b JOIN ledger_postings p ON p.id = b.posting_id OR p.balance_id = b.posting_id
            LEFT JOIN ledger_postings o ON o.id = p.reverses_id
        WHERE b.reference_id = %(reference_id)s AND b.status <> 'VOIDED'
    ) AS moved
"""


def _read_rents(asked: Asked) -> SqlRows:
    first, last = week_of(asked["from_week"]).start, week_of(asked["to_week"]).start
    return SqlRows(_RENTS, "week_start, lease_id", {"first": first, "last": last, "lease_type": asked["lease_type"]})


register(
    Report(
        slug="rent-by-week",
        title="Rent by week",
        group="Leases",
        place=31,
        sentence="The rent of each lease and week: what was charged of it, what the cap allows for its days, what "
        "is paid, forgiven and open now. A week that is not charged yet has zero. No credit memo for days"
        " without a cab is taken off.",
        permissions=(READ, "leases.view_lease", "ledger.view_ledgerbalance"),
        parameters=(*WEEKS, _TYPES, WHO),
        columns=(
            text("week_start", "Week", say=lambda start: say_week(week_of(start))),
            LEASE,
            DRIVER,
            CAB,
            _TYPE,
            money("weekly", "Weekly", is_summed=False, link=_TO_LEASE),
            money("cap", "Cap for its days", is_summed=False, link=_TO_CAPS),
            money("charged", "Charged"),
            money("paid", "Paid"),
            money("forgiven", "Forgiven"),
            money("open", "Open"),
        ),
        read=_read_rents,
        bar=(
            Bar("charged", "charged on", "lease", by="lease_id"),
            Bar("open", "still open on", "lease", by="lease_id"),
        ),
        behind=Behind(
            keys={"reference_id": str},
            figures=("charged", "paid", "forgiven", "open"),
            read=lambda asked, figure, keys: lines_of(figure, _OF_RENT, keys),
            tell=ledger.list_words,
        ),
        empty="No lease had rent in these weeks.",
    )
)

#: The cab is the one that the lease had at the end of the day.
_LEASES = f"""
    SELECT l.id AS lease_id, {DRIVER_NAME}, d.tlc_license, coalesce(held.medallion, v.medallion) AS cab,
        l.lease_type, l.shift, l.start_on, l.end_on, rate.weekly_amount AS weekly, cap.amount AS cap,
        coalesce(cap.source, '') AS rule, l.deposit
    FROM leases_lease l JOIN leases_driver d ON d.id = l.primary_driver_id JOIN leases_vehicle v ON v.id = l.vehicle_id
        LEFT JOIN LATERAL (
            SELECT cab.medallion FROM leases_leasevehicle span JOIN leases_vehicle cab ON cab.id = span.vehicle_id
            WHERE span.lease_id = l.id AND span.from_at < %(day_ends)s ORDER BY span.from_at DESC LIMIT 1
        ) AS held ON true
        LEFT JOIN LATERAL (
            SELECT r.weekly_amount FROM leases_leaserate r WHERE r.lease_id = l.id AND r.from_on <= %(as_of)s
            ORDER BY r.from_on DESC LIMIT 1
        ) AS rate ON true
        LEFT JOIN LATERAL (
            SELECT c.amount, c.source FROM leases_weeklycap c
            WHERE c.lease_type = l.lease_type AND c.shift = l.shift AND c.from_on <= %(as_of)s
            ORDER BY c.from_on DESC LIMIT 1
        ) AS cap ON true
    WHERE %(as_of)s BETWEEN l.start_on AND l.end_on AND {_OF_TYPE}
"""


def _read_leases(asked: Asked) -> SqlRows:
    as_of = asked["as_of"]
    given = {"as_of": as_of, "day_ends": at(as_of + timedelta(days=1)), "lease_type": asked["lease_type"]}
    return SqlRows(_LEASES, "lease_id", given)


register(
    Report(
        slug="leases-and-caps",
        title="Leases and caps",
        group="Leases",
        place=32,
        sentence="The leases in force on a day, with the weekly amount agreed for it, the cap on a week of their type "
        "and shift, and the rule that sets it. Leases on hold are in it; without a cap, nobody has entered one.",
        permissions=(READ, "leases.view_lease", "leases.view_weeklycap"),
        parameters=(AS_OF, _TYPES, WHO),
        columns=(
            LEASE,
            DRIVER,
            text("tlc_license", "TLC license", is_searched=True),
            CAB,
            _TYPE,
            text("shift", "Shift", say=lambda code: str(Lease.Shift(code).label)),
            day("start_on", "From"),
            day("end_on", "To"),
            money("weekly", "Weekly", link=_TO_LEASE),
            money("cap", "Cap", is_summed=False, link=_TO_CAPS),
            text("rule", "Rule"),
            money("deposit", "Deposit asked", link=_TO_LEASE),
        ),
        read=_read_leases,
        empty="No lease was in force on that day.",
    )
)
