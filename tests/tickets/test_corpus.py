"""Small odd files that are kept, each with what it must come to: clean rows, or one clean sentence."""

import io
from pathlib import Path

import pytest

from tests.tickets.files import TODAY
from tickets.errors import TicketFileInvalid
from tickets.importers import READERS, NobodysRow, ReceivedTicket, propose_kind

CORPUS = Path(__file__).parent / "corpus"

#: A file, the kind it is read as, and what comes of it: a word for each row, or the sentence for the file.
EXPECTED = {
    "nj_dashes.csv": ("ezpass", ["nobodys", "5.55 NY 7G52C", "6.66 00470001477"]),
    "nj_unsigned.csv": ("ezpass", ["7.89 00470002743 SIGN", "3.00 00470002743 SIGN"]),
    "nj_kinds.csv": (
        "ezpass",
        ["nobodys", "nobodys", "nobodys", "1.50 00470002743 KIND", "-2.50  KIND", "4.00 00470002743"],
    ),
    "ny_fees.csv": ("ezpass", ["nobodys", "4.44 NY 8H59H KIND", "2.22 NY 8H59H"]),
    "ny_quoted_for_excel.csv": ("ezpass", ["2.22 00470001477", "1014.00 00470001477"]),
    "dated_times.csv": ("ezpass", ["2.22 NY 8H59H", "2.22 NY 8H59H CONTRADICTS", "Exit Time"]),
    "amounts.csv": ("ezpass", ["1014.00 NY 8H59H", *["Amount"] * 6]),
    "fleet_extra_field.csv": ("pvb-fleet", "Each row has 31 fields, the header names 30: one has no name."),
    "fleet_mixed_widths.csv": ("pvb-fleet", ["STREET CODE3", "55.00 NY 7G52C"]),
    "tlc_licenses.csv": ("tlc", ["77.00 NY 8H59H", "77.00 05401671", "77.00 5401671"]),
    "open_data_dashes.csv": ("pvb", ["60.00 NY 2L80C", "Plate"]),
    "two_same_heads.csv": ("ezpass", "Two columns have the same name: Amount."),
    "open_quote.csv": ("ezpass", "The file can't be read as CSV after line 1"),
    "only_a_head.csv": ("ezpass", []),
    "blank_lines.csv": ("ezpass", "The file is empty."),
}


def tell(row):
    if isinstance(row, NobodysRow):
        return "nobodys"
    if not isinstance(row, ReceivedTicket):
        return row.column
    whose = row.license or row.tag or f"{row.state} {row.plate}".strip()
    return f"{row.amount} {whose} {row.look_at}".rstrip()


def test_every_kept_file_is_expected():
    assert {path.name for path in CORPUS.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_comes_to_what_is_expected(name):
    kind, expected = EXPECTED[name]
    content = (CORPUS / name).read_bytes()
    if isinstance(expected, str):
        with pytest.raises(TicketFileInvalid) as refusal:
            list(READERS[kind](io.BytesIO(content), latest_on=TODAY))
        assert refusal.value.message.startswith(expected)
        return
    assert [tell(row) for row in READERS[kind](io.BytesIO(content), latest_on=TODAY)] == expected
    assert propose_kind(io.BytesIO(content)) == kind


def test_the_extra_field_is_read_where_a_person_says():
    content = (CORPUS / "fleet_extra_field.csv").read_bytes()
    rows = READERS["pvb-fleet"](io.BytesIO(content), latest_on=TODAY, extra_after="PLATE")
    assert [tell(row) for row in rows] == ["55.00 NY 7G52C"]
    with pytest.raises(TicketFileInvalid, match="no column PLAT"):
        list(READERS["pvb-fleet"](io.BytesIO(content), latest_on=TODAY, extra_after="PLAT"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"," * 3_000_000, "A row has more than 100,000 characters."),
        (b"a,b\n" + b'"' + b"x\n" * 200_000, "This is not"),
        (b'a,"' + b"x\n" * 200_000, "A row has more than 100,000 characters."),
        (b"x" * 3_000_000, "A row has more than 100,000 characters."),
    ],
    ids=["commas", "quotes later", "quotes", "one word"],
)
def test_text_made_to_exhaust_the_server(content, says):
    with pytest.raises(TicketFileInvalid) as refusal:
        list(READERS["ezpass"](io.BytesIO(content), latest_on=TODAY))
    assert refusal.value.message.startswith(says)
