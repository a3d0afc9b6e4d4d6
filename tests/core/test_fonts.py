"""Names in every script that drivers of New York write are printed with their own letters, in their own direction."""

import io
import logging
import re
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import pytest
import typst
from django.conf import settings
from pypdf import PdfReader
from pypdf.generic import ContentStream

from core import fonts
from core.typesetting import typeset

TEMPLATES = settings.BASE_DIR / "templates"
MADE_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
NAMES = (
    "Nguyễn Thị Hồng Đặng", "Мария Ґрунь", "Γιώργος", "محمد عبد الله", "بلال گل", "יוסף כהן", "মোহাম্মদ রহমান",
    "राम बहादुर", "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "ગીતા", "வேலு", "సీత", "ಗೌಡ", "മോഹൻ", "ଓଡ଼ିଆ", "සුනිල්", "สมชาย ใจดี", "ລາວ", "សុខ",
    "မောင်", "አበበ ቢቂላ", "გიორგი", "Հայկ", "王小明", "陳大文", "山田カナ", "김철수", "Ștefan Żółć İğ",
)  # fmt: skip
#: Scripts whose letters stand as they are read, each with a glyph of its own: a program reads them back as they were.
AS_WRITTEN = re.compile(r"[\u0000-\u058F\u10A0-\u139F\u1E00-\u1FFF\u3000-\uD7FF]+")


def print_names(*names: str) -> bytes:
    """An account statement whose facts are these names; it is set as a driver's is."""
    table = {"names": ["", "", "", ""], "opening": ["", ""], "rows": [], "closing": ["", ""]}
    data = {
        "title": "Names", "fleet": {"name": names[0], "contact": ""}, "facts": [["Driver", name, ""] for name in names],
        "answer": ["", ""], "money": table, "deposits": None, "footer": "",
    }  # fmt: skip
    return typeset(TEMPLATES / "ledger" / "statement.typ", data, made_at=MADE_AT)


def count_boxes(pdf: bytes) -> int:
    """How many glyphs of number 0 are drawn: the box that stands for a letter which a font has not."""
    boxes = 0
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for operands, operator in ContentStream(page.get_contents(), page.pdf).operations:
            if operator in (b"Tj", b"TJ"):
                shown = operands[0] if operator == b"TJ" else operands
                texts = [text.original_bytes for text in shown if hasattr(text, "original_bytes")]
                boxes += sum(text[place : place + 2] == b"\0\0" for text in texts for place in range(0, len(text), 2))
    return boxes


def letters_of(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_no_name_is_printed_with_boxes(caplog: pytest.LogCaptureFixture) -> None:
    printed = print_names(*NAMES)

    assert count_boxes(printed) == 0
    assert caplog.records == []
    told = "".join(letters_of(printed).split())
    for name in NAMES:
        assert "".join(name.split()) in told or not AS_WRITTEN.fullmatch(name), name
        assert {*name} - {*told} <= {" "}, name
    # A reader that goes from left to right meets the family name first: the line began at the right.
    assert "כהןיוסף" in told
    # The same again, and whatever stands beside it.
    assert printed == print_names(*NAMES)


def test_a_letter_that_no_font_has_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        printed = print_names("བསོད་ནམས")

    assert count_boxes(printed) > 0
    assert "statement.typ is printed with boxes: no font has U+0F0B TIBETAN MARK INTERSYLLABIC TSHEG" in caplog.text


def test_a_font_of_the_office_is_used(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    *others, (last, _) = fonts._WHEELS
    monkeypatch.setattr(fonts, "_WHEELS", others)
    assert fonts.choose_fonts("王")[1] == "王"

    settings.FONTS_DIR = str(files(last))
    assert fonts.choose_fonts("王")[1] == ""
    assert count_boxes(print_names("王小明")) == 0


def test_a_plain_name_needs_the_first_font_alone() -> None:
    folders, missing = fonts.choose_fonts("José Núñez − 1,014.00 € · “\u200bOK\u200f”\n")
    assert (len(folders), missing) == (1, "")


@pytest.mark.parametrize("template", ["dtr/dtr-2.typ", "ledger/statement.typ"])
def test_a_template_names_each_family_that_comes_with_the_wheels(template: str) -> None:
    """What it doesn't name it would be given in the order in which the folder happens to be listed."""
    folders = fonts.choose_fonts("王")[0]
    families = typst.Fonts(False, False, [str(folder) for folder in folders]).families()
    told = (TEMPLATES / template).read_text()
    # One of the five regions' collection is enough: each draws the letters of all.
    assert [name for name in families if f'"{name}"' not in told and "Noto Sans CJK" not in name] == []
    assert "Noto Sans CJK SC" in families
