"""Small odd files and answers that are kept, each with what it must come to: clean records, or one clean sentence."""

from pathlib import Path

import pytest

from curb import services as curb
from curb.errors import CurbAnswerUnreadable, CurbFault, UnreadableTripFile
from curb.importers.transactions import parse_transactions
from curb.importers.trips import ReceivedTrip, RowError, iterate_trips
from curb.models import Trip, TripFile
from curb.soap import TRIP_LOG, read_result

CORPUS = Path(__file__).parent / "corpus"
NO_DOCUMENT_TYPE = "The file has a document type; no document type is allowed."
BROKEN = "The file is not well-formed XML: "

#: A file of trips, and what comes of it: the number and total of each record with what is to be told of it, or the
#: attribute that can't be read; or the sentence for the file.
TRIPS: dict[str, list[str] | str] = {
    "trips_empty.xml": BROKEN + "no element found",
    "trips_only_a_head.xml": BROKEN + "no element found",
    "trips_none.xml": [],
    "trips_truncated.xml": BROKEN + "unclosed token: line 3",
    "trips_wrong_root.xml": "This is not a file of trips: it begins with <rides>, not <trips>.",
    "trips_html.xml": NO_DOCUMENT_TYPE,
    "trips_entities.xml": NO_DOCUMENT_TYPE,
    "trips_unknown_entity.xml": BROKEN + "undefined entity",
    "trips_nested.xml": "<RECORD> is not expected in a file of trips.",
    "trips_after_the_end.xml": BROKEN + "junk after document element: line 4",
    "trips_twice_one_attribute.xml": BROKEN + "duplicate attribute",
    "trips_two_spellings.xml": ["Tips", "2: 17.30"],
    "trips_unknown_attributes.xml": ["1: 19.30, surge 2.00", "2: 17.30", "3: 17.30"],
    "trips_missing_taxes.xml": ["1: 16.80, without TAX, without cbdt", "2: 17.30, parts 16.80"],
    "trips_sums.xml": ["1: 17.31, parts 17.30", "2: 17.30"],
    # 1,014.00 and $3.00 and ($3.00) and -3.00; 12,50 and 1,2,3 and 1e9 and 1_000 and Arabic digits and NaN and
    # Infinity and 3.005 and a million; 3.00 among blanks; +3.00 and 0x10.
    "trips_amounts.xml": [
        "1: 17.30, parts 1028.30", "2: 17.30", "3: 17.30, parts 11.30", "4: 17.30, parts 11.30", *["TIPS"] * 9,
        "14: 17.30", *["TIPS"] * 2,
    ],
    # The year first, the 31st month, February 29 of 2026; 2:30 in the night on which clocks leave it out; without a
    # clock, 24:00, 1926; 3/3/2026 9:05; Arabic digits, and nothing.
    "trips_dates.xml": [*["START_DATE"] * 3, "4: 17.30", *["START_DATE"] * 3, "8: 17.30", *["START_DATE"] * 2],
    # Somebody drove: who had the cab at a moment leaves such a trip out, and it counts.
    "trips_ends_before_it_begins.xml": ["1: 17.30"],
    # No number, with a comma, too long; a license of zeros, with zeros; a letter that is not plain, month 13, X for
    # T, a line break in a medallion; nothing of driver and cab.
    "trips_names.xml": [
        "ID", "ID", "ID", "5: 17.30", "6: 17.30", "CABNUMBER", "PERIOD", "T", "CABNUMBER", "11: 17.30",
    ],
    "trips_markup_in_values.xml": ["3: 17.30", "1: 17.30", "2: 17.30"],
    "trips_nul.xml": BROKEN + "not well-formed (invalid token)",
    "trips_nul_reference.xml": BROKEN + "reference to invalid character number",
    "trips_cp1252_undeclared.xml": BROKEN + "not well-formed (invalid token)",
    "trips_cp1252.xml": ["1: 17.30"],
    "trips_utf16.xml": ["1: 17.30"],
    "trips_utf7.xml": "The file is in an encoding that can't be read: 'utf-7'.",
    "trips_prefixed.xml": ["1: 17.30"],
    "trips_amended_in_one_file.xml": ["1: 17.30", "1: 18.30", "1: 19.30", "1: 17.30", "2: 17.30"],
}  # fmt: skip

#: A list of card transactions: each row that is read, then the rows and elements that are not; or the sentence.
TRANSACTIONS: dict[str, list[str] | str] = {
    "trans_none.xml": [],
    "trans_truncated.xml": BROKEN + "no element found",
    "trans_of_trips.xml": "<RECORD> is not expected among card transactions.",
    "trans_document_type.xml": NO_DOCUMENT_TYPE,
    "trans_amounts.xml": ["R1: 1014.00", "R6: -17.30", "2 AMOUNT", "3 AMOUNT", "4 AMOUNT", "5 AMOUNT"],
    "trans_dates.xml": ["R4: 17.30", "1 TRIPTIMESTART", "2 TRIPTIMESTART", "3 TRIPTIMESTART"],
    "trans_twice_one_element.xml": ["1 Tax", "2 TRIPTOLL"],
    "trans_row_numbers.xml": ["R1: 17.30", "1 ROWID", "2 ROWID", "3 ROWID"],
    "trans_unknown_element.xml": ["R1: 19.30, surge 2.00", "R2: 20.00", "R3: 17.30"],
}

