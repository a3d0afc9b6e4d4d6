"""A driver's account statement as a document for them and as a table: a line for each movement, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from core.sheets import make_csv
from core.typesetting import typeset
from core.words import say_amount, say_full_day, say_time
from ledger.selectors import Payer, Statement, StatementLine

_TEMPLATE = Path(settings.BASE_DIR) / "templates" / "ledger" / "statement.typ"
_COLUMNS = ("Day", "What it is", "Reference", "Amount", "You owe", "Held for you", "Deposits")
BROUGHT_FORWARD, CARRIED_FORWARD = "Brought forward", "Carried forward"


@dataclass(frozen=True, slots=True)
class StatementPaper:
    """Whose statement it is, with the words of its postings by id, and the moment at which it was read."""

    payer: Payer
    statement: Statement
    words: Mapping[int, str]
    made_at: datetime


def statement_as_csv(paper: StatementPaper) -> bytes:
    """Return the statement as CSV, from brought forward to carried forward; what is owed and held after each line."""
    statement = paper.statement
    opening = [statement.opening_owed, statement.opening_held, statement.opening_deposits]
    closing = [statement.closing_owed, statement.closing_held, statement.closing_deposits]
    lines = (
        [
            line.effective_on,
            paper.words[line.posting_id],
            line.reference_id,
            line.amount,
            line.owed,
            line.held,
            line.deposits,
        ]
        for line in statement.lines
    )
    return make_csv(
        _COLUMNS,
        [
            [statement.from_on, BROUGHT_FORWARD, "", "", *opening],
            *lines,
            [statement.to_on, CARRIED_FORWARD, "", "", *closing],
        ],
    )


def statement_as_pdf(paper: StatementPaper) -> bytes:
    """Return the statement as a letter page, or as many as it takes, in the fleet's name."""
    return typeset(_TEMPLATE, describe_statement(paper), made_at=paper.made_at)


def describe_statement(paper: StatementPaper) -> dict[str, Any]:
    """Return what the document says, as plain text: nothing is formatted in the template."""
    statement, payer = paper.statement, paper.payer
    days = f"{say_full_day(statement.from_on)} to {say_full_day(statement.to_on)}"
    made_at = timezone.localtime(paper.made_at)
    return {
        "title": f"Account statement of {payer.name}, {days}",
        "fleet": {
            "name": settings.FLEET_NAME,
            "contact": " · ".join(filter(None, [settings.FLEET_ADDRESS, settings.FLEET_PHONE])),
        },
        "facts": [
            ["Driver", payer.name, f"TLC license {payer.tlc_license}"],
            ["Cab and lease", f"Cab {payer.medallion}, {payer.plate}" if payer.lease else "–", payer.lease],
            ["Days", days, "both included"],
            ["As of", say_full_day(made_at.date()), f"{say_time(made_at)}, New York time"],
        ],
        "answer": _say_answer(statement),
        "money": _tabulate_money(paper),
        "deposits": _tabulate_deposits(paper) if statement.has_deposits else None,
        "footer": "What was posted later for these days is not on it. Something wrong? Tell the counter.",
    }


def _say_answer(statement: Statement) -> list[str]:
    net = statement.closing_net_position
    words = "You owe" if net > 0 else "We hold for you" if net < 0 else "Nothing is owed"
    return [
        f"{words}{f' ${say_amount(abs(net))}' if net else ''}",
        f"Owed {say_amount(statement.closing_owed)}, held for you {say_amount(statement.closing_held)}; "
        f"deposits, kept apart, {say_amount(statement.closing_deposits)}.",
    ]


def _tabulate_money(paper: StatementPaper) -> dict[str, Any]:
    statement = paper.statement
    return {
        "names": ["Day", "What it is", "Amount", "You owe", "Held for you"],
        "opening": [BROUGHT_FORWARD, say_amount(statement.opening_owed), say_amount(statement.opening_held)],
        "rows": [
            [*_tell(paper, line), say_amount(line.owed), say_amount(line.held)]
            for line in statement.lines
            if line.owed_effect or line.held_effect
        ],
        "closing": [CARRIED_FORWARD, say_amount(statement.closing_owed), say_amount(statement.closing_held)],
    }


def _tabulate_deposits(paper: StatementPaper) -> dict[str, Any]:
    statement = paper.statement
    return {
        "names": ["Day", "What it is", "Amount", "Deposit held"],
        "opening": [BROUGHT_FORWARD, say_amount(statement.opening_deposits)],
        "rows": [[*_tell(paper, line), say_amount(line.deposits)] for line in statement.lines if line.deposit_effect],
        "closing": [CARRIED_FORWARD, say_amount(statement.closing_deposits)],
    }


def _tell(paper: StatementPaper, line: StatementLine) -> list[Any]:
    return [say_full_day(line.effective_on), [paper.words[line.posting_id], line.reference_id], say_amount(line.amount)]
