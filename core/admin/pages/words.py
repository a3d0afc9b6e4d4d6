"""The words that pages use, for whoever meets one that they don't know: the glossary, as it is in the documents."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.views.generic import TemplateView

_ENTRY = re.compile(r"^\*\*(?P<word>[^*]+?)\.?\*\*(?P<told>.*?)(?=^\*\*|^Next: |\Z)", re.MULTILINE | re.DOTALL)
_MARKS = re.compile(r"\*\*|[*`]|\[([^\]]*)\]\([^)]*\)")
#: What developers call it.
_IN_CODE = re.compile(r"\s*\(in code:[^)]*\)")
_ON_PAGES = "On pages:"
_NAMES = re.compile(r"\*([^*]+)\*")
#: What keys do, place by place; each key stands beside its button as well.
KEYS = (
    ("Everywhere", (("Ctrl K", "find anything"), ("/", "search of this page"), ("Enter", "the main button"))),
    (
        "Take a payment",
        (
            ("Alt P", "fill by priority"),
            ("Alt A", "everything due"),
            ("Alt X", "clear"),
            ("↑ ↓", "lines"),
            ("A", "all of a line"),
            ("Alt N", "next payment"),
            ("Alt 8", "print 80 mm"),
        ),
    ),
    ("Lists", (("J K", "next row, last row"), ("X", "choose the row"), ("Shift X", "choose up to here"))),
    (
        "Review queue",
        (("J K", "next, last"), ("X", "choose"), ("1–9", "choose who"), ("Enter", "assign"), ("D", "dismiss")),
    ),
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, what it means, what pages call it, and by which of their words it is met there."""

    word: str
    means: str
    on_pages: str
    said: tuple[str, ...]


@cache
def read_words() -> tuple[Word, ...]:
    """Return the words of the glossary, by the alphabet."""
    text = (settings.BASE_DIR / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = []
    for entry in _ENTRY.finditer(text):
        told = " ".join(_MARKS.sub(r"\1", _IN_CODE.sub("", entry["told"])).split())
        means, _, on_pages = told.partition(_ON_PAGES)
        word = entry["word"].strip()
        words.append(Word(word, means.lstrip(" .").rstrip(), on_pages.strip(), _list_said(word, entry["told"])))
    return tuple(sorted(words, key=lambda word: word.word.lower()))


def _list_said(word: str, told: str) -> tuple[str, ...]:
    """Return the word's own names and what the pages call it; of one that means other things too, the latter alone."""
    names = _NAMES.findall(told.partition(f"*{_ON_PAGES}*")[2].replace("\n", " "))
    own = [] if names and told.startswith(" (of") else word.split(", ")
    return tuple(dict.fromkeys(name.partition(" …")[0] for name in (*own, *names)))


class WordsPage(TemplateView):
    template_name = "core/words.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = admin.site.each_context(self.request)
        return {**frame, **super().get_context_data(**kwargs), "title": "Words", "words": read_words(), "keys": KEYS}
