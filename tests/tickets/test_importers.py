"""What each importer makes of a file: by header, never by position; any bytes a clean result or a clean error."""

import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.tickets.files import EZPASS_HEAD, PVB_HEAD, TODAY, text, toll, violation
from tickets.errors import TicketFileInvalid
from tickets.importers import READERS, NobodysRow, ReceivedTicket, RowError, make_template
from tickets.importers.tables import MAX_COLUMNS
from tickets.importers.tlc import COLUMNS
from tickets.importers.values import moment_of, read_amount, read_city_clock, read_date

FLEET_HEAD = (
    "PLATE,STATE,TYPE,TERMINATED,SUMMONS,NON PROGRAM,ISSUE DATE,ISSUE TIME,SYS ENTRY,NEW ISSUE,VC,HEARING IND,"
    "PENALTY WARNING,JUDGMENT,FINE,PENALTY,INTEREST,REDUCTION,PAYMENT,NG PMT,AMOUNT DUE,VIO COUNTY,FRONT OR OPP,"
    "HOUSE NUMBER,STREET NAME,INTERSECT STREET,GEO LOC,STREET CODE1,STREET CODE2,STREET CODE3"
)
FLEET_ROW = (
    "9Z90B,NY,OMT,,1400000001,,11/16/2026,0752A,,,21,,,,65.00,10.00,0.00,0.00,25.00,,50.00,NY,F,12,BROADWAY,,,1,2,3"
)
NJ_HEAD = (
    "POSTING DATE,TRANSACTION DATE,TAG/PLATE NUMBER,AGENCY,DESCRIPTION,ENTRY TIME,ENTRY PLAZA,ENTRY LANE,EXIT TIME,"
    "EXIT PLAZA,EXIT LANE,VEHICLE TYPE CODE,AMOUNT,PREPAID,PLAN/RATE,FARE TYPE,BALANCE"
)
NJ_ROW = "11/17/2026,11/16/2026,00412345678,PANYNJ,TOLL,,,,17:05:01,GWB,03,1,($14.06),N,STANDARD,F,$85.94"


#: How a workbook holds a day.
MIDNIGHT = datetime(2026, 11, 16)  # noqa: DTZ001


def read(content: bytes, kind: str = "ezpass") -> list[Any]:
    return list(READERS[kind](io.BytesIO(content), latest_on=TODAY))


def read_one(content: bytes, kind: str = "ezpass") -> Any:
    (row,) = read(content, kind)
    return row


class TestStatements:
    def test_the_first_style(self):
        row = read_one(text(EZPASS_HEAD, [toll(1, amount="$-1,009.11")]))
        assert (row.number, row.plate, row.state, row.amount) == ("1", "T100001C", "NY", Decimal("1009.11"))
        assert row.moment.at.isoformat() == "2026-11-16T10:00:00-05:00"

    def test_the_later_style_in_another_order(self):
        head = (
            "Posted Date,Lane Txn ID,Amount,Date,Time,Agency,Entry Plaza,Exit Plaza,Tag/Plate #,Post Txn Balance,Class"
        )
        row = read_one(text(head, ["11/17/2026,55,($2.86),11/16/2026,05:13:32 PM,NYSTA,15,19,99900000111,$1.00,2L"]))
        assert (row.number, row.tag, row.amount, row.place) == ("55", "99900000111", Decimal("2.86"), "NYSTA 15 to 19")
        assert row.moment.at.isoformat() == "2026-11-16T17:13:32-05:00"

    def test_new_jerseys_rows_are_known_by_their_facts(self):
        first, second = read(text(NJ_HEAD, [NJ_ROW, NJ_ROW]))
        again = read_one(text(NJ_HEAD, [NJ_ROW.replace("$85.94", "$1.00")]))
        assert first.number == again.number
        assert second.number == f"{first.number}-2"
        assert (first.tag, first.amount) == ("00412345678", Decimal("14.06"))
        assert first.moment.at.isoformat() == "2026-11-16T17:05:01-05:00"

    def test_refunds_payments_and_the_zone(self):
        refund, zone, payment = read(
            text(EZPASS_HEAD, [toll(1, amount="$9.11"), toll(2, agency="CBDTP"), ",' ',,,,PAYMENT,10/03/2025,,$25.00"])
        )
        assert (refund.amount, zone.look_at) == (Decimal("-9.11"), "CONGESTION")
        assert isinstance(payment, NobodysRow)


