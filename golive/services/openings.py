"""Importing an opening: all of a workbook in one transaction, or what that would do, done and rolled back."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models.functions import Now

from core.previews import rolled_back
from core.telling import tell, tell_done, telling_refusals
from core.transactions import bounded_transaction
from core.words import say_full_day
from curb import selectors as curb
from curb.services import expect_card_trips
from golive import rules
from golive.errors import (
    CellError,
    OpeningAlreadyImported,
    OpeningNotFound,
    OpeningNotRead,
    OpeningRefused,
    UnreadableWorkbook,
)
from golive.importers.workbook import MAX_BYTES, Opening, check_pages, read_opening, read_pages
from golive.models import OpeningImport
from golive.services.rows import RowImport
from ledger import selectors as books
from ledger import services as ledger
from ledger.money import ZERO

logger = logging.getLogger(__name__)

#: What is wrong with a workbook beyond these is counted, and not kept.
MOST_ERRORS = 1_000


@dataclass(frozen=True, slots=True)
class SheetTotal:
    """What a sheet came to; of leases, dollars a week."""

    name: str
    rows: int
    amount: str


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """Debts or credits of a category, in dollars."""

    sheet: str
    category: str
    rows: int
    amount: str


@dataclass(frozen=True, slots=True)
class AccountEffect:
    """What an account of the books is debited and credited, in dollars."""

    account: str
    debit: str
    credit: str


@dataclass(frozen=True, slots=True)
class OpeningSummary:
    """What an import did, or would do."""

    sha256: str
    cut_on: date
    sheets: tuple[SheetTotal, ...]
    categories: tuple[CategoryTotal, ...]
    accounts: tuple[AccountEffect, ...]


@dataclass(frozen=True, slots=True)
class OpeningOutcome:
    """The import, and what it did; nothing (None) where the file was imported before."""

    opening: OpeningImport
    summary: OpeningSummary | None

    @property
    def is_new(self) -> bool:
        return self.summary is not None


@bounded_transaction
def stage_opening(*, file_name: str, content: bytes, actor: User | None) -> OpeningImport:
    """Keep a workbook to be read and imported; the same content again is the same row. Nothing is checked yet.

    :raises UnreadableWorkbook: it is larger than any opening
    :raises Busy: somebody is importing this very workbook
    """
    if len(content) > MAX_BYTES:
        with telling_refusals(logger, "Opening %s was refused", file_name):
            raise UnreadableWorkbook(f"The file is larger than {MAX_BYTES // 2**20} MB.")
    opening, _ = OpeningImport.objects.get_or_create(
        sha256=digest(content),
        defaults={"file_name": file_name[:200], "content": content, "uploaded_by": actor},
    )
    return opening


def read_staged_opening(*, opening_id: int, today: date) -> OpeningImport:
    """Read a workbook that is kept, and keep what it holds with what importing it would do, or all that is wrong.

    For a worker: it takes as long as the file pleases. One that is read or imported already stays as it is.

    :raises OpeningNotFound: no such workbook
    :raises Busy: somebody else is at it
    """
    opening = _find_opening(opening_id)
    if opening.read_at is not None or opening.imported_at is not None:
        return opening
    facts: dict[str, Any] = {"refusal": "", "errors": [], "preview": None}
    try:
        facts["pages"] = opening.pages or read_pages(bytes(opening.content))
        with rolled_back():
            facts["preview"] = _as_json(_import_rows(opening, check_pages(facts["pages"], today=today), actor=None))
    except OpeningRefused as refusal:
        facts |= {"refusal": refusal.message[:500], "errors": [asdict(wrong) for wrong in refusal.errors[:MOST_ERRORS]]}
    except UnreadableWorkbook as refusal:
        facts["refusal"] = refusal.message[:500]
    if facts["refusal"]:
        tell(logging.WARNING, logger, "Opening %s was refused: %s", opening, facts["refusal"])
    else:
        tell_done(logger, "Opening %s was read: nothing is wrong with it.", opening)
    # Not one that was imported, or sent to be read anew, meanwhile.
    OpeningImport.objects.filter(pk=opening.pk, read_at=None, imported_at=None).update(read_at=Now(), **facts)
    return _find_opening(opening_id)


@bounded_transaction
def read_opening_again(*, opening_id: int) -> OpeningImport:
    """Have what a workbook would do looked at anew, since something else was entered; what stands in it is known.

    :raises OpeningNotFound: no such workbook
    :raises OpeningAlreadyImported: it was imported
    """
    opening = _lock_opening(opening_id)
    if opening.imported_at is not None:
        raise OpeningAlreadyImported(f"{opening} was imported before. Nothing is imported twice.")
    opening.read_at, opening.preview, opening.refusal, opening.errors = None, None, "", []
    opening.save(update_fields=["read_at", "preview", "refusal", "errors"])
    return opening


@ledger.money_transaction
def import_staged_opening(*, opening_id: int, today: date, actor: User | None) -> OpeningOutcome:
    """Import a workbook that was read, from what was read of it; as :func:`import_opening` otherwise.

    :raises OpeningNotFound: no such workbook
    :raises OpeningNotRead: no worker has read it yet
    :raises OpeningRefused: with all that is wrong
    """
    opening = _lock_opening(opening_id)
    if opening.imported_at is not None:
        return OpeningOutcome(opening, None)
    if opening.read_at is None or not opening.pages:
        raise OpeningNotRead(f"{opening} is not read yet." if opening.read_at is None else opening.refusal)
    with telling_refusals(logger, "Opening %s was not imported", opening):
        return _import(opening, check_pages(opening.pages, today=today), actor)


def summary_of(opening: OpeningImport) -> OpeningSummary | None:
    """Return what importing a workbook would do, as it was when it was read; None where that is refused."""
    told = opening.preview
    if told is None:
        return None
    return OpeningSummary(
        sha256=opening.sha256,
        cut_on=date.fromisoformat(told["cut_on"]),
        sheets=tuple(SheetTotal(**total) for total in told["sheets"]),
        categories=tuple(CategoryTotal(**total) for total in told["categories"]),
        accounts=tuple(AccountEffect(**effect) for effect in told["accounts"]),
    )


def preview_opening(*, content: bytes, today: date) -> OpeningSummary:
    """Say what :func:`import_opening` would do, by doing it and rolling it back.

    :raises UnreadableWorkbook, OpeningRefused: as that would
    :raises OpeningAlreadyImported: it was imported before
    :raises Busy: somebody else is at it
    """
    before = OpeningImport.objects.filter(sha256=digest(content), imported_at__isnull=False).first()
    if before is not None:
        raise OpeningAlreadyImported(f"This file was imported before, as {before}. Nothing is imported twice.")
    read = read_opening(content, today=today)
    with rolled_back():
        return _import_rows(stage_opening(file_name="", content=content, actor=None), read, actor=None)


@ledger.money_transaction
def import_opening(*, file_name: str, content: bytes, today: date, actor: User | None) -> OpeningOutcome:
    """Import a workbook of opening balances: every row of it, or none. The same file again imports nothing.

    Leases keep their own dates, and charge rent from the cut-over's week on; plans go on with what is left of them.
    Postings take effect on the cut-over, the books are closed through the day before, and card trips are expected from
    the cut-over on, where nobody has said otherwise. ``today`` is the day of the import.

    :raises UnreadableWorkbook: it is no XLSX workbook
    :raises OpeningRefused: with every row that is wrong, or was imported before, and every total that does not agree
    """
    opening = stage_opening(file_name=file_name, content=content, actor=actor)
    # A second run at the same moment waits here, and finds it done.
    opening = OpeningImport.objects.select_for_update().get(pk=opening.pk)
    if opening.imported_at is not None:
        return OpeningOutcome(opening, None)
    with telling_refusals(logger, "Opening %s was not imported", opening):
        return _import(opening, read_opening(content, today=today), actor)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _find_opening(opening_id: int) -> OpeningImport:
    opening = OpeningImport.objects.filter(pk=opening_id).first()
    if opening is None:
        raise OpeningNotFound(f"No workbook {opening_id}.")
    return opening


def _lock_opening(opening_id: int) -> OpeningImport:
    _find_opening(opening_id)
    return OpeningImport.objects.select_for_update().get(pk=opening_id)


def _as_json(summary: OpeningSummary) -> dict[str, Any]:
    return {**asdict(summary), "cut_on": summary.cut_on.isoformat()}


def _import(opening: OpeningImport, read: Opening, actor: User | None) -> OpeningOutcome:
    summary = _import_rows(opening, read, actor=actor)
    opening.cut_on, opening.imported_at, opening.imported_by = summary.cut_on, Now(), actor
    ledger.close_books_at_go_live(cut_on=summary.cut_on, actor=actor)
    facts = asdict(summary)
    opening.totals = {name: facts[name] for name in ("sheets", "categories", "accounts")}
    opening.save(update_fields=["cut_on", "imported_at", "imported_by", "totals"])
    opening.refresh_from_db(fields=["imported_at"])
    if curb.find_card_trips_expected() is None:
        reason = "Set at go-live: the first day whose business is kept here."
        expect_card_trips(since=summary.cut_on, reason=reason, actor=actor)
    rows = sum(sheet.rows for sheet in summary.sheets)
    who = actor or "a command"
    tell_done(logger, "Opening %s is imported by %s as of %s: %s rows.", opening, who, summary.cut_on, rows)
    return OpeningOutcome(opening, summary)


def _check_cut_over(cut_on: date) -> None:
    """:raises OpeningRefused: a week that ends on the cut-over or later is closed"""
    closed = books.find_last_week_of_books()
    if closed is not None and cut_on <= closed.end:
        sentence = (
            f"The week ending {say_full_day(closed.end)} is closed here, so nothing can be carried over to "
            f"{say_full_day(cut_on)}."
        )
        raise OpeningRefused([CellError(rules.CUT_OVER.name, 0, "Date", sentence)])


def _import_rows(opening: OpeningImport, read: Opening, *, actor: User | None) -> OpeningSummary:
    _check_cut_over(read.cut_on)
    before = {total.account: (total.debit, total.credit) for total in books.list_trial_balance()}
    rows = RowImport(opening, read, actor)
    rows.import_all()
    if rows.errors:
        raise OpeningRefused(rows.errors)
    effects = []
    for total in books.list_trial_balance():
        debit, credit = before.get(total.account, (ZERO, ZERO))
        if (total.debit, total.credit) != (debit, credit):
            effects.append(
                AccountEffect(
                    f"{total.account.value} {total.account.label}", str(total.debit - debit), str(total.credit - credit)
                )
            )
    return OpeningSummary(
        sha256=opening.sha256,
        cut_on=read.cut_on,
        sheets=tuple(
            SheetTotal(sheet.name, len(read.rows[sheet.name]), str(read.sum_of(sheet))) for sheet in rules.SHEETS
        ),
        categories=tuple(_sum_categories(read)),
        accounts=tuple(effects),
    )


def _sum_categories(read: Opening) -> Iterator[CategoryTotal]:
    for sheet in (rules.DEBTS, rules.CREDITS):
        amounts: dict[str, list[Decimal]] = {}
        for row in read.rows[sheet.name]:
            amounts.setdefault(row["Category"], []).append(row["Amount"])
        for category, parts in sorted(amounts.items()):
            yield CategoryTotal(sheet.name, category, len(parts), str(sum(parts, start=ZERO)))
