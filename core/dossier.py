"""One page per driver, to which any app adds what it knows: sections, notices, events of the timeline, acts.

An app says so in its ``dossier`` module, and the page (``config/driver``) asks all of them at once. What an app adds it
reads in a fixed number of statements, however many rows it has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils.module_loading import autodiscover_modules


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a section: its page, and its cells in the order of the columns."""

    cells: Sequence[Any]
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a section shows, newest first and at most ``SHOWN`` rows; ``list_url`` leads to all of them.

    Columns whose title ends with a ``#`` are numbers. Without rows, ``empty`` says so.
    """

    columns: Sequence[str]
    lines: Sequence[Line]
    empty: str
    list_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a tab for whoever has the permission, read only when its tab is open.

    ``rows`` are counted beside the tab's title. Without a ``template`` it is a :class:`Table`; with one, whatever
    ``read`` returns is called ``section`` in it.
    """

    place: int
    tab: str
    title: str
    permission: str
    read: Callable[[HttpRequest, int, date], Any]
    rows: Callable[[int], QuerySet[Any]] | None = None
    template: str = "core/dossier_table.html"

    @property
    def name(self) -> str:
        """The tab as an address names it."""
        return self.tab.lower().replace(" ", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What can be done for a driver, by whoever may do it; one that is ``further`` stands under *More*."""

    place: int
    title: str
    permission: str
    url: Callable[[int], str]
    is_main: bool = False
    is_further: bool = False
    #: Whether it makes sense at all; without, always.
    fits: "Callable[[DriverState], bool] | None" = None
    #: Why it can't be done just now, or nothing.
    refuse: "Callable[[DriverState], str] | None" = None


@dataclass(frozen=True, slots=True)
class DriverState:
    """What the page knows of a driver when it offers acts; dollars held are None where they may not be seen."""

    name: str
    is_locked: bool
    is_active: bool
    held: Decimal | None

    def say_locked(self) -> str:
        return f"{self.name} is locked" if self.is_locked else ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before anything is done; it may lead on."""

    head: str
    says: str
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: in a sentence, by whom, on what paper, and what it did to what the driver owes."""

    at: datetime
    key: int
    says: str
    by: str = ""
    url: str = ""
    paper: str = ""
    effect: Decimal | None = None
    owes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """Where a page of the timeline begins: events of a source older than ``at``, or of that moment below ``key``."""

    at: datetime
    key: int

    def of(self, moment: str, key: str = "pk") -> Q:
        """Return the condition of it, by the names of the columns of a model."""
        return Q(**{f"{moment}__lt": self.at}) | Q(**{moment: self.at, f"{key}__lt": self.key})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Events of one kind, newest first, at most so many from a point on, for whoever has the permission."""

    name: str
    permission: str
    read: Callable[[int, Before, int], Sequence[Event]]
    is_money: bool = False


#: Rows of a section; there are more in its list.
SHOWN = 50

_sections: dict[tuple[str, str], Section] = {}
_acts: dict[str, Act] = {}
_sources: dict[str, Source] = {}
_notices: list[tuple[str, Callable[[int, date], Sequence[Notice]]]] = []


def register_section(section: Section) -> None:
    """Add a section. :raises ValueError: its tab has one of that title"""
    if (section.tab, section.title) in _sections:
        raise ValueError(f"{section.tab} has a section {section.title} already.")
    _sections[section.tab, section.title] = section


def register_act(act: Act) -> None:
    """Add an act. :raises ValueError: another has its title"""
    if act.title in _acts:
        raise ValueError(f"There is an act named {act.title} already.")
    _acts[act.title] = act


def register_events(source: Source) -> None:
    """Add events to the timeline. :raises ValueError: another source has its name"""
    if source.name in _sources:
        raise ValueError(f"There are events named {source.name} already.")
    _sources[source.name] = source


def register_notices(permission: str, read: Callable[[int, date], Sequence[Notice]]) -> None:
    """Have ``read`` tell what is to be known of a driver on a day, to whoever has the permission."""
    _notices.append((permission, read))


def list_sections(user: Any) -> list[Section]:
    """Return the sections that the user may open, in their order."""
    autodiscover_modules("dossier")
    mine = (section for section in _sections.values() if user.has_perm(section.permission))
    return sorted(mine, key=lambda section: section.place)


def count_rows(sections: Sequence[Section], driver_id: int) -> dict[str, int]:
    """Return how many rows each tab has, by one statement; tabs of which nothing is counted are left out."""
    counted = [
        section.rows(driver_id).order_by().annotate(tab=Value(section.name)).values("tab").annotate(found=Count("pk"))
        for section in sections
        if section.rows is not None
    ]
    if not counted:
        return {}
    first, *others = [rows.values_list("tab", "found") for rows in counted]
    found: dict[str, int] = {}
    for tab, count in first.union(*others, all=True) if others else first:
        found[tab] = found.get(tab, 0) + count
    return found


def list_acts(user: Any) -> list[Act]:
    """Return the acts that the user may do, in their order."""
    autodiscover_modules("dossier")
    return sorted((act for act in _acts.values() if user.has_perm(act.permission)), key=lambda act: act.place)


def list_sources(user: Any, *, only_money: bool) -> list[Source]:
    """Return what the timeline is made of for the user."""
    autodiscover_modules("dossier")
    of_user = [source for source in _sources.values() if user.has_perm(source.permission)]
    return sorted((one for one in of_user if one.is_money or not only_money), key=lambda source: source.name)


def list_notices(user: Any, driver_id: int, today: date) -> list[Notice]:
    """Return what is to be known of a driver."""
    autodiscover_modules("dossier")
    return [notice for permission, read in _notices if user.has_perm(permission) for notice in read(driver_id, today)]


def driver_url(driver_id: int) -> str:
    """Return the address of a driver's page."""
    return reverse("driver", args=[driver_id])
