"""From a reference to the page of the record that it stands for, without knowing any record.

An app says in its AppConfig's ``ready`` which references are its own::

    register_source("REPAIR", find_repair_page)  # REPAIR-5-2 → the page of invoice 5

and whoever shows a reference asks :func:`find_source`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The page of a source record: its name for people, its address, and who may open it (``app.view_model``)."""

    label: str
    url: str
    permission: str


#: Gets the entire reference; None where it stands for no record with a page.
FindPage = Callable[[str], SourcePage | None]

_FINDERS: dict[str, FindPage] = {}


def register_source(prefix: str, find_page: FindPage) -> None:
    """Have ``find_page`` answer for the references whose part before the first hyphen is ``prefix``.

    :raises ImproperlyConfigured: another app answers for them
    """
    if _FINDERS.setdefault(prefix, find_page) is not find_page:
        raise ImproperlyConfigured(f"References that start with {prefix}- have two owners.")


def list_prefixes() -> list[str]:
    """Return the parts before the first hyphen that somebody answers for."""
    return sorted(_FINDERS)


def find_source(reference_id: str) -> SourcePage | None:
    """Return the page of the record that a reference stands for; None where nobody knows one."""
    find_page = _FINDERS.get(reference_id.partition("-")[0])
    return find_page(reference_id) if find_page else None


def number_in(term: str, prefix: str = "") -> int | None:
    """Return the number that the term is: 17, or PAY-000017 where ``prefix`` is PAY, or Loan 17 where it is LOAN."""
    match = re.fullmatch(rf"(?:{re.escape(prefix)}[- ]?)?0*(\d{{1,18}})", term.strip(), re.IGNORECASE)
    return int(match.group(1)) if match else None
