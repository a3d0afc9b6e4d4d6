"""Where drivers stand on a day: how old what they owe is, and their position."""

from collections.abc import Mapping
from typing import Any

from core.reports import (
    AS_OF,
    PAST_DAY,
    READ,
    WHO,
    Asked,
    Bar,
    Behind,
    Report,
    SqlRows,
    day,
    lines_of,
    money,
    read_number,
    register,
    text,
)
from ledger.categories import Category
from ledger.reports.people import CAB, DRIVER, DRIVER_NAME, LEASE, join_people, last_payment_of
from ledger.selectors import list_words
from ledger.selectors.effects import effects_sql

_VIEW = (READ, "ledger.view_ledgerbalance")
_AGES = ("not_due", "week", "month", "quarter", "older")
#: What stands open of a driver, each balance in one of them; ``owed`` is due or not, ``net`` is owed less held.
STANDING = ("owed_due", "owed_later", "owed", "held", "net", "deposit")
#: What opens under a figure is of one driver.
OF_DRIVER = {"driver_id": read_number}


def left_open_on(asked: Asked, *, of_one: bool = False) -> str:
    """Return a SELECT of ``balance_id, remaining``: what was open at the end of ``as_of``, by days of effect.

    From today on that is what is open now, which the balances have ready; and before, that less what the days since
    did: so a look back costs what has happened since, however much was before. ``of_one`` asks for ``driver_id`` alone.
    """
    whose = "driver_id = %(driver_id)s" if of_one else "true"
    now = f"SELECT posting_id AS balance_id, remaining FROM ledger_balances WHERE status = 'OPEN' AND {whose}"
    if asked["as_of"] >= asked.today:
        return now
    since = effects_sql(f"p.effective_on > %(as_of)s AND {whose}")
    return f"""
        SELECT balance_id, sum(remaining) AS remaining
        FROM ({now} UNION ALL SELECT balance_id, -change FROM ({since}) AS effect) AS part
        GROUP BY 1 HAVING sum(remaining) <> 0
    """


def _name_balance(columns: Mapping[str, str]) -> str:
    """Return the columns of a balance's line, and of each figure that it is a part of, under these conditions."""
    figures = ", ".join(
        f"CASE WHEN {condition} THEN left_open.remaining ELSE 0.00 END AS {name}" for name, condition in columns.items()
    )
    return f"""
        'ledger_ledgerbalance' AS page, o.id, coalesce(o.due_on, o.effective_on) AS day, NULL AS words, o.reference_id,
        o.driver_id, o.lease_id, o.category, {figures}
    """


def _list_aged(asked: Asked, *, of_one: bool = False) -> str:
    """Return a SELECT of what is owed, by its balances."""
    late = "%(as_of)s - o.due_on"
    ages = {
        "not_due": "o.due_on > %(as_of)s",
        "week": f"{late} BETWEEN 0 AND 7",
        "month": f"{late} BETWEEN 8 AND 30",
        "quarter": f"{late} BETWEEN 31 AND 90",
        "older": f"{late} > 90",
        "together": "true",
    }
    return f"""
        SELECT {_name_balance(ages)}
        FROM ({left_open_on(asked, of_one=of_one)}) AS left_open JOIN ledger_postings o ON o.id = left_open.balance_id
        WHERE o.entry_type = 'DEBIT'
    """


def list_standing(asked: Asked, *, of_one: bool = False) -> str:
    """Return a SELECT of what is owed and held, by its balances, with ``STANDING`` of each and its ``driver_id``."""
    owed = "o.entry_type = 'DEBIT'"
    held = "o.entry_type = 'CREDIT' AND o.category <> 'DEPOSIT'"
    stands = {
        "owed_due": f"{owed} AND o.due_on <= %(as_of)s",
        "owed_later": f"{owed} AND o.due_on > %(as_of)s",
        "owed": owed,
        "held": held,
        "deposit": "o.category = 'DEPOSIT'",
    }
    return f"""
        SELECT {_name_balance(stands)}, CASE WHEN {owed} THEN remaining WHEN {held} THEN -remaining ELSE 0.00 END AS net
        FROM ({left_open_on(asked, of_one=of_one)}) AS left_open JOIN ledger_postings o ON o.id = left_open.balance_id
    """


def sum_standing_by_driver(asked: Asked) -> str:
    """Return a SELECT of ``driver_id`` and ``STANDING``."""
    sums = ", ".join(f"sum({name}) AS {name}" for name in STANDING)
    return f"SELECT driver_id, {sums} FROM ({list_standing(asked)}) AS line GROUP BY driver_id"


def read_standing_lines(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    """Return what a figure of ``STANDING`` of one driver is the sum of."""
    return lines_of(figure, list_standing(asked, of_one=True), {"as_of": asked["as_of"], **keys})


def _read_aging(asked: Asked) -> SqlRows:
    sums = ", ".join(f"sum({name}) AS {name}" for name in (*_AGES, "together"))
    sql = f"""
        WITH aged AS (
            SELECT driver_id, lease_id, category, {sums} FROM ({_list_aged(asked)}) AS line
            GROUP BY driver_id, lease_id, category
        )
        SELECT aged.lease_id, aged.category, {", ".join(_AGES)}, together, {DRIVER_NAME}, v.medallion AS cab,
            last_payment.received_on AS last_payment
        FROM aged {join_people("aged.driver_id", "aged.lease_id")} {last_payment_of("aged.driver_id")}
    """
    return SqlRows(sql, "driver, driver_id, lease_id, category", {"as_of": asked["as_of"]})


def _read_aged_lines(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    sql = f"""
        SELECT * FROM ({_list_aged(asked, of_one=True)}) AS aged
        WHERE category = %(category)s AND lease_id IS NOT DISTINCT FROM %(lease_id)s::bigint
    """
    return lines_of(figure, sql, {"as_of": asked["as_of"], **keys})


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
            money("together", "Together"),
            day("last_payment", "Last payment"),
        ),
        read=_read_aging,
        bar=(Bar("together", "owed by", "driver", by="driver_id"),),
        behind=Behind(
            keys={**OF_DRIVER, "lease_id": read_number, "category": str},
            figures=(*_AGES, "together"),
            read=_read_aged_lines,
            tell=list_words,
        ),
        empty="No driver owed anything on that day.",
    )
)


def _read_positions(asked: Asked) -> SqlRows:
    sql = f"""
        SELECT {DRIVER_NAME}, owed_due, owed_later, held, deposit, net
        FROM ({sum_standing_by_driver(asked)}) AS stands JOIN leases_driver d ON d.id = stands.driver_id
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
            money("owed_due", "Owed and due"),
            money("owed_later", "Owed later"),
            money("held", "Held"),
            money("net", "Net"),
            money("deposit", "Deposit"),
        ),
        read=_read_positions,
        bar=(
            Bar("owed_due", "owed and due by", "driver", by="driver_id"),
            Bar("held", "held for", "driver", by="driver_id"),
        ),
        behind=Behind(
            keys=OF_DRIVER,
            figures=("owed_due", "owed_later", "held", "net", "deposit"),
            read=read_standing_lines,
            tell=list_words,
        ),
        empty="No driver owed or held anything on that day.",
    )
)
