"""Importing an opening: all of a workbook in one transaction, or what that would do, done and rolled back."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from django.contrib.auth.models import User
from django.db.models.functions import Now

from core.previews import rolled_back
from core.transactions import bounded_transaction
from curb import selectors as curb
from curb.services import expect_card_trips
from golive import rules
from golive.errors import OpeningAlreadyImported, OpeningRefused
from golive.importers.workbook import Opening, read_opening
from golive.models import OpeningImport
from golive.services.rows import RowImport
from ledger import selectors as books
from ledger import services as ledger
from ledger.money import ZERO


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
    """Keep a workbook to be looked at and imported; the same content again is the same row. Nothing is checked yet.

    :raises Busy: somebody is importing this very workbook
    """
    opening, _ = OpeningImport.objects.get_or_create(
        sha256=digest(content),
        defaults={"file_name": file_name[:200], "content": content, "uploaded_by": actor},
    )
    return opening


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
    summary = _import_rows(opening, read_opening(content, today=today), actor=actor)
    opening.cut_on, opening.imported_at, opening.imported_by = summary.cut_on, Now(), actor
    ledger.close_books_at_go_live(cut_on=summary.cut_on, actor=actor)
    facts = asdict(summary)
    opening.totals = {name: facts[name] for name in ("sheets", "categories", "accounts")}
    opening.save(update_fields=["cut_on", "imported_at", "imported_by", "totals"])
    opening.refresh_from_db(fields=["imported_at"])
    if curb.find_card_trips_expected() is None:
        reason = "Set at go-live: the first day whose business is kept here."
        expect_card_trips(since=summary.cut_on, reason=reason, actor=actor)
    return OpeningOutcome(opening, summary)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _import_rows(opening: OpeningImport, read: Opening, *, actor: User | None) -> OpeningSummary:
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
