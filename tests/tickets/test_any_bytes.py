"""Whatever bytes a file has, each reader answers with clean rows or one clean refusal."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tickets.files import (
    ACTIVITY_HEAD,
    EZPASS_HEAD,
    FLEET_HEAD,
    LATER_HEAD,
    NJ_HEAD,
    PVB_HEAD,
    TLC_HEAD,
    nj_toll,
    read,
    read_one,
    text,
    toll,
    violation,
)
from tickets.errors import TicketFileInvalid
from tickets.importers import READERS, ReceivedTicket

LIMITS = {"number": 40, "tag": 16, "plate": 10, "state": 2, "medallion": 6, "license": 8}
HEADS = [
    ("ezpass", EZPASS_HEAD), ("ezpass", LATER_HEAD), ("ezpass", NJ_HEAD), ("ezpass", ACTIVITY_HEAD),
    ("pvb", PVB_HEAD), ("pvb-fleet", FLEET_HEAD), ("tlc", TLC_HEAD),
]  # fmt: skip
SEEDS = [
    text(EZPASS_HEAD, [toll(1), toll(2)]),
    text(PVB_HEAD, [violation(1)]),
    text(NJ_HEAD, [nj_toll()]),
    b"PK\x03\x04",
]

cells = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            *("NY T100001C", "7G52C-NY", "-", "00470001266", "470001266", "$-9.11", "($1,014.00)", "12,50", "1e9"),
            *("11/16/2026", "11/16/2026 10:00:00", "10:00A", "21:02:00", "1", "04e", "\u0661\u0662.\u0665\u0660"),
            *("PAYMENT", "TOLL", "ADJUSTMENT", "STATEMENT FEE", "CRZ", "'", '"', "\x00", "\ud800", "\n"),
        ]
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

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(HEADS), st.data())
    def test_any_cells_under_a_good_header(self, kind_and_head, data):
        kind, head = kind_and_head
        width = head.count(",") + 1
        row = data.draw(st.lists(cells, min_size=width, max_size=width))
        quoted = ",".join('"' + cell.replace('"', '""') + '"' for cell in row)
        read_cleanly(f"{head}\n{quoted}\n".encode("utf-8", "surrogatepass"), kind)


class TestAnyOrderOfColumns:
    @settings(max_examples=40, deadline=None)
    @given(st.permutations(range(EZPASS_HEAD.count(",") + 1)), st.booleans())
    def test_a_statement_reads_the_same(self, order, shout):
        """However the columns stand, and however their names are written, the row says the same."""
        names, cells = EZPASS_HEAD.split(","), toll(7, amount="$-9.11").replace('"', "").split(",")
        head = ",".join(names[place].upper() if shout else f" {names[place]} " for place in order)
        row = read_one(text(head, [",".join(cells[place] for place in order)]))
        assert (row.number, row.plate, row.state, row.amount) == ("7", "T100001C", "NY", Decimal("9.11"))
        assert row.place == "MTAB&T RKB"
        assert row.moment.at.isoformat() == "2026-11-16T10:00:00-05:00"
