"""The glossary on a page of its own, one key or click from anywhere."""

import re
from html import unescape

import pytest
from django.conf import settings

from core.admin.pages.words import read_words
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def test_every_word_of_the_glossary_is_told_to_whoever_works_here(client):
    client.force_login(UserFactory.create(groups=["Cashier"]))
    page = unescape(client.get("/admin/words/").content.decode())
    told = (settings.BASE_DIR / "docs/glossary.md").read_text()
    words = re.findall(r"^\*\*([^*]+?)\.?\*\*", told, re.MULTILINE)
    assert len(words) > 20
    for word in words:
        assert f">{word}</dt>" in page, word
    assert '<a href="/admin/words/"' in page


def test_a_word_is_told_with_what_pages_call_it_and_without_marks():
    void = next(word for word in read_words() if word.word == "Void")
    assert void.means.startswith("The posting that undoes another one by mirroring it.")
    assert void.on_pages.startswith("the button Void, which asks why")
    assert not [word for word in read_words() if set("*`") & set(f"{word.word}{word.means}{word.on_pages}")]


def test_a_word_is_met_by_its_names_and_by_what_pages_call_it():
    met = {word.word: word.said for word in read_words()}
    assert met["Posting"] == ("Posting", "Postings")
    assert met["Net due, payable"] == ("Net due", "payable", "We pay you", "You owe", "Net due for the week")
    assert met["Past due"] == ("Past due",)  # "Past due since …"
    assert met["Paper"] == ("Paper",)
    assert met["Change"] == ("Changed since charged",)  # many a button says Change
    assert all(met.values())


def test_nothing_is_told_that_is_for_developers():
    told = " ".join(f"{word.means} {word.on_pages}" for word in read_words())
    assert not re.findall(r"in code|PostgreSQL|database|[a-z]_[a-z]", told)
    assert next(word for word in read_words() if word.word == "Charge").means.startswith("Something a driver owes")
    assert not [word.word for word in read_words() if "Next:" in word.means or word.means.startswith(".")]


def test_the_words_that_pages_use_most_are_told():
    asked = {"Past due", "Left on account", "Candidate", "Rematch", "Installment", "Hold", "Came back", "Credit memo"}
    assert asked | {"Fill by priority"} <= {word.word for word in read_words()}


def test_who_is_not_signed_in_is_asked_to(client):
    assert client.get("/admin/words/").status_code == 302