class TestViolations:
    def test_open_data(self):
        row = read_one(text(PVB_HEAD, [violation(7001)]), "pvb")
        assert (row.number, row.amount, row.place) == ("7001", Decimal("50.00"), "BX")

    def test_the_fleet_program(self):
        row = read_one(text(FLEET_HEAD, [FLEET_ROW]), "pvb-fleet")
        assert (row.number, row.plate, row.amount) == ("1400000001", "9Z90B", Decimal("50.00"))
        assert row.moment.at.isoformat() == "2026-11-16T07:52:00-05:00"

    def test_a_row_of_31_fields_is_refused_with_its_line(self):
        error, fine = read(text(FLEET_HEAD, [FLEET_ROW + ",9", FLEET_ROW]), "pvb-fleet")
        assert (error.row, error.message) == (2, "The row has 31 fields, the header 30.")
        assert isinstance(fine, ReceivedTicket)

    @pytest.mark.parametrize(
        ("old", "new", "column"),
        [
            ("11/16/2026", "51/71/2004", "Issue Date"),
            ("11/16/2026", "", "Issue Date"),
            ("10:00A", "25:00P", "Violation Time"),
            (",7001,", ",,", "Summons Number"),
            ("T100001C", "", "Plate"),
            ("50.00,0.00", "fifty,0.00", "Fine Amount"),
        ],
    )
    def test_errors_name_their_column(self, old, new, column):
        error = read_one(text(PVB_HEAD, [violation(7001).replace(old, new, 1)]), "pvb")
        assert isinstance(error, RowError)
        assert (error.row, error.column) == (2, column)

    def test_a_blank_time_is_any_of_the_day(self):
        row = read_one(text(PVB_HEAD, [violation(7001).replace("10:00A", "")]), "pvb")
        assert row.moment.at.isoformat() == "2026-11-16T00:00:00-05:00"
        assert row.moment.at_latest.isoformat() == "2026-11-16T23:59:59-05:00"


class TestSummonses:
    def test_the_template_filled_in(self):
        row = "FN1,directive,11/16/2026,5:05 PM,1234567,9Z90,,,100.00,12/15/2026,Seen at JFK"
        got = read_one(make_template().encode() + row.encode(), "tlc")
        assert (got.number, got.violation, got.license, got.medallion) == ("FN1", "Directive", "1234567", "9Z90")
        assert (got.amount, got.due_on) == (Decimal("100.00"), date(2026, 12, 15))

    @pytest.mark.parametrize(
        ("row", "column"),
        [
            ("FN1,Jaywalking,11/16/2026,,1234567,,,,1.00,,", "Type"),
            ("FN1,Directive,11/16/2026,,,,,,1.00,,", "TLC License"),
            ("FN1,Directive,11/16/2026,,1234567,,,,0.00,,", "Amount"),
            ("FN1,Directive,11/16/2026,,1234567,,,,1.00,12/45/2026,", "Due Date"),
            ("X-REFUND,Directive,11/16/2026,,1234567,,,,1.00,,", "Summons Number"),
        ],
    )
    def test_errors(self, row, column):
        assert read_one(make_template().encode() + row.encode(), "tlc").column == column


class TestFiles:
    @pytest.mark.parametrize(
        "encode",
        [
            lambda content: b"\xef\xbb\xbf" + content,
            lambda content: content.replace(b"\n", b"\r\n"),
            lambda content: content.replace(b"\n", b"\r"),
            lambda content: content.replace(b"\n", b"\n\n , ,\n").replace(b" , ,", b""),
            lambda content: content.decode().encode("utf-16"),
            lambda content: content.replace(b"RKB", "Ca\xf1on, \xa7".encode("latin-1").join([b'"', b'"'])),
        ],
        ids=["bom", "crlf", "cr", "blank lines", "utf-16", "latin-1 and a quoted comma"],
    )
    def test_survives(self, encode):
        rows = read(encode(text(EZPASS_HEAD, [toll(1), toll(2)])))
        assert [row.number for row in rows] == ["1", "2"]

    def test_a_quoted_line_end_keeps_the_line_numbers(self):
        rows = read(text(EZPASS_HEAD, [toll(1, plaza='"R\nKB"'), toll(2, amount="x")]))
        assert [row.row for row in rows] == [2, 4]

    def test_a_workbook_reads_as_its_text_would(self):
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(EZPASS_HEAD.split(","))
        sheet.append([90000000001, "NY T100001C", "MTAB&T", None, "RKB", 31, date(2026, 11, 16), time(10, 0), -9.11])
        sheet.append([])
        sheet.append([2, 99900000111, "NYSTA", "15", "19", "2L", MIDNIGHT, "05:13:32 PM", "($1,002.86)"])
        sheet.append([3, "NY T100001C", "MTAB&T", None, "RKB", 31, "11/16/2026", "10:00", -9.11, "extra"])
        file = io.BytesIO()
        book.save(file)
        first, second, error = read(file.getvalue())
        assert (first.number, first.amount) == ("90000000001", Decimal("9.11"))
        assert first.moment.at.isoformat() == "2026-11-16T10:00:00-05:00"
        assert (second.row, second.tag, second.amount) == (4, "99900000111", Decimal("1002.86"))
        assert (error.row, error.message) == (5, "The row has 10 fields, the header 9.")

    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "empty"),
            (b"\n\n", "empty"),
            (b"a,b\n1,2\n", "names no column"),
            (b"\x00\x01\x02", "neither text nor"),
            (b"PK\x03\x04broken", "damaged"),
            (f"{EZPASS_HEAD},Amount\n".encode(), "same name"),
            (f'{EZPASS_HEAD}\n"never ends'.encode(), "can't be read as CSV"),
            (b"," * (MAX_COLUMNS + 1) + b"x\n", "columns"),
        ],
    )
    def test_refuses_by_a_sentence(self, content, says):
        with pytest.raises(TicketFileInvalid, match=says):
            read(content)


