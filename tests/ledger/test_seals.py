"""What was sealed and is changed later, by whomever, is named by table and id; and nothing is passed over."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from ledger import services as ledger
from ledger.categories import OBLIGATION_CATEGORIES
from ledger.models import Seal
from ledger.selectors import get_sealing
from tests.dtr.fleet import SATURDAY, SUNDAY, close
from tests.factories import DriverFactory, UserFactory
from tests.guards import copy_of
from tests.ledger.hostile import Week
from tests.ledger.proofs import charge
from tests.ledger.rawsql import run
from tests.owner import as_owner

pytestmark = pytest.mark.django_db


def first_id(table: str, where: str = "true", *, last: bool = False) -> int:
    ((found,),) = run(f"SELECT {'max' if last else 'min'}(id) FROM {table} WHERE {where}")
    assert found is not None
    return int(found)


def changed(table: str, column: str, value: str, where: str = "true") -> Callable[[], list[str]]:
    """Another value in a column of the table's first such row."""

    def tamper() -> list[str]:
        row = first_id(table, where)
        run(f"UPDATE {table} SET {column} = {value} WHERE id = {row}")
        return [f"{table} {row} was changed after it was sealed"]

    return tamper


def change_amount_everywhere() -> list[str]:
    """A payment of 125.00 at large becomes 225.00, in its posting, its balance and its receipt."""
    payment = first_id("ledger_payments")
    posting = first_id("ledger_postings", "kind = 'PAYMENT'")
    run(f"UPDATE ledger_payments SET amount = amount + 100 WHERE id = {payment}")
    run(f"UPDATE ledger_postings SET amount = amount + 100 WHERE id = {posting}")
    run(
        f"UPDATE ledger_balances SET original_amount = original_amount + 100, remaining = remaining + 100, "
        f"status = 'OPEN' WHERE posting_id = {posting}"
    )
    return [f"ledger_{name} was changed after it was sealed" for name in (f"payments {payment}", f"postings {posting}")]


def delete_last(table: str) -> Callable[[], list[str]]:
    def tamper() -> list[str]:
        row = first_id(table, last=True)
        run(f"DELETE FROM {table} WHERE id = {row}")
        return [f"{table} {row} was removed after it was sealed"]

    return tamper


def move_payment() -> list[str]:
    """A whole payment becomes another driver's, with all that was posted of it."""
    other = DriverFactory.create()
    payment = first_id("ledger_payments")
    postings = [row for (row,) in run(f"SELECT id FROM ledger_postings WHERE payment_id = {payment} ORDER BY 1")]
    run(f"UPDATE ledger_payments SET driver_id = {other.pk} WHERE id = {payment}")
    run(f"UPDATE ledger_postings SET driver_id = {other.pk} WHERE payment_id = {payment}")
    run(f"UPDATE ledger_balances SET driver_id = {other.pk} WHERE posting_id = ANY(%s)", postings)
    return [
        f"ledger_payments {payment} was changed after it was sealed",
        *(f"ledger_postings {row} was changed after it was sealed" for row in postings),
    ]


def swap_ids() -> list[str]:
    one, other = first_id("ledger_postings"), first_id("ledger_postings", last=True)
    for before, after in ((one, 1_000_000), (other, one), (1_000_000, other)):
        run(f"UPDATE ledger_postings SET id = {after} WHERE id = {before}")
    said = "ledger_postings {} holds what was sealed as {}: they have changed places"
    return [said.format(one, other), said.format(other, one)]


def insert_between(table: str, key: int | None = None) -> Callable[[], list[str]]:
    """A copy of the first row under an id that was drawn, and whose transaction was undone."""

    def tamper() -> list[str]:
        (gap,) = (
            [(key,)] if key is not None
            else run(f"SELECT min(id) FROM generate_series(1, (SELECT max(id) FROM {table})) AS id "
                     f"WHERE id NOT IN (SELECT id FROM {table})")
        )  # fmt: skip
        unique = {"reference_id": "'FREE'", "number": "4711", "idempotency_key": "NULL"}
        names = {name for (name,) in run(f"SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass")}
        run(copy_of(table, id=str(gap[0]), **{name: sql for name, sql in unique.items() if name in names}))
        if gap[0] < 1:
            return [f"{table} {gap[0]} was inserted below all that is sealed"]
        return [f"{table} {gap[0]} was inserted among rows that had been sealed"]

    return tamper


def change_seal() -> list[str]:
    """A posting with another amount, and its digest in the seal with it: then the chain tells of the seal."""
    seal = Seal.objects.get(table_name="ledger_postings")
    digests = bytes(12) + bytes(seal.digests)[12:]
    run("UPDATE ledger_seals SET digests = %s WHERE number = %s", digests, seal.pk)
    return [
        f"Seal {seal.pk} (ledger_postings above {seal.after_id} and up to {seal.through_id}) was changed",
        f"ledger_postings {seal.ids[0]} was changed after it was sealed",
    ]


def remove_seal() -> list[str]:
    (seal,) = Seal.objects.filter(table_name="ledger_payouts")
    run(f"DELETE FROM ledger_seals WHERE number = {seal.pk}")
    return [f"Seal {seal.pk} is missing"]


def add_column() -> list[str]:
    run("ALTER TABLE ledger_payouts ADD COLUMN kickback numeric")
    return ["The column kickback of ledger_payouts is in no seal"]


