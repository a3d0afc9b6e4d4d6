"""Documents of the typesetter bound into one: all pages, in order, with what stands on each."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.conf import settings
from pypdf import PdfReader

from core.binding import NotBound, bind_documents
from core.typesetting import typeset

MADE_AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


def print_fact(fact: str) -> bytes:
    """An account statement of one fact; ``12 0 R`` in it is text, and no object of the file."""
    table = {"names": ["", "", "", ""], "opening": ["", ""], "rows": [], "closing": ["", ""]}
    data = {
        "title": f"{fact} (12 0 R)", "fleet": {"name": "Fleet", "contact": ""}, "facts": [["Driver", fact, ""]],
        "answer": ["", ""], "money": table, "deposits": None, "footer": "",
    }  # fmt: skip
    return typeset(settings.BASE_DIR / "templates" / "ledger" / "statement.typ", data, made_at=MADE_AT)


@pytest.fixture(scope="module")
def documents() -> list[bytes]:
    return [print_fact("Ana 12 0 R"), print_fact("山田"), print_fact("Ana 12 0 R")]


def test_all_pages_are_there_in_order_and_say_what_they_said(documents: list[bytes]) -> None:
    parts = list(bind_documents(documents))
    bound = PdfReader(io.BytesIO(b"".join(parts)), strict=True)
    apart = [page for document in documents for page in PdfReader(io.BytesIO(document)).pages]
    assert [page.extract_text() for page in bound.pages] == [page.extract_text() for page in apart]
    assert [page.get_contents().get_data() for page in bound.pages] == [  # type: ignore[union-attr]
        page.get_contents().get_data()  # type: ignore[union-attr]
        for page in apart
    ]
    assert "Ana 12 0 R" in bound.pages[2].extract_text()
    assert b"".join(bind_documents(documents)) == b"".join(parts)


def test_a_document_is_sent_before_the_next_is_made(documents: list[bytes]) -> None:
    made: list[bytes] = []

    def make() -> Iterator[bytes]:
        for document in documents:
            made.append(document)
            yield document

    parts = bind_documents(make())
    assert next(parts).startswith(b"%PDF-")
    assert len(made) == 1


@pytest.mark.parametrize("spoiled", [b"", b"no PDF", b"cut short"])
def test_what_the_typesetter_did_not_write_is_refused(documents: list[bytes], spoiled: bytes) -> None:
    document = documents[0][:-40] if spoiled == b"cut short" else spoiled
    with pytest.raises(NotBound):
        list(bind_documents([documents[1], document]))
