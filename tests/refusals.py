"""A refusal in a test: exactly this error, at this field, and not a row of the ledger differs afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.errors import DomainError
from tests.ledger.rawsql import ledger_state


@contextmanager
def refused(error: type[DomainError], *, code: str = "", field: str | None = None) -> Iterator[Any]:
    """Demand exactly this error, and that nothing was posted; yields pytest's record of it."""
    before = ledger_state()
    with pytest.raises(error) as refusal:
        yield refusal
    assert type(refusal.value) is error
    if code:
        assert refusal.value.code == code
    if field is not None:
        assert refusal.value.at_field == field
    assert ledger_state() == before
