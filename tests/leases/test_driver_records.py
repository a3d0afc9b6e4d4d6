"""What is kept of a driver besides their money: locks, papers, notes and files."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core import desk
from core.errors import DomainError, ReasonRequired, ValueInvalid
from core.models import Upload
from leases import selectors, services
from leases.models import Driver, DriverLock, KeptFile, Note, Paper
from ledger import services as ledger
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.guards import copy_of, refusal_of, refusals_of_changes, settle
from tests.leases.office import start_lease
from tests.ledger.admin_pages import owe
from tests.ledger.proofs import pay
from tests.locks import assert_locks_first
from tests.refusals import refused
from tests.threads import run_together

TODAY = date(2026, 3, 2)
#: On which the books are open.
BOOKED = date(2026, 3, 10)
PDF = b"%PDF-1.7 a license"


@pytest.fixture
def driver() -> Driver:
    return DriverFactory.create()


def lock(driver: Driver, reason: str = "Owes a hearing", actor: User | None = None) -> DriverLock:
    return services.lock_driver(driver_id=driver.pk, reason=reason, actor=actor)


def unlock(driver: Driver, reason: str = "Heard") -> DriverLock:
    return services.unlock_driver(driver_id=driver.pk, reason=reason, actor=None)


def earn(driver: Driver) -> None:
    ledger.credit_driver(
        driver_id=driver.pk,
        category="MISC",
        amount=Decimal("50.00"),
        reference_id=f"MEMO-{driver.pk}",
        reason="Goodwill",
        effective_on=BOOKED,
    )


def pay_out(driver: Driver) -> Any:
    return ledger.pay_out(driver_id=driver.pk, amount=Decimal("20.00"), method="CASH", effective_on=BOOKED, actor=None)


@pytest.mark.django_db
class TestLocks:
    def test_a_locked_driver_gets_no_payout_and_no_lease_but_pays(self, driver: Driver) -> None:
        supervisor = UserFactory.create()
        earn(driver)
        standing = start_lease()
        kept = lock(driver, "Owes  a\nhearing", supervisor)
        assert (kept.reason, kept.locked_by, kept.unlocked_at) == ("Owes a hearing", supervisor, None)
        assert selectors.find_lock_reason(driver.pk) == "Owes a hearing"

        with refused(ledger.DriverLocked, code="driver_locked"):
            pay_out(driver)
        with refused(ledger.DriverLocked):
            start_lease(driver=driver)
        with refused(ledger.DriverLocked):
            services.add_driver(lease_id=standing.pk, driver_id=driver.pk, start_on=standing.start_on, actor=None)
        ledger.apply_interim_payment(
            payment_amount=Decimal("10.00"),
            allocations={},
            driver_id=driver.pk,
            payment_method="CASH",
            effective_on=BOOKED,
        )

        unlock(driver)
        assert pay_out(driver).amount == Decimal("20.00")
        assert selectors.find_lock_reason(driver.pk) is None
        assert [(one.reason, one.unlock_reason) for one in driver.locks.all()] == [("Owes a hearing", "Heard")]

    def test_refusals_name_what_is_so(self, driver: Driver) -> None:
        with refused(services.DriverNotLocked):
            unlock(driver)
        with refused(ReasonRequired):
            lock(driver, " ")
        with refused(ledger.DriverNotFound):
            services.lock_driver(driver_id=999_999_999, reason="x", actor=None)
        lock(driver)
        with refused(services.AlreadyLocked):
            lock(driver)
        assert DriverLock.objects.count() == 1

    def test_account_and_driver_are_locked_before_anything_is_written(self, driver: Driver) -> None:
        earn(driver)
        assert_locks_first(lambda: lock(driver), ["ledger_accounts", "leases_driver"])

    def test_the_database_refuses_what_goes_around_the_services(self, driver: Driver) -> None:
        earn(driver)
        pay_out(driver)
        lease = start_lease(driver=driver)
        lock(driver)
        settle()
        now = {"paid_at": "statement_timestamp()"}
        assert refusal_of(copy_of("ledger_payouts", number="number + 1", **now)) == "ledger_payouts_driver_not_locked"
        assert refusal_of(copy_of("leases_lease")) == "leases_lease_driver_not_locked"
        assert refusal_of(copy_of("leases_leasedriver", start_on="end_on")) == "leases_leasedriver_driver_not_locked"
        assert refusal_of(copy_of("leases_driver_locks")) == "leases_driver_locks_one_at_a_time"
        assert refusal_of("UPDATE leases_driver_locks SET reason = 'x'") == "leases_driver_locks_lifted_once"
        assert refusal_of("UPDATE leases_driver_locks SET unlocked_at = now()") == "leases_driver_locks_say_why"
        unlock(driver)
        assert refusal_of("UPDATE leases_driver_locks SET unlock_reason = 'x'") == "leases_driver_locks_lifted_once"
        assert refusal_of("DELETE FROM leases_driver_locks") == "leases_driver_locks_append_only"
        assert lease.primary_driver == driver


@pytest.mark.django_db(transaction=True)
def test_a_payout_and_a_lock_at_once_never_both_pass_unseen(driver: Driver) -> None:
    """Either the payout was there before the lock, or it is refused."""
    earn(driver)
    answers = run_together(lambda: lock(driver), lambda: pay_out(driver))
    lock_made, payout = answers
    assert isinstance(lock_made, DriverLock)
    if not isinstance(payout, DomainError):
        assert payout.paid_at <= lock_made.locked_at or payout.pk
    else:
        assert isinstance(payout, ledger.DriverLocked)
    with pytest.raises(ledger.DriverLocked):
        pay_out(driver)


@pytest.mark.django_db
class TestPapers:
    def test_a_newer_paper_takes_the_place_of_one_that_is_kept(self, driver: Driver) -> None:
        office = UserFactory.create()
        record: dict[str, Any] = {"driver_id": driver.pk, "kind": "TLC_LICENSE", "number": "5401838", "actor": office}
        first = services.record_paper(**record, good_to=date(2026, 3, 14))
        assert list(selectors.list_ending_papers(TODAY)) == [first]
        second = services.record_paper(**record, good_to=date(2028, 3, 14))
        cab = VehicleFactory.create()
        registration = services.record_paper(
            vehicle_id=cab.pk, kind="REGISTRATION", good_to=date(2026, 4, 1), actor=None
        )
        # Exactly thirty days on, and no day later.
        assert list(selectors.list_ending_papers(date(2026, 3, 2))) == [registration]
        assert list(selectors.list_ending_papers(date(2026, 3, 1))) == []
        assert selectors.list_papers_of_driver(driver.pk) == [second]
        assert selectors.list_papers_of_vehicle(cab.pk) == [registration]

        services.correct_paper(
            paper_id=second.pk, number="5401839", good_to=date(2027, 3, 14), reason="Misread", actor=office
        )
        written = second.history.order_by("history_id").values_list("number", "good_to", "history_change_reason")
        assert list(written) == [("5401838", date(2028, 3, 14), None), ("5401839", date(2027, 3, 14), "Misread")]
        assert {row.history_user for row in second.history.all()} == {office}

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"kind": "REGISTRATION"}, services.PaperInvalid),
            ({"vehicle_id": 1}, services.PaperInvalid),
            ({"driver_id": 999_999_999}, ledger.DriverNotFound),
            ({"number": "x" * 41}, ValueInvalid),
            ({"good_to": date(1999, 1, 1)}, ValueInvalid),
            ({}, services.PaperRecordedBefore),
        ],
    )
    def test_what_can_not_be_is_refused(
        self, driver: Driver, changed: dict[str, Any], error: type[DomainError]
    ) -> None:
        facts: dict[str, Any] = {
            "driver_id": driver.pk, "kind": "TLC_LICENSE", "number": "1", "good_to": TODAY, "actor": None
        }  # fmt: skip
        services.record_paper(**facts)
        with refused(error):
            services.record_paper(**{**facts, **changed})
        assert Paper.objects.count() == 1

    def test_the_database_keeps_them(self, driver: Driver) -> None:
        services.record_paper(driver_id=driver.pk, kind="TLC_LICENSE", number="1", good_to=TODAY, actor=None)
        settle()
        assert refusal_of("DELETE FROM leases_papers") == "leases_papers_append_only"
        assert refusal_of("UPDATE leases_papers SET kind = 'INSURANCE'") == "leases_papers_of_one_owner"
        assert refusal_of(copy_of("leases_papers")) == "leases_papers_once"

    def test_home_tells_which_end(self, driver: Driver) -> None:
        stack = next(one for one in desk.list_stacks() if one.name == "leases.papers")
        services.record_paper(driver_id=driver.pk, kind="TLC_LICENSE", good_to=date(2026, 3, 1), actor=None)
        waiting = desk.Waiting(stack, 1, None, date(2026, 3, 1))
        assert stack.say(waiting, TODAY) == "The first ended on Mar 1."
        driver.status = "INACTIVE"
        driver.save()
        assert [one.count for one in desk.sum_stacks([stack], today=TODAY)] == [0]


@pytest.mark.django_db
class TestNotesAndFiles:
    def test_a_note_is_kept_with_its_author(self, driver: Driver) -> None:
        cashier = UserFactory.create()
        note = services.write_note(driver_id=driver.pk, text="Will pay\n on Friday ", actor=cashier)
        assert (note.text, note.written_by, note.driver) == ("Will pay on Friday", cashier, driver)
        with refused(ValueInvalid, field="text"):
            services.write_note(driver_id=driver.pk, text=" ", actor=cashier)
        with refused(ledger.DriverNotFound):
            services.write_note(driver_id=999_999_999, text="x", actor=cashier)
        assert Note.objects.get() == note
        with refused(ValueInvalid, field="text"):
            services.write_note(text="x", actor=cashier)
        with refused(ValueInvalid, field="text"):
            services.write_note(driver_id=driver.pk, vehicle_id=1, text="x", actor=cashier)
        assert refusals_of_changes("leases_driver_notes", "text") == {"leases_driver_notes_append_only"}

    @pytest.mark.parametrize("of", ["vehicle", "lease"])
    def test_a_vehicle_and_a_lease_have_notes_too(self, of: str) -> None:
        lease = LeaseFactory.create()
        record = lease if of == "lease" else lease.vehicle
        cashier = UserFactory.create(groups=["Cashier"], first_name="Maya", last_name="Ortiz")
        client = Client()
        client.force_login(cashier)
        address = reverse(f"admin:leases_{of}_note", args=[record.pk])
        client.post(address, {"text": "Smells of smoke", "_confirm": "1"})
        assert Note.objects.values(of, "text", "written_by").get() == {
            of: record.pk, "text": "Smells of smoke", "written_by": cashier.pk
        }  # fmt: skip
        for tab in ("notes", "timeline"):
            page = client.get(reverse(of, args=[record.pk]), {"tab": tab}).content.decode()
            assert "Smells of smoke" in page
            assert "Maya Ortiz" in page
        absent = {"vehicle": ledger.VehicleNotFound, "lease": ledger.LeaseNotFound}[of]
        with refused(absent):
            services.write_note(**{f"{of}_id": 999_999_999}, text="x", actor=cashier)

    def test_a_file_is_known_by_its_bytes(self, driver: Driver) -> None:
        add: dict[str, Any] = {"driver_id": driver.pk, "name": "TLC license.png", "actor": None}
        kept = services.add_file(**add, content=PDF)
        digest = hashlib.sha256(PDF).hexdigest()
        assert (kept.sha256, kept.content_type, kept.size) == (digest, "application/pdf", len(PDF))
        assert selectors.find_file_content(kept) == PDF
        with refused(services.FileAddedBefore):
            services.add_file(**add, content=PDF)
        for content in (
            b"<html>",
            b"<svg onload='x()'/>",
            b" %PDF-1.7",
            b"GIF89a",
            b"PK\x03\x04",
            b"\0\xff\xd8\xff",
            b"",
        ):
            with refused(services.FileInvalid, field="file"):
                services.add_file(**add, content=content)
        with refused(services.FileInvalid):
            services.add_file(**add, content=b"%PDF-" + b"x" * services.MAX_FILE_BYTES)
        for name in ("a\0.pdf", "\u202efdp.exe", "x" * 121, " "):
            with refused(ValueInvalid, field="file"):
                services.add_file(**{**add, "name": name}, content=PDF + b"2")
        assert list(Upload.objects.values_list("name", "sha256")) == [(selectors.get_file_name(digest), digest)]
        assert KeptFile.objects.count() == 1
        assert refusals_of_changes("leases_files", "name") == {"leases_files_append_only"}

    def test_a_file_is_of_one_driver_vehicle_or_lease_and_its_bytes_are_stored_once(self, driver: Driver) -> None:
        lease = LeaseFactory.create()
        add: dict[str, Any] = {"name": "Lease.pdf", "content": PDF, "actor": None}
        for owner, number in (("driver_id", driver.pk), ("vehicle_id", lease.vehicle_id), ("lease_id", lease.pk)):
            services.add_file(**{**add, owner: number})
            with refused(services.FileAddedBefore):
                services.add_file(**{**add, owner: number})
        assert Upload.objects.count() == 1
        for owners in ({}, {"driver_id": driver.pk, "lease_id": lease.pk}):
            with refused(services.FileInvalid):
                services.add_file(**{**add, **owners})
        with refused(ledger.VehicleNotFound):
            services.add_file(vehicle_id=999_999_999, **add)
        with refused(ledger.LeaseNotFound):
            services.add_file(lease_id=999_999_999, **add)

    def test_a_file_belongs_to_what_is_its_drivers_alone(self, driver: Driver) -> None:
        lease = LeaseFactory.create()
        ours, theirs = owe(driver, "REPAIR-6-1"), owe(lease.primary_driver, "MISC-9")
        payment = pay(driver, "10.00")
        add: dict[str, Any] = {"name": "Check.pdf", "content": PDF, "actor": None}
        for about in (payment.reference_id, ours.reference_id, "repair-6"):
            services.add_file(driver_id=driver.pk, about=about, **add)
        for about in (theirs.reference_id, "PAY-000099", "PAY-x", "REPAIR-7"):
            with refused(ValueInvalid, field="about"):
                services.add_file(driver_id=driver.pk, about=about, **add)
        with refused(ValueInvalid, field="about"):
            services.add_file(lease_id=lease.pk, about=payment.reference_id, **add)
        asked = [payment.reference_id, "REPAIR-6", "MISC-9", ""]
        assert selectors.count_files(driver.pk, asked) == {payment.reference_id: 1, "REPAIR-6": 1}
