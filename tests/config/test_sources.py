"""Every posting of every module is held against what it was made of: each is changed once, and told by its name.

On the month that is kept by hand, in which every module posts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction

from ledger import services as ledger
from tests.books import assert_books_clean, assert_sources_known
from tests.guards import settle
from tests.ledger.hostile import findings_of
from tests.owner import as_owner
from tests.stories.month import open_fleet
from tests.stories.month_weeks import (
    live_through_the_first_week,
    live_through_the_last_week,
    live_through_the_second_week,
    live_through_the_third_week,
)
from tickets import services as tickets
from tickets.models import ChargeType

pytestmark = pytest.mark.django_db

#: What is changed, in which table, and which audit tells it, with what.
TAMPERINGS = (
    # Openings
    ("DELETE FROM golive_opening_rows WHERE reference = 'A1'",
     "golive.sources", "(OPEN-DEBT-A1 of 300.00) has no record"),
    ("UPDATE ledger_postings SET amount = 301 WHERE reference_id = 'OPEN-DEBT-A1' AND balance_id IS NULL",
     "golive.amounts", "OPEN-DEBT-A1 of 300.00 was carried over otherwise"),
    ("UPDATE ledger_postings SET driver_id = driver_id + 1 WHERE reference_id = 'OPEN-DEBT-A1' AND balance_id IS NULL",
     "golive.amounts", "OPEN-DEBT-A1 of 300.00 was carried over otherwise"),
    ("UPDATE ledger_postings SET reference_id = 'OPEN-DEBT-A9' WHERE reference_id = 'OPEN-DEBT-A1'",
     "golive.sources", "(OPEN-DEBT-A9 of 300.00) has no record"),
    # Rent
    ("DELETE FROM leases_leaseinstallment WHERE reference_id = 'LEASE-1-2026W41'",
     "leases.sources", "(LEASE-1-2026W41 of 500.00) stands, and its record does not"),
    ("UPDATE leases_leaseinstallment SET amount = 1 WHERE reference_id = 'LEASE-1-2026W41'",
     "ledger.installments", "LEASE-1-2026W41 of 1.00 is marked posted, and the ledger has no such charge"),
    ("UPDATE leases_leaseinstallment SET due_on = due_on + 7 WHERE reference_id = 'LEASE-1-2026W41'",
     "leases.rent", "LEASE-1-2026W41 of 500.00 does not belong to its lease"),
    ("UPDATE ledger_postings SET due_on = due_on - 1 WHERE reference_id = 'LEASE-1-2026W41' AND balance_id IS NULL",
     "ledger.installments", "LEASE-1-2026W41 is planned for Oct 10, 2026, and was charged due Oct 9, 2026"),
    ("UPDATE leases_leaserate SET weekly_amount = weekly_amount + 7 WHERE lease_id = 1",
     "leases.charged_rent", "LEASE-1-2026W41 of 500.00, with 0.00 given back and 0.00 less, costs 507.00 at its rates"),
    ("UPDATE leases_lease SET primary_driver_id = primary_driver_id + 1 WHERE id = 1",
     "leases.sources", "(LEASE-1-2026W41 of 500.00) is of driver"),
    ("UPDATE ledger_postings SET lease_id = 2 WHERE reference_id = 'LEASE-1-2026W41' AND balance_id IS NULL",
     "leases.sources", "is of lease 2, its record of lease 1"),
    # Days without a cab
    ("UPDATE leases_leaseinstallment SET memos = 0 WHERE memos > 0",
     "leases.sources", "(HOLD-2-2026W43-1 of 150.00) has no record"),
    ("UPDATE ledger_balances SET original_amount = 160 WHERE reference_id = 'HOLD-2-2026W43-1'",
     "leases.charged_rent", "LEASE-2-2026W43 of 350.00, with 160.00 given back"),
    # Repairs and loans
    ("DELETE FROM repairs_repairinstallment", "repairs.sources", "(REPAIR-1-1 of 150.00) has no record"),
    ("UPDATE repairs_repairinvoice SET driver_id = driver_id + 1",
     "repairs.sources", "(REPAIR-1-1 of 150.00) is of driver"),
    ("UPDATE repairs_repairinvoice SET lease_id = 2", "repairs.sources", "is of lease 1, its record of lease 2"),
    ("UPDATE repairs_repairinstallment SET amount = 149",
     "ledger.installments", "REPAIR-1-1 of 149.00 is marked posted"),
    ("DELETE FROM loans_loaninstallment WHERE reference_id = 'LOAN-2-1'", "loans.sources", "(LOAN-2-1 of "),
    ("UPDATE loans_driverloan SET driver_id = driver_id + 1 WHERE id = 2", "loans.sources", "(LOAN-2-1 of "),
    ("UPDATE loans_driverloan SET lease_id = NULL WHERE id = 2",
     "loans.sources", "is of lease 2, its record of no lease"),
    ("UPDATE loans_driverloan SET principal = 1300 WHERE id = 2", "loans.books", "1200.00 stands booked as lent"),
    # Tickets and miscellaneous charges
    ("DELETE FROM tickets_tickets WHERE number = 'D1'", "tickets.sources", "(TLC-D1 of 115.00) has no record"),
    ("UPDATE tickets_tickets SET amount = 15 WHERE kind = 'EZPASS'",
     "tickets.charges", "its amount, driver or lease are others"),
    ("UPDATE tickets_tickets SET driver_id = driver_id + 1 WHERE kind = 'EZPASS'", "tickets.sources", "is of driver"),
    ("UPDATE tickets_tickets SET number = 'D2' WHERE number = 'D1'",
     "tickets.sources", "(TLC-D1 of 115.00) has no record"),
    ("DELETE FROM tickets_misc_charges", "tickets.sources", "(MISC-1 of 45.00) has no record"),
    ("UPDATE tickets_misc_charges SET driver_id = driver_id + 1", "tickets.sources", "(MISC-1 of 45.00) is of driver"),
    ("UPDATE tickets_misc_charges SET lease_id = 2", "tickets.sources", "is of lease 1, its record of lease 2"),
    ("UPDATE tickets_misc_charges SET amount = 46",
     "tickets.misc_charges", "its amount or driver are others in the ledger"),
    # Card fares and taxes
    ("DELETE FROM curb_trip_counts WHERE share = '2026-10-10-L1'",
     "dtr.sources", "(CURB-2026-10-10-L1 of 900.00) has no record"),
    ("UPDATE curb_trip_counts SET total = total + 1 WHERE share = '2026-10-10-L1'",
     "dtr.earnings", "CURB-2026-10-10-L1: its trips sum to "),
    ("UPDATE curb_trip_counts SET mta_tax = mta_tax + 1 WHERE share = '2026-10-10-L1'",
     "dtr.earnings", "TAXES-2026-10-10-L1: its trips sum to "),
    ("UPDATE curb_trip_counts SET driver_id = driver_id + 1 WHERE share = '2026-10-10-L1'",
     "dtr.sources", "(TAXES-2026-10-10-L1 of 60.00) is of driver"),
    ("UPDATE curb_trip_counts SET lease_id = 2 WHERE share = '2026-10-10-L1'",
     "dtr.sources", "is of lease 1, its record of lease 2"),
    ("UPDATE curb_trip_counts SET week_end = '2026-10-17' WHERE share = '2026-10-10-L1'",
     "dtr.sources", "is effective on Oct 10, 2026, its record on Oct 17, 2026"),
    # By hand, and the counter
    ("UPDATE ledger_postings SET posted_by_id = NULL WHERE reference_id = 'CREDIT-A1' AND balance_id IS NULL",
     "ledger.sources", "was made by nobody, and no module answers for CREDIT-A1"),
    ("UPDATE ledger_postings SET posted_by_id = 987654 WHERE reference_id = 'CREDIT-A1'",
     "ledger.names", "names posted by 987654"),
    ("UPDATE ledger_postings SET reference_id = 'PAY-000099' WHERE reference_id = 'PAY-000001'",
     "ledger.sources", "bears a name that the counter did not give its payment"),
    ("UPDATE ledger_payments SET amount = amount + 1 WHERE number = 1", "ledger.payments", "Payment 1 of "),
    ("UPDATE ledger_payments SET driver_id = driver_id + 1 WHERE number = 1",
     "ledger.payments", "of them another driver's"),
    ("UPDATE ledger_payouts SET amount = amount + 1 WHERE number = 1", "ledger.payouts", "Payout 1 of "),
    ("UPDATE ledger_payouts SET dtr_number = 'DTR-000999' WHERE dtr_number <> ''",
     "dtr.payouts", "pays DTR-000999, which does not exist"),
    ("UPDATE ledger_payouts SET driver_id = driver_id + 1 WHERE dtr_number <> ''",
     "dtr.payouts", "which is of another driver or lease"),
    ("UPDATE ledger_payouts SET amount = 9999 WHERE dtr_number <> ''", "dtr.payouts", "of 9999.00 pays DTR-"),
    # Recoveries and transfers
    ("UPDATE ledger_postings SET amount = 9999 WHERE reference_id LIKE 'RETURNED-%' AND balance_id IS NULL",
     "ledger.recovered", "of 9999.00) recovers more than the 600.00 that came back"),
    ("UPDATE ledger_postings SET amount = 61 WHERE reference_id = 'WINBACK-CREDIT-A1' AND balance_id IS NULL",
     "ledger.recovered", "(WINBACK-CREDIT-A1 of 61.00) recovers what was 60.00"),
    ("UPDATE ledger_postings SET reference_id = 'WINBACK-NONE' WHERE reference_id = 'WINBACK-CREDIT-A1'",
     "ledger.recovered", "recovers what was never given"),
    ("UPDATE ledger_transfers SET amount = amount + 1 WHERE kind = 'WIN_BACK'",
     "ledger.mirrors", "is mirrored by a transfer of 61.00"),
    ("DELETE FROM ledger_transfers WHERE kind = 'OPENING' AND reference_id = 'OPEN-DEBT-A1'",
     "ledger.mirrors", "(OPEN-DEBT-A1 of 300.00) is mirrored by 0 transfers"),
    ("UPDATE ledger_transfers SET amount = amount - 1 WHERE kind = 'LOAN_OUT'", "loans.books", "stands booked as lent"),
)  # fmt: skip

#: What a module's name would pass for, posted by hand.
BY_HAND = {
    "LEASE-1-KEYS": "leases.sources",
    "HOLD-1-2026W41-9": "leases.sources",
    "REPAIR-99-1": "repairs.sources",
    "LOAN-99-1": "loans.sources",
    "PVB-1": "tickets.sources",
    "MISC-99": "tickets.sources",
    "OPEN-DEBT-Z9": "golive.sources",
    "CURB-2026-10-10-L99": "dtr.sources",
    "TAXES-2026-10-10-L99": "dtr.sources",
}


def test_each_change_is_told() -> None:
    live_through_the_month()
    assert_books_clean()
    assert_sources_known()
    untold = []
    for sql, audit, told in TAMPERINGS:
        with undone(sql.split()[1 if sql.startswith("UPDATE") else 2]), connection.cursor() as cursor:
            cursor.execute(sql)
            findings = findings_of(audit)
            if not cursor.rowcount or not any(told in finding for finding in findings):
                untold.append(f"{audit}: {cursor.rowcount} rows by {sql}: {findings[:3]}")
    assert not untold, "\n".join(untold)


def test_what_bears_a_modules_name_and_was_posted_by_hand_is_told() -> None:
    fleet = open_fleet()
    for reference_id in BY_HAND:
        ledger.create_obligation(
            category="MISC",
            amount=Decimal("5.00"),
            reference_id=reference_id,
            driver_id=fleet.adams.pk,
            effective_on=date(2026, 10, 5),
            actor=fleet.clerk,
        )
    for reference_id, audit in BY_HAND.items():
        assert any(f"({reference_id} of 5.00)" in finding for finding in findings_of(audit)), reference_id


def live_through_the_month() -> None:
    fleet = open_fleet()
    live_through_the_first_week(fleet)
    live_through_the_second_week(fleet)
    live_through_the_third_week(fleet)
    live_through_the_last_week(fleet)
    lost_key = ChargeType.objects.create(name="Lost key of a month", default_amount=Decimal("45.00"), is_active=True)
    tickets.create_misc_charge(
        charge_type_id=lost_key.pk,
        driver_id=fleet.adams.pk,
        lease_id=fleet.leases[1].pk,
        today=date(2026, 11, 1),
        actor=None,
    )


@contextmanager
def undone(table: str) -> Iterator[None]:
    """Whatever the owner of a table does to it with its guards off, and take it back."""
    settle()
    with transaction.atomic(), as_owner():
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        transaction.set_rollback(True)