class TestValues:
    @pytest.mark.parametrize(
        ("written", "amount"),
        [
            ("$-9.11", "-9.11"),
            ("-$9.11", "-9.11"),
            ("($9.11)", "-9.11"),
            ("$-1,009.11", "-1009.11"),
            ("9", "9.00"),
            (".5", "0.50"),
            ("9.110", "9.11"),
            ("$0.00", "0.00"),
        ],
    )
    def test_amounts(self, written, amount):
        assert str(read_amount(written)) == amount

    @pytest.mark.parametrize(
        "odd", ["", "$", "9.1.1", "12,50", "(9.11", "-(9.11)", "9.111", "NaN", "1e3", "٩.١١", "99999999"]
    )
    def test_odd_amounts(self, odd):
        with pytest.raises(ValueError):
            read_amount(odd)

    @pytest.mark.parametrize(
        ("written", "clock"),
        [("06:56P", time(18, 56)), ("0752A", time(7, 52)), ("12:15A", time(0, 15)), ("0015A", time(0, 15))],
    )
    def test_city_clocks(self, written, clock):
        assert read_city_clock(written) == clock

    @pytest.mark.parametrize("odd", ["51/71/2004", "02/29/2026", "13/01/2026", "11/16/26", "01/01/1999", "12/01/2026"])
    def test_odd_dates(self, odd):
        with pytest.raises(ValueError):
            read_date(odd, latest_on=TODAY)

    def test_the_clock_changes(self):
        twice = moment_of(date(2026, 11, 1), time(1, 30))
        assert (twice.at.isoformat(), twice.at_latest.isoformat()) == (
            "2026-11-01T01:30:00-04:00",
            "2026-11-01T01:30:00-05:00",
        )
        never = moment_of(date(2026, 3, 8), time(2, 30))
        assert never.at.isoformat() == never.at_latest.isoformat() == "2026-03-08T03:30:00-04:00"


LIMITS = {"number": 40, "tag": 16, "plate": 10, "state": 2, "medallion": 6, "license": 7}
HEADS = {"ezpass": EZPASS_HEAD, "pvb": PVB_HEAD, "pvb-fleet": FLEET_HEAD, "tlc": ",".join(COLUMNS)}
SEEDS = [text(EZPASS_HEAD, [toll(1), toll(2)]), text(PVB_HEAD, [violation(1)]), text(NJ_HEAD, [NJ_ROW]), b"PK\x03\x04"]

cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["NY T100001C", "$-9.11", "11/16/2026", "10:00A", "1", "PAYMENT", "'", '"', "\x00", "\ud800", "\n"]
    ),
)


def read_cleanly(content: bytes, kind: str) -> None:
    try:
        rows = read(content, kind)
    except TicketFileInvalid:
        return
    for row in rows:
        assert row.row > 1
        if isinstance(row, ReceivedTicket):
            assert all(len(getattr(row, name)) <= limit for name, limit in LIMITS.items())
            assert row.number
            assert row.moment.at <= row.moment.at_latest
            assert row.amount == row.amount.quantize(Decimal("0.01"))
        "".join([*row.received, *row.received.values()]).encode()  # no half characters


class TestAnyBytes:
    @settings(max_examples=60, deadline=None)
    @given(st.binary(max_size=400), st.sampled_from(sorted(READERS)))
    def test_whatever_comes(self, content, kind):
        read_cleanly(content, kind)

    @settings(max_examples=60, deadline=None)
    @given(st.sampled_from(SEEDS), st.integers(0, 300), st.binary(max_size=20), st.sampled_from(sorted(READERS)))
    def test_a_file_damaged_somewhere(self, content, place, damage, kind):
        read_cleanly(content[:place] + damage + content[place + len(damage) :], kind)

    @settings(max_examples=80, deadline=None)
    @given(st.sampled_from(sorted(READERS)), st.data())
    def test_any_cells_under_a_good_header(self, kind, data):
        width = HEADS[kind].count(",") + 1
        row = data.draw(st.lists(cells, min_size=width, max_size=width))
        quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
        read_cleanly(f"{HEADS[kind]}\n{quoted}\n".encode("utf-8", "surrogatepass"), kind)
