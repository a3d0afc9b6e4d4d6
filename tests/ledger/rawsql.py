"""Ordinary SQL against the ledger's tables, as their owner would write it who goes around the services.

The product's role may do less, and is refused before a guard is asked: tests/core/test_grants.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.owner import as_owner

CHECK_VIOLATION = "23514"
FOREIGN_KEY_VIOLATION = "23503"
UNIQUE_VIOLATION = "23505"
NOT_NULL_VIOLATION = "23502"
OUT_OF_RANGE = "22003"
SERIALIZATION_FAILURE = "40001"
LOCK_NOT_AVAILABLE = "55P03"

TABLES = (
    "ledger_postings",
    "ledger_balances",
    "ledger_accounts",
    "ledger_payments",
    "ledger_payouts",
    "ledger_waterfall_orders",
    "ledger_books",
    "ledger_books_log",
    "core_counters",
    "ledger_named_leases",
    "ledger_named_vehicles",
    "ledger_named_authors",
    "ledger_transfers",
    "ledger_slip_checks",
    "ledger_chart",
)

#: No driver, lease, posting or document bears it.
UNKNOWN = 999_999_999

DAY = "2026-11-21"

Columns = dict[str, Any]


def run(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """Run one statement; return its rows, if it has any."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


def insert(table: str, **columns: Any) -> int:
    """Insert one row; return its id."""
    ((row_id,),) = run(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) RETURNING id",
        *columns.values(),
    )
    return int(row_id)


def post(**columns: Any) -> int:
    """Insert one posting, effective on ``DAY`` and without a reason unless told; return its id."""
    return insert("ledger_postings", **{"effective_on": DAY, "reason": "", **columns})


def post_together(*rows: Columns) -> None:
    """Insert several postings in one statement; a column that a row leaves out is null, but for words and interest."""
    rows = tuple({"effective_on": DAY, "reason": "", "description": "", "income": 0, **row} for row in rows)
    columns = sorted({column for row in rows for column in row})
    line = f"({', '.join(['%s'] * len(columns))})"
    run(
        f"INSERT INTO ledger_postings ({', '.join(columns)}) VALUES {', '.join([line] * len(rows))}",
        *(row.get(column) for row in rows for column in columns),
    )


def draw_id() -> int:
    """Draw a posting's id, as an insert would."""
    return int(run("SELECT nextval('ledger_postings_id_seq')")[0][0])


def read_row(posting_id: int) -> Columns:
    """Read what a posting says, but for its id and time."""
    columns = [
        "kind", "entry_type", "category", "amount", "reference_id", "driver_id", "lease_id", "vehicle_id",
        "balance_id", "funding_id", "reverses_id", "payment_id", "payout_id", "due_on", "effective_on", "reason",
        "income",
    ]  # fmt: skip
    (row,) = run(f"SELECT {', '.join(columns)} FROM ledger_postings WHERE id = %s", posting_id)
    return dict(zip(columns, row, strict=True))


def void_of(posting_id: int, **changes: Any) -> Columns:
    """Return the row that would reverse a posting, with ``changes`` made to it."""
    original = read_row(posting_id)
    return original | {
        "kind": "VOID",
        "entry_type": "DEBIT" if original["entry_type"] == "CREDIT" else "CREDIT",
        "balance_id": original["balance_id"] or posting_id,
        "reverses_id": posting_id,
        "due_on": None,
        "reason": "entered in error",
        **changes,
    }


def balance_of(posting_id: int) -> tuple[str, str]:
    """Read what remains of a balance, and its status."""
    ((remaining, status),) = run(
        "SELECT remaining::text, status FROM ledger_balances WHERE posting_id = %s", posting_id
    )
    return remaining, status


def count(table: str) -> int:
    return int(run(f"SELECT count(*) FROM {table}")[0][0])


_EVERY_ROW = " UNION ALL ".join(f"SELECT '{table}', t::text FROM {table} t" for table in TABLES) + " ORDER BY 1, 2"


def ledger_state() -> dict[str, list[str]]:
    """Read every row of every table of the ledger."""
    state: dict[str, list[str]] = {table: [] for table in TABLES}
    for table, row in run(_EVERY_ROW):
        state[table].append(row)
    return state


