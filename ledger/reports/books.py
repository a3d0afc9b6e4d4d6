"""The books: the trial balance of a day, one account's entries, and the journal."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from core.reports import (
    AS_OF,
    DAYS,
    READ,
    WHO,
    Asked,
    Behind,
    Column,
    ListedRows,
    Report,
    Row,
    SqlRows,
    choice,
    day,
    lines_of,
    money,
    register,
    say_figure,
    text,
)
from core.reports.links import report_url, to_page
from core.words import say_full_day, say_week
from ledger.books import Account
from ledger.categories import Kind, TransferKind
from ledger.money import ZERO
from ledger.selectors import list_words
from ledger.selectors.books import list_open_weeks
from ledger.selectors.journal import JOURNAL, WHOLE_JOURNAL
from ledger.selectors.trial_balance import list_parameters, list_trial_balance

_GROUP = "Books"
#: Weeks that are named as not closed; the others are counted.
MAX_WEEKS = 4


def _name(code: str) -> str:
    return f"{code} {Account(code).label}"


def _to_account(row: Row) -> str:
    as_of: date = row["as_of"]
    return report_url("account", account=row["code"], from_on=as_of.replace(day=1), to_on=as_of)


def _read_trial_balance(asked: Asked) -> ListedRows:
    return ListedRows(
        [
            {
                "code": total.account.value,
                "name": total.account.label,
                "type": total.account.type.label,
                "debit": total.debit,
                "credit": total.credit,
                "balance": total.balance,
                "as_of": asked["as_of"],
            }
            for total in list_trial_balance(to_on=asked["as_of"])
        ]
    )


def _tell_open_weeks(asked: Asked) -> list[str]:
    weeks = [say_week(week, told_on=asked.today) for week in list_open_weeks(asked["as_of"])]
    if not weeks:
        return []
    more = f" and {len(weeks) - MAX_WEEKS} more" if len(weeks) > MAX_WEEKS else ""
    return [f"Not final: what the closes of these weeks book is missing here: {', '.join(weeks[:MAX_WEEKS])}{more}."]


def _read_code(typed: str) -> str:
    return Account(typed).value


#: A loan's interest is a line of its own, and bears the posting's number.
_ENTRIES = f"""
    SELECT CASE WHEN source = 'TRANSFER' THEN 'ledger_transfer' ELSE 'ledger_ledgerposting' END AS page, id,
        effective_on AS day, CASE WHEN source = 'TRANSFER' THEN reason END AS words, reference_id,
        CASE WHEN debit = %(account)s THEN amount ELSE 0.00 END AS debit,
        CASE WHEN credit = %(account)s THEN amount ELSE 0.00 END AS credit,
        CASE WHEN debit = %(account)s THEN amount ELSE 0.00 END
            - CASE WHEN credit = %(account)s THEN amount ELSE 0.00 END AS balance
    FROM ({JOURNAL}) AS entry
"""


def _read_entries(asked: Asked, figure: str, keys: Mapping[str, Any]) -> SqlRows:
    days = {"from_on": None, "to_on": asked["as_of"]}
    return lines_of(figure, _ENTRIES, {**days, "account": keys["code"], **asdict(WHOLE_JOURNAL), **list_parameters()})


TRIAL_BALANCE = register(
    Report(
        slug="trial-balance",
        title="Trial balance",
        group=_GROUP,
        place=61,
        sentence="What was debited and credited to each account up to the end of a day, and its balance: above zero a "
        "debit balance, below zero a credit balance. Accounts that nothing ever moved are left out.",
        permissions=(READ, "ledger.view_transfer"),
        parameters=(AS_OF,),
        columns=(
            text("code", "Code", link=_to_account),
            text("name", "Account", link=_to_account),
            text("type", "Type"),
            money("debit", "Debit"),
            money("credit", "Credit"),
            money("balance", "Balance"),
        ),
        read=_read_trial_balance,
        tell=_tell_open_weeks,
        behind=Behind(
            keys={"code": _read_code}, figures=("debit", "credit", "balance"), read=_read_entries, tell=list_words
        ),
        empty="Nothing is booked by this day.",
    )
)


def _to_entry(row: Row) -> str:
    page = "ledger_transfer_change" if row["source"] == "TRANSFER" else "ledger_ledgerposting_change"
    return to_page(f"admin:{page}", "id")(row)


def _parameters(asked: Asked, account: str | None) -> dict[str, Any]:
    days = {"from_on": asked["from_on"], "to_on": asked["to_on"]}
    return {**days, "account": account, **asdict(WHOLE_JOURNAL), **list_parameters()}


def _say_kind(kind: str) -> str:
    return str(Kind(kind).label if kind in Kind.values else TransferKind(kind).label)


_ENTRY = text("entry", "Entry", link=_to_entry, is_searched=True)
_DRIVER_OF_ENTRY = text("driver", "Driver", link=to_page("driver", "driver_id"), is_searched=True)
_WHAT: tuple[Column, ...] = (
    text("description", "Description", is_searched=True),
    text("reference_id", "Reference", is_searched=True),
)
_NAME_ENTRY = "CASE e.source WHEN 'TRANSFER' THEN 'T' WHEN 'INCOME' THEN 'I' ELSE 'P' END || e.id AS entry"

#: What stood before is a number of the statement, so that each row tells what stands after it.
_ACCOUNT = f"""
    SELECT e.effective_on, {_NAME_ENTRY}, e.source, e.id, e.kind, e.driver_id, e.driver, e.description, e.reference_id,
        CASE WHEN e.debit = %(account)s THEN e.credit ELSE e.debit END AS other, e.debit_amount, e.credit_amount,
        %(before)s + sum(e.debit_amount - e.credit_amount) OVER (ORDER BY e.place) AS balance, e.place
    FROM (
        SELECT j.*, j.own_kind AS kind, row_number() OVER (ORDER BY effective_on, source = 'TRANSFER', id, source DESC)
            AS place, CASE WHEN debit = %(account)s THEN amount ELSE 0.00 END AS debit_amount,
            CASE WHEN credit = %(account)s THEN amount ELSE 0.00 END AS credit_amount
        FROM ({JOURNAL}) AS j
    ) AS e
