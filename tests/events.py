"""What acts tell programs outside, as tests look at it."""

from collections.abc import Callable
from typing import Any

from core import selectors, services

#: What is told of postings, besides what an act tells of its own record.
MONEY = {"posted", "voided"}


def told(after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Number what there is; return kind and data of every event above a number."""
    services.number_events()
    events, _ = selectors.list_events_after(after, limit=1000)
    return [(event.kind, event.data) for event in events]


def told_by(act: Callable[[], Any]) -> list[tuple[str, dict[str, Any]]]:
    """What an act tells, its postings aside."""
    services.number_events()
    last = selectors.get_last_event_id()
    act()
    return [(kind, data) for kind, data in told(last) if kind not in MONEY]


def kinds_of(act: Callable[[], Any]) -> list[str]:
    """The kinds of what an act tells, its postings aside."""
    return [kind for kind, _ in told_by(act)]
