"""Facts that programs outside are told: which kinds there are, and in which rows each of them stands.

An app lists them in its ``events`` module. There are two places for a fact. The rows of a table that is only added to
are facts themselves (a posting, a payment, a DTR): nothing is copied of them, and none can be forgotten. Of a row that
changes (a lease, a ticket) a trigger of its table writes one into ``core_facts``, in the transaction of the act. Both
are numbered later, off everybody's way (``core/services/events.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.discovery import load_modules


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table whose rows are facts, only added to, with an ``id`` that grows.

    ``kind``, ``driver_id`` and ``at`` are SQL over a row ``r``; a row whose kind is null is none. ``data`` is what its
    fact tells, by name: SQL that makes a number, a text or null, and of an amount always a text.
    """

    table: str
    kind: str
    data: str
    driver_id: str = "r.driver_id"
    at: str = "r.posted_at"


_kinds: dict[str, str] = {}
_sources: dict[str, Source] = {}


def register_kinds(kinds: Mapping[str, str]) -> None:
    """Have kinds of facts known: each with what happened, in a few words.

    :raises ValueError: one of them is known already
    """
    for name, title in kinds.items():
        if name in _kinds:
            raise ValueError(f"There is a kind of event named {name} already.")
        _kinds[name] = title


def register_rows(source: Source) -> None:
    """Have the rows of a table numbered as facts.

    :raises ValueError: they are already
    """
    if source.table in _sources:
        raise ValueError(f"The rows of {source.table} are events already.")
    _sources[source.table] = source


def as_data(**columns: str) -> str:
    """Return the SQL of a fact's data: each name with the SQL of its value."""
    pairs = ", ".join(f"'{name}', {value}" for name, value in columns.items())
    return f"json_build_object({pairs})"


def list_kinds() -> dict[str, str]:
    """Return what happened by kind, of every installed app, in order of their names."""
    load_modules("events")
    return dict(sorted(_kinds.items()))


def list_sources() -> list[Source]:
    """Return every table whose rows are facts. Of one moment, what stands in an earlier one comes first."""
    load_modules("events")
    return list(_sources.values())


register_rows(Source(table="core_facts", kind="r.kind", at="r.at", data="r.data::json"))
