"""What stands around the rows of a report: where another goes on, and sums of something else than the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.reports.columns import say_figure
from core.words import lower_first


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a report leads for what it can't tell: ``words``, and what another is asked, by the words of each link."""

    words: str
    slug: str
    asked: Sequence[tuple[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Foot:
    """Dollars below the rows, under a ``title``: the last of the ``lines`` is what those before it come to.

    ``slug`` and ``asked`` are of the report that has their entries.
    """

    title: str
    lines: Sequence[tuple[str, Decimal]]
    slug: str
    asked: Mapping[str, Any] = field(default_factory=dict)

    def say(self) -> str:
        """Return it as one sentence: *Title: first words 12.50, …*."""
        told = ", ".join(f"{lower_first(words)} {say_figure(amount)}" for words, amount in self.lines)
        return f"{self.title}: {told}."
