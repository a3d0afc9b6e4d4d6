"""One page per driver, vehicle and lease, to which any app adds what it knows: sections, figures, events, acts.

An app says so in its ``dossier`` module, and the pages (``config/dossiers``) ask all of them at once. What an app adds
it reads in a fixed number of statements, however many rows it has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.http import HttpRequest

from core.discovery import load_modules
from core.links import record_url
from core.words import say_amount


class Subject(StrEnum):
    """Whose story a page tells; its address has the same name."""

    DRIVER = "driver"
    VEHICLE = "vehicle"
    LEASE = "lease"


@dataclass(frozen=True, slots=True)
class Linked:
    """A cell that leads to a page of its own."""

    text: Any
    url: str


@dataclass(frozen=True, slots=True)
class Done:
    """How many dollars of a ``whole`` are settled; ``words`` stand beside the bar that is drawn of it."""

    settled: Decimal
    whole: Decimal

    @property
    def words(self) -> str:
        return f"{say_amount(self.settled)} of {say_amount(self.whole)} settled"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a section: its page, its cells in the order of the columns, and how far it is done, if that is told."""

    cells: Sequence[Any]
    url: str = ""
    done: Done | None = None


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

    ``{name}`` in its title is what the record is called. ``rows`` are counted beside the tab's title. Without a
    ``template`` it is a :class:`Table`; with one, whatever ``read`` returns is called ``section`` in it, and nothing is
    shown of it where that is None.
    """

    of: Subject = Subject.DRIVER
    place: int
    tab: str
    title: str
    permission: str
    read: Callable[[HttpRequest, int, date], Any]
    rows: Callable[[int], QuerySet[Any]] | None = None
    template: str = "core/dossier_table.html"
    #: Columns of its table that are told beside the first tab, where some of its rows stand; a section with a template
    #: of its own stands there whole, where there is any name here.
    beside: Sequence[str] = ()

    @property
    def name(self) -> str:
        """The tab as an address names it."""
        return self.tab.lower().replace(" ", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What can be done with a record, by whoever may do it; one that is ``further`` stands under *More*.

    Each is asked with what its page knows of the record: a :class:`DriverState`, or that of a vehicle or a lease.
    """

    of: Subject = Subject.DRIVER
    place: int
    title: str
    permission: str
    url: Callable[[Any], str]
    is_main: bool = False
    is_further: bool = False
    #: Whether it makes sense at all; without, always.
    fits: Callable[[Any], bool] | None = None
    #: Why it can't be done just now, or nothing.
    refuse: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class DriverState:
    """What the page knows of a driver when it offers acts; dollars are None where they may not be seen."""

    pk: int
    name: str
    is_locked: bool
    is_active: bool
    held: Decimal | None
    owed: Decimal | None
    #: A lease on which the fleet holds a deposit of theirs, and why it can't be settled now, if it can't.
    deposit_lease: int | None = None
    unsettled: str = ""

    def say_locked(self) -> str:
        return f"{self.name} is locked" if self.is_locked else ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure above the tabs, as people read it, and where the rows behind it are."""

    title: str
    value: str
    note: str = ""
    url: str = ""
    #: Whether it is what there is to be done about first, such as what is past due.
    is_due: bool = False


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
    #: What it takes to open ``url``, where that is more than to be told of it.
    url_permission: str = ""
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

    of: Subject = Subject.DRIVER
    name: str
    permission: str
    read: Callable[[int, Before, int], Sequence[Event]]
    is_money: bool = False


#: Rows of a section; there are more in its list.
SHOWN = 50

_sections: dict[tuple[Subject, str, str], Section] = {}
_acts: dict[tuple[Subject, str], Act] = {}
_sources: dict[tuple[Subject, str], Source] = {}
_tiles: list[tuple[int, Subject, str, Callable[[Any, date], Sequence[Tile]]]] = []
_notices: list[tuple[Subject, str, Callable[[int, date], Sequence[Notice]]]] = []


def register_section(section: Section) -> None:
    """Add a section. :raises ValueError: its tab has one of that title"""
    key = section.of, section.tab, section.title
    if key in _sections:
        raise ValueError(f"{section.tab} of a {section.of} has a section {section.title} already.")
    _sections[key] = section


def register_act(act: Act) -> None:
    """Add an act. :raises ValueError: another has its title"""
    if (act.of, act.title) in _acts:
        raise ValueError(f"There is an act of a {act.of} named {act.title} already.")
    _acts[act.of, act.title] = act


def register_events(source: Source) -> None:
    """Add events to the timeline. :raises ValueError: another source has its name"""
    if (source.of, source.name) in _sources:
        raise ValueError(f"There are events of a {source.of} named {source.name} already.")
    _sources[source.of, source.name] = source


def register_notices(
    permission: str, read: Callable[[int, date], Sequence[Notice]], *, of: Subject = Subject.DRIVER
) -> None:
    """Have ``read`` tell what is to be known of a record on a day, to whoever has the permission."""
    _notices.append((of, permission, read))


def register_tiles(of: Subject, place: int, permission: str, read: Callable[[Any, date], Sequence[Tile]]) -> None:
    """Have ``read`` tell figures of a record on a day, to whoever has the permission; it is asked with what the page
    knows of the record, as an :class:`Act` is."""
    _tiles.append((place, of, permission, read))


def list_tiles(user: Any, of: Subject, state: Any, today: date) -> list[Tile]:
    """Return the figures of a record, in their order."""
    load_modules("dossier")
    mine = [(place, read) for place, subject, right, read in _tiles if subject == of and user.has_perm(right)]
    return [tile for _, read in sorted(mine, key=lambda one: one[0]) for tile in read(state, today)]


def list_sections(user: Any, of: Subject = Subject.DRIVER) -> list[Section]:
    """Return the sections that the user may open, in their order."""
    load_modules("dossier")
    mine = (section for section in _sections.values() if section.of == of and user.has_perm(section.permission))
    return sorted(mine, key=lambda section: section.place)


def count_rows(sections: Sequence[Section], record_id: int) -> dict[str, int]:
    """Return how many rows each tab has, by one statement; tabs of which nothing is counted are left out."""
    counted = [
        section.rows(record_id).order_by().annotate(tab=Value(section.name)).values("tab").annotate(found=Count("pk"))
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


def list_acts(user: Any, of: Subject = Subject.DRIVER) -> list[Act]:
    """Return the acts that the user may do, in their order."""
    load_modules("dossier")
    mine = (act for act in _acts.values() if act.of == of and user.has_perm(act.permission))
    return sorted(mine, key=lambda act: act.place)


def list_sources(user: Any, of: Subject = Subject.DRIVER, *, only_money: bool) -> list[Source]:
    """Return what the timeline is made of for the user."""
    load_modules("dossier")
    of_user = [source for source in _sources.values() if source.of == of and user.has_perm(source.permission)]
    return sorted((one for one in of_user if one.is_money or not only_money), key=lambda source: source.name)


def list_notices(user: Any, of: Subject, record_id: int, today: date) -> list[Notice]:
    """Return what is to be known of a record."""
    load_modules("dossier")
    mine = (read for subject, permission, read in _notices if subject == of and user.has_perm(permission))
    return [notice for read in mine for notice in read(record_id, today)]


def dossier_url(of: Subject, record_id: int) -> str:
    """Return the address of a record's page."""
    return record_url(of.value, record_id)


def driver_url(driver_id: int) -> str:
    """Return the address of a driver's page."""
    return dossier_url(Subject.DRIVER, driver_id)


def vehicle_url(vehicle_id: int) -> str:
    """Return the address of a vehicle's page."""
    return dossier_url(Subject.VEHICLE, vehicle_id)


def lease_url(lease_id: int) -> str:
    """Return the address of a lease's page."""
    return dossier_url(Subject.LEASE, lease_id)
