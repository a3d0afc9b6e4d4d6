"""Who is meant by a few words: drivers by what they are called and what they drive, and cabs by what is on them."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from core.clock import NEW_YORK
from core.finders import FEWEST_SIGNS, Person
from leases.models import Lease, LeaseDriver

#: Drivers or cabs that a search looks at; more letters find fewer.
MAX_FOUND = 200
#: Words of so many signs are looked for at the beginning only.
_BEGINNING_ONLY = 2
#: Signs by which a tag or a VIN is known that are its last ones.
_FEWEST_LAST = 4
_MAX_WORDS = 8
#: A driver may have several tokens of one beginning (a telephone number 555-5555).
_TOKENS_READ = 2 * MAX_FOUND
#: Up to so many tokens of a word, each is looked up; more than so many are not counted.
_FEW_TOKENS, _MANY_TOKENS = 400, 10_000
#: Of a word of one sign among others, so many that the others have too are looked up.
_VAGUE_TOKENS = 3_000
#: What people and our own pages put before a number, and which tells nothing then.
_LABELS = {"cab", "medallion", "license", "plate", "ny", "tag", "phone", "driver", "vin"}
_PHONE = re.compile(r"\+?1[-.\s(]*(\d{3})[-.\s)]*(\d{3})[-.\s]*(\d{4})")
#: ``Lease 14``, LEASE-14, and a reference of its rent.
_LEASE = re.compile(r"\blease[-\s#]*0*(\d{1,18})\b(?:-\S*)?", re.IGNORECASE)
_LEASE_ALONE = re.compile(r"(?:lease[-\s#]*)?0*(\d{1,18})(?:-\S*)?", re.IGNORECASE)


def split_words(typed: str) -> list[str]:
    """Return the words of what a person typed, as the tokens of drivers are written, without labels of numbers.

    A word that was typed twice is one: nobody is meant by it twice.
    """
    plain = _LEASE.sub(r" lease\1 ", _PHONE.sub(r"\1\2\3", typed))
    with connection.cursor() as cursor:
        cursor.execute("SELECT leases_split_words(%s)", [plain])
        words: list[str] = cursor.fetchone()[0]
    told = [
        word
        for word, following in zip(words, [*words[1:], ""], strict=False)
        if not (word in _LABELS and re.search(r"\d", following))
    ]
    return list(dict.fromkeys(_without_zeros(word) for word in told))[:_MAX_WORDS]


def _without_zeros(word: str) -> str:
    # A license or tag is known without the zeros before it; fewer digits may be the last ones of a telephone number.
    return word.lstrip("0") if re.fullmatch(r"0\d{6,}", word) else word


def list_found_drivers(words: Sequence[str], *, at: datetime) -> list[int]:
    """Return the drivers whom all of the words name, best first, at most one more than ``MAX_FOUND``.

    A word names a driver by any part of a name, a license or a telephone number, by the beginning of an e-mail
    address, and by the beginning of what is on the cab that they have at that moment (of a tag or VIN also by the last
    four digits or more), or the number of a lease.
    Best are whole words, then beginnings, then other parts; among equals the order is that of names.
    """
    if sum(map(len, words)) < FEWEST_SIGNS:
        return []
    parameters: dict[str, Any] = {"at": at, "day": at.astimezone(NEW_YORK).date(), "limit": MAX_FOUND + 1}
    for place, word in enumerate(words):
        parameters |= _parameters_of(place, word)
    most = _MANY_TOKENS if len(words) > 1 else 1  # a word alone need not be counted
    counts = _count_tokens(len(words), most, parameters)
    drives = [f"drives{place} AS MATERIALIZED ({_drivers_of_marks_sql(place)})" for place in range(len(words))]
    return _fetch_ids(
        f"""
        WITH {", ".join(drives)}, {_find_sql(words, counts, most)}
        SELECT found.driver_id FROM found JOIN leases_driver d ON d.id = found.driver_id
        ORDER BY {" + ".join(map(_rank_sql, range(len(words))))}, d.last_name, d.first_name, d.id
        """,
        parameters,
    )


def _find_sql(words: Sequence[str], counts: Sequence[int], most: int) -> str:
    """Return the common tables that end in ``found``: at most one more than ``MAX_FOUND`` whom all words name.

    ``counts`` are told up to ``most``. Looking up whether one driver has a word costs as much as reading some forty
    tokens in their order. So few drivers are looked up one by one. Of many, those of the rarest word are kept, and the
    tokens of the next rare one are read until enough of them are theirs.
    """
    rarest, *others = sorted(range(len(counts)), key=counts.__getitem__)
    one_by_one = _are_named_sql(others)
    if not others or counts[rarest] <= _FEW_TOKENS:
        return f"""
            named AS MATERIALIZED (
                SELECT driver_id FROM leases_driver_tokens c WHERE {_token_sql(rarest, "c")} AND {one_by_one}
                ORDER BY token USING ~<~ LIMIT {_TOKENS_READ}
            ), found AS (
                SELECT driver_id FROM drives{rarest} c WHERE {one_by_one} UNION SELECT driver_id FROM named
                LIMIT %(limit)s
            )
        """
    # With one sign a quarter of all tokens may begin: of such a word only the first are looked at. Where there are more
    # of the rarest word than were kept, the rest of them is read if too few were found.
    is_vague = min(map(len, words)) == 1
    enough = _VAGUE_TOKENS if is_vague else most
    goes_on = "true" if counts[rarest] == most and not is_vague else "false"
    streamed, *rest = others
    kept = [place for place in (rarest, *rest) if place == rarest or counts[place] < most]
    keeps = ", ".join(
        f"""kept{place} AS MATERIALIZED (
            SELECT driver_id FROM leases_driver_tokens c WHERE {_token_sql(place, "c")}
            ORDER BY token USING ~<~ LIMIT {most}
        )"""
        for place in kept
    )
    are_kept = " AND ".join(
        f"((c.driver_id IN (SELECT k.driver_id FROM kept{place} k)) IS TRUE OR {_drives_sql(place)})" for place in kept
    )
    looked_up = [place for place in rest if place not in kept]
    # A driver has several tokens of one beginning, but needs to be looked up once.
    both = f"SELECT driver_id, token FROM leases_driver_tokens c WHERE {_token_sql(streamed, 'c')} AND {are_kept}"
    named = (
        f"SELECT driver_id FROM (SELECT DISTINCT driver_id FROM ({both} LIMIT {enough}) AS b) AS c "
        f"WHERE {_are_named_sql(looked_up)}"
        if looked_up
        else f"SELECT driver_id FROM ({both}) AS b ORDER BY token USING ~<~"
    )
    return f"""
        {keeps}, named AS MATERIALIZED ({named} LIMIT {_TOKENS_READ}
        ), further AS (
            SELECT driver_id FROM leases_driver_tokens c
            WHERE {goes_on} AND (SELECT count(*) FROM named) < {_TOKENS_READ}
                AND {_token_sql(rarest, "c")} AND {_are_named_sql(others, at_once=True)}
            ORDER BY token USING ~<~ LIMIT {_TOKENS_READ}
        ), found AS (
            SELECT driver_id FROM drives{streamed} c WHERE {_are_named_sql([rarest, *rest])}
            UNION SELECT driver_id FROM drives{rarest} c WHERE {one_by_one}
            UNION SELECT driver_id FROM named UNION SELECT driver_id FROM further LIMIT %(limit)s
        )
    """


def list_found_vehicles(words: Sequence[str]) -> list[int]:
    """Return the cabs that each of the words names by medallion, plate, tag or VIN, or the end of these two, whenever.

    They are in the order of their medallions, and at most one more than ``MAX_FOUND``.
    """
    if sum(map(len, words)) < FEWEST_SIGNS:
        return []
    parameters: dict[str, Any] = {}
    parts = []
    for place, word in enumerate(words):
        parameters |= _parameters_of(place, word)
        parts.append(
            f"""(SELECT id FROM leases_vehicle WHERE medallion LIKE %(mark{place})s OR vin LIKE %(mark{place})s
            UNION SELECT vehicle_id FROM leases_vehicleplate
                WHERE plate LIKE %(mark{place})s
            UNION SELECT vehicle_id FROM leases_vehicletag WHERE tag_key LIKE %(tag{place})s
            UNION SELECT vehicle_id FROM leases_vehicletag WHERE reverse(tag_key) LIKE %(end{place})s
            UNION SELECT id FROM leases_vehicle WHERE reverse(vin) LIKE %(end{place})s)"""
        )
    return _fetch_ids(
        f"""
        SELECT id FROM leases_vehicle WHERE id IN ({" INTERSECT ".join(parts)})
        ORDER BY medallion LIMIT {MAX_FOUND + 1}
        """,
        parameters,
    )


def find_lease_number(typed: str) -> int | None:
    """Return the number of the lease that the whole of it names: 14, Lease 14, or a reference of its rent."""
    number = _LEASE_ALONE.fullmatch(typed.strip())
    return int(number.group(1)) if number else None


def list_found_leases(typed: str, *, at: datetime) -> list[int]:
    """Return the leases of that number; or else those of whom or of what cab the words name, newest first.

    At most one more than ``MAX_FOUND``.
    A word that names a cab may stand beside the words that name the driver: ``smith 9Z90``.
    """
    number = find_lease_number(typed)
    if number and Lease.objects.filter(pk=number).exists():
        return [number]
    words = split_words(typed)
    cabs: dict[str, list[int]] = {word: list_found_vehicles([word]) for word in words if re.search(r"\d", word)}
    of_cab = [word for word in cabs if cabs[word]]
    found = Q(pk__in=_list_leases_of(list_found_drivers(words, at=at)))
    if of_cab:
        named = set.intersection(*(set(cabs[word]) for word in of_cab))
        is_of_cab = Q(vehicle__in=named)
        others = [word for word in words if word not in of_cab]
        found |= is_of_cab & Q(pk__in=_list_leases_of(list_found_drivers(others, at=at))) if others else is_of_cab
    return list(Lease.objects.filter(found).order_by("-pk").values_list("pk", flat=True)[: MAX_FOUND + 1])


def _list_leases_of(driver_ids: Collection[int]) -> QuerySet[LeaseDriver, int]:
    return LeaseDriver.objects.filter(driver__in=driver_ids).values_list("lease", flat=True)


def describe_drivers(driver_ids: Collection[int], *, at: datetime) -> dict[int, Person]:
    """Return the drivers by id, each with the cab and lease of that moment: their own lease before a further one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id, d.first_name, d.last_name, d.tlc_license, d.phone, d.status = 'ACTIVE',
                coalesce(has.medallion, ''), has.lease_id,
                EXISTS (SELECT FROM leases_driver_locks l WHERE l.driver_id = d.id AND l.unlocked_at IS NULL)
            FROM leases_driver d LEFT JOIN LATERAL (
                SELECT v.medallion, s.lease_id FROM leases_leasedriver s
                JOIN leases_leasevehicle h ON h.lease_id = s.lease_id AND h.from_at <= %(at)s AND h.until_at > %(at)s
                JOIN leases_vehicle v ON v.id = h.vehicle_id
                WHERE s.driver_id = d.id AND s.start_on <= %(day)s AND s.end_on >= %(day)s
                ORDER BY s.is_primary DESC, s.lease_id DESC LIMIT 1
            ) AS has ON true
            WHERE d.id = ANY (%(ids)s)
            """,
            {"at": at, "day": at.astimezone(NEW_YORK).date(), "ids": list(driver_ids)},
        )
        return {row[0]: Person(*row) for row in cursor.fetchall()}


def _parameters_of(place: int, word: str) -> dict[str, Any]:
    lease = re.fullmatch(r"(?:lease)?0*(\d{1,18})", word)
    mark = word.upper() if len(word) > _BEGINNING_ONLY or re.search(r"\d", word) else ""
    return {
        f"word{place}": word,
        f"start{place}": f"{_escape(word)}%",
        f"only{place}": len(word) > _BEGINNING_ONLY,
        # Nothing begins with a blank, so that two letters alone are no mark.
        f"mark{place}": f"{_escape(mark)}%" if mark else " ",
        f"tag{place}": f"{mark.lstrip('0')}%" if mark.isdecimal() and mark.strip("0") else " ",
        f"end{place}": f"{_escape(mark[::-1])}%" if len(word) >= _FEWEST_LAST and word[-1].isdecimal() else " ",
        f"lease{place}": int(lease.group(1)) if lease else 0,
    }


def _count_tokens(words: int, most: int, parameters: dict[str, Any]) -> list[int]:
    """Return how many tokens each word begins; of one that begins ``most`` or more, that it does."""
    each = ", ".join(
        f"(SELECT count(*) FROM (SELECT FROM leases_driver_tokens t WHERE {_token_sql(place)} LIMIT {most}) _)"
        for place in range(words)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {each}", parameters)
        return list(cursor.fetchone())


def _are_named_sql(places: Sequence[int], *, at_once: bool = False) -> str:
    """Whether the driver ``c.driver_id`` is named by all of these words: looked up, or all who are read before."""
    conditions = [
        f"((c.driver_id IN (SELECT t.driver_id FROM leases_driver_tokens t WHERE {_token_sql(place)})) IS TRUE "
        f"OR {_drives_sql(place)})"
        if at_once
        # OFFSET 0 has PostgreSQL do as it is told: an EXISTS that it makes a join of reads all tokens of both words.
        else "(EXISTS (SELECT FROM leases_driver_tokens t "
        f"WHERE t.driver_id = c.driver_id AND {_token_sql(place)} OFFSET 0) OR {_drives_sql(place)})"
        for place in places
    ]
    return " AND ".join(conditions) or "true"


def _drives_sql(place: int) -> str:
    return f"c.driver_id IN (SELECT driver_id FROM drives{place})"


def _rank_sql(place: int) -> str:
    return f"""least(
        (SELECT 0 FROM drives{place} g WHERE g.driver_id = found.driver_id),
        (SELECT min(CASE WHEN NOT t.is_beginning THEN 2 WHEN t.token = %(word{place})s THEN 0 ELSE 1 END)
         FROM leases_driver_tokens t WHERE t.driver_id = found.driver_id AND t.token LIKE %(start{place})s))"""


def _token_sql(place: int, table: str = "t") -> str:
    return f"{table}.token LIKE %(start{place})s AND (%(only{place})s OR {table}.is_beginning)"


def _drivers_of_marks_sql(place: int) -> str:
    """Whom a word names by what they drive at that moment, or by the number of a lease of theirs, whenever it was.

    A beginning that more cabs share names none of them: as that of every tag does.
    """
    return f"""
        SELECT s.driver_id FROM leases_leasedriver s WHERE s.lease_id = %(lease{place})s
        UNION
        SELECT s.driver_id FROM (
            SELECT id FROM leases_vehicle WHERE medallion LIKE %(mark{place})s
            UNION SELECT vehicle_id FROM leases_vehicleplate WHERE plate LIKE %(mark{place})s
                AND coalesce(from_at <= %(at)s, true) AND coalesce(until_at > %(at)s, true)
            UNION SELECT vehicle_id FROM leases_vehicletag
                WHERE (tag_key LIKE %(tag{place})s OR reverse(tag_key) LIKE %(end{place})s)
                AND coalesce(from_at <= %(at)s, true) AND coalesce(until_at > %(at)s, true)
            UNION SELECT id FROM leases_vehicle WHERE reverse(vin) LIKE %(end{place})s
            LIMIT {MAX_FOUND}
        ) AS cabs
        JOIN leases_leasevehicle h ON h.vehicle_id = cabs.id AND h.from_at <= %(at)s AND h.until_at > %(at)s
        JOIN leases_leasedriver s ON s.lease_id = h.lease_id AND s.start_on <= %(day)s AND s.end_on >= %(day)s"""


def _escape(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


def _fetch_ids(sql: str, parameters: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]
