"""What the fleet must pay over to the City, the TLC and E-ZPass."""

from datetime import timedelta

from django.conf import settings

from core.clock import at
from core.reports import PAST_DAY, READ, WHO, Asked, Report, SqlRows, day, money, register, say_figure, text
from ledger import selectors as ledger
from ledger.money import ZERO
from ledger.reports import CAB, DRIVER
from tickets.reports.tickets import ANSWER_BY, CHARGED, KIND, KINDS, NUMBER, OF_DRIVER, TO_TICKET

#: What the document itself tells as paid, and what a standing transfer names as paid over or borne, is not to pay.
_WAITS = """
    WHERE t.amount > 0 AND t.state IN ('WAITING', 'CHARGED', 'FLEET_PAYS') AND t.at < %(ends)s
        AND (%(kind)s = '' OR t.kind = %(kind)s)
        AND NOT coalesce(t.told_total > 0 AND t.told_paid >= t.told_total, false)
        AND NOT EXISTS (
            SELECT FROM ledger_transfers paid
            WHERE paid.reference_id = t.kind || '-' || t.number AND paid.kind IN ('PAID_OVER', 'BORNE')
                AND paid.reverses_id IS NULL AND paid.effective_on <= %(as_of)s
                AND NOT EXISTS (SELECT FROM ledger_transfers back WHERE back.reverses_id = paid.id)
        )
"""
_PAYABLE = f"""
    SELECT t.id, t.kind, t.number, t.kind || '-' || t.number AS reference_id, v.medallion AS cab, {OF_DRIVER},
        {ANSWER_BY} AS answer_by, t.amount, CASE WHEN b.posting_id IS NULL THEN 'no' ELSE 'yes' END AS charged
    FROM tickets_tickets t LEFT JOIN leases_driver d ON d.id = t.driver_id
        LEFT JOIN leases_vehicle v ON v.id = t.vehicle_id {CHARGED}
    {_WAITS}
"""
#: What a page counts, sums and sorts by.
_KEYS = f"SELECT t.id, t.kind, t.number, {ANSWER_BY} AS answer_by, t.amount FROM tickets_tickets t {_WAITS}"
_ACCOUNTS = (
    ledger.Account.TAXES_PAYABLE,
    ledger.Account.TOLLS_PAYABLE,
    ledger.Account.PVB_PAYABLE,
    ledger.Account.TLC_PAYABLE,
)


def _read(asked: Asked) -> SqlRows:
    as_of = asked["as_of"]
    given = {"as_of": as_of, "ends": at(as_of + timedelta(days=1)), "within": settings.ANSWER_WITHIN_DAYS}
    return SqlRows(_PAYABLE, "answer_by, kind, number", {**given, "kind": asked["kind"]}, keys=_KEYS)


def _tell_books(asked: Asked) -> list[str]:
    totals = ledger.list_trial_balance(to_on=asked["as_of"], accounts=_ACCOUNTS)
    owed = {total.account: total.credit_balance for total in totals}
    told = ", ".join(
        f"{account.label.removesuffix(' payable')} {say_figure(owed.get(account, ZERO))}" for account in _ACCOUNTS
    )
    return [f"Charged to drivers and not paid over by then, as the books have it (2110 to 2140): {told}."]


register(
    Report(
        slug="to-pay-over",
        title="To pay over",
        group="Tickets and tolls",
        place=52,
        sentence="Violations, summonses and tolls that happened by a day and that no transfer names as paid over "
        "or borne, by the day to answer by. Disputed and dismissed ones are left out, and those that "
        "their own document tells as paid. State and charges are those of now.",
        permissions=(READ, "tickets.view_ticket", "ledger.view_transfer"),
        parameters=(PAST_DAY, KINDS, WHO),
        columns=(
            KIND,
            NUMBER,
            text("reference_id", "Reference", is_searched=True),
            CAB,
            DRIVER,
            day("answer_by", "Answer by"),
            money("amount", "Amount", link=TO_TICKET),
            text("charged", "Charged"),
        ),
        read=_read,
        tell=_tell_books,
        empty="Nothing waits to be paid over.",
    )
)
