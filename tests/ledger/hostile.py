"""A week made by the services, and what a hostile owner of the database can do to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from core.audits import examine, list_audits
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.factories import LeaseFactory, LeaseInstallmentFactory
from tests.ledger.proofs import THURSDAY
from tests.owner import as_owner

SATURDAY = date(2026, 3, 7)


@contextmanager
def guards_off(table: str) -> Iterator[None]:
    """Switch a table's triggers off and on again, as only its owner can."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
        triggers = [name for (name,) in cursor.fetchall()]
        _settle(cursor)
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        _settle(cursor)
        for name in triggers:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _settle(cursor: Any) -> None:
    """Have what waits for the transaction's end looked at now: no table is altered before."""
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def tamper(table: str, sql: str, *parameters: Any) -> None:
    with guards_off(table), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        assert cursor.rowcount == 1


def run_sql(sql: str) -> None:
    with as_owner(), connection.cursor() as cursor:
        if sql.startswith("ALTER TABLE"):
            _settle(cursor)
        cursor.execute(sql)


def findings_of(name: str) -> list[str]:
    (found,) = examine([found for found in list_audits() if found.name == name])
    return list(found.findings)


class Week:
    """A driver's week with every kind of posting in it, made by the services."""

    def __init__(self) -> None:
        self.lease = LeaseFactory.create()
        driver_id = self.driver_id = self.lease.primary_driver_id
        self.former_lease = LeaseFactory.create(primary_driver=self.lease.primary_driver)
        LeaseInstallmentFactory.create(lease=self.lease, number=9)  # due on the Saturday
        ledger.post_scheduled_installments(as_of=SATURDAY)
        self.rent = LedgerPosting.objects.get()
        self.tolls = self.charge("EZPASS", "120.00", "EZPASS-1")
        self.taxes = self.charge("TAXES", "61.50", "TAXES-1")
        self.repair = self.charge("REPAIR", "50.00", "REPAIR-1-1")
        self.earnings = ledger.post_earnings(
            driver_id=driver_id,
            lease_id=self.lease.pk,
            amount=Decimal("913.25"),
            reference_id="CURB-1",
            effective_on=SATURDAY,
        )
        self.payment = ledger.apply_interim_payment(
            payment_amount=Decimal("400.00"),
            deposit=Decimal("275.00"),
            lease_id=self.former_lease.pk,
            driver_id=driver_id,
            payment_method="CASH",
            allocations={"EZPASS-1": Decimal("100.00")},
            effective_on=SATURDAY,
        )
        self.deposit = LedgerPosting.objects.get(kind="DEPOSIT")
        self.memo = ledger.credit_driver(
            driver_id=driver_id,
            category="EZPASS",
            amount=Decimal("9.11"),
            reference_id="EZPASS-0-REFUND",
            reason="Toll refunded",
            effective_on=SATURDAY,
        )
        self.write_off = ledger.write_off_obligation(
            posting_id=self.repair.pk, amount=Decimal("10.00"), reason="Goodwill", actor=None, effective_on=SATURDAY
        )
        thursday = SATURDAY - timedelta(days=2)
        self.cleaning = self.charge("MISC", "15.00", "LEASE-CLEANING", due_on=thursday, lease_id=self.former_lease.pk)
        ledger.apply_deposit(
            posting_id=self.deposit.pk, as_of=thursday, reason="Agreed with the driver", without_lease=False
        )
        ledger.apply_weekly_earnings(as_of=SATURDAY)
        ledger.release_deposit(
            posting_ids=[self.deposit.pk], amount=Decimal("25.00"), method="CASH", effective_on=THURSDAY
        )
        self.payout = ledger.pay_out(driver_id=driver_id, amount=Decimal("100.00"), method="ACH", effective_on=SATURDAY)
        self.allocation = LedgerPosting.objects.get(kind="ALLOCATION")
        (self.void,) = ledger.void_posting(
            posting_id=self.allocation.pk, reason="Wrong toll", actor=None, effective_on=SATURDAY
        )

    def charge(
        self,
        category: str,
        amount: str,
        reference_id: str,
        due_on: date = SATURDAY,
        lease_id: int | None = None,
    ) -> LedgerPosting:
        return ledger.create_obligation(
            category=category,
            amount=Decimal(amount),
            reference_id=reference_id,
            driver_id=self.driver_id,
            lease_id=lease_id,
            due_on=due_on,
            effective_on=due_on,
        )


def apply_by_hand(debt: LedgerPosting, credit: LedgerPosting, amount: str, reason: str = "") -> LedgerPosting:
    """An application that no service would make, but that the database has no reason to refuse."""
    return LedgerPosting.objects.create(
        kind="APPLICATION",
        entry_type="CREDIT",
        category=debt.category,
        amount=Decimal(amount),
        reference_id=debt.reference_id,
        driver_id=debt.driver_id,
        lease_id=debt.lease_id,
        vehicle_id=debt.vehicle_id,
        balance_id=debt.pk,
        funding_id=credit.pk,
        effective_on=SATURDAY,
        reason=reason,
    )
