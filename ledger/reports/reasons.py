"""What was undone, forgiven, given and won back: who did it, and why."""

from core.reports import DAYS, READ_CONTROLS, WHO, Asked, Report, SqlRows, choice, day, money, register, text
from core.reports.links import to_page
from core.weeks import week_of
from core.words import say_week
from ledger.reports.people import DRIVER, DRIVER_NAME, STAFF_NAME
from ledger.selectors.reasons import REASONS

_WHAT = {
    "WRITE_OFF": "Written off",
    "VOID": "Voided",
    "UNDONE": "Use undone",
    "CREDIT_MEMO": "Credit memo",
    "OBLIGATION": "Recovery",
}
_REASONS = f"""
    SELECT r.*, {DRIVER_NAME}, {STAFF_NAME} AS by_whom
    FROM ({REASONS}) AS r JOIN leases_driver d ON d.id = r.whose LEFT JOIN auth_user u ON u.id = r.posted_by_id
    WHERE %(what)s = '' OR r.what = %(what)s
"""


def _read(asked: Asked) -> SqlRows:
    given = {name: asked[name] for name in ("from_on", "to_on", "what")}
    return SqlRows(_REASONS, "effective_on, id", given)


REASONS_REPORT = register(
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
