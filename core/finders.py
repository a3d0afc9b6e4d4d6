"""Find anything: one search over what every app finds, without knowing any of it.

An app says in its AppConfig's ``ready`` what it finds, in which place, and who may see it::

    register_finder(160, "dtr.view_dtr", find_dtrs)

and whoever searches asks :func:`find_anything`. Who the people are that are found, and what they owe, is told by the
apps that know it, for all of them at once: however much is found, a search asks the same few questions.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

#: Signs below which nothing is looked for.
FEWEST_SIGNS = 2
LONGEST_TERM = 100
#: Rows that a finder reads of one table, and those that are shown of a group.
MAX_ROWS = 50
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Found:
    """A record that was found: its name for people, its page, whose it is, and what else tells it from others.

    A driver's own row says neither a name nor details: they are told by ``register_people``.
    """

    url: str
    label: str = ""
    driver_id: int | None = None
    detail: str = ""
    amount: str = ""
    is_driver: bool = False


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """What was found of one kind, best first; ``list_url`` leads to all of it. It ``is_cut`` where there is more.

    Where a number was asked for that is one driver's, that driver ``is_meant``: of a receipt, and not of a cab.
    """

    title: str
    #: The menu's own for it, by its name in Material Symbols.
    icon: str
    rows: Sequence[Found]
    list_url: str = ""
    is_cut: bool = False
    is_meant: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """A driver as people tell them from others, with the cab and lease they have at a moment, if any."""

    id: int
    first_name: str
    last_name: str
    tlc_license: str
    phone: str
    is_active: bool
    medallion: str = ""
    lease_id: int | None = None
    is_locked: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def facts(self) -> list[str]:
        """License, cab, lease and phone, as a row of results tells them."""
        cab = [f"cab {self.medallion}", f"Lease {self.lease_id}"] if self.lease_id else []
        return [f"license {self.tlc_license}", *cab, *([self.phone] if self.phone else [])]

    @property
    def labels(self) -> list[str]:
        """What makes them an exception: none of it keeps anybody from paying."""
        locked = ["Locked"] if self.is_locked else []
        return [*locked, *([] if self.is_active else ["Inactive"]), *([] if self.lease_id else ["No lease"])]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a driver owes or is held for, in words: ``owes $652.25`` and ``$369.25 past due``."""

    says: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A row of results as a page shows it."""

    found: Found
    title: str
    detail: str
    amount: str = ""
    below: str = ""
    labels: Sequence[str] = ()
    #: What is done most with whoever it is, for who may: the page that Alt T leads to.
    act_url: str = ""


@dataclass(frozen=True, slots=True)
class HitGroup:
    title: str
    icon: str
    hits: Sequence[Hit]
    count: int
    list_url: str = ""
    is_cut: bool = False


#: Gets what was typed, who asks, and when.
Find = Callable[[str, Any, datetime], Iterable[FoundGroup]]
Describe = Callable[[Collection[int], datetime], dict[int, Person]]
Stand = Callable[[Collection[int], datetime], dict[int, Standing]]

_finders: list[tuple[int, str, Find]] = []
_people: list[Describe] = []
_standings: list[tuple[str, Stand]] = []
_acts: list[tuple[str, Callable[[int], str]]] = []


def register_finder(place: int, permission: str, find: Find) -> None:
    """Have ``find`` asked for whoever has the permission (blank: for everybody); groups stand in order of ``place``."""
    if (place, permission, find) not in _finders:
        _finders.append((place, permission, find))
        _finders.sort(key=lambda known: known[0])


def register_people(describe: Describe) -> None:
    """Have ``describe`` tell who drivers are, by their ids."""
    _people[:] = [describe]


def register_standings(permission: str, stand: Stand) -> None:
    """Have ``stand`` tell what drivers owe, to whoever has the permission."""
    _standings[:] = [(permission, stand)]


def register_act(permission: str, address: Callable[[int], str]) -> None:
    """Have ``address`` say where what is done most with a driver is done, to whoever has the permission."""
    _acts[:] = [(permission, address)]


def clean_term(typed: str) -> str:
    """Return what was typed without signs that are none, and not longer than a search needs."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in typed[:LONGEST_TERM]).split())