#: Each balance as the postings alone tell it; no row of it may differ from ledger_balances.
REBUILD = """
    SELECT o.id, o.entry_type, o.category, o.reference_id, o.driver_id, o.lease_id, o.vehicle_id, o.due_on,
        o.effective_on, o.amount,
        CASE WHEN v.id IS NULL THEN o.amount - coalesce((
            SELECT sum(CASE WHEN m.kind = 'VOID' THEN -m.amount ELSE m.amount END)
            FROM ledger_postings m WHERE m.balance_id = o.id OR m.funding_id = o.id), 0) ELSE 0 END,
        CASE WHEN v.id IS NOT NULL THEN 'VOIDED' ELSE '' END
    FROM ledger_postings o LEFT JOIN ledger_postings v ON v.reverses_id = o.id
    WHERE o.balance_id IS NULL
"""
PROJECTION = """
    SELECT posting_id, entry_type, category, reference_id, driver_id, lease_id, vehicle_id, due_on, effective_on,
        original_amount, remaining, CASE WHEN status = 'VOIDED' THEN 'VOIDED' ELSE '' END
    FROM ledger_balances
"""


def differences_from_rebuild() -> list[tuple[Any, ...]]:
    """Compare the balances with what the postings alone tell; return what is on one side only."""
    return run(f"(({REBUILD}) EXCEPT ({PROJECTION})) UNION ALL (({PROJECTION}) EXCEPT ({REBUILD}))")


@contextmanager
def refused(constraint: str | None, *, sqlstate: str = CHECK_VIOLATION) -> Iterator[None]:
    """Demand that the database refuses what is done inside, by this name, and that not a row of the ledger differs."""
    before = ledger_state()
    with as_owner(), pytest.raises((DatabaseError, psycopg.Error)) as refusal, transaction.atomic():
        yield
    assert diagnose(refusal.value) == (sqlstate, constraint)
    assert ledger_state() == before


def diagnose(refusal: BaseException) -> tuple[str | None, str | None]:
    """Return a refusal's SQLSTATE and the constraint it names."""
    cause = refusal if isinstance(refusal, psycopg.Error) else refusal.__cause__
    assert isinstance(cause, psycopg.Error)
    return cause.sqlstate, cause.diag.constraint_name


@contextmanager
def another_session(user: str | None = None) -> Iterator[psycopg.Connection]:
    """Open a session of its own on the same database; what it has not committed is rolled back in the end."""
    session = _connect(user)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def superuser_session() -> Iterator[psycopg.Connection]:
    """Open a session as the server's superuser; skip the test where the server lets nobody in as one."""
    try:
        session = _connect("postgres")
    except psycopg.OperationalError as refusal:
        pytest.skip(f"needs the server's superuser: {refusal}")
    try:
        yield session
    finally:
        session.close()


def _connect(user: str | None) -> psycopg.Connection:
    connection.ensure_connection()
    info = connection.connection.info
    return psycopg.connect(
        host=info.host, port=info.port, dbname=info.dbname, user=user or info.user, password=info.password or None
    )


@dataclass(frozen=True)
class Book:
    """A driver's small ledger, made in raw SQL: each kind of posting can be made next, and each has something to void.

    ``rent`` 500.00 of which 60.00 is allocated; ``payment_credit`` 250.00 of which 60.00 is used; ``deposit`` 50.00;
    ``earnings`` 300.00, untouched. ``spare_payment`` (80.00, 30.00 of it a deposit) and ``spare_payout`` (100.00) are
    documents without a posting yet.
    """

    driver: int
    lease: int
    vehicle: int
    other_driver: int
    other_lease: int
    other_vehicle: int
    cashier: int
    payment: int
    spare_payment: int
    spare_payout: int
    rent: int
    payment_credit: int
    deposit: int
    earnings: int
    allocation: int

    @property
    def facts(self) -> Columns:
        return {"driver_id": self.driver, "lease_id": self.lease, "vehicle_id": self.vehicle}

    def row(self, kind: str) -> Columns:
        """Return a posting of this kind that the database accepts as the book's next."""
        on_rent = {"category": "LEASE", "reference_id": "LEASE-1-2026W47", "balance_id": self.rent}
        rows: dict[str, Columns] = {
            "OBLIGATION": {"entry_type": "DEBIT", "category": "PVB", "reference_id": "PVB-1", "due_on": DAY},
            "PAYMENT": {
                "entry_type": "CREDIT", "category": "PAYMENT", "reference_id": "PAY-2",
                "payment_id": self.spare_payment,
            },
            "DEPOSIT": {
                "entry_type": "CREDIT", "category": "DEPOSIT", "reference_id": "DEPOSIT-2",
                "payment_id": self.spare_payment,
            },
            "EARNINGS": {"entry_type": "CREDIT", "category": "EARNINGS", "reference_id": "CURB-2"},
            "CREDIT_MEMO": {
                "entry_type": "CREDIT", "category": "EZPASS", "reference_id": "MEMO-1", "reason": "toll refunded",
            },
            "ALLOCATION": {
                **on_rent, "entry_type": "CREDIT", "funding_id": self.payment_credit, "payment_id": self.payment,
            },
            "APPLICATION": {**on_rent, "entry_type": "CREDIT", "funding_id": self.earnings},
            "PAYOUT": {
                "entry_type": "DEBIT", "category": "EARNINGS", "reference_id": "CURB-1", "balance_id": self.earnings,
                "payout_id": self.spare_payout,
            },
            "WRITE_OFF": {**on_rent, "entry_type": "CREDIT", "reason": "hardship"},
            "VOID": void_of(self.allocation),
        }  # fmt: skip
        amount = {} if kind == "VOID" else {"amount": "20.00"}
        return {"kind": kind, **self.facts, **amount, **rows[kind]}


