"""The rows of a ledger of some years, for pages to be turned: made by a few statements, and read only.

Each day has as many rows, whatever the ledger's size: a larger one goes further back. Half of the drivers share twelve
last names and twelve first names, as the fleets' do; the others have names of their own, made of syllables.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection

from bench.databases import settle
from ledger import services as ledger

#: One posting in so many is a payment's.
PAYMENT_EVERY = 4
FIRST = ["Mohammed", "Md", "Abdul", "Maria", "Nadia", "Anil", "Jean", "Luis", "José", "Ali", "Wei", "Ahmed"]
LAST = ["Singh", "Rahman", "Castillo", "Jeudy", "Begum", "Khan", "Nguyen", "Diallo", "Islam", "Hossain", "Uddin", "Ali"]
SYLLABLES = ["ka", "ro", "mi", "dan", "sa", "lo", "ve", "tur", "ni", "ba", "shi", "gor", "le", "pen", "da", "wit"]

_DRIVERS = """
INSERT INTO leases_driver (first_name, last_name, tlc_license, phone, email, status)
SELECT first, last, 5000000 + n, '(' || (ARRAY[718, 917, 646, 347])[1 + mod(n, 4)] || ') ' || 200 + mod(a, 800) || '-'
    || lpad(mod(b, 10000)::text, 4, '0'), lower(last) || n || '@example.com', 'ACTIVE'
FROM generate_series(0, %(drivers)s - 1) AS n,
    LATERAL (SELECT abs(hashint4(n)) AS a, abs(hashint4(n + 7919)) AS b, %(syllables)s::text[] AS s) AS chance,
    LATERAL (SELECT
        CASE mod(a, 2) WHEN 0 THEN (%(first)s::text[])[1 + mod(a / 2, 12)]
            ELSE initcap(s[1 + mod(a / 2, 16)] || s[1 + mod(a / 32, 16)]) END,
        CASE mod(a, 2) WHEN 0 THEN (%(last)s::text[])[1 + mod(b, 12)]
            ELSE initcap(s[1 + mod(b, 16)] || s[1 + mod(b / 16, 16)] || s[1 + mod(b / 256, 16)]) END
    ) AS names (first, last)
"""
#: Every twelfth driver has a cab with plate and tag, and a lease that is in force.
_CABS = """
INSERT INTO leases_vehicle (vin, medallion, plate, make_and_model, status)
SELECT '1FTDX' || lpad(n::text, 12, '0'), mod(n / 2600, 10) || chr(65 + mod(n / 100, 26))
    || lpad(mod(n, 100)::text, 2, '0'), 'T' || 100000 + n || 'C', '', 'IN_SERVICE'
FROM generate_series(1, least((SELECT count(*) FROM leases_driver) / 12, 25999)::int) AS n;
INSERT INTO leases_vehicleplate (vehicle_id, plate, state) SELECT id, plate, 'NY' FROM leases_vehicle;
INSERT INTO leases_vehicletag (vehicle_id, tag) SELECT id, '00412' || lpad(id::text, 8, '0') FROM leases_vehicle;
INSERT INTO leases_lease (primary_driver_id, vehicle_id, lease_type, shift, start_on, end_on, weekly_amount, deposit,
    cancellation_fee, status, status_reason)
SELECT d.id, v.id, 'LONG_TERM', 'FULL', current_date - 30, current_date + 300, 500, 0, 0, 'ACTIVE', ''
FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM leases_vehicle) AS v
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM leases_driver) AS d ON d.n = v.n * 12;
INSERT INTO leases_leasevehicle (lease_id, vehicle_id, shift, from_at, until_at)
SELECT id, vehicle_id, 'FULL', start_on, end_on FROM leases_lease;
INSERT INTO leases_leasedriver (lease_id, driver_id, is_primary, start_on, end_on)
SELECT id, primary_driver_id, true, start_on, end_on FROM leases_lease;
INSERT INTO ledger_accounts (driver_id) SELECT id FROM leases_driver
"""
_DRIVER = "(SELECT min(id) FROM leases_driver) + mod(n, %(drivers)s)"
_PAYMENTS = f"""
INSERT INTO ledger_payments (number, driver_id, amount, method, instrument_number, received_on, received_at,
    fingerprint, deposit)
