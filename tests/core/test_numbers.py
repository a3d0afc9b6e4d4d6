"""Numbers that people see run without gaps, whatever is previewed, fails or happens at once; in raw SQL, too."""

import threading
import time
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import transaction

from leases import services as leases
from leases.models import Lease
from ledger import services as ledger
from loans import services as loans
from repairs import services as repairs
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, VehicleFactory
from tests.ledger import rawsql
from tests.ledger.hostile import findings_of
from tests.ledger.rawsql import run
from tests.threads import PATIENCE, list_winners, run_together
from tickets import services as tickets
from tickets.models import ChargeType

TODAY = date(2026, 11, 18)
SUNDAY = date(2026, 11, 15)


def lease_facts(**facts: Any) -> dict[str, Any]:
    return {
        "driver_id": DriverFactory.create().pk, "vehicle_id": VehicleFactory.create().pk,
        "lease_type": "LONG_TERM", "shift": "FULL", "start_on": date(2026, 11, 22), "end_on": date(2026, 12, 26),
        "weekly_amount": Decimal("350.00"), **facts,
    }  # fmt: skip


def invoice_facts(lease: Lease, number: int) -> dict[str, Any]:
    return {
        "driver_id": lease.primary_driver_id, "vehicle_id": lease.vehicle_id, "workshop": "Queens Auto",
        "workshop_number": f"F-{number}", "invoiced_on": TODAY, "amount": Decimal("250.00"),
        "lines": [repairs.InvoiceItem("Brakes", Decimal("250.00"))], "starts_on": SUNDAY, "today": TODAY, "actor": None,
    }  # fmt: skip


def loan_facts(lease: Lease) -> dict[str, Any]:
    return {
        "driver_id": lease.primary_driver_id, "principal": Decimal("250.00"), "disbursed_on": TODAY, "method": "CASH",
        "starts_on": SUNDAY, "today": TODAY, "actor": None,
    }  # fmt: skip


@pytest.mark.django_db
class TestPreviews:
    """Each is looked at three times before it is done: the number is the next one all the same."""

    def test_of_a_lease(self):
        first = leases.start_lease(**lease_facts(), actor=None)
        facts = lease_facts()
        for _ in range(3):
            leases.preview_lease(**facts)
        assert leases.start_lease(**facts, actor=None).pk == first.pk + 1

    def test_of_a_repair(self):
        lease = LeaseFactory.create()
        first = repairs.create_invoice(**invoice_facts(lease, 1))
        for _ in range(3):
            repairs.preview_invoice(**invoice_facts(lease, 2))
        second = repairs.create_invoice(**invoice_facts(lease, 2))
        assert second.pk == first.pk + 1
        assert second.installments.filter(reference_id=f"REPAIR-{second.pk}-1").count() == 1

    def test_of_a_loan(self):
        lease = LeaseFactory.create()
        first = loans.disburse_loan(**loan_facts(lease))
        for _ in range(3):
            loans.preview_loan(**loan_facts(lease))
        assert loans.disburse_loan(**loan_facts(lease)).pk == first.pk + 1

    def test_of_a_miscellaneous_charge(self):
        driver = DriverFactory.create()
        kind = ChargeType.objects.create(name="Lost spare key", default_amount=Decimal("25.00"), is_active=True)

        def charge() -> Any:
            return tickets.create_misc_charge(charge_type_id=kind.pk, driver_id=driver.pk, today=TODAY, actor=None)

        first = charge()
        for _ in range(3):
            preview = ledger.preview_money(driver_id=driver.pk, act=charge, today=TODAY)
            assert preview.steps
        assert charge().reference_id == f"MISC-{first.pk + 1}"
        assert_books_clean()


