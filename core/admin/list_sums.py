"""What the money of a list comes to: of what is filtered, by one statement, and only where that is quick."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Q, Sum

from core.reports.columns import say_dollar_figure, say_figure

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Part:
    """Dollars of some of the rows: a column or an expression of ``value``, and what they are in words."""

    value: Any
    words: str = ""
    where: Q | None = None


@dataclass(frozen=True, slots=True)
class ListSum:
    """What is summed of a list. Of rows that do not count (``apart``), the dollars are told besides.

    ``counted`` are the rows that are said to be summed: all, if it is left out.
    """

    parts: tuple[Part, ...]
    counted: Q | None = None
    apart: Part | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """The sum in words: ``(("$1,398.22", ""),)``, ``in 9 payments``, ``1 voided, 244.82, not counted``."""

    parts: Sequence[tuple[str, str]]
    rows: str
    apart: str = ""

    def __str__(self) -> str:
        parts = ", ".join(f"{amount} {words}".strip() for amount, words in self.parts)
        return f"{parts} {self.rows}" + (f"; {self.apart}" if self.apart else "")


def sum_list(changes: ChangeList, asked: ListSum, limit: int | None = None) -> Told | None:
    """Return what the rows of a list come to, or None where there are more than ``limit``, which None is not."""
    rows = changes.queryset.order_by()
    # As a slice it is a statement of its own: what is worked out for a row is worked out once.
    found = (rows if limit is None else rows[: limit + 1]).aggregate(
        rows=Count("pk"),
        counted=Count("pk", filter=asked.counted),
        **{f"part_{place}": Sum(part.value, filter=part.where) for place, part in enumerate(asked.parts)},
        **(
            {
                "apart": Count("pk", filter=asked.apart.where),
                "apart_sum": Sum(asked.apart.value, filter=asked.apart.where),
            }
            if asked.apart
            else {}
        ),
    )
    if limit is not None and found["rows"] > limit:
        return None
    names = changes.opts.verbose_name if found["counted"] == 1 else changes.opts.verbose_name_plural
    apart = ""
    if asked.apart and found["apart"]:
        apart = f"{found['apart']:,} {asked.apart.words}, {say_figure(found['apart_sum'] or ZERO)}, not counted"
    return Told(
        [(say_dollar_figure(found[f"part_{place}"] or ZERO), part.words) for place, part in enumerate(asked.parts)],
        f"in {found['counted']:,} {names}",
        apart,
    )
