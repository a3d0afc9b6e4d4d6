"""How long the lists of money take at a million rows, in milliseconds of a whole page: ``python -m bench.lists``.

A million charges, a quarter of a million payments with what they posted, and a million tickets, spread over a year.
Each page is asked for in this process, as a superuser, by every way that people narrow it. Beside how long it took
stands what of it was work, ours and PostgreSQL's: a machine that does something else besides makes that no longer.
"""

import os
import statistics
import time
from pathlib import Path
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django must be ready first
from django.contrib.auth.models import User  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from bench.fleet import bench_database  # noqa: E402

POSTINGS = TICKETS = 1_000_000
PAYMENTS = 250_000
ROUNDS = 20
TICKS = os.sysconf("SC_CLK_TCK")
AIM = 60

POSTINGS_LIST, PAYMENTS_LIST, TICKETS_LIST = (
    "ledger_ledgerposting",
    "ledger_interimpayment",
    "tickets_ticket",
)
DAY, MONTH = ("2026-03-04", "2026-03-04"), ("2026-03-01", "2026-03-31")
HOURS = {"at_from_1": "00:00", "at_to_1": "23:59"}
#: A list, what is asked of it in words, and its address. A column is sorted by its place: ``-2`` is the third, newest
#: first.
ASKED = [
    (POSTINGS_LIST, "all", {}),
    (POSTINGS_LIST, "of a day", {"effective_on_from": DAY[0], "effective_on_to": DAY[1]}),
    (POSTINGS_LIST, "of a month", {"effective_on_from": MONTH[0], "effective_on_to": MONTH[1]}),
    (POSTINGS_LIST, "due in a month", {"due_on_from": MONTH[0], "due_on_to": MONTH[1]}),
    (POSTINGS_LIST, "LEASE-77-", {"q": "LEASE-77-"}),
    (POSTINGS_LIST, "a reference", {"q": "LEASE-77-1-77"}),
    (POSTINGS_LIST, "a driver", {"q": "Driver 4711"}),
    (POSTINGS_LIST, "by day", {"o": "-2"}),
    (POSTINGS_LIST, "of a kind", {"kind__exact": "PAYMENT"}),
    (POSTINGS_LIST, "undone", {"state": "undone"}),
    (PAYMENTS_LIST, "all", {}),
    (PAYMENTS_LIST, "of a day", {"received_on_from": DAY[0], "received_on_to": DAY[1]}),
    (PAYMENTS_LIST, "of a month", {"received_on_from": MONTH[0], "received_on_to": MONTH[1]}),
    (PAYMENTS_LIST, "a check", {"q": "77777"}),
    (PAYMENTS_LIST, "a driver", {"q": "Driver 4711"}),
    (PAYMENTS_LIST, "by day", {"o": "-2"}),
    (PAYMENTS_LIST, "checks", {"method__exact": "CHECK"}),
    (PAYMENTS_LIST, "voided", {"state": "undone"}),
    (TICKETS_LIST, "all", {}),
    (TICKETS_LIST, "of a day", {"at_from_0": DAY[0], "at_to_0": DAY[1], **HOURS}),
    (TICKETS_LIST, "of a month", {"at_from_0": MONTH[0], "at_to_0": MONTH[1], **HOURS}),
    (TICKETS_LIST, "a number", {"q": "777777"}),
    (TICKETS_LIST, "a plate", {"q": "T100777C"}),
    (TICKETS_LIST, "a driver", {"q": "Driver 4711"}),
    (TICKETS_LIST, "charged", {"state__exact": "CHARGED"}),
    (TICKETS_LIST, "by day", {"o": "-3"}),
]


def main() -> None:
    """Make the rows, and print a line for each way of asking."""
    settings.ALLOWED_HOSTS = ["testserver"]
    with bench_database():
        began = time.perf_counter()
        _make_rows()
        print(f"Made in {time.perf_counter() - began:.0f} s", flush=True)
        client = Client()
        client.force_login(User.objects.create_superuser("bench"))
        measure_all(client)