@pytest.mark.django_db
class TestRawSql:
    @pytest.fixture(autouse=True)
    def numbered(self) -> None:
        """A table that has no numbers in the product is given them, by the one trigger."""
        run(
            "CREATE TRIGGER caps_number BEFORE INSERT ON leases_weeklycap"
            " FOR EACH ROW EXECUTE FUNCTION core_draw_number('id')"
        )
        run("ALTER TABLE leases_weeklycap ALTER COLUMN id DROP IDENTITY")
        run("DELETE FROM leases_weeklycap")

    def ids(self) -> list[int]:
        return [cap_id for (cap_id,) in run("SELECT id FROM leases_weeklycap ORDER BY from_on")]

    def add(self, *days: str, after: str = "") -> None:
        rows = ", ".join(f"('LONG_TERM', 'FULL', '{day}', 1000, '')" for day in days)
        run(f"INSERT INTO leases_weeklycap (lease_type, shift, from_on, amount, source) VALUES {rows} {after}")

    def test_numbers_the_rows_of_a_statement_in_turn(self):
        self.add("2026-01-01", "2026-01-02", "2026-01-03")
        self.add("2026-01-04")
        assert self.ids() == [1, 2, 3, 4]

    def test_an_id_that_is_given_stands_and_the_next_is_above_it(self):
        """As when rows are restored."""
        run(
            "INSERT INTO leases_weeklycap (id, lease_type, shift, from_on, amount, source)"
            " VALUES (77, 'LONG_TERM', 'FULL', '2026-01-01', 1000, '')"
        )
        self.add("2026-01-02")
        assert self.ids() == [77, 78]

    def test_what_is_rolled_back_used_none_up(self):
        self.add("2026-01-01")
        for _ in range(3):
            with transaction.atomic():
                self.add("2026-01-02", "2026-01-03")
                transaction.set_rollback(True)
        self.add("2026-01-02")
        assert self.ids() == [1, 2]

    def test_a_row_that_a_conflict_drops_used_none_up(self):
        self.add("2026-01-01")
        self.add("2026-01-01", "2026-01-02", after="ON CONFLICT DO NOTHING")
        assert self.ids() == [1, 2]

    def test_a_thousand_rows_lock_their_counter_once(self):
        days = [f"{2000 + number // 300}-{number % 300 // 25 + 1}-{number % 25 + 1}" for number in range(1000)]
        before = run("SELECT n_tup_ins + n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'core_counters'")
        self.add(*days)
        after = run("SELECT n_tup_ins + n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'core_counters'")
        assert after[0][0] - before[0][0] == 1
        assert self.ids() == list(range(1, 1001))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_each_gets_a_number_of_its_own_and_none_is_left_out(self):
        """Twelve at once, of which every third fails after its number was drawn."""
        facts = [lease_facts() for _ in range(12)]

        def start(number: int) -> int | None:
            with transaction.atomic():
                lease = leases.start_lease(**facts[number], actor=None)
                if number % 3 == 0:
                    transaction.set_rollback(True)
                    return None
            return lease.pk

        outcomes = list_winners(run_together(*(lambda number=number: start(number) for number in range(12))))
        assert sorted(number for number in outcomes if number) == list(range(1, 9))
        assert sorted(Lease.objects.values_list("pk", flat=True)) == list(range(1, 9))

    def test_who_waits_is_woken_in_turn_and_not_with_all_others(self):
        facts, held = [lease_facts() for _ in range(3)], threading.Event()
        waiting: list[tuple[str]] = []

        def start(number: int) -> int:
            return leases.start_lease(**facts[number], actor=None).pk

        def hold() -> int:
            with transaction.atomic():
                first = start(0)
                held.set()
                deadline = time.monotonic() + PATIENCE
                while len(waiting) < 2 and time.monotonic() < deadline:
                    waiting[:] = run(
                        "SELECT locktype FROM pg_locks WHERE NOT granted AND pid IN (SELECT l.pid FROM pg_locks l"
                        " JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database())"
                    )
            return first

        def start_next(number: int) -> int:
            assert held.wait(PATIENCE)
            return start(number)

        assert sorted(run_together(hold, lambda: start_next(1), lambda: start_next(2))) == [1, 2, 3]
        # For the row both would wait by its transaction, which wakes all at its end.
        assert waiting == [("advisory",), ("advisory",)]

    def test_an_older_snapshot_is_refused(self):
        LeaseFactory.create()
        with rawsql.another_session() as session:
            session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            session.execute("SELECT count(*) FROM leases_lease")
            second = LeaseFactory.create()
            with pytest.raises(psycopg.Error) as refusal:
                session.execute(
                    "INSERT INTO leases_lease"
                    " SELECT (jsonb_populate_record(NULL::leases_lease, to_jsonb(l) - 'id')).*"
                    " FROM leases_lease l LIMIT 1"
                )
        assert rawsql.diagnose(refusal.value)[0] == rawsql.SERIALIZATION_FAILURE
        assert second.pk == 2


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["core", "leases", "repairs", "loans", "tickets"])
def test_the_guards_are_audited(app):
    name = {"core": "core_counters_never_deleted", "leases": "leases_lease_number",
            "repairs": "repairs_repairinvoice_number", "loans": "loans_driverloan_number",
            "tickets": "tickets_misc_charges_number"}[app]  # fmt: skip
    table = name.rsplit("_number", 1)[0] if app != "core" else "core_counters"
    assert findings_of(f"{app}.guards") == []
    run(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    (finding,) = findings_of(f"{app}.guards")
    assert finding.startswith(f"The trigger {name} on {table} was changed: ")