def is_too_short(term: str) -> bool:
    """Whether there are too few letters and digits to look for."""
    return sum(sign.isalnum() for sign in term) < FEWEST_SIGNS


def find_anything(user: Any, typed: str, *, at: datetime, shown: int = SHOWN) -> list[HitGroup]:
    """Return what a few words find of what the user may see, in groups; nothing for fewer than two letters or digits.

    ``at`` is the moment as of which cabs and debts are told.
    """
    term = clean_term(typed)
    if is_too_short(term):
        return []
    groups = _find(user, term, at)
    shown_rows = [row for group in groups for row in group.rows[:shown]]
    people = describe_people({row.driver_id for row in shown_rows if row.driver_id}, at)
    owing = _stand(user, {row.driver_id for row in shown_rows if row.is_driver and row.driver_id}, at)
    return [
        HitGroup(
            group.title,
            group.icon,
            [_tell(row, people, owing, user) for row in group.rows[:shown]],
            len(group.rows),
            group.list_url,
            group.is_cut,
        )
        for group in groups
    ]


def find_people(user: Any, typed: str, *, at: datetime, shown: int) -> tuple[list[Hit], bool]:
    """Return the drivers whom a few words name, or a number that is theirs, and whether there are more than shown.

    A row that was found by a number says by which.
    """
    term = clean_term(typed)
    if is_too_short(term):
        return [], False
    groups = _find(user, term, at)
    rows = {row.driver_id: row for group in groups for row in group.rows if row.is_driver}
    for group in groups:
        for row in group.rows if group.is_meant else ():
            if row.driver_id:
                rows.setdefault(row.driver_id, replace(row, is_driver=True, detail=row.label))
    found = list(rows.values())[:shown]
    ids = {row.driver_id for row in found if row.driver_id}
    people, owing = describe_people(ids, at), _stand(user, ids, at)
    return [_tell(row, people, owing, user) for row in found], len(rows) > shown


def _find(user: Any, term: str, at: datetime) -> list[FoundGroup]:
    return [
        group
        for _, permission, find in _finders
        if not permission or user.has_perm(permission)
        for group in find(term, user, at)
        if group.rows
    ]


def describe_people(ids: Collection[int], at: datetime) -> dict[int, Person]:
    """Return who these drivers are, and what they have at that moment."""
    return _people[0](ids, at) if _people and ids else {}


def _stand(user: Any, ids: Collection[int], at: datetime) -> dict[int, Standing]:
    return {
        pk: found
        for permission, stand in _standings
        if ids and user.has_perm(permission)
        for pk, found in stand(ids, at).items()
    }


def _tell(row: Found, people: dict[int, Person], owing: dict[int, Standing], user: Any) -> Hit:
    person = people.get(row.driver_id or 0)
    if person is None:
        return Hit(row, row.label, row.detail, row.amount)
    if row.is_driver:
        standing = owing.get(person.id, Standing(""))
        facts = [*person.facts, *([row.detail] if row.detail else [])]
        act = next((address(person.id) for permission, address in _acts if user.has_perm(permission)), "")
        return Hit(row, person.name, " · ".join(facts), standing.says, standing.below, person.labels, act)
    whose = (
        f"{person.name}, cab {person.medallion}" if person.medallion else f"{person.name}, license {person.tlc_license}"
    )
    return Hit(row, row.label, " · ".join(part for part in (whose, row.detail) if part), row.amount)


def cut(rows: Iterable[Found], most: int = MAX_ROWS) -> tuple[list[Found], bool]:
    """Return at most so many of the rows, and whether there are more."""
    read = list(rows)
    return read[:most], len(read) > most
