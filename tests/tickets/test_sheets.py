"""A workbook of several sheets: one that goes on elsewhere is refused by name; what is beside the rows is nobody's."""

import io
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart

from tests.tickets.files import (
    EZPASS_HEAD,
    FLEET_HEAD,
    NJ_HEAD,
    PVB_HEAD,
    TLC_HEAD,
    fleet_violation,
    nj_toll,
    read,
    summons,
    toll,
    violation,
    workbook,
)
from tickets.errors import TicketFileInvalid
from tickets.importers import ReceivedTicket, tables

FIRST = [EZPASS_HEAD.split(","), toll(1).replace('"', "").split(",")]
SECOND = toll(2).replace('"', "").split(",")
SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def numbers_of(content: bytes) -> list[str]:
    rows = read(content)
    assert all(isinstance(row, ReceivedTicket) for row in rows)
    return [row.number for row in rows]


class TestGoesOn:
    @pytest.mark.parametrize(
        "rows",
        [
            [FIRST[0], SECOND],
            [[], FIRST[0], [], SECOND],
            [SECOND],
            [["Page 2"], SECOND],
            [NJ_HEAD.split(","), nj_toll().split(",")],
            [PVB_HEAD.split(","), violation(1).split(",")],
            [FLEET_HEAD.split(","), fleet_violation().split(",")],
            [TLC_HEAD.split(","), summons(license="5401671").split(",")],
            [FIRST[0], ["not a number", "of any kind"]],
        ],
        ids=["head", "blanks", "rows alone", "title", "New Jersey", "violations", "fleet", "summonses", "errors"],
    )
    def test_is_refused_by_the_name_of_its_sheet(self, rows):
        with pytest.raises(TicketFileInvalid) as refusal:
            read(workbook(*FIRST, notes=[["Paid on Friday"]], November=rows))
        assert str(refusal.value) == (
            "Only the first sheet is read, and 'November' has rows too: save it as a file of its own."
        )

    @pytest.mark.parametrize(
        ("kind", "head", "row"),
        [
            ("pvb", PVB_HEAD, violation(1)),
            ("pvb-fleet", FLEET_HEAD, fleet_violation()),
            ("tlc", TLC_HEAD, summons(license="5401671")),
            ("ezpass", NJ_HEAD, nj_toll()),
        ],
    )
    def test_of_each_kind(self, kind, head, row):
        first = [head.split(","), row.split(",")]
        for more in (first, first[1:]):
            with pytest.raises(TicketFileInvalid, match="'more' has rows too"):
                read(workbook(*first, more=more), kind)

    def test_even_where_the_first_sheet_has_a_head_alone(self):
        with pytest.raises(TicketFileInvalid, match="'more' has rows too"):
            read(workbook(FIRST[0], more=FIRST))


class TestStandsInTheWayOfNone:
    @pytest.mark.parametrize(
        "rows",
        [
            [],
            [[], [" "]],
            [FIRST[0]],
            [["Paid on Friday", "by check"]],
            [["Plate", "Tag"], ["T100001C", "00470002743"]],
            [["Agency", "Trips", "Amount"], ["MTAB&T", 12, -109.32], ["Total", 12, -109.32]],
            [["Statement of", date(2026, 11, 18)], ["Tolls", 1], ["Balance", 85.94]],
            [["x"] * 300],
            [["", "", "", "", "", "", "", "", -9.11]],
        ],
        ids=["empty", "blanks", "head", "notes", "list", "sums", "cover", "wide", "total"],
    )
    def test_what_is_beside_the_rows(self, rows):
        assert numbers_of(workbook(*FIRST, beside=rows)) == ["1"]

    def test_what_is_not_shown(self):
        assert numbers_of(workbook(*FIRST, hidden=[FIRST[0], SECOND])) == ["1"]

    def test_a_picture_of_it(self):
        book = Workbook()
        for row in FIRST:
            book.worksheets[0].append(row)
        book.create_chartsheet("Chart").add_chart(BarChart())
        out = io.BytesIO()
        book.save(out)
        assert numbers_of(out.getvalue()) == ["1"]


class TestHostile:
    def write(self, sheet: bytes, *, names: int = 1) -> bytes:
        """A workbook whose second sheet is this one, under so many names."""
        out = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(workbook(*FIRST, more=[]))) as before,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
        ):
            for part in before.namelist():
                content = before.read(part)
                if part == "xl/worksheets/sheet2.xml":
                    content = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (SHEETS.encode(), sheet)
                if part == "xl/workbook.xml":
                    start = content.index(b"<sheet ", content.index(b'name="more"') - 60)
                    named = content[start : content.index(b"/>", start) + 2]
                    content = content.replace(named, named * names)
                made.writestr(part, content)
        return out.getvalue()

    @pytest.mark.parametrize(
        "sheet",
        [
            b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
            b'<row r="1"><c r="XFD1"><v>1</v></c></row>' * 3,
            b'<row r="1"><c r="A1" t="s"><v>999999</v></c></row>',
            b'<row r="nowhere"><c r="A1"><v>1</v></c></row>',
        ],
        ids=["far row", "far column", "no such text", "no row"],
    )
    def test_a_sheet_that_is_not_read_is_nobodys(self, sheet):
        assert numbers_of(self.write(sheet)) == ["1"]

    def test_a_sheet_of_many_names_is_looked_at_once(self, monkeypatch):
        looked: list[int] = []
        rows = tables.WorkbookFile.rows

        def count(self, place, **bounds):
            looked.append(place)
            return rows(self, place, **bounds)

        monkeypatch.setattr(tables.WorkbookFile, "rows", count)
        assert numbers_of(self.write(b"<row><c><v>1</v></c></row>", names=40)) == ["1"]
        assert looked == [0, 1]

    def test_no_more_is_read_of_a_sheet_than_its_first_rows(self, monkeypatch):
        monkeypatch.setattr(tables, "WORKBOOK_LIMITS", tables.Limits(unpacked=2**26, rows=100, columns=20, cells=500))
        assert numbers_of(self.write(b"<row><c><v>1</v></c><c><v>2</v></c></row>" * 1_000)) == ["1"]
