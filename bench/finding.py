"""Find anything in a city's fleet: each kind of what people type, by the function that the search's page asks."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from bench import page_rows
from bench.databases import settle
from bench.measure import Meter, Row, measured
from bench.registry import Asked
from core.finders import find_anything

SHORT, FULL = 20_000, 180_000
ROUNDS = 5
#: Of SQL for all that a question asks.
AIM = "≤ 50 ms"
NOBODY = "nobody"
#: What is typed, by what it is. Half of the drivers share twelve first and twelve last names.
NAMES = {
    "a name": "nadia castillo",
    "a name, the last one first": "Castillo, Nadia",
    "parts of names": "nad cast",
    "middles of names": "stil adi",
    "two letters": "mo",
    "two letters of each name": "ma ra",
    "one letter of a name": "m singh",
    "a very common last name": "singh",
    "common names, of nobody together": "singh mohammed ali",
    "a word typed twice": "ali ali jeu",
    "an area code": "718",
    "an area code and a common name": "singh 917",
    "a name and one of nobody": "zzz mohammed",
}
#: What names one driver or their cab, as it is written on paper.
_PAPERS = """
SELECT d.tlc_license, right(d.tlc_license, 4), d.phone, right(d.phone, 8), d.email, split_part(d.email, '@', 1),
    v.medallion, v.plate, t.tag, right(v.vin, 6), 'lease ' || l.id, 'DTR-' || d.id
FROM leases_driver d JOIN leases_lease l ON l.primary_driver_id = d.id JOIN leases_vehicle v ON v.id = l.vehicle_id
    JOIN leases_vehicletag t ON t.vehicle_id = v.id
ORDER BY d.id LIMIT 1 OFFSET 7
"""
_WHAT = (
    "a license",
    "last digits of a license",
    "a telephone number",
    "a telephone number without its area",
    "an e-mail address",
    "an e-mail name",
    "a medallion",
    "a plate",
    "a tag",
    "the end of a VIN",
    "a lease",
    "a DTR",
)
_MONEY = """
SELECT 'PAY-' || lpad(p.number::text, 6, '0'), c.instrument_number, o.reference_id, left(o.reference_id, 9),
    t.kind || '-' || t.number
FROM (SELECT number FROM ledger_payments ORDER BY id LIMIT 1 OFFSET 77) p,
    (SELECT instrument_number FROM ledger_payments WHERE method = 'CHECK' ORDER BY id LIMIT 1 OFFSET 77) c,
    (SELECT reference_id FROM ledger_postings WHERE kind = 'OBLIGATION' ORDER BY id LIMIT 1 OFFSET 77) o,
    (SELECT kind, number FROM tickets_tickets ORDER BY id LIMIT 1 OFFSET 77) t
"""
_WHAT_MONEY = ("a receipt", "a check number", "a reference", "the beginning of references", "a ticket")


def run(asked: Asked) -> Iterator[Row]:
    """Make a fleet and its books, and look for each."""
    drivers = asked.drivers if asked.drivers_given else FULL if asked.is_full else SHORT
    page_rows.make_people(drivers)
    page_rows.make_history(2 * drivers, a_day=max(drivers // 50, 4), drivers=drivers, today=timezone.localdate())
    page_rows.make_dtrs()
    settle()
    user = User.objects.create(username="bench", is_superuser=True, is_staff=True)
    for what, term in _list_terms().items():
        find = partial(find_anything, user, term, at=timezone.now())
        # Once before, so that its pages are in memory.
        if bool(find()) == (NOBODY in what):
            raise SystemExit(f"{term} does not find what it should: {what}.")
        meter = Meter()
        took = [_measure_sql(find) for _ in range(ROUNDS)]
        _, ours, theirs = meter.read()
        cpu = f"product {1000 * ours / ROUNDS:6.1f} server {1000 * theirs / ROUNDS:6.1f} ms CPU"
        print(f"    {what:38} {term:26} {cpu}", flush=True)
        yield measured(f"{what}, {drivers:,} drivers", "ms", took, rows=ROUNDS, aim=AIM)


def _list_terms() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(_PAPERS)
        papers = dict(zip(_WHAT, cursor.fetchone(), strict=True))
        cursor.execute(_MONEY)
        return {**NAMES, **papers, **dict(zip(_WHAT_MONEY, cursor.fetchone(), strict=True))}


def _measure_sql(work: Callable[[], object]) -> float:
    """Return the milliseconds that its statements take together."""
    took = 0.0

    def clock(execute: Callable[..., Any], *given: Any) -> Any:
        nonlocal took
        began = time.perf_counter()
        try:
            return execute(*given)
        finally:
            took += time.perf_counter() - began

    with connection.execute_wrapper(clock):
        work()
    return 1000 * took