SELECT n, {_DRIVER}, 20 + mod(n, 300), CASE WHEN mod(n, 10) = 0 THEN 'CHECK' ELSE 'CASH' END,
    CASE WHEN mod(n, 10) = 0 THEN (n / 10)::text ELSE '' END, day, day + time '12:00', '', 0
FROM generate_series(1, %(rows)s) AS n, LATERAL (SELECT %(first_day)s + (n / %(a_day)s)::int) AS days (day)
"""
#: Charges and payments lie in the order of their days, as they came. Each second number is left for a void.
_POSTINGS = f"""
INSERT INTO ledger_postings (id, kind, entry_type, category, amount, reference_id, driver_id, due_on, payment_id,
    effective_on, description, reason, posted_at)
SELECT 2 * row_number() OVER (ORDER BY day, kind, n), kind, entry_type, category, amount, reference_id, driver_id,
    due_on, payment_id, day, description, '', day
FROM (
    SELECT n, day, 'OBLIGATION' AS kind, 'DEBIT' AS entry_type, 'LEASE' AS category, 10 + mod(n, 500) AS amount,
        'LEASE-' || mod(n, 1000) || '-1-' || n AS reference_id, {_DRIVER} AS driver_id, day + 5 AS due_on,
        NULL::bigint AS payment_id, 'Rent' AS description
    FROM generate_series(1, %(rows)s) AS n, LATERAL (SELECT %(first_day)s + (n / %(a_day)s)::int) AS days (day)
    UNION ALL
    SELECT number, received_on, 'PAYMENT', 'CREDIT', 'PAYMENT', amount,
        'PAY-' || lpad(number::text, greatest(6, length(number::text)), '0'), driver_id, NULL, id, ''
    FROM ledger_payments
) AS came
"""
#: One payment in a hundred is voided. Of what is older than four weeks nothing is open any more.
_BALANCES = """
INSERT INTO ledger_postings (id, kind, entry_type, category, amount, reference_id, driver_id, balance_id, reverses_id,
    payment_id, effective_on, description, reason, posted_at)
SELECT id + 1, 'VOID', 'DEBIT', category, amount, reference_id, driver_id, id, id, payment_id, effective_on, '',
    'Bench', posted_at
FROM ledger_postings WHERE kind = 'PAYMENT' AND mod(payment_id, 100) = 0 AND effective_on <= %(last_day)s;
INSERT INTO ledger_balances (posting_id, entry_type, category, reference_id, driver_id, due_on, effective_on,
    original_amount, remaining, status)
SELECT p.id, p.entry_type, p.category, p.reference_id, p.driver_id, p.due_on, p.effective_on, p.amount,
    CASE WHEN v.id IS NULL AND is_open THEN p.amount ELSE 0 END,
    CASE WHEN v.id IS NOT NULL THEN 'VOIDED' WHEN is_open THEN 'OPEN' ELSE 'SETTLED' END
FROM ledger_postings AS p LEFT JOIN ledger_postings AS v ON v.reverses_id = p.id,
    LATERAL (SELECT mod(p.id / 2, 5) = 0 AND p.effective_on > %(last_day)s - 28) AS age (is_open)
WHERE p.balance_id IS NULL
"""
_TICKETS = """
INSERT INTO tickets_tickets (kind, number, at, at_latest, amount, state, waits_for, plate, plate_state, driver_id,
    tag, medallion, license, place, violation, received, uncharged)
SELECT 'EZPASS', n::text, moment, moment, 9.11, CASE WHEN waits THEN 'WAITING' ELSE 'CHARGED' END,
    CASE WHEN waits THEN 'DRIVER' ELSE '' END, 'T' || 100000 + mod(n, 20000) || 'C', 'NY',
    CASE WHEN NOT waits THEN (SELECT min(id) FROM leases_driver) + mod(n, %(drivers)s) END, '', '', '', '', '',
    '{}', 0