KINDS = (
    "OBLIGATION",
    "PAYMENT",
    "DEPOSIT",
    "EARNINGS",
    "CREDIT_MEMO",
    "ALLOCATION",
    "APPLICATION",
    "PAYOUT",
    "WRITE_OFF",
    "VOID",
)


def pay_document(driver: int, amount: str, **columns: Any) -> int:
    """Insert a counter payment's document, without its postings; return its id."""
    facts: Columns = {"method": "CASH", "received_on": DAY, "instrument_number": "", "fingerprint": "", "deposit": "0"}
    return insert("ledger_payments", **{**facts, "driver_id": driver, "amount": amount, **columns})


def payout_document(driver: int, amount: str, **columns: Any) -> int:
    """Insert a payout's document, without its postings; return its id."""
    facts: Columns = {"method": "CASH", "paid_on": DAY, "instrument_number": "", "fingerprint": "", "dtr_number": ""}
    return insert("ledger_payouts", **{**facts, "driver_id": driver, "amount": amount, **columns})


def obligation(driver: int, reference: str, amount: str = "100.00", **columns: Any) -> Columns:
    """Return the row of a miscellaneous charge."""
    return {
        "kind": "OBLIGATION", "entry_type": "DEBIT", "category": "MISC", "amount": amount, "reference_id": reference,
        "driver_id": driver, "due_on": DAY, **columns,
    }  # fmt: skip


def earnings(driver: int, reference: str, amount: str = "100.00", **columns: Any) -> Columns:
    """Return the row of a week's card fares."""
    return {
        "kind": "EARNINGS", "entry_type": "CREDIT", "category": "EARNINGS", "amount": amount,
        "reference_id": reference, "driver_id": driver, **columns,
    }  # fmt: skip


def moves(balance_id: int, kind: str, amount: str, **columns: Any) -> Columns:
    """Return the row of a movement that repeats its balance's facts."""
    row = read_row(balance_id)
    kept = {name: row[name] for name in ("category", "reference_id", "driver_id", "lease_id", "vehicle_id")}
    entry_type = "DEBIT" if kind == "PAYOUT" else "CREDIT"
    return {"kind": kind, "entry_type": entry_type, "amount": amount, **kept, "balance_id": balance_id, **columns}


def make_book() -> Book:
    """Make a driver with rent, a payment with a deposit, earnings, and two documents still to be posted."""
    vehicle, other_vehicle = VehicleFactory.create_batch(2)
    driver, other_driver = DriverFactory.create_batch(2)
    lease = LeaseFactory.create(primary_driver=driver, vehicle=vehicle)
    other_lease = LeaseFactory.create(primary_driver=other_driver, vehicle=other_vehicle)
    facts: Columns = {"driver_id": driver.pk, "lease_id": lease.pk, "vehicle_id": vehicle.pk}
    payment = pay_document(driver.pk, "300.00", deposit="50.00", lease_id=lease.pk)
    held = {"entry_type": "CREDIT", "payment_id": payment, **facts}
    rent = post(
        kind="OBLIGATION", entry_type="DEBIT", category="LEASE", amount="500.00", reference_id="LEASE-1-2026W47",
        due_on=DAY, **facts,
    )  # fmt: skip
    credit = post(kind="PAYMENT", category="PAYMENT", amount="250.00", reference_id="PAY-1", **held)
    deposit = post(kind="DEPOSIT", category="DEPOSIT", amount="50.00", reference_id="DEPOSIT-1", **held)
    fares = post(**earnings(driver.pk, "CURB-1", "300.00", lease_id=lease.pk, vehicle_id=vehicle.pk))
    allocation = post(**moves(rent, "ALLOCATION", "60.00", funding_id=credit, payment_id=payment))
    return Book(
        driver=driver.pk,
        lease=lease.pk,
        vehicle=vehicle.pk,
        other_driver=other_driver.pk,
        other_lease=other_lease.pk,
        other_vehicle=other_vehicle.pk,
        cashier=UserFactory.create().pk,
        payment=payment,
        spare_payment=pay_document(driver.pk, "80.00", deposit="30.00", lease_id=lease.pk),
        spare_payout=payout_document(driver.pk, "100.00"),
        rent=rent,
        payment_credit=credit,
        deposit=deposit,
        earnings=fares,
        allocation=allocation,
    )