#: An answer to the question for trips: its records; or the error and its sentence.
ANSWERS: dict[str, list[str] | tuple[type[Exception], str]] = {
    "answer_empty.xml": [],
    "answer_none.xml": [],
    "answer_escaped.xml": ["1: 17.30"],
    "answer_unescaped.xml": ["1: 17.30"],
    "answer_escaped_twice.xml": (UnreadableTripFile, BROKEN + "not well-formed (invalid token): line 1"),
    "answer_truncated.xml": (CurbAnswerUnreadable, "CURB's answer is not well-formed XML: unclosed token"),
    "answer_truncated_inside.xml": (UnreadableTripFile, BROKEN + "no element found"),
    "answer_words.xml": (UnreadableTripFile, BROKEN + "syntax error"),
    "answer_entities_inside.xml": (UnreadableTripFile, NO_DOCUMENT_TYPE),
    "answer_of_another_question.xml": (
        CurbAnswerUnreadable,
        "CURB's answer to GET_TRIPS_LOG10 is of something else.",
    ),
    "answer_fault.xml": (CurbFault, "CURB answered GET_TRIPS_LOG10 with a fault: Login failed"),
    "answer_html.xml": (CurbAnswerUnreadable, "CURB's answer is not a SOAP envelope with a body."),
    "answer_of_words.xml": (CurbAnswerUnreadable, "CURB's answer is not well-formed XML: syntax error"),
}

#: What an import makes of a file: imported, known already, and in error.
KEPT = {
    # A record that the same file has with other figures is an error; one that it only spells otherwise is known.
    "trips_amended_in_one_file.xml": (2, 1, 2),
    "trips_markup_in_values.xml": (3, 0, 0),
    "trips_names.xml": (3, 0, 7),
    "trips_amounts.xml": (5, 0, 11),
    "trips_unknown_attributes.xml": (3, 0, 0),
    "trips_cp1252.xml": (1, 0, 0),
    "trips_utf16.xml": (1, 0, 0),
    "trips_prefixed.xml": (1, 0, 0),
}


def read_trips(content):
    return [_tell(row) for row in iterate_trips(content)]


def _tell(row):
    if isinstance(row, RowError):
        return row.attribute
    told = [f"{row.record_id}: {row.total}", *(f"{one.name} {one.amount}" for one in row.unknown)]
    told += [f"without {name}" for name in row.missing]
    return ", ".join([*told, *([] if row.adds_up else [f"parts {row.parts}"])])


def read_transactions(content):
    parsed = parse_transactions(content)
    rows = [
        ", ".join([f"{row.row_id}: {row.amount}", *(f"{one.name} {one.amount}" for one in row.unknown)])
        for row in parsed.transactions
    ]
    return [*rows, *(f"{error.row} {error.attribute}" for error in parsed.errors)]


def test_every_kept_file_is_expected():
    assert {path.name for path in CORPUS.iterdir()} == {*TRIPS, *TRANSACTIONS, *ANSWERS}


@pytest.mark.parametrize("name", [*TRIPS, *TRANSACTIONS])
def test_a_file_comes_to_what_is_expected(name):
    read, expected = (read_trips, TRIPS[name]) if name in TRIPS else (read_transactions, TRANSACTIONS[name])
    content = (CORPUS / name).read_bytes()
    if isinstance(expected, list):
        assert read(content) == expected
        return
    with pytest.raises(UnreadableTripFile) as refusal:
        read(content)
    assert refusal.value.message.startswith(expected)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_comes_to_what_is_expected(name):
    expected = ANSWERS[name]
    content = (CORPUS / name).read_bytes()
    if isinstance(expected, list):
        inner = read_result(TRIP_LOG, content)
        assert (read_trips(inner.encode()) if inner else []) == expected
        return
    error, says = expected
    with pytest.raises(error) as refusal:
        read_trips(read_result(TRIP_LOG, content).encode())
    assert str(refusal.value).startswith(says)


@pytest.mark.django_db
@pytest.mark.parametrize("name", KEPT)
def test_what_is_read_is_kept_as_it_came_and_once(name):
    content = (CORPUS / name).read_bytes()
    file = curb.import_trips(file_name=name, content=content).file
    assert (file.imported_count, file.known_count, file.error_count) == KEPT[name]
    first: dict[str, ReceivedTrip] = {}
    for row in iterate_trips(content):
        if not isinstance(row, RowError):
            first.setdefault(row.record_id, row)
    kept = {trip.record_id: trip for trip in Trip.objects.all()}
    assert {number: (trip.raw, trip.received, trip.total) for number, trip in kept.items()} == {
        number: (row.raw, row.received, row.total) for number, row in first.items()
    }
    errors = file.error_count
    # The same records in another file: nothing is new, and what could not be read still can't.
    file = curb.import_trips(
        file_name=name, content=content + "\n".encode("utf-16-le" if "16" in name else "utf-8")
    ).file
    assert (file.imported_count, file.amended_count) == (0, 0)
    assert file.error_count >= errors


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["trips_truncated.xml", "trips_after_the_end.xml"])
def test_of_a_file_that_breaks_off_nothing_is_kept(name):
    with pytest.raises(UnreadableTripFile):
        curb.import_trips(file_name=name, content=(CORPUS / name).read_bytes())
    assert (Trip.objects.count(), TripFile.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("content", "comes_to"),
    [
        (b'<trips><RECORD CABNUMBER="' + b"9" * 20_000_000 + b'"/></trips>', ["START_DATE"]),
        (b"<trips>" * 40 + b"</trips>" * 40, "<trips> is not expected in a file of trips."),
        (b"<trips><RECORD " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/></trips>", ["START_DATE"]),
        (b"<trips>" + b"<!-- -->" * 1_000_000 + b"</trips>", []),
    ],
    ids=["one long value", "deep", "many names", "comments"],
)
def test_files_made_to_exhaust_the_server(content, comes_to):
    if isinstance(comes_to, list):
        assert read_trips(content) == comes_to
        return
    with pytest.raises(UnreadableTripFile) as refusal:
        read_trips(content)
    assert refusal.value.message == comes_to
