"""The journal in four formats, line by line. Pure: the same entries, the same text.

What is shown of a driver is their number and name. A line of a control account is of a driver and a category of their
own below it, by number, so that another program gives the balance of each, whatever a driver is called later.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.sheets import mark_text
from ledger.books import Account
from ledger.categories import Kind, TransferKind
from ledger.selectors.journal import JournalEntry

CURRENCY = "USD"
#: What the entries leave to the accountant.
SPLIT_WEEKS = "A week is booked on its Saturday; of one that a month splits, the part before is accrued outside."
_FLEET = "Fleet"
_COLUMNS = ["Entry", "Day", "Account", "Name", "Driver", "Description", "Reference", "Debit", "Credit", "Batch"]
_IIF_COLUMNS = ["TRNSTYPE", "DATE", "ACCNT", "NAME", "AMOUNT", "DOCNUM", "MEMO"]
#: The five roots that beancount knows; a clearing account is a liability until it is zero.
_ROOTS = {"ASSET": "Assets", "LIABILITY": "Liabilities", "CLEARING": "Liabilities", "EQUITY": "Equity"}
_ROOTS |= {"INCOME": "Income", "EXPENSE": "Expenses"}
#: A movement is told by its kind and by what it moves; what opens a balance by its own words alone.
_TOLD_BY_KIND = {Kind.ALLOCATION, Kind.APPLICATION, Kind.PAYOUT, Kind.WRITE_OFF, Kind.VOID}
_SOURCES = {"POSTING": "P{}", "INCOME": "P{}-interest", "TRANSFER": "T{}"}


@dataclass(frozen=True, slots=True)
class JournalFormat:
    """A format by name: how its files end, what they are, and how entries are written in it."""

    name: str
    label: str
    suffix: str
    content_type: str
    encoding: str
    write: Callable[[Iterable["JournalPage"], str], Iterator[str]]

    def encode(self, entries: Iterable[JournalEntry], chart: Iterable[list[str]], batch: str = "") -> Iterator[bytes]:
        """Yield the file's bytes, in pieces of about an entry.

        ``chart`` are rows of code, name, type and outside code; ``batch`` is its number in words, empty for a view.
        """
        accounts = {row[0]: ChartRow(*row) for row in chart}
        for piece in self.write((_page_of(entry, accounts) for entry in entries), batch):
            yield piece.encode(self.encoding, errors="replace")


@dataclass(frozen=True, slots=True)
class ChartRow:
    code: str
    name: str
    type: str
    outside_code: str


@dataclass(frozen=True, slots=True)
class JournalLine:
    """What an entry does to an account: dollars, a debit above zero. ``owner`` is the control account's parts below."""

    account: ChartRow
    amount: Decimal
    owner: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JournalPage:
    """An entry as it is written: its number, words, and two lines that sum to zero."""

    number: str
    day: date
    driver: str
    words: str
    reference: str
    lines: tuple[JournalLine, JournalLine]


def _page_of(entry: JournalEntry, accounts: dict[str, ChartRow]) -> JournalPage:
    driver = f"{entry.driver_id} {entry.driver}" if entry.driver_id else ""
    sides = ((entry.debit, entry.amount), (entry.credit, -entry.amount))
    debit, credit = (JournalLine(accounts[code], amount, _owner_of(entry, code)) for code, amount in sides)
    return JournalPage(
        number=_SOURCES[entry.source].format(entry.id),
        day=entry.effective_on,
        driver=driver,
        words=_words_of(entry),
        reference=entry.reference_id,
        lines=(debit, credit),
    )


def _owner_of(entry: JournalEntry, code: str) -> tuple[str, ...]:
    if code == Account.RECEIVABLE:
        return (str(entry.driver_id), entry.category)
    if code in (Account.DRIVER_CREDIT, Account.DEPOSITS_HELD):
        return (str(entry.driver_id), entry.held_category)
    return ()


def _words_of(entry: JournalEntry) -> str:
    if entry.source == "TRANSFER":
        words = str(TransferKind(entry.kind).label)
    elif entry.kind in _TOLD_BY_KIND or not entry.description:
        words = ": ".join(part for part in (str(Kind(entry.kind).label), entry.description) if part)
    else:
        words = entry.description
    return f"{words} ({entry.reason})" if entry.reason else words


