"""Each module's acts tell programs outside what they did. (Those of the ledger: ``tests/core/test_events.py``.)"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from golive import services as golive
from leases import services as leases
from leases.models import Lease
from ledger import services as ledger
from tests.curb.counting import back, move
from tests.dtr.fleet import SATURDAY as WEEK_END
from tests.dtr.fleet import card, close, drive, leased_driver
from tests.events import kinds_of, told_by
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.golive.workbooks import CUT_OVER, workbook
from tests.golive.workbooks import TODAY as OPENED_ON
from tests.leases.office import TUESDAY, WEDNESDAY, at, pay, start_lease
from tests.leases.test_settle_deposit import settle
from tests.loans import office as loans
from tests.repairs import office as repairs
from tests.tickets.files import HOW, bring_in_tolls, leased_cab, ticket_of, toll
from tickets import services as tickets

pytestmark = pytest.mark.django_db


class TestLeases:
    def test_a_lease(self):
        events = told_by(start_lease)
        lease = Lease.objects.get()
        (started,) = [data for kind, data in events if kind == "lease_started"]
        assert started == {
            "lease_id": lease.pk,
            "driver_id": lease.primary_driver_id,
            "vehicle_id": lease.vehicle_id,
            "lease_type": "LONG_TERM",
            "start_on": WEDNESDAY.isoformat(),
            "end_on": TUESDAY.isoformat(),
            "weekly_amount": "500.00",
            "status": "ACTIVE",
        }
        other, further = VehicleFactory.create(), DriverFactory.create()
        day = WEDNESDAY + timedelta(days=2)
        last = day + timedelta(days=5)
        by: dict[str, Any] = {"lease_id": lease.pk, "actor": None}
        mine = {"driver_id": further.pk, **by}

        assert kinds_of(lambda: leases.hold_lease(reason="away", **by)) == ["lease_held"]
        assert kinds_of(lambda: leases.resume_lease(**by)) == ["lease_resumed"]
        assert kinds_of(
            lambda: leases.change_weekly_amount(weekly_amount=Decimal("450.00"), from_on=date(2026, 3, 15), **by)
        ) == ["lease_changed"]
        assert kinds_of(lambda: leases.add_driver(start_on=day, end_on=last, **mine)) == ["lease_driver_added"]
        assert kinds_of(lambda: leases.end_driver(last_on=day, **mine)) == ["lease_driver_ended"]
        assert kinds_of(
            lambda: leases.swap_vehicle(vehicle_id=other.pk, swapped_at=at(day, "12:00"), effective_on=day, **by)
        ) == ["lease_vehicle_swapped"]
        assert "lease_terminated" in kinds_of(
            lambda: leases.terminate_lease(last_on=last, reason="over", effective_on=last, **by)
        )

    def test_a_driver_and_a_vehicle(self):
        driver, clerk = DriverFactory.create(), UserFactory.create()
        by: dict[str, Any] = {"driver_id": driver.pk, "reason": "fraud", "actor": clerk}
        assert told_by(lambda: leases.lock_driver(**by)) == [("driver_locked", {"driver_id": driver.pk})]
        assert kinds_of(lambda: leases.unlock_driver(**by)) == ["driver_unlocked"]
        vehicle = VehicleFactory.create()
        retire: dict[str, Any] = {"vehicle_id": vehicle.pk, "retired_at": timezone.now(), "actor": None}
        assert told_by(lambda: leases.retire_vehicle(**retire)) == [
            ("vehicle_changed", {"vehicle_id": vehicle.pk, "medallion": vehicle.medallion, "status": "RETIRED"})
        ]

    def test_days_without_a_cab_and_a_deposit(self):
        lease = start_lease()
        pay(lease, "500.00", deposit="500.00")
        two: dict[str, Any] = {"start_on": WEDNESDAY + timedelta(days=1), "end_on": WEDNESDAY + timedelta(days=2)}
        by: dict[str, Any] = {"lease_id": lease.pk, "reason": "workshop", "effective_on": TUESDAY, "actor": None}
        assert kinds_of(lambda: leases.record_days_away(**two, **by)) == ["days_away_recorded"]
        one: dict[str, Any] = {**two, "end_on": two["start_on"]}
        cut = kinds_of(lambda: leases.take_back_days_away(**one, **by))
        assert set(cut) <= {"days_away_taken_back", "days_away_changed", "days_away_recorded"}
        assert "days_away_taken_back" in cut
        settled = told_by(lambda: settle(lease))
        (data,) = [data for kind, data in settled if kind == "deposit_settled"]
        assert (data["held"], data["driver_id"]) == ("500.00", lease.primary_driver_id)


class TestTickets:
    def test_a_ticket_from_its_file_to_the_fleet(self):
        lease, other = leased_cab(), DriverFactory.create()
        events = dict(told_by(lambda: bring_in_tolls(toll(1))))
        ticket = ticket_of(1)
        assert events.keys() == {"ticket_assigned", "ticket_file_imported"}
        assert events["ticket_assigned"] == {
            "ticket_id": ticket.pk,
            "kind": "EZPASS",
            "number": ticket.number,
            "state": "CHARGED",
            "driver_id": lease.primary_driver_id,
            "lease_id": lease.pk,
            "vehicle_id": lease.vehicle_id,
            "at": events["ticket_assigned"]["at"],
            "amount": str(ticket.amount),
            "due_on": None,
        }
        assert events["ticket_file_imported"]["charged"] == 1
        by: dict[str, Any] = {"ticket_id": ticket.pk, "reason": "Hearing", **HOW}

        assert kinds_of(lambda: tickets.correct_ticket(amount=Decimal("3.00"), **by)) == ["ticket_corrected"]
        assert kinds_of(lambda: tickets.dispute_ticket(**by)) == ["ticket_disputed"]
        ((kind, data),) = told_by(lambda: tickets.assign_ticket(driver_id=other.pk, **by))
        assert (kind, data["driver_id"]) == ("ticket_assigned", other.pk)
        assert kinds_of(lambda: tickets.let_fleet_pay(**by)) == ["ticket_fleet_pays"]
        assert kinds_of(lambda: tickets.dismiss_ticket(**by)) == ["ticket_dismissed"]
        back: dict[str, Any] = {"ticket_id": ticket.pk, "reason": "By mistake", "actor": None}
        assert kinds_of(lambda: tickets.restore_ticket(**back)) == ["ticket_to_review"]


class TestPlans:
    def test_a_repair(self):
        lease = LeaseFactory.create()
        events = told_by(lambda: repairs.enter(lease))
        (invoice,) = lease.primary_driver.repair_invoices.all()
        assert events == [
            (
                "repair_invoiced",
                {
                    "repair_id": invoice.pk,
                    "driver_id": lease.primary_driver_id,
                    "vehicle_id": lease.vehicle_id,
                    "amount": "500.50",
                    "weekly_amount": "200.00",
                    "status": "ACTIVE",
                },
            )
        ]
        assert kinds_of(lambda: repairs.hold(invoice)) == ["repair_held"]
        assert kinds_of(lambda: repairs.resume(invoice)) == ["repair_resumed"]
        assert kinds_of(lambda: repairs.void(invoice)) == ["repair_voided"]

    def test_a_loan(self):
        driver = DriverFactory.create()
        events = told_by(lambda: loans.lend(driver))
        (loan,) = driver.loans.all()
        assert [kind for kind, _ in events] == ["loan_disbursed", "transfer_recorded"]
        assert events[0][1]["principal"] == "1200.00"
        assert kinds_of(lambda: loans.hold(loan)) == ["loan_held"]
        assert kinds_of(lambda: loans.resume(loan)) == ["loan_resumed"]
        loans.post_due(date(2026, 11, 28))
        assert kinds_of(lambda: loans.pay_off(loan)) == ["loan_paid_off"]
        payoff = f"LOAN-{loan.pk}-PAYOFF"
        assert driver.balances.get(reference_id=payoff).status == "OPEN"
        assert kinds_of(lambda: loans.restore(loan)) == ["loan_restored"]
        assert kinds_of(lambda: loans.write_off(loan)) == ["loan_written_off"]
        wrong = loans.lend(DriverFactory.create())
        assert sorted(kinds_of(lambda: loans.void(wrong))) == ["loan_voided", "transfer_reversed"]


class TestPayWeek:
    def test_trips_and_the_close(self):
        adams, baker = leased_driver("5000001", "9Z90"), leased_driver("5000002", "9Z91")
        assert kinds_of(lambda: drive(card("600.00"))) == ["trips_imported"]

        events = told_by(close)

        assert [kind for kind, _ in events if kind != "dtr_sealed"] == [
            "week_close_started",
            "week_closed",
            "books_closed",
        ]
        sealed = [data for kind, data in events if kind == "dtr_sealed"]
        assert [data["driver_id"] for data in sealed] == [adams.primary_driver_id]
        assert (sealed[0]["week_end"], sealed[0]["held"], sealed[0]["net_due"]) == (
            WEEK_END.isoformat(),
            "596.70",
            "596.70",
        )
        (trip,) = adams.trips.all()
        assert told_by(lambda: move(trip, baker)) == [
            (
                "trip_corrected",
                {
                    "trip_id": trip.pk,
                    "act": "MOVED",
                    "from_driver_id": adams.primary_driver_id,
                    "to_driver_id": baker.primary_driver_id,
                    "counts_as": "",
                },
            )
        ]
        assert kinds_of(lambda: back(trip)) == ["trip_corrected"]

    def test_a_payout_and_days_of_the_books(self):
        driver, clerk = DriverFactory.create(), UserFactory.create(is_superuser=True)
        today = timezone.localdate()
        ledger.credit_driver(
            category="MISC",
            amount=Decimal("40.00"),
            reference_id="MEMO-1",
            driver_id=driver.pk,
            effective_on=today,
            reason="goodwill",
        )
        pay_out: dict[str, Any] = {
            "driver_id": driver.pk,
            "amount": Decimal("40.00"),
            "method": "CASH",
            "effective_on": today,
        }
        ((kind, data),) = told_by(lambda: ledger.pay_out(**pay_out, actor=clerk))
        assert (kind, data["reference_id"], data["amount"]) == ("paid_out", "OUT-000001", "40.00")
        yesterday = today - timedelta(days=1)
        reason: dict[str, Any] = {"reason": "audit", "actor": clerk}
        ledger.close_books(through=yesterday, today=today, **reason)
        assert kinds_of(lambda: ledger.reopen_day(day=yesterday, hours=1, **reason)) == ["books_reopened"]


def test_opening_balances():
    opening: dict[str, Any] = {"file_name": "opening.xlsx", "content": workbook(), "today": OPENED_ON, "actor": None}

    events = told_by(lambda: golive.import_opening(**opening))

    (imported,) = [data for kind, data in events if kind == "opening_imported"]
    assert imported["cut_on"] == CUT_OVER.isoformat()
