"""Workbooks that somebody made to hold the server, and those that a spreadsheet wrote: seconds, or one sentence."""

import io
import zipfile
from datetime import datetime

import pytest
from openpyxl import Workbook

from core.workbooks import NEVER_RECKONED, BadWorkbookError, Limits, WorkbookFile

LIMITS = Limits(unpacked=64 * 2**20, rows=1_000, columns=20, cells=5_000)
MEGABYTES = 2**20
_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def written(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    """A workbook of one row in which a part is another one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(written(["a"]))) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for part in before.namelist():
            if part != name:
                made.writestr(part, before.read(part))
        made.writestr(name, content)
    return out.getvalue()


def with_sheet(body: bytes) -> bytes:
    return with_part("xl/worksheets/sheet1.xml", _HEAD + body + b"</sheetData></worksheet>")


def rows_of(content: bytes) -> list[tuple[int, list[str]]]:
    return list(WorkbookFile(io.BytesIO(content), LIMITS).rows(0))


def test_rows_are_numbered_as_in_the_sheet_and_end_with_their_last_cell():
    day = datetime(2026, 11, 23, 21, 2)  # noqa: DTZ001  (what a wall clock showed)
    content = written(["Tag", "Amount"], [], [470001266, -14.06, None], [day, 0.1 + 0.2])
    assert rows_of(content) == [
        (1, ["Tag", "Amount"]),
        (3, ["470001266", "-14.06"]),
        (4, ["11/23/2026 21:02:00", "0.3"]),
    ]


def test_a_number_that_a_spreadsheet_keeps_in_seventeen_digits_is_the_one_it_shows():
    assert rows_of(with_sheet(b'<row r="1"><c r="A1"><v>-14.060000000000001</v></c></row>')) == [(1, ["-14.06"])]


@pytest.mark.parametrize(
    ("cell", "comes"),
    [
        (b"<f>1+1</f>", NEVER_RECKONED),
        (b"<f>1+1</f><v></v>", NEVER_RECKONED),
        (b'<f t="shared" si="0"/>', NEVER_RECKONED),
        (b"<f>1+1</f><v>2</v>", "2"),
        (b"<f>1-1</f><v>0</v>", "0"),
        (b"<v></v>", ""),
        (b"", ""),
    ],
)
def test_a_formula_without_its_value_is_no_empty_cell(cell, comes):
    assert rows_of(with_sheet(b'<row r="1"><c r="A1">' + cell + b'</c><c r="B1"><v>1</v></c></row>')) == [
        (1, [comes, "1"])
    ]


def test_a_formula_that_came_to_an_empty_text_is_empty():
    cell = b'<row r="1"><c r="A1" t="str"><f>""</f><v></v></c><c r="B1"><v>1</v></c></row>'
    assert rows_of(with_sheet(cell)) == [(1, ["", "1"])]


def test_rows_that_go_back_are_left_out():
    rows = b"".join(
        b'<row r="%d"><c><v>%d</v></c></row>' % (number, place) for place, number in enumerate((2, 1, 2, 4))
    )
    assert rows_of(with_sheet(rows)) == [(2, ["0"]), (4, ["3"])]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'<row r="1" x="' + b"A" * (20 * MEGABYTES) + b'"></row>', "a piece that is longer than any that is written"),
        (b'<row r="1" x="' + b">" * (20 * MEGABYTES) + b'"></row>', "a piece that is longer than any that is written"),
        (b'<row r="1"><c t="str"><v>' + b"A" * MEGABYTES + b"</v></c></row>", "a piece that is longer"),
        (b"<!--" + b"<a " * MEGABYTES + b"-->", "a piece that is longer"),
        (b"<?x " + b"<a " * MEGABYTES + b"?>", "a piece that is longer"),
        (b"<row/>" * (4 * MEGABYTES), "more rows or texts than any|unpacks to more"),
        (b"<row/>" * (12 * MEGABYTES), "more rows or texts than any|unpacks to more"),
        (b"<row>" + b"<c/>" * MEGABYTES + b"</row>", "a row of more cells than any"),
        (b"<row>" + b"<a>" * MEGABYTES + b"</a>" * MEGABYTES + b"</row>", "a row of more cells than any"),
        ((b"<a>" + b"<row></row>") * 2 * MEGABYTES, "more rows or texts than any|unpacks to more"),
        (b'<row r="999999999"><c r="A999999999"><v>1</v></c></row>', "more than 1,000 rows"),
        (b'<row r="1"><c r="XFD1"><v>1</v></c></row>', "Row 1 has 16384 columns; at most 20 are read."),
        (b"<row>" + b"<c><v>1</v></c>" * 20 + b"</row>" + b"<row>" + b"<c><v>1</v></c>" * 20 + b"</row>", ""),
        ((b"<row>" + b"<c><v>1</v></c>" * 20 + b"</row>") * 260, "more than 5,000 cells"),
    ],
    ids=[
        "attribute",
        "brackets",
        "text",
        "comment",
        "instruction",
        "rows",
        "bomb",
        "cells of a row",
        "deep",
        "nested",
        "far row",
        "far column",
        "small",
        "cells",
    ],
)
def test_a_sheet_costs_no_more_than_its_limits(body, says):
    if not says:
        assert len(rows_of(with_sheet(body))) == 2
        return
    with pytest.raises(BadWorkbookError, match=says):
        rows_of(with_sheet(body))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<worksheet/>".encode("utf-16"), "not in UTF-8"),
        (b'<?xml version="1.0" encoding="cp037"?><worksheet/>', "not in UTF-8"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>', "declares a document type"),
        (b"<work\0sheet/>", "damaged"),
        (b"no XML", "can't be read"),
    ],
    ids=["utf-16", "ebcdic", "document type", "nul", "text"],
)
def test_a_part_that_no_spreadsheet_writes(content, says):
    with pytest.raises(BadWorkbookError, match=says):
        rows_of(with_part("xl/worksheets/sheet1.xml", content))


LAUGHS = b'<!DOCTYPE lolz [<!ENTITY a "ha">%s]><sst>&a9;</sst>' % b"".join(
    b'<!ENTITY a%d "%s">' % (place, b"&a%d;" % (place - 1) * 10 if place else b"&a;" * 10) for place in range(10)
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst>&a;</sst>'


@pytest.mark.parametrize(
    "part", ["xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml", "docProps/core.xml"]
)
@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
def test_no_part_has_entities(part, content):
    with pytest.raises(BadWorkbookError, match="declares a document type"):
        rows_of(with_part(part, content))


def test_parts_are_never_unpacked_into_files(tmp_path, monkeypatch):
    """Whatever their names lead to; a workbook in a workbook, a program and a page in it are parts like others."""
    monkeypatch.chdir(tmp_path)
    content = with_part("../../escaped.xml", b"<a/>")
    for name, inside in (("/etc/escaped", b"x"), ("..\\escaped", b"x"), ("xl/again.xlsx", content), ("a\0b", b"x"),
                         ("xl/vbaProject.bin", b"MZ"), ("xl/media/a.svg", b"<svg><script/></svg>")):  # fmt: skip
        out = io.BytesIO(content)
        with zipfile.ZipFile(out, "a") as package:
            package.writestr(name, inside)
        content = out.getvalue()

    assert rows_of(content) == [(1, ["a"])]
    assert list(tmp_path.rglob("*")) == []


def test_a_part_costs_what_it_is_and_not_what_it_says():
    """Four gigabytes by its own word are a kilobyte; three bytes by its own word are more, so it is damaged."""
    made = with_part("xl/media/big.bin", b"x" * 1_000)

    def claiming(size: int) -> bytes:
        content = bytearray(made)
        for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            at = content.rindex(mark)
            content[at + place : at + place + 4] = size.to_bytes(4, "little")
        return bytes(content)

    assert rows_of(claiming(0xFFFFFFFE)) == [(1, ["a"])]
    with pytest.raises(BadWorkbookError, match="damaged"):
        rows_of(claiming(3))


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"%PDF-1.7",
        b"GIF89a/*<script>*/", b"MZ\x90\0", b"\0" * 4_096, b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\0" * 18, b"",
    ],
)  # fmt: skip
def test_another_kind_of_file(content):
    with pytest.raises(BadWorkbookError):
        rows_of(content)


def test_texts_that_cells_share_are_bounded_wherever_they_stand():
    shared = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' + b"<si/>" * (13 * MEGABYTES)
    content = with_part("xl/worksheets/texts.xml", shared + b"</sst>")
    limits = Limits(unpacked=1_000 * MEGABYTES, rows=10, columns=10, packing=10_000)
    with pytest.raises(BadWorkbookError, match=r"more rows or texts than any|unpacks to more"):
        WorkbookFile(io.BytesIO(content), limits)


@pytest.mark.parametrize("cut", [0, 10, 100, -30])
def test_half_a_file(cut):
    content = written(["a"])
    with pytest.raises(BadWorkbookError, match="damaged"):
        rows_of(content[:cut])