def write_csv(pages: Iterable[JournalPage], batch: str) -> Iterator[str]:
    """Yield a table with a row for each line; text that a spreadsheet would run is marked as text."""
    yield "\ufeff" + _csv_row(_COLUMNS)
    for page in pages:
        for line in page.lines:
            debit, credit = (f"{line.amount:.2f}", "") if line.amount > 0 else ("", f"{-line.amount:.2f}")
            account = line.account
            cells = [page.number, page.day.isoformat(), account.outside_code or account.code, account.name]
            texts = [*cells, page.driver, page.words, page.reference]
            yield _csv_row([*map(mark_text, texts), debit, credit, batch])


def write_iif(pages: Iterable[JournalPage], batch: str) -> Iterator[str]:
    """Yield general journal entries as QuickBooks Desktop imports them. An account is known by its name there.

    People open such a file in a spreadsheet too: what would be run there is marked as text.
    """
    for head in ("TRNS", "SPL"):
        yield _iif_row([f"!{head}", *_IIF_COLUMNS])
    yield _iif_row(["!ENDTRNS"])
    for page in pages:
        memo = " ".join(part for part in (page.words, f"[{page.reference}]", batch) if part)
        for head, line in zip(("TRNS", "SPL"), page.lines, strict=True):
            name = line.account.outside_code or f"{line.account.code} {line.account.name}"
            cells = ["GENERAL JOURNAL", f"{page.day:%m/%d/%Y}", name, page.driver, f"{line.amount:.2f}"]
            yield _iif_row([head, *cells, page.number, memo])
        yield _iif_row(["ENDTRNS"])


def write_beancount(pages: Iterable[JournalPage], batch: str) -> Iterator[str]:
    """Yield a beancount file; accounts open themselves by beancount's own plugin, so that files can be joined."""
    yield f'; Fleet ledger, {batch or "a view"}\nplugin "beancount.plugins.auto_accounts"\n'
    for page in pages:
        rows = [
            f'\n{page.day} * "{_quoted(page.driver or _FLEET)}" "{_quoted(page.words)}"',
            f'  entry: "{page.number}"',
            f'  ref: "{_quoted(page.reference)}"',
        ]
        rows += [f"  {_beancount_account(line)}  {line.amount:.2f} {CURRENCY}" for line in page.lines]
        yield "\n".join(rows) + "\n"


def write_hledger(pages: Iterable[JournalPage], batch: str) -> Iterator[str]:
    """Yield a journal of hledger (and of ledger)."""
    yield f"; Fleet ledger, {batch or 'a view'}\n"
    for page in pages:
        told = f"{_plain(page.driver or _FLEET)} | {_plain(page.words)}  ; ref: {_plain(page.reference)}"
        rows = [f"\n{page.day} * ({page.number}) {told}"]
        rows += [f"    {_hledger_account(line)}  {line.amount:.2f} {CURRENCY}" for line in page.lines]
        yield "\n".join(rows) + "\n"


FORMATS: dict[str, JournalFormat] = {
    form.name: form
    for form in (
        JournalFormat("csv", "Table (CSV)", "csv", "text/csv; charset=utf-8", "utf-8", write_csv),
        # QuickBooks Desktop reads its files in Windows' Western code page.
        JournalFormat("iif", "QuickBooks (IIF)", "iif", "text/plain; charset=windows-1252", "cp1252", write_iif),
        JournalFormat("beancount", "Beancount", "beancount", "text/plain; charset=utf-8", "utf-8", write_beancount),
        JournalFormat("hledger", "hledger", "journal", "text/plain; charset=utf-8", "utf-8", write_hledger),
    )
}


def _csv_row(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _iif_row(cells: list[str]) -> str:
    # A tab or a quote would end the cell.
    return "\t".join(mark_text(re.sub(r'[\t\r\n"]+', " ", cell)) for cell in cells) + "\r\n"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _plain(text: str) -> str:
    """Without what hledger reads as its own: a semicolon (a comment), a bar (the payee's end), runs of blanks."""
    return " ".join(re.sub(r"[;|]", ",", text).split())


def _beancount_account(line: JournalLine) -> str:
    name = re.sub(r"[^A-Za-z0-9]+", "-", line.account.name.replace("'", "")).strip("-")
    parts = [_ROOTS[line.account.type], f"{line.account.code}-{name}"]
    if line.owner:
        driver_id, category = line.owner
        parts += [f"D{driver_id}", category]
    return ":".join(parts)


def _hledger_account(line: JournalLine) -> str:
    return ":".join([_ROOTS[line.account.type].lower(), f"{line.account.code} {line.account.name}", *line.owner])


def file_name_of(form: JournalFormat, told: str) -> str:
    """Return the name of a file of the journal: ``told`` is a batch's number or a view's days."""
    return f"journal-{told}.{form.suffix}"
