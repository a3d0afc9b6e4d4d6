"""A posting that a statement of ours returned is the one that Django would have read."""

import copy
import pickle
from typing import Any

import pytest
from django import get_version
from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_init, pre_init

from core.models import ApiToken, StoredAnswer
from core.statements import list_columns, make_row
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting
from tests.ledger import rawsql

pytestmark = pytest.mark.django_db


def read(posting_id: int) -> LedgerPosting:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {list_columns(LedgerPosting, 'p')} FROM ledger_postings p WHERE id = %s",
            [posting_id],
        )
        row = cursor.fetchone()
    assert row is not None
    return make_row(LedgerPosting, row)


def describe(posting: LedgerPosting) -> dict[str, Any]:
    state = posting._state
    return {**vars(posting), "_state": (state.db, state.adding, state.fields_cache)}


def test_is_the_one_that_django_reads() -> None:
    book = rawsql.make_book()
    for (posting_id,) in rawsql.run("SELECT id FROM ledger_postings"):
        assert describe(read(posting_id)) == describe(LedgerPosting.objects.get(pk=posting_id))
    assert read(book.rent) == LedgerPosting.objects.get(pk=book.rent)


def test_does_what_one_of_djangos_does() -> None:
    book = rawsql.make_book()
    posting = read(book.allocation)
    assert not posting.get_deferred_fields()
    assert posting.driver.pk == book.driver  # asked for when it is needed
    assert posting.driver is posting.driver
    posting.refresh_from_db()
    for again in (pickle.loads(pickle.dumps(posting)), copy.deepcopy(posting)):
        assert again.driver == posting.driver
        assert describe(again) == describe(posting) | {"_django_version": get_version()}


@pytest.mark.parametrize("model", [ApiToken, InterimPayment, LedgerBalance, LedgerPosting, StoredAnswer, User])
def test_nobody_waits_for_the_signals_that_one_is_made(model: type[Model]) -> None:
    assert not pre_init.has_listeners(model)
    assert not post_init.has_listeners(model)


def test_a_row_of_other_columns_is_none() -> None:
    with pytest.raises(ValueError, match="zip"):
        make_row(LedgerPosting, [1])
