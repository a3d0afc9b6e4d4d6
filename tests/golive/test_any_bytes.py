"""Whatever an opening workbook holds, it is read whole, or refused with each cell named; it never stops on the way."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from golive.errors import OpeningRefused, UnreadableWorkbook
from golive.importers.workbook import Opening, read_opening
from tests.golive.workbooks import TODAY, fleet, workbook

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10**12),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.dates(),
    st.text(st.characters(exclude_categories=["C"]), max_size=12),
    st.sampled_from(
        ["-", "02/28/2026", "2026-02-28", "31/12/2026", "01234567", "1,014.00", "12,50", "1e9", "\u0661\u0662", "=1+1"]
    ),
)


def read_cleanly(content: bytes) -> Opening | None:
    refused: list[str] = []
    try:
        return read_opening(content, today=TODAY)
    except UnreadableWorkbook as refusal:
        refused.append(refusal.message)
    except OpeningRefused as refusal:
        refused += [wrong.message if wrong.sheet else "" for wrong in refusal.errors]
    assert refused
    assert all(refused)
    return None


def places(sheets: dict[str, list[list[Any]]]) -> list[tuple[str, int, int]]:
    """Each cell by its sheet, row and column."""
    return [
        (name, row, column)
        for name, rows in sheets.items()
        for row in range(len(rows))
        for column in range(len(rows[row]))
    ]


PLACES = places(fleet())


def test_the_example_is_read():
    assert read_cleanly(workbook()) is not None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PLACES), cells), min_size=1, max_size=4))
def test_any_cells_in_a_good_workbook(changes):
    sheets = fleet()
    for (name, row, column), value in changes:
        sheets[name][row][column] = value
    read_cleanly(workbook(sheets))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 6000), st.binary(min_size=1, max_size=30))
def test_a_workbook_damaged_somewhere(place, damage):
    content = workbook()
    read_cleanly(content[:place] + damage + content[place + len(damage) :])


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_comes(content):
    read_cleanly(content)
    read_cleanly(b"PK\x03\x04" + content)
