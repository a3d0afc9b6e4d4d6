"""Rows go to the database in pieces: all of them, in order, or none."""

import pytest
from django.db import IntegrityError, connection, transaction

from core import columns
from core.columns import NULL, SEPARATOR, copy_rows
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pieces_of_two(monkeypatch):
    monkeypatch.setattr(columns, "_ROWS_IN_A_PIECE", 2)


@pytest.fixture
def told():
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE told (number bigint PRIMARY KEY, words text) ON COMMIT DROP")
        yield lambda rows: copy_rows("told", ["number", "words"], [SEPARATOR.join(row) for row in rows])


def list_told():
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM told ORDER BY ctid")
        return [words for (words,) in cursor.fetchall()]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_every_row_comes_in_its_order(told, number):
    told([(str(row), f"row {row}") for row in range(number)])
    assert list_told() == ["row 0", "row 1", "row 2", "row 3", "row 4"][:number]


def test_a_break_or_a_backslash_at_the_end_of_a_piece_stays_in_its_row(told):
    told([("1", "a"), ("2", "b\n"), ("3", "\\"), ("4", NULL), ("5", "")])
    assert list_told() == ["a", "b\n", "\\", None, ""]


def test_a_row_that_is_refused_in_a_later_piece_leaves_none_of_the_earlier(told):
    with pytest.raises(IntegrityError), transaction.atomic():
        told([("1", "a"), ("2", "b"), ("3", "c"), ("1", "again")])
    assert list_told() == []


def test_what_can_t_be_made_into_a_row_leaves_none_of_the_earlier(told):
    def rows():
        yield f"1{SEPARATOR}a"
        yield f"2{SEPARATOR}b"
        yield f"3{SEPARATOR}c"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        copy_rows("told", ["number", "words"], rows())
    assert list_told() == []
