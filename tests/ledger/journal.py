"""What other programs read in the journal: the balances that beancount and hledger find in a file of ours."""

import csv
import io
import re
import shutil
import subprocess
import warnings
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from beancount.core import data as beancount
from beancount.loader import load_file
from beancount.ops.validation import HARDCORE_VALIDATIONS

from ledger.exports import FORMATS
from ledger.selectors import JournalEntry, list_chart_rows

Balances = dict[str, Decimal]

#: Debian's; a machine without it compares with beancount alone, and says so.
HLEDGER = shutil.which("hledger")


def write_journal(form: str, entries: Iterable[JournalEntry], folder: Path) -> Path:
    path = folder / f"journal.{FORMATS[form].suffix}"
    path.write_bytes(b"".join(FORMATS[form].encode(entries, list_chart_rows())))
    return path


def read_in_both(entries: Iterable[JournalEntry], folder: Path) -> Balances:
    """Return what beancount finds, and hledger no less."""
    listed = list(entries)
    found = read_with_beancount(write_journal("beancount", listed, folder))
    if HLEDGER:
        other = read_with_hledger(write_journal("hledger", listed, folder))
        apart = sorted(other.items() ^ found.items())
        assert not apart, apart
    else:
        warnings.warn("hledger is not installed (on Debian: apt-get install hledger)", stacklevel=2)
    return found


def read_with_hledger(path: Path) -> Balances:
    """Return the balance of each account but those of zero, by its code and what is below it: ``1100:12:LEASE``."""
    told = subprocess.run(
        [HLEDGER or "hledger", "-f", str(path), "balance", "--flat", "-N", "-O", "csv"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = list(csv.reader(io.StringIO(told.stdout)))[1:]
    return {_code_of(account, " "): Decimal(amount.split()[0]) for account, amount in rows}


def read_with_beancount(path: Path) -> Balances:
    """Return the same, from beancount, which must find nothing wrong by the checks of ``bean-check``."""
    entries, errors, _ = load_file(str(path), extra_validations=HARDCORE_VALIDATIONS)
    assert errors == []
    found: Balances = {}
    for entry in entries:
        if isinstance(entry, beancount.Transaction):
            for line in entry.postings:
                account = re.sub(r":D(?=\d)", ":", _code_of(line.account, "-"))
                assert line.units is not None
                assert line.units.number is not None
                found[account] = found.get(account, Decimal(0)) + line.units.number
    return {account: amount for account, amount in found.items() if amount}


def sum_by_account(balances: Balances) -> Balances:
    """The balance of each account of the chart, with all that is below it; those of zero left out."""
    found: Balances = {}
    for account, amount in balances.items():
        code = account.split(":")[0]
        found[code] = found.get(code, Decimal(0)) + amount
    return {code: amount for code, amount in found.items() if amount}


def _code_of(account: str, after_code: str) -> str:
    _, named, *owner = account.split(":")
    return ":".join([named.split(after_code)[0], *owner])
