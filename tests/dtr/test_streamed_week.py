"""A week of any length as one PDF in bounded memory: lot by lot, each read once the one before is on its way."""

import io
import re
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from pypdf import PdfReader

from core import typesetting
from dtr import exports, selectors
from dtr.exports import documents
from tests.dtr.fleet import WEEK, card, close, drive, leased_driver
from tests.ledger.admin_pages import browse, url_of

pytestmark = pytest.mark.django_db

LOT, DTRS = 3, 7


@pytest.fixture
def week(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Seven DTRs, of which three are a lot; their numbers from the last to the first."""
    monkeypatch.setattr(documents, "DTRS_IN_A_LOT", LOT)
    for number in range(DTRS):
        leased_driver(f"500000{number}", f"9Z9{number}")
    drive(*(card("103.30", DRIVER=f"500000{number}", CABNUMBER=f"9Z9{number}") for number in range(DTRS)))
    close(WEEK)
    return [dtr.reference_id for dtr in selectors.list_dtrs().order_by("-number")]


class Told:
    """What happened, in order: lines of so many DTRs were read, so many were typeset, a part was given out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.events: list[tuple[str, int]] = []
        self.typeset: list[str] = []
        monkeypatch.setattr(documents, "typeset", self._typeset)

    def read(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Between a statement and the database."""
        found = execute(sql, params, many, context)
        if 'FROM "dtr_dtrs"' in sql and '"held"' in sql:  # whole rows, and not the keys of the week
            self.events.append(("read", context["cursor"].rowcount))
        return found

    def _typeset(self, template: Any, data: dict[str, Any], **facts: Any) -> bytes:
        self.events.append(("typeset", len(data["dtrs"])))
        self.typeset += [found["number"] for found in data["dtrs"]]
        return typesetting.typeset(template, data, **facts)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(monkeypatch)


def test_the_next_lot_is_read_once_the_one_before_is_given_out(week: list[str], told: Told) -> None:
    parts = []
    with connection.execute_wrapper(told.read):
        for part in exports.stream_dtrs(selectors.list_dtrs().order_by("-number")):
            told.events.append(("given", 0))
            parts.append(part)
    lots = [(("read", size), ("typeset", size), ("given", 0)) for size in (LOT, LOT, DTRS - 2 * LOT)]
    # With the last lot goes where all of it lies in the file, in parts of its own; it is read from nowhere.
    assert [event for event, _ in groupby(told.events)] == [event for lot in lots for event in lot]
    assert told.typeset == week
    pages = PdfReader(io.BytesIO(b"".join(parts))).pages
    assert [re.findall(r"DTR-\d{6}", page.extract_text())[0] for page in pages] == week


def test_a_browser_has_the_first_lot_before_the_others_are_made(week: list[str], told: Told) -> None:
    answer: Any = browse("Auditor").get(url_of("dtr_weekclose_pdf", WEEK.end.isoformat()))
    assert len(told.typeset) == LOT
    sent = iter(answer.streaming_content)
    first = next(sent)
    assert first.startswith(b"%PDF-")
    assert len(told.typeset) == LOT
    next(sent)
    assert len(told.typeset) == 2 * LOT
    for _ in sent:
        pass
    assert sorted(told.typeset) == sorted(week)
