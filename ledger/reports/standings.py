"""Where drivers stand on a day: how old what they owe is, and their position."""

from core.reports import AS_OF, PAST_DAY, READ, WHO, Asked, Report, SqlRows, day, money, register, text
from core.reports.links import to_list
from ledger.categories import Category
from ledger.reports.people import CAB, DRIVER, DRIVER_NAME, LEASE, join_people, last_payment_of
from ledger.selectors.effects import effects_sql

_VIEW = (READ, "ledger.view_ledgerbalance")
_OWED = to_list("admin:ledger_ledgerbalance_changelist", {"status__exact": "OPEN"}, driver__id__exact="driver_id")
_OWED_IN_CATEGORY = to_list(
    "admin:ledger_ledgerbalance_changelist",
    {"status__exact": "OPEN", "entry_type__exact": "DEBIT"},
    driver__id__exact="driver_id",
    category__exact="category",
)


def left_open_on(asked: Asked) -> str:
    """Return a SELECT of ``balance_id, remaining``: what was open at the end of ``as_of``, by days of effect.

    From today on that is what is open now, which the balances have ready.
    """
    if asked["as_of"] >= asked.today:
        return "SELECT posting_id AS balance_id, remaining FROM ledger_balances WHERE status = 'OPEN'"
    effects = effects_sql("p.effective_on <= %(as_of)s")
    return f"SELECT balance_id, sum(change) AS remaining FROM ({effects}) AS effect GROUP BY 1 HAVING sum(change) <> 0"


def _read_aging(asked: Asked) -> SqlRows:
    def due(condition: str) -> str:
        return f"coalesce(sum(left_open.remaining) FILTER (WHERE {condition}), 0.00)"

    late = "%(as_of)s - o.due_on"
    sql = f"""
        WITH left_open AS ({left_open_on(asked)}), aged AS (
            SELECT o.driver_id, o.lease_id, o.category, {due("o.due_on > %(as_of)s")} AS not_due,
                {due(f"{late} BETWEEN 0 AND 7")} AS week, {due(f"{late} BETWEEN 8 AND 30")} AS month,
                {due(f"{late} BETWEEN 31 AND 90")} AS quarter, {due(f"{late} > 90")} AS older,
                sum(left_open.remaining) AS together
            FROM left_open JOIN ledger_postings o ON o.id = left_open.balance_id
            WHERE o.entry_type = 'DEBIT'
            GROUP BY o.driver_id, o.lease_id, o.category
        )
        SELECT aged.*, {DRIVER_NAME}, v.medallion AS cab, last_payment.received_on AS last_payment
        FROM aged {join_people("aged.driver_id", "aged.lease_id")} {last_payment_of("aged.driver_id")}
    """
    # A driver's id would stand there twice.
    sql = sql.replace("aged.*", "aged.lease_id, aged.category, not_due, week, month, quarter, older, together")
    return SqlRows(sql, "driver, driver_id, lease_id, category", {"as_of": asked["as_of"]})


AGING = register(
    Report(
        slug="aging",
        title="Aging",
        group="Where drivers stand",
        place=11,
        sentence="What drivers owe, by how many days it is past due. Held money is not taken off, and nothing that is "
        "not charged yet is in it.",
        permissions=_VIEW,
        parameters=(AS_OF, WHO),
        columns=(
            DRIVER,
            LEASE,
            CAB,
            text("category", "Category", say=lambda code: str(Category(code).label)),
            money("not_due", "Not due"),
            money("week", "0–7 days"),
            money("month", "8–30 days"),
            money("quarter", "31–90 days"),
            money("older", "Over 90 days"),
            money("together", "Together", link=_OWED_IN_CATEGORY),
            day("last_payment", "Last payment"),
        ),
        read=_read_aging,
        bar=(("together", "owed by drivers"),),
        empty="No driver owed anything on that day.",
    )
)


def _read_positions(asked: Asked) -> SqlRows:
    def remaining(condition: str) -> str:
        return f"coalesce(sum(left_open.remaining) FILTER (WHERE {condition}), 0.00)"

    sql = f"""
        WITH left_open AS ({left_open_on(asked)}), stands AS (
            SELECT o.driver_id,
                {remaining("o.entry_type = 'DEBIT' AND o.due_on <= %(as_of)s")} AS owed_due,
                {remaining("o.entry_type = 'DEBIT' AND o.due_on > %(as_of)s")} AS owed_later,
                {remaining("o.entry_type = 'CREDIT' AND o.category <> 'DEPOSIT'")} AS held,
                {remaining("o.category = 'DEPOSIT'")} AS deposit
            FROM left_open JOIN ledger_postings o ON o.id = left_open.balance_id
            GROUP BY o.driver_id
        )
        SELECT {DRIVER_NAME}, owed_due, owed_later, held, deposit, owed_due + owed_later - held AS net
        FROM stands JOIN leases_driver d ON d.id = stands.driver_id
    """
    return SqlRows(sql, "driver, driver_id", {"as_of": asked["as_of"]})


POSITION = register(
    Report(
        slug="position",
        title="Position on a past day",
        group="Where drivers stand",
        place=12,
        sentence="What each driver owed, and what was held for them, at the end of a day, by the days on which "
        "postings take effect, as in the trial balance of that day. Net is owed less held: below zero the fleet owed "
        "the driver. Deposits stand apart.",
        permissions=_VIEW,
        parameters=(PAST_DAY, WHO),
        columns=(
            DRIVER,
            money("owed_due", "Owed and due", link=_OWED),
            money("owed_later", "Owed later", link=_OWED),
            money("held", "Held", link=_OWED),
            money("net", "Net"),
            money("deposit", "Deposit"),
        ),
        read=_read_positions,
        empty="No driver owed or held anything on that day.",
    )
)
