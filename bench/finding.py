"""How long a driver is looked for among 180,000, in milliseconds of SQL: ``python -m bench.finding``.

Half of the drivers share twelve last names and twelve first names, as the fleets' do; the others have names of their
own made of syllables. One in twelve has a cab.
"""

import os
import random
import statistics
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402 - Django must be ready first
from django.utils import timezone  # noqa: E402

from bench.fleet import bench_database  # noqa: E402
from leases import selectors  # noqa: E402
from leases.audits import find_broken_tokens  # noqa: E402
from leases.models import Driver  # noqa: E402

DRIVERS = 180_000
IN_A_LOT = 20_000
ROUNDS = 7
FIRST = ["Mohammed", "Md", "Abdul", "Maria", "Nadia", "Anil", "Jean", "Luis", "José", "Ali", "Wei", "Ahmed"]
LAST = ["Singh", "Rahman", "Castillo", "Jeudy", "Begum", "Khan", "Nguyen", "Diallo", "Islam", "Hossain", "Uddin", "Ali"]
SYLLABLES = ["ka", "ro", "mi", "dan", "sa", "lo", "ve", "tur", "ni", "ba", "shi", "gor", "le", "pen", "da", "wit"]
AREAS = ["718", "917", "646", "347"]
TERMS = [
    *("Castillo, Nadia", "nad cast", "mohammed ali", "ali moh", "abdul rahman khan", "ham ing", "man ali"),
    *("an", "mo", "ma ra", "li", "5012345", "2345", "718", "718 555", "(718) 555-1013", "9170"),
    *("nadia.castillo", "rosa.kaba@example.com", "2B34", "T10", "T101234C", "0041200001234", "lease 123", "14"),
    *("zzz mohammed", "mohammed 2b", "karomi", "aro dan", "a b", "zzz"),
    *("mohammed singh", "singh rahman", "singh mohammed ali", "ali khan md", "rahman islam begum", "m a singh"),
]


def main() -> None:
    """Make the drivers and their cabs, and print a line for each way of asking."""
    with bench_database():
        print(f"Making {DRIVERS:,} drivers ...", flush=True)
        _make_drivers(random.Random(1))
        _make_cabs()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute(
                "SELECT count(*), pg_total_relation_size('leases_driver_tokens') / 1000000 FROM leases_driver_tokens"
            )
            print("{:,} tokens, {:,} MB with their indexes".format(*cursor.fetchone()))
            connection.set_autocommit(True)
            cursor.execute("VACUUM ANALYZE leases_driver_tokens")
        began = time.perf_counter()
        findings = len(list(find_broken_tokens()))
        print(f"audit: {findings} findings, {time.perf_counter() - began:.1f} s\n")
        print(f"{'':26} {'found':>6} {'median':>8} {'highest':>8}  ms of SQL {'pages':>7} read by it")
        for term in TERMS:
            figures = [_measure(term) for _ in range(ROUNDS)]
            times = [taken for _, taken in figures]
            told = f"{statistics.median(times):>8.1f} {max(times):>8.1f} {_count_pages(term):>18,}"
            print(f"{term:26} {figures[0][0]:>6} {told}")


def _measure(term: str) -> tuple[int, float]:
    """Look for a driver as the counter does; the drivers shown are described too."""
    taken = 0.0

    def clock(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        nonlocal taken
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            taken += time.perf_counter() - began

    now = timezone.now()
    with connection.execute_wrapper(clock):
        found = selectors.list_found_drivers(selectors.split_words(term), at=now)
        selectors.describe_drivers(found[:20], at=now)
    return len(found), taken * 1000


def _count_pages(term: str) -> int:
    """Return how many pages of 8 kB the same search reads: what it costs on a busy machine too."""
    pages = 0

    def explain(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        nonlocal pages
        with connection.cursor() as cursor:
            cursor.cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {sql}", params)
            plan = cursor.cursor.fetchone()[0][0]["Plan"]
        pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        return execute(sql, params, many, context)

    now = timezone.now()
    with connection.execute_wrapper(explain):
        found = selectors.list_found_drivers(selectors.split_words(term), at=now)
        selectors.describe_drivers(found[:20], at=now)
    return pages


def _make_drivers(chance: random.Random) -> None:
    for start in range(0, DRIVERS, IN_A_LOT):
        Driver.objects.bulk_create(_make_driver(chance, n) for n in range(start, start + IN_A_LOT))


def _make_driver(chance: random.Random, n: int) -> Driver:
    is_common = chance.random() < 0.5
    first = chance.choice(FIRST) if is_common else "".join(chance.choices(SYLLABLES, k=2)).title()
    last = chance.choice(LAST) if is_common else "".join(chance.choices(SYLLABLES, k=3)).title()
    return Driver(
        first_name=first if n % 3 else f"{first} {chance.choice(FIRST)}",
        last_name=last,
        tlc_license=f"{5_000_000 + n}",
        phone=f"({AREAS[n % 4]}) {chance.randrange(200, 999)}-{chance.randrange(10_000):04}",
        email=f"{first}.{last}{n}@example.com".lower(),
    )


def _make_cabs() -> None:
    """Give every twelfth driver a cab with plate and tag, and a lease that is in force."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO leases_vehicle (vin, medallion, plate, make_and_model, status)
            SELECT '1FTDX' || lpad(n::text, 12, '0'),
                n / 2600 % 10 || chr(65 + n / 100 % 26) || lpad((n % 100)::text, 2, '0'), 'T' || 100000 + n || 'C', '',
                'IN_SERVICE'
            FROM generate_series(1, 14999) AS n;
            INSERT INTO leases_vehicleplate (vehicle_id, plate, state) SELECT id, plate, 'NY' FROM leases_vehicle;
            INSERT INTO leases_vehicletag (vehicle_id, tag)
            SELECT id, '00412' || lpad(id::text, 8, '0') FROM leases_vehicle;
            INSERT INTO leases_lease (primary_driver_id, vehicle_id, lease_type, shift, start_on, end_on, weekly_amount,
                deposit, cancellation_fee, status, status_reason)
            SELECT d.id, v.id, 'LONG_TERM', 'FULL', current_date - 30, current_date + 300, 500, 0, 0, 'ACTIVE', ''
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM leases_vehicle) AS v
            JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM leases_driver) AS d ON d.n = v.n * 12;
            INSERT INTO leases_leasevehicle (lease_id, vehicle_id, shift, from_at, until_at)
            SELECT id, vehicle_id, 'FULL', start_on, end_on FROM leases_lease;
            INSERT INTO leases_leasedriver (lease_id, driver_id, is_primary, start_on, end_on)
            SELECT id, primary_driver_id, true, start_on, end_on FROM leases_lease
            """
        )


if __name__ == "__main__":
    main()