FROM generate_series(1, %(rows)s) AS n,
    LATERAL (SELECT %(first_day)s::timestamptz + n * interval '1 day' / %(a_day)s) AS times (moment),
    LATERAL (SELECT mod(n, 200) = 0 AND moment > %(last_day)s::timestamptz - interval '28 days') AS age (waits)
"""
#: The fleet has paid its tolls over, and a transfer names each; those of the last four weeks wait for it.
_PAID_OVER = """
INSERT INTO ledger_transfers (kind, debit, credit, amount, reference_id, effective_on, reason)
SELECT 'PAID_OVER', '2120', '1030', amount, kind || '-' || number, at::date + 7, ''
FROM tickets_tickets WHERE at <= %(last_day)s::timestamptz - interval '28 days' ORDER BY at
"""
#: One of a week for each driver; what it says does not matter.
_DTRS = """
INSERT INTO dtr_week_closes (week_end, state, finished_at) VALUES ('2026-01-03', 'CLOSED', now());
INSERT INTO dtr_dtrs (number, week_end, driver_id, previous_cut, sealed_through, held, deposits, owed_due, owed_since,
    owed_later, sealed_on, driver_name, tlc_license, lease_type, medallion, plate, fleet_name, fleet_address,
    fleet_phone, told, template, card_trips, card_total, cash_trips, cash_total, other_trips, other_total, taxes_total)
SELECT id, '2026-01-03', id, 0, 0, 500, 0, 0, 0, 0, '2026-01-04', concat(first_name, ' ', last_name), tlc_license, '',
    '', '', 'Fleet', '', '', '{}', 2, 0, 0, 0, 0, 0, 0, 0
FROM leases_driver
"""


def make_people(drivers: int) -> None:
    """Make the drivers, their accounts, and a cab and a lease of some."""
    given: dict[str, Any] = {"drivers": drivers, "first": FIRST, "last": LAST, "syllables": SYLLABLES}
    with connection.cursor() as cursor:
        cursor.execute(_DRIVERS, given)
        cursor.execute(_CABS)


def make_history(postings: int, *, a_day: int, drivers: int, today: date) -> None:
    """Make about so many postings of the days until today, their payments and balances, and as many tickets."""
    with connection.cursor() as cursor:
        # Only read in the end, and the database is thrown away: the guards, which would derive balances and facts and
        # number the payments at their own pace, are out of the way.
        for table in ("ledger_postings", "ledger_payments", "ledger_balances", "ledger_transfers", "tickets_tickets"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        payments = postings // PAYMENT_EVERY
        shared: dict[str, Any] = {
            "drivers": drivers,
            "first_day": today - timedelta(days=postings // a_day),
            "last_day": today,
        }
        whole = {**shared, "rows": postings - payments, "a_day": a_day - a_day // PAYMENT_EVERY}
        cursor.execute(_PAYMENTS, {**shared, "rows": payments, "a_day": a_day // PAYMENT_EVERY})
        cursor.execute(_POSTINGS, whole)
        for statement in _BALANCES.split(";\n"):
            cursor.execute(statement, shared)
        # Whoever keeps sums asks which number was drawn last.
        cursor.execute("SELECT setval(pg_get_serial_sequence('ledger_postings', 'id'), max(id)) FROM ledger_postings")
        cursor.execute(_TICKETS, {**shared, "rows": postings, "a_day": a_day})
        cursor.execute(_PAID_OVER, shared)
    # As a task does each hour.
    ledger.keep_sums()
    settle()


def make_dtrs() -> None:
    """Make a DTR of one week for each driver, as rows to be found."""
    with connection.cursor() as cursor:
        for table in ("dtr_week_closes", "dtr_dtrs"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in _DTRS.split(";\n"):
            cursor.execute(statement)