def measure_all(client: Client) -> None:
    """Ask for every page, and print a line for each."""
    print(f"{'':24} {'':16} {'median':>8} {'p95':>8} {'work':>8} {'SQL':>8}  ms a page (aim: p95 at most {AIM})")
    for name, words, asked in ASKED:
        url = f"{reverse(f'admin:{name}_changelist')}?{urlencode(asked)}"
        _measure(client, url)
        worked, in_sql = time.process_time(), _read_backend()
        times = sorted(_measure(client, url) for _ in range(ROUNDS))
        worked, in_sql = (time.process_time() - worked) * 1000 / ROUNDS, (_read_backend() - in_sql) * 1000 / ROUNDS
        p95 = times[-1 - ROUNDS // 20]
        mark = "  !" if p95 > AIM else ""
        print(
            f"{name:24} {words:16} {statistics.median(times):>8.1f} {p95:>8.1f} {worked + in_sql:>8.1f} "
            f"{in_sql:>8.1f}{mark}",
            flush=True,
        )


def _measure(client: Client, url: str) -> float:
    began = time.perf_counter()
    answer = client.get(url)
    taken = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, (url, answer.status_code)
    return taken


def _read_backend() -> float:
    """Seconds for which PostgreSQL has worked for this process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _make_rows() -> None:
    with connection.cursor() as cursor:
        # Only read in the end, and the database is thrown away: the guards, which would derive the balances and number
        # the payments at their own pace, are out of the way.
        for table in ("ledger_postings", "ledger_payments", "ledger_balances"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(_DRIVERS)
        for statement, rows in ((_CHARGES, POSTINGS), (_PAYMENTS, PAYMENTS), (_TICKETS, TICKETS)):
            cursor.execute(statement, [rows])
        cursor.execute(_BALANCES)
    connection.set_autocommit(True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


_DRIVERS = """
    INSERT INTO leases_driver (first_name, last_name, tlc_license, phone, email, status)
    SELECT 'Bench', 'Driver ' || n, 1000000 + n, '', '', 'ACTIVE' FROM generate_series(1, 20000) AS n
"""
_DRIVER = "(SELECT min(id) FROM leases_driver) + mod(n, 20000)"
_CHARGES = f"""
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, due_on, effective_on,
        description, reason)
    SELECT 'OBLIGATION', 'DEBIT', 'LEASE', 10 + mod(n, 500), 'LEASE-' || mod(n, 1000) || '-1-' || n, {_DRIVER},
        date '2026-01-03' + mod(n, 50)::int * 7, date '2026-01-01' + (n / 3200)::int, 'Rent', ''
    FROM generate_series(1, %s) AS n
"""
_PAYMENTS = f"""
    WITH taken AS (
        INSERT INTO ledger_payments (number, driver_id, amount, method, instrument_number, received_on, received_at,
            fingerprint, deposit)
        SELECT n, {_DRIVER}, 20 + mod(n, 300), CASE WHEN mod(n, 10) = 0 THEN 'CHECK' ELSE 'CASH' END,
            CASE WHEN mod(n, 10) = 0 THEN (n / 10)::text ELSE '' END, date '2026-01-01' + (n / 800)::int,
            (date '2026-01-01' + (n / 800)::int) + time '12:00', '', 0
        FROM generate_series(1, %s) AS n
        RETURNING id, driver_id, amount, received_on, number
    )
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, payment_id, effective_on,
        description, reason)
    SELECT 'PAYMENT', 'CREDIT', 'PAYMENT', amount, 'PAY-' || lpad(number::text, 6, '0'), driver_id, id, received_on,
        '', ''
    FROM taken
"""
#: One payment in a hundred is voided.
_BALANCES = """
    INSERT INTO ledger_postings (kind, entry_type, category, amount, reference_id, driver_id, balance_id, reverses_id,
        payment_id, effective_on, description, reason)
    SELECT 'VOID', 'DEBIT', category, amount, reference_id, driver_id, id, id, payment_id, effective_on, '', 'Bench'
    FROM ledger_postings WHERE kind = 'PAYMENT' AND mod(id, 100) = 0;
    INSERT INTO ledger_balances (posting_id, entry_type, category, reference_id, driver_id, due_on, effective_on,
        original_amount, remaining, status)
    SELECT p.id, p.entry_type, p.category, p.reference_id, p.driver_id, p.due_on, p.effective_on, p.amount,
        CASE WHEN v.id IS NULL AND mod(p.id, 20) = 0 THEN p.amount ELSE 0 END,
        CASE WHEN v.id IS NOT NULL THEN 'VOIDED' WHEN mod(p.id, 20) = 0 THEN 'OPEN' ELSE 'SETTLED' END
    FROM ledger_postings AS p LEFT JOIN ledger_postings AS v ON v.reverses_id = p.id WHERE p.balance_id IS NULL
"""
_TICKETS = """
    INSERT INTO tickets_tickets (kind, number, at, at_latest, amount, state, waits_for, plate, plate_state, driver_id,
        tag, medallion, license, place, violation, received, uncharged)
    SELECT 'EZPASS', n::text, moment, moment, 9.11, CASE WHEN mod(n, 200) = 0 THEN 'WAITING' ELSE 'CHARGED' END,
        CASE WHEN mod(n, 200) = 0 THEN 'DRIVER' ELSE '' END, 'T' || 100000 + mod(n, 20000) || 'C', 'NY',
        CASE WHEN mod(n, 200) <> 0 THEN (SELECT min(id) FROM leases_driver) + mod(n, 20000) END, '', '', '', '', '',
        '{}', 0
    FROM generate_series(1, %s) AS n,
        LATERAL (SELECT timestamptz '2026-01-01' + n * interval '27 seconds') AS times (moment)
"""


if __name__ == "__main__":
    main()
