"""A file as rows of text: whatever wrote it, the same rows; and one sentence where it is no list of tickets."""

import codecs
import gc
import io
import zipfile
from datetime import date, datetime, time, timedelta

import pytest

from tests.tickets.files import (
    EZPASS_HEAD,
    LATER_HEAD,
    PVB_HEAD,
    TLC_HEAD,
    TODAY,
    read,
    read_one,
    summons,
    text,
    toll,
    violation,
    workbook,
)
from tickets.errors import TicketFileInvalid
from tickets.importers import READERS, ReceivedTicket, RowError, tables
from tickets.importers.tables import MAX_COLUMNS, read_lines

#: How a workbook holds a day.
MIDNIGHT = datetime(2026, 11, 16)  # noqa: DTZ001
#: A row of a later statement.
LATER_ROW = "11/17/2026,1,-9.11,11/16/2026,10:00:00 AM,MTAB&T,,RKB,NY T100001C,85.94,31"


def lines_of(content: bytes) -> list[tuple[int, list[str]]]:
    return [(line.number, line.cells) for line in read_lines(io.BytesIO(content))]


class TestText:
    @pytest.mark.parametrize(
        "encode",
        [
            lambda content: codecs.BOM_UTF8 + content,
            lambda content: content.replace(b"\n", b"\r\n"),
            lambda content: content.replace(b"\n", b"\r"),
            lambda content: content.replace(b"\n", b"\n\n , ,\n").replace(b" , ,", b""),
            lambda content: content.decode().encode("utf-16"),
            lambda content: codecs.BOM_UTF16_BE + content.decode().encode("utf-16-be"),
            lambda content: content.replace(b"RKB", "Ca\xf1on, \xa7".encode("latin-1").join([b'"', b'"'])),
            lambda content: content.rstrip(b"\n"),
        ],
        ids=["bom", "crlf", "cr", "blank lines", "utf-16", "utf-16 be", "latin-1, quoted comma", "no last line end"],
    )
    def test_survives(self, encode):
        rows = read(encode(text(EZPASS_HEAD, [toll(1), toll(2)])))
        assert [row.number for row in rows] == ["1", "2"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    def test_letters_beyond_ascii_arrive_as_written(self, encoding):
        content = text(EZPASS_HEAD, [toll(1, plaza="Cañón")]).decode().encode(encoding)
        assert read_one(content).place == "MTAB&T Cañón"

    def test_a_quoted_line_end_keeps_the_line_numbers(self):
        rows = read(text(EZPASS_HEAD, [toll(1, plaza='"R\nKB"'), toll(2, amount="x")]))
        assert [row.row for row in rows] == [2, 4]

    def test_blank_rows_are_left_out_and_counted(self):
        assert lines_of(b"a,b\n\n , \n1,2\n") == [(1, ["a", "b"]), (4, ["1", "2"])]

    def test_doubled_quotes_are_one(self):
        assert lines_of(b'a\n"1 ""x"""\n') == [(1, ["a"]), (2, ['1 "x"'])]

    def test_control_characters_become_blanks(self):
        assert read_one(text(EZPASS_HEAD, [toll(1, plaza="R\x07KB")])).place == "MTAB&T R KB"

    @pytest.mark.parametrize(("row", "fields"), [(toll(5) + ",extra", 10), ("5,NY T100001C", 2)])
    def test_a_row_of_another_width_is_an_error_and_the_next_is_read(self, row, fields):
        error, fine = read(text(EZPASS_HEAD, [row, toll(6)]))
        assert isinstance(error, RowError)
        assert (error.row, error.message) == (2, f"The row has {fields} fields, the header 9.")
        assert (fine.row, fine.number) == (3, "6")

    def test_a_short_row_names_its_first_missing_column(self):
        error = read_one(text(EZPASS_HEAD, ["5,NY T100001C,MTAB&T"]))
        assert (error.column, error.received) == ("Entry Plaza", {"row": "5, NY T100001C, MTAB&T"})

    def test_the_received_cells_are_kept_without_the_blank_ones(self):
        row = read_one(text(EZPASS_HEAD, [toll(1)]))
        assert row.received == {
            "Lane Txn ID": "1",
            "Tag/Plate #": "NY T100001C",
            "Agency": "MTAB&T",
            "Exit Plaza": "RKB",
            "Class": "31",
            "Date": "11/16/2026",
            "Exit Time": "10:00:00 AM",
            "Amount": "$-9.11",
        }


class TestWorkbooks:
    def test_reads_as_its_text_would(self):
        first, second, error = read(
            workbook(
                EZPASS_HEAD.split(","),
                [90000000001, "NY T100001C", "MTAB&T", None, "RKB", 31, date(2026, 11, 16), time(10, 0), -9.11],
                [],
                [2, 99900000111, "NYSTA", "15", "19", "2L", MIDNIGHT, "05:13:32 PM", "($1,002.86)"],
                [3, "NY T100001C", "MTAB&T", None, "RKB", 31, "11/16/2026", "10:00", -9.11, "extra"],
            )
        )
        assert (first.number, str(first.amount)) == ("90000000001", "9.11")
        assert first.moment.at.isoformat() == "2026-11-16T10:00:00-05:00"
        assert (second.row, second.tag, str(second.amount)) == (4, "99900000111", "1002.86")
        assert (error.row, error.message) == (5, "The row has 10 fields, the header 9.")

    def test_blank_cells_at_the_end_of_a_row_are_not_missing(self):
        row = read_one(workbook(PVB_HEAD.split(","), [*violation(7001).split(",")[:17]]), "pvb")
        assert isinstance(row, ReceivedTicket)
        assert (row.number, str(row.amount)) == ("7001", "50.00")

    @pytest.mark.parametrize(
        ("value", "written"),
        [
            (None, ""),
            (True, "TRUE"),
            (31, "31"),
            (31.0, "31"),
            (9.5, "9.5"),
            (MIDNIGHT, "11/16/2026"),
            (MIDNIGHT.date(), "11/16/2026"),
            (MIDNIGHT.replace(hour=17, minute=5), "11/16/2026 17:05:00"),
            (time(17, 5), "17:05:00"),
            (timedelta(hours=26), "26:00:00"),
        ],
    )
    def test_each_kind_of_cell_reads_as_text(self, value, written):
        ((_, cells),) = lines_of(workbook(["x", value, "y"]))
        assert cells == ["x", written, "y"]

    @pytest.mark.parametrize("column", ["Issue Time", "Due Date", "TLC License", "Amount", "Note", "Summons Number"])
    def test_a_formula_that_was_never_reckoned_is_an_error_of_its_row_and_column(self, column):
        head, row = TLC_HEAD.split(","), summons(license="5401671", due="12/15/2026").split(",")
        row[head.index(column)] = "=A1"
        error, fine = read(workbook(head, row, summons("FN2", license="5401671").split(",")), "tlc")
        assert isinstance(error, RowError)
        assert (error.row, error.column) == (2, column)
        assert error.message == ("It is a formula that was never reckoned: save the workbook in a spreadsheet first.")
        assert fine.number == "FN2"

    @pytest.mark.parametrize("column", ["Exit Time", "Agency", "Class", "Entry Plaza", "Tag/Plate #"])
    def test_so_it_is_in_a_statement(self, column):
        head, row = EZPASS_HEAD.split(","), toll(1).replace('"', "").split(",")
        row[head.index(column)] = "=A1"
        error = read_one(workbook(head, row))
        assert (error.row, error.column, error.message[:12]) == (2, column, "It is a form")

    def test_where_nobody_reads_it_a_formula_may_stand(self):
        row = LATER_ROW.split(",")
        row[LATER_HEAD.split(",").index("Post Txn Balance")] = "=SUM(C:C)"
        assert read_one(workbook(LATER_HEAD.split(","), row)).number == "1"


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "The file is empty."),
            (b"\n\n", "The file is empty."),
            (codecs.BOM_UTF8, "The file is empty."),
            (b"a,b\n1,2\n", "names no column"),
            (b"\x00\x01\x02", "neither text nor"),
            (b"PK\x03\x04broken", "The workbook is damaged."),
            (f"{EZPASS_HEAD},Amount\n".encode(), "same name: Amount"),
            (f"{EZPASS_HEAD}, amount \n".encode(), "same name"),
            (f'{EZPASS_HEAD}\n"never ends'.encode(), "can't be read as CSV"),
            (b"," * (MAX_COLUMNS + 1) + b"x\n", "Row 1 has 202 columns; at most 200 are read."),
            (f"{EZPASS_HEAD}\n{'x' * 2001}\n".encode(), "A cell of row 2 has more than 2000 characters."),
            (codecs.BOM_UTF16_LE + b"a", "The file is not text."),
            (workbook(), "The file is empty."),
        ],
    )
    def test_one_sentence_says_why(self, content, says):
        with pytest.raises(TicketFileInvalid) as refusal:
            read(content)
        assert says in str(refusal.value)
        assert (refusal.value.code, refusal.value.at_field) == ("unreadable_ticket_file", "file")

    def test_too_large(self, monkeypatch):
        monkeypatch.setattr(tables, "MAX_BYTES", 10)
        with pytest.raises(TicketFileInvalid, match="larger than 0 MB"):
            read(text(EZPASS_HEAD, []))

    def test_a_workbook_that_is_not_one(self):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as package:
            package.writestr("notes.txt", "no sheet here")
        with pytest.raises(TicketFileInvalid, match="The workbook can't be read"):
            read(file.getvalue())

    def test_a_workbook_that_unpacks_to_far_more(self):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
            package.writestr("xl/worksheets/sheet1.xml", b"\0" * 30_000_000)
        with pytest.raises(TicketFileInvalid, match="unpacks to more"):
            read(file.getvalue())

    def test_a_file_of_another_kind_is_let_go_while_it_is_open(self, tmp_path, recwarn):
        gc.collect()  # what earlier tests let lie is not this one's
        recwarn.clear()
        path = tmp_path / "other.csv"
        path.write_bytes(text(EZPASS_HEAD, [toll(1)]))
        with path.open("rb") as file:
            with pytest.raises(TicketFileInvalid) as refusal:
                list(READERS["pvb"](file, latest_on=TODAY))
            assert not file.closed
        del refusal
        gc.collect()
        assert not recwarn.list
