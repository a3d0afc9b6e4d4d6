"""Miscellaneous charges and the fees added to tickets: made, repeated, refused, voided."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from core.errors import ReasonRequired, ValueInvalid
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory, UserFactory
from tests.locks import assert_locks_first
from tests.tickets.files import (
    HOW,
    SATURDAY,
    TODAY,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    pay,
    ticket_of,
    toll,
)
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import ChargeType, MiscCharge
from tickets.rules import DEFAULT_CHARGES, DEFAULT_FEES

pytestmark = pytest.mark.django_db


@pytest.fixture
def driver():
    return DriverFactory.create()


@pytest.fixture
def lost_key():
    return ChargeType.objects.create(name="Lost spare key", default_amount="45.00", is_active=True)


def charge(charge_type: ChargeType, driver, **facts: Any) -> MiscCharge:
    return services.create_misc_charge(charge_type_id=charge_type.pk, driver_id=driver.pk, **{**HOW, **facts})


class TestCreateMiscCharge:
    def test_the_types_usual_amount_due_this_saturday(self, driver, lost_key):
        made = charge(lost_key, driver, note="  left in\n the cab ")
        assert (made.amount, made.charged_on, made.due_on) == (Decimal("45.00"), TODAY, SATURDAY)
        assert made.note == "left in the cab"
        posting = LedgerPosting.objects.get()
        assert (posting.category, posting.reference_id, posting.amount) == (
            "MISC",
            f"MISC-{made.pk}",
            Decimal("45.00"),
        )
        assert (posting.effective_on, posting.due_on) == (TODAY, SATURDAY)
        assert_books_clean()

    def test_another_amount_and_day(self, driver, lost_key):
        charge(lost_key, driver, amount=Decimal("12.50"), due_on=date(2026, 12, 5))
        assert (owed(driver), LedgerPosting.objects.get().due_on) == (
            {MiscCharge.objects.get().reference_id: Decimal("12.50")},
            date(2026, 12, 5),
        )

    def test_names_lease_and_cab(self, lost_key):
        lease = LeaseFactory.create()
        charge(lost_key, lease.primary_driver, lease_id=lease.pk, vehicle_id=lease.vehicle_id)
        posting = LedgerPosting.objects.get()
        assert (posting.lease_id, posting.vehicle_id) == (lease.pk, lease.vehicle_id)

    def test_the_history_names_who_made_it(self, driver, lost_key):
        clerk = UserFactory.create()
        made = charge(lost_key, driver, actor=clerk)
        assert made.history.get().history_user == clerk

    def test_without_a_key_two_are_two(self, driver, lost_key):
        charge(lost_key, driver)
        charge(lost_key, driver)
        assert sorted(owed(driver).values()) == [Decimal("45.00"), Decimal("45.00")]

    def test_with_a_key_the_first_answers(self, driver, lost_key):
        first = charge(lost_key, driver, entry_key="a")
        assert charge(lost_key, driver, entry_key="a") == first
        assert (MiscCharge.objects.count(), count_postings(), first.history.count()) == (1, 1, 1)

    @pytest.mark.parametrize("other", [{"amount": Decimal("1.00")}, {"note": "x"}])
    def test_a_key_used_for_another_charge(self, driver, lost_key, other):
        first = charge(lost_key, driver, entry_key="a")
        with nothing_written(ledger.IdempotencyConflict) as refusal:
            charge(lost_key, driver, entry_key="a", **other)
        assert refusal.value.facts == {"first": first.reference_id}

    def test_locks_the_account_before_it_writes(self, driver, lost_key):
        charge(lost_key, driver)  # opens the account
        assert_locks_first(lambda: charge(lost_key, driver), ["ledger_accounts"])


class TestCreateRefusals:
    @pytest.mark.parametrize(
        "facts",
        [{"is_active": False}, {"is_active": True, "added_to": "EZPASS", "citation": "Rule 1"}],
        ids=["off", "a fee"],
    )
    def test_a_type_that_is_not_in_use(self, driver, facts):
        charge_type = ChargeType.objects.create(name="X", default_amount="1.00", **facts)
        with nothing_written(services.ChargeTypeNotActive, code="charge_type_off", field="charge_type_id"):
            charge(charge_type, driver)

    def test_no_such_type(self, driver):
        with nothing_written(services.ChargeTypeNotActive):
            services.create_misc_charge(charge_type_id=999_999, driver_id=driver.pk, **HOW)

    def test_no_amount_where_the_type_has_none(self, driver):
        towing = ChargeType.objects.create(name="Long tow", is_active=True)
        with nothing_written(ledger.AmountInvalid, field="amount") as refusal:
            charge(towing, driver)
        assert str(refusal.value) == "Long tow has no usual amount: give one."

    @pytest.mark.parametrize("amount", ["0.00", "-1.00", "1.001"])
    def test_an_amount_that_is_none(self, driver, lost_key, amount):
        with nothing_written(ledger.AmountInvalid, field="amount"):
            charge(lost_key, driver, amount=Decimal(amount))

    @pytest.mark.parametrize("note", ["x" * 501, "bell\x07"])
    def test_a_note_nobody_can_read(self, driver, lost_key, note):
        with nothing_written(services.TicketInvalid, code="invalid_ticket", field="note"):
            charge(lost_key, driver, note=note)

    def test_a_key_that_is_too_long(self, driver, lost_key):
        with nothing_written(ValueInvalid, code="invalid_value", field="entry_key"):
            charge(lost_key, driver, entry_key="x" * 65)

    def test_a_lease_that_the_driver_is_not_on(self, driver, lost_key):
        another = LeaseFactory.create()
        with nothing_written(services.LeaseMismatch, code="lease_mismatch", field="lease_id"):
            charge(lost_key, driver, lease_id=another.pk)

    def test_no_such_driver(self, lost_key):
        with nothing_written(ledger.DriverNotFound):
            services.create_misc_charge(charge_type_id=lost_key.pk, driver_id=999_999, **HOW)

    def test_no_such_cab(self, driver, lost_key):
        with nothing_written(ledger.VehicleNotFound):
            charge(lost_key, driver, vehicle_id=999_999)


class TestVoidMiscCharge:
    def test_what_was_paid_is_free_again(self, driver, lost_key):
        made = charge(lost_key, driver)
        pay(driver, "20.00", made.reference_id)
        voided = services.void_misc_charge(charge_id=made.pk, reason=" Found\nunder the seat ", **HOW)
        assert voided.void_reason == "Found under the seat"
        assert owed(driver) == {}
        assert list(held(driver).values()) == [Decimal("20.00")]
        assert_books_clean()

    def test_the_history_says_who_and_why(self, driver, lost_key):
        clerk = UserFactory.create()
        made = charge(lost_key, driver)
        services.void_misc_charge(charge_id=made.pk, reason="Found", today=TODAY, actor=clerk)
        change = made.history.latest()
        assert (change.history_user, change.history_change_reason, change.void_reason) == (clerk, "Found", "Found")

    def test_a_reason_of_500_characters_is_kept_whole(self, driver, lost_key):
        made = charge(lost_key, driver)
        services.void_misc_charge(charge_id=made.pk, reason="x" * 500, **HOW)
        made.refresh_from_db()
        assert made.void_reason == made.history.latest().void_reason == "x" * 500

    def test_takes_effect_on_the_day_it_is_told(self, driver, lost_key):
        made, later = charge(lost_key, driver), date(2026, 11, 25)
        services.void_misc_charge(charge_id=made.pk, reason="Found", today=later, actor=None)
        assert LedgerPosting.objects.get(kind="VOID").effective_on == later

    def test_twice(self, driver, lost_key):
        made = charge(lost_key, driver)
        services.void_misc_charge(charge_id=made.pk, reason="Found", **HOW)
        with nothing_written(services.ChargeAlreadyVoided, code="charge_already_voided"):
            services.void_misc_charge(charge_id=made.pk, reason="Again", **HOW)

    def test_one_that_was_voided_in_the_ledger(self, driver, lost_key):
        made = charge(lost_key, driver)
        ledger.void_posting(posting_id=LedgerPosting.objects.get().pk, reason="x", actor=None, effective_on=TODAY)
        with nothing_written(services.ChargeAlreadyVoided):
            services.void_misc_charge(charge_id=made.pk, reason="Again", **HOW)

    def test_no_such_charge(self):
        with nothing_written(services.ChargeNotFound, code="charge_not_found") as refusal:
            services.void_misc_charge(charge_id=999_999, reason="x", **HOW)
        assert (refusal.value.http_status, refusal.value.facts) == (404, {"charge_id": 999_999})

    @pytest.mark.parametrize(("reason", "error"), [(" ", ReasonRequired), ("x" * 501, ValueInvalid)])
    def test_without_a_reason_that_can_be_kept(self, driver, lost_key, reason, error):
        made = charge(lost_key, driver)
        with nothing_written(error, field="reason"):
            services.void_misc_charge(charge_id=made.pk, reason=reason, **HOW)

    def test_locks_the_account_and_the_charge_before_it_writes(self, driver, lost_key):
        made = charge(lost_key, driver)
        assert_locks_first(
            lambda: services.void_misc_charge(charge_id=made.pk, reason="Found", **HOW),
            ["ledger_accounts", "tickets_misc_charges"],
        )


class TestFees:
    @pytest.fixture
    def handling(self):
        return ChargeType.objects.create(
            name="Toll handling", default_amount="1.50", added_to="EZPASS", is_active=True, citation="Lease, clause 9"
        )

    def test_are_off_in_a_new_fleet(self):
        leased_cab()
        bring_in_tolls(toll(1))
        fees = ChargeType.objects.exclude(added_to="")
        assert set(fees.values_list("name", "added_to", "is_active")) == {
            (name, kind, False) for name, kind in DEFAULT_FEES.items()
        }
        assert set(ChargeType.objects.filter(added_to="").values_list("name", flat=True)) == set(DEFAULT_CHARGES)
        assert not MiscCharge.objects.exists()

    def test_are_added_to_each_ticket_that_is_charged(self, handling):
        lease = leased_cab()
        bring_in_tolls(toll(1), toll(2), toll(3, "NY ZZZ9999"))
        fees = list(MiscCharge.objects.order_by("ticket__number"))
        assert [(fee.ticket, fee.note, fee.due_on) for fee in fees] == [
            (ticket_of(1), "Added to EZPASS-1", SATURDAY),
            (ticket_of(2), "Added to EZPASS-2", SATURDAY),
        ]
        assert owed(lease.primary_driver) == {
            "EZPASS-1": Decimal("9.11"),
            "EZPASS-2": Decimal("9.11"),
            fees[0].reference_id: Decimal("1.50"),
            fees[1].reference_id: Decimal("1.50"),
        }
        assert_books_clean()

    def test_are_not_added_to_refunds(self, handling):
        leased_cab()
        bring_in_tolls(toll(1), toll(2, amount="$9.11"))
        assert MiscCharge.objects.get().ticket == ticket_of(1)

    def test_of_another_kind_are_not_added(self, handling):
        handling.added_to = "PVB"
        handling.save()
        leased_cab()
        bring_in_tolls(toll(1))
        assert not MiscCharge.objects.exists()

    def test_follow_their_ticket_to_another_driver(self, handling):
        lease, other = leased_cab(), DriverFactory.create()
        bring_in_tolls(toll(1))
        first = MiscCharge.objects.get()
        services.assign_ticket(ticket_id=ticket_of(1).pk, driver_id=other.pk, reason="They drove", **HOW)
        second = MiscCharge.objects.exclude(pk=first.pk).get()
        assert owed(lease.primary_driver) == {}
        assert owed(other) == {"EZPASS-1": Decimal("9.11"), second.reference_id: Decimal("1.50")}
        first.refresh_from_db()
        assert first.void_reason == "They drove"
        assert_books_clean()

    @pytest.mark.parametrize("act", [services.dispute_ticket, services.dismiss_ticket])
    def test_are_void_with_their_ticket(self, handling, act):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        act(ticket_id=ticket_of(1).pk, reason="x" * 500, **HOW)
        fee = MiscCharge.objects.get()
        assert (owed(lease.primary_driver), fee.void_reason) == ({}, "x" * 500)
        assert_books_clean()

    def test_voided_on_their_own_leave_their_ticket(self, handling):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        services.void_misc_charge(charge_id=MiscCharge.objects.get().pk, reason="Waived", **HOW)
        services.dismiss_ticket(ticket_id=ticket_of(1).pk, reason="Won", **HOW)
        assert (owed(lease.primary_driver), MiscCharge.objects.get().void_reason) == ({}, "Waived")

    @pytest.mark.parametrize(
        ("missing", "field"), [({"citation": ""}, "citation"), ({"default_amount": None}, "default_amount")]
    )
    def test_none_in_use_without_its_rule_and_its_amount(self, handling, missing, field):
        for name, value in missing.items():
            setattr(handling, name, value)
        with pytest.raises(ValidationError) as refusal:
            handling.full_clean()
        assert list(refusal.value.message_dict) == [field]
        with pytest.raises(IntegrityError, match="tickets_charge_types_fee_allowed"), transaction.atomic():
            handling.save()
