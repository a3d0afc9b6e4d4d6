"""What was undone, forgiven, given and won back: who did it, and why."""

from core.reports import DAYS, READ_CONTROLS, WHO, Asked, Report, SqlRows, choice, day, money, register, text
from core.reports.links import to_page
from core.weeks import week_of
from core.words import say_week
from ledger.reports.people import DRIVER, DRIVER_NAME, STAFF_NAME

_WHAT = {
    "WRITE_OFF": "Written off",
    "VOID": "Voided",
    "UNDONE": "Use undone",
    "CREDIT_MEMO": "Credit memo",
    "OBLIGATION": "Recovery",
}
#: A charge, payment or credit is voided; what it had paid, or was paid by, is undone. It is of the week of what was
#: voided or forgiven; else of its own.
_REASONS = f"""
    SELECT p.id, p.effective_on, said.what, p.reference_id, coalesce(b.description, p.description) AS words,
        {DRIVER_NAME}, p.amount, p.reason, {STAFF_NAME} AS by_whom, coalesce(o.effective_on, b.effective_on,
        p.effective_on) AS of_day
    FROM ledger_postings p JOIN leases_driver d ON d.id = p.driver_id
        LEFT JOIN ledger_postings o ON o.id = p.reverses_id
        LEFT JOIN ledger_postings b ON b.id = p.balance_id
        LEFT JOIN auth_user u ON u.id = p.posted_by_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN p.kind = 'VOID' AND p.reverses_id <> p.balance_id THEN 'UNDONE' ELSE p.kind END AS what
        ) AS said
    WHERE p.effective_on BETWEEN %(from_on)s AND %(to_on)s
        AND (p.kind IN ('WRITE_OFF', 'VOID', 'CREDIT_MEMO') OR p.kind = 'OBLIGATION' AND p.category = 'RECOVERY')
        AND (%(what)s = '' OR said.what = %(what)s)
"""


def _read(asked: Asked) -> SqlRows:
    given = {name: asked[name] for name in ("from_on", "to_on", "what")}
    return SqlRows(_REASONS, "effective_on, id", given)


REASONS = register(
    Report(
        slug="undone-and-forgiven",
        title="Write-offs, voids, memos and recoveries",
        group="Control",
        place=71,
        sentence="What was voided, forgiven, given by credit memo or charged as a recovery, with who did it and why. "
        "What a voided charge or payment had paid or been paid by is undone with it, in lines of their own. A "
        "correction is a void and a new charge; only the void is here.",
        permissions=(READ_CONTROLS, "ledger.view_ledgerposting"),
        parameters=(*DAYS, choice("what", "What", list(_WHAT.items())), WHO),
        columns=(
            day("effective_on", "Day"),
            text("what", "What", say=lambda kind: _WHAT[kind], link=to_page("admin:ledger_ledgerposting_change", "id")),
            text("reference_id", "Reference", is_searched=True),
            text("words", "In words"),
            DRIVER,
            money("amount", "Amount", link=to_page("admin:ledger_ledgerposting_change", "id")),
            text("reason", "Reason", is_searched=True),
            text("by_whom", "By", is_searched=True),
            text("of_day", "Of the week", say=lambda on: say_week(week_of(on))),
        ),
        read=_read,
        empty="Nothing was voided, forgiven, given or won back in these days.",
    )
)