"""


def _sum_account(account: str, from_on: date | None, to_on: date) -> Decimal:
    return sum((total.balance for total in list_trial_balance(from_on, to_on, accounts=[Account(account)])), start=ZERO)


def _find_before(asked: Asked, account: str) -> Decimal:
    """Return the balance with which the days begin, above the rows and in them."""
    found: Decimal = asked.find_once(
        "before", lambda: _sum_account(account, None, asked["from_on"] - timedelta(days=1))
    )
    return found


def _read_account(asked: Asked) -> SqlRows:
    account = asked["account"] or Account.CASH.value
    before = _find_before(asked, account)
    return SqlRows(_ACCOUNT, "place", {**_parameters(asked, account), "account": account, "before": before})


def _tell_balances(asked: Asked) -> list[str]:
    account = asked["account"] or Account.CASH.value
    day_before, last_day = asked["from_on"] - timedelta(days=1), asked["to_on"]
    before = _find_before(asked, account)
    after = before + _sum_account(account, asked["from_on"], last_day)
    return [
        f"{_name(account)}: {say_figure(before)} at the end of {say_full_day(day_before)}, {say_figure(after)} at the "
        f"end of {say_full_day(last_day)}. Above zero it is a debit balance, below zero a credit balance."
    ]


ACCOUNT = register(
    Report(
        slug="account",
        title="Account",
        group=_GROUP,
        place=62,
        sentence="Every entry that debits or credits one account, from the oldest on, with the balance after it.",
        permissions=(READ, "ledger.view_transfer"),
        parameters=(
            choice("account", "Account", [(account.value, _name(account.value)) for account in Account]),
            *DAYS,
            WHO,
        ),
        columns=(
            _ENTRY,
            day("effective_on", "Day"),
            text("kind", "What", say=_say_kind),
            _DRIVER_OF_ENTRY,
            *_WHAT,
            text("other", "Other account", say=_name),
            money("debit_amount", "Debit", link=_to_entry),
            money("credit_amount", "Credit", link=_to_entry),
            money("balance", "Balance after it", is_summed=False),
        ),
        read=_read_account,
        tell=_tell_balances,
        empty="Nothing is booked on this account in these days.",
    )
)

_JOURNAL = f"""
    SELECT {_NAME_ENTRY}, e.source, e.id, e.effective_on, side.line, side.account, e.driver_id, e.driver,
        e.description, e.reference_id, side.debit_amount, side.credit_amount, batch.number AS batch
    FROM ({JOURNAL}) AS e
        CROSS JOIN LATERAL (
            VALUES (1, e.debit, e.amount, 0.00), (2, e.credit, 0.00, e.amount)
        ) AS side (line, account, debit_amount, credit_amount)
        LEFT JOIN ledger_journal_batches batch ON CASE WHEN e.source = 'TRANSFER'
            THEN e.id > batch.after_transfer_id AND e.id <= batch.last_transfer_id
            ELSE e.id > batch.after_posting_id AND e.id <= batch.last_posting_id END
"""
JOURNAL_REPORT = register(
    Report(
        slug="journal",
        title="Journal",
        group=_GROUP,
        place=63,
        sentence="Every entry of the books in these days, a line for the account it debits and one for the account it "
        "credits, and the batch that took it to the accountant.",
        permissions=(READ, "ledger.view_journalbatch"),
        parameters=(*DAYS, WHO),
        columns=(
            _ENTRY,
            day("effective_on", "Day"),
            text("account", "Account", say=_name, is_searched=True),
            _DRIVER_OF_ENTRY,
            *_WHAT,
            money("debit_amount", "Debit", link=_to_entry),
            money("credit_amount", "Credit", link=_to_entry),
            text("batch", "Batch", link=to_page("admin:ledger_journalbatch_change", "batch")),
        ),
        read=lambda asked: SqlRows(
            _JOURNAL, "effective_on, source = 'TRANSFER', id, source DESC, line", _parameters(asked, None)
        ),
        empty="Nothing is booked in these days.",
    )
)