TAMPERINGS: dict[str, Callable[[], list[str]]] = {
    "amount, balance and receipt": change_amount_everywhere,
    "the last payment": delete_last("ledger_payments"),
    "a payment is another driver's": move_payment,
    "effective_on": changed("ledger_postings", "effective_on", "effective_on - 1"),
    "due_on": changed("ledger_postings", "due_on", "due_on + 7", "due_on IS NOT NULL"),
    "posted_by": changed("ledger_postings", "posted_by_id", "NULL", "posted_by_id IS NOT NULL"),
    "posted_at": changed("ledger_postings", "posted_at", "posted_at - interval '1 microsecond'"),
    "reason": changed("ledger_postings", "reason", "'Goodwill, agreed'", "kind = 'WRITE_OFF'"),
    "description": changed("ledger_postings", "description", "'Something else'", "balance_id IS NULL"),
    "a lease is another": changed("ledger_postings", "lease_id", "NULL", "lease_id IS NOT NULL"),
    "method": changed("ledger_payments", "method", "'ACH'"),
    "cashier": changed("ledger_payments", "received_by_id", "NULL", "received_by_id IS NOT NULL"),
    "day of a payment": changed("ledger_payments", "received_on", "received_on - 1"),
    "number of a check": changed("ledger_payouts", "instrument_number", "'4711'"),
    "the last payout": delete_last("ledger_payouts"),
    "amount of a transfer": changed("ledger_transfers", "amount", "amount + 1"),
    "priority order": changed(
        "ledger_waterfall_orders",
        "categories",
        "ARRAY['LEASE', 'TAXES', 'EZPASS', 'RECOVERY', 'PVB', 'TLC', 'REPAIR', 'LOAN', 'MISC']",
    ),
    "who closed the books": changed("ledger_books_log", "at", "at - interval '1 day'"),
    "ids are swapped": swap_ids,
    "a credit is inserted": insert_between("ledger_postings"),
    "a payment is inserted": insert_between("ledger_payments", key=-5),
    "line of a DTR": changed("dtr_lines", "undone", "undone + 1, paid = paid + 1", "entry_type = 'DEBIT'"),
    "name on a DTR": changed("dtr_dtrs", "driver_name", "'Somebody Else'"),
    "what a DTR tells": changed("dtr_dtrs", "told", """told || '{"plans": []}'"""),
    "the last line of a DTR": delete_last("dtr_lines"),
    "a seal": change_seal,
    "a seal is removed": remove_seal,
    "a column": add_column,
}
#: All that is tampered with; the guards of these are off meanwhile.
TABLES = (
    *("ledger_postings", "ledger_balances", "ledger_payments", "ledger_payouts", "ledger_transfers", "ledger_seals"),
    *("ledger_waterfall_orders", "ledger_books_log", "dtr_lines", "dtr_dtrs"),
)


@pytest.fixture
def sealed_week() -> None:
    """A week with every kind of posting, closed, and sealed; with a gap among the ids of postings."""
    Week()
    driver, cashier = DriverFactory.create(), UserFactory.create()
    with transaction.atomic():
        charge(driver, "MISC-GAP")
        transaction.set_rollback(True)
    ledger.apply_interim_payment(
        payment_amount=Decimal("80.00"), allocations={}, driver_id=driver.pk, payment_method="CASH",
        effective_on=SATURDAY, actor=cashier,
    )  # fmt: skip
    ledger.record_transfer(
        kind="FLOAT", debit="1010", credit="1030", amount=Decimal("200.00"), reference_id="DRAWER-1",
        effective_on=SATURDAY, reason="", actor=None,
    )  # fmt: skip
    ledger.set_waterfall_order(effective_on=SUNDAY, categories=OBLIGATION_CATEGORIES, today=SUNDAY)
    close()
    connection.check_constraints()
    ledger.seal_rows()
    assert get_sealing().waiting_rows == 0


@pytest.fixture
def superuser() -> Iterator[str]:
    """Lets the tests become the superuser of an embedded server, to whom no trigger of replication applies."""
    database = settings.DATABASES["default"]
    own = connection.settings_dict["USER"]
    try:
        admin = psycopg.connect(host=database["HOST"], user="postgres", dbname="postgres", autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("Nobody here becomes the server's superuser.")
    with admin:
        admin.execute(f"GRANT postgres TO {own} WITH INHERIT FALSE, SET TRUE")
        yield "SET LOCAL ROLE postgres; SET LOCAL session_replication_role = replica"
        admin.execute(f"REVOKE postgres FROM {own}")


def tell_apart(tamper: Callable[[], list[str]], become: str) -> tuple[list[str], list[str]]:
    """What a tampering should be told as and what it is told as, both without the number of the seal; it is undone."""
    with as_owner(), transaction.atomic():
        run(become)
        expected = tamper()
        run("RESET ROLE")
        told = ledger.verify_seals(is_whole=True).findings
        found = [sentence.partition(" (seal")[0].removesuffix(".") for sentence in told]
        transaction.set_rollback(True)
    return sorted(expected), sorted(found)


def assert_each_is_named(become: str) -> None:
    wrong = {}
    with as_owner():
        run("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for name, tamper in TAMPERINGS.items():
            expected, found = tell_apart(tamper, become)
            if expected != found:
                wrong[name] = (expected, found)
    assert wrong == {}
    assert ledger.verify_seals(is_whole=True).findings == []


@pytest.mark.usefixtures("sealed_week")
class TestEveryTampering:
    def test_by_the_owner_is_named(self) -> None:
        assert len(TAMPERINGS) >= 20
        assert_each_is_named("SELECT 1")

    def test_by_a_superuser_is_named(self, superuser: str) -> None:
        assert_each_is_named(superuser)
