"""What leaves as a table is never run by the spreadsheet that opens it, and is read back as what it was."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.conf import settings
from openpyxl import load_workbook

from core.sheets import make_csv, mark_text, write_xlsx
from tests.config.test_structure import OWN_FOLDERS

#: Who makes files for spreadsheets; everybody else asks core/sheets. The rest are templates without a free text.
WRITERS = {
    *("core/sheets.py", "dtr/exports/tables.py", "golive/importers/workbook.py", "ledger/exports/formats.py"),
    "config/demo/charges.py",
}


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\tx", "\rx", "\n=1", "  =1+1", '"=1+1', "' =1+1", "“=1+1", "\u200b=1+1"),
        *(
            "＝1+1",
            "＋1",
            "－1+1",
            "＠A1",
            " ＝1",
            "\ufeff=1",
            "\x00=1+1",
            "\x1f\x01@A1",
            "-",
            "+1 (718) 555-1000",
            "=" * 9,
        ),
        *(
            '=HYPERLINK("http://x.invalid","me")',
            "=cmd|' /C calc'!A0",
            "-2+3+cmd|' /C calc'!A0",
            "\u00a0=1",
            "\u2060=1",
        ),
    ],
)
def test_a_text_that_would_be_run_is_marked(text):
    (_, [cell]) = csv.reader(io.StringIO(make_csv(["A"], [[text]]).decode("utf-8-sig"), newline=""))
    assert cell.startswith("'")
    assert cell.lstrip("'").lstrip() in text


@pytest.mark.parametrize(
    "text",
    [
        "-14.06",
        "+1,014.00",
        "-5",
        "17185551000",
        "1-800-555",
        "a=b",
        "Ana @ 5",
        "王=",
        "",
        "(14.06)",
        "a\nb",
        "#1",
        "x" * 40_000,
    ],
)
def test_numbers_and_words_stay_as_they_are(text):
    assert mark_text(text) == text


def test_a_workbook_opens_whatever_its_texts_hold():
    texts = ["=1+1", "\x00a\x0b\x1f", "a\ufffe\uffffb", "x" * 40_000, "＝1", "_x0041_"]
    file = io.BytesIO()
    write_xlsx(file, "Texts", ["Text", "Amount"], [[text, Decimal("-14.06")] for text in texts])

    rows = list(load_workbook(io.BytesIO(file.getvalue())).active.iter_rows(min_row=2))
    assert [row[0].data_type for row in rows] == ["s"] * len(texts)
    assert [row[0].value for row in rows][:3] == ["=1+1", "a", "ab"]
    assert {float(row[1].value) for row in rows} == {-14.06}


def test_nobody_else_writes_tables():
    """Another writer would be one more place to forget it in."""
    writing = re.compile(r"csv\.(Dict)?[wW]riter\(|\bWorkbook\(")
    sources = (path for folder in OWN_FOLDERS for path in (settings.BASE_DIR / folder).rglob("*.py"))
    found = {path.relative_to(settings.BASE_DIR).as_posix() for path in sources if writing.search(path.read_text())}
    assert {name for name in found if not name.startswith(("tests/", "bench/"))} == WRITERS
