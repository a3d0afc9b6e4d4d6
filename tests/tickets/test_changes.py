"""What comes again with other sums: found by staging, kept at the confirmation."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from core.audits import examine, list_audits
from tests.books import assert_books_clean
from tests.locks import list_sql
from tests.owner import as_owner
from tests.tickets.changed import NOT_GUILTY, PAID, PART_PAID, PENALTY, REDUCED, change_of, decide, tell
from tests.tickets.files import (
    EZPASS_HEAD,
    HOW,
    PVB_HEAD,
    TLC_HEAD,
    bring_in,
    bring_in_tolls,
    count_postings,
    leased_cab,
    stage,
    summed_violation,
    summons,
    text,
    ticket_of,
    toll,
)
from tickets import selectors, services
from tickets.models import ImportRow, Ticket, TicketChange, TicketImport

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def charged(lease):
    tell()
    return ticket_of(7001)


class TestFound:
    @pytest.mark.parametrize(
        ("facts", "kind", "sums"),
        [
            (NOT_GUILTY, "DISMISSED", ("40.00", "0.00", "0.00", "0.00")),
            (REDUCED, "REDUCED", ("40.00", "0.00", "25.00", "0.00")),
            (PENALTY, "RAISED", ("40.00", "0.00", "52.50", "0.00")),
            (PAID, "PAID", ("40.00", "0.00", "40.00", "40.00")),
            (PART_PAID, "PAID", ("40.00", "0.00", "40.00", "30.00")),
        ],
    )
    def test_by_kind_with_what_was_told_before_and_now(self, charged, facts, kind, sums):
        tell(**facts)
        change = change_of()
        told = (change.before_total, change.before_paid, change.now_total, change.now_paid)
        assert (change.kind, tuple(map(str, told))) == (kind, sums)
        assert (change.status, change.row) == (facts.get("status", ""), 2)
        assert (charged.state, count_postings()) == ("CHARGED", 1)
        assert_books_clean()

    def test_is_counted_in_the_preview_and_in_the_result(self, charged):
        tell(7002)
        rows = [summed_violation(7001, **NOT_GUILTY), summed_violation(7002)]
        staged = stage(text(PVB_HEAD, rows), "pvb").file
        assert (staged.known_count, staged.changed_count, TicketChange.objects.count()) == (2, 1, 0)
        row = ImportRow.objects.get(file=staged, number="7001")
        assert (row.change, row.message) == ("DISMISSED", "Changed: it was 40.00 and is 0.00.")
        done = services.confirm_import(import_id=staged.pk, today=HOW["today"])
        assert (done.state, done.new_count, done.changed_count) == ("IMPORTED", 0, 1)
        assert TicketChange.objects.count() == 1

    def test_payments_are_told_in_words(self, charged):
        staged = stage(text(PVB_HEAD, [summed_violation(7001, **PAID)]), "pvb").file
        assert staged.rows.get().message == "Changed: it was 40.00 and is 40.00; paid of it were 0.00 and are 40.00."

    def test_the_same_telling_a_third_time_is_no_change(self, charged):
        tell(**REDUCED)
        first = change_of()
        rows = [summed_violation(7001, **REDUCED), summed_violation(7005)]
        again = bring_in(text(PVB_HEAD, rows), "pvb")
        assert (again.changed_count, change_of()) == (0, first)
        assert again.rows.get(row=2).message == "Told before, and waits under Changed since charged."
        decide("REDUCE")
        once_more = bring_in(text(PVB_HEAD, [*rows, summed_violation(7006)]), "pvb")
        assert once_more.changed_count == 0
        assert selectors.count_changes() == 0

    def test_a_newer_telling_supersedes_the_open_one(self, charged):
        tell(**REDUCED)
        first = change_of()
        tell(**NOT_GUILTY)
        first.refresh_from_db()
        assert (first.act, first.decided_by, first.reason) == ("SUPERSEDED", None, "Told otherwise by file.csv")
        newer = change_of()
        assert (newer.kind, str(newer.before_total)) == ("DISMISSED", "40.00")
        assert_books_clean()

    def test_one_that_tells_what_counted_before_withdraws_the_open_one(self, charged):
        tell(**REDUCED)
        bring_in(text(PVB_HEAD, [summed_violation(7001), summed_violation(7005)]), "pvb")
        assert not charged.changes.undecided().exists()
        assert charged.changes.get().act == "SUPERSEDED"

    @pytest.mark.parametrize("amount", ["$-4.00", "$-12.00"])
    def test_a_toll_of_another_amount(self, lease, amount):
        bring_in_tolls(toll(1))
        bring_in_tolls(toll(1, amount=amount))
        assert change_of(1).kind == {"$-4.00": "REDUCED", "$-12.00": "RAISED"}[amount]

    def test_a_summons_entered_by_hand(self, lease):
        services.enter_summons(
            number="FN1",
            violation="Directive",
            issued_on=date(2026, 11, 16),
            amount=Decimal("75.00"),
            license=lease.primary_driver.tlc_license,
            **HOW,
        )
        row = summons("FN1", license=lease.primary_driver.tlc_license, amount="50.00")
        bring_in(text(TLC_HEAD, [row]), "tlc")
        change = TicketChange.objects.get()
        assert (change.kind, str(change.before_total), str(change.now_total)) == ("REDUCED", "75.00", "50.00")

    def test_what_a_person_corrected_is_no_change_of_the_document(self, charged):
        services.correct_ticket(ticket_id=charged.pk, amount=Decimal("30.00"), reason="By letter", **HOW)
        again = bring_in(text(PVB_HEAD, [summed_violation(7001), summed_violation(7002)]), "pvb")
        assert (again.changed_count, again.rows.get(row=2).message) == (0, "")

    def test_one_that_is_not_charged_is_told_too(self):
        tell(1, "ZZZ1")
        tell(2, "ZZZ1", **PAID)
        tell(3, "ZZZ1")
        services.dispute_ticket(ticket_id=ticket_of(3).pk, reason="Not ours", **HOW)
        tell(4, "ZZZ1")
        services.let_fleet_pay(ticket_id=ticket_of(4).pk, reason="Ours", **HOW)
        tell(5, "ZZZ1")
        services.dismiss_ticket(ticket_id=ticket_of(5).pk, reason="Not ours", **HOW)
        rows = [summed_violation(number, "ZZZ1", **PENALTY) for number in range(1, 6)]
        done = bring_in(text(PVB_HEAD, rows), "pvb")
        assert done.changed_count == 5
        states = TicketChange.objects.order_by("ticket__number").values_list("ticket__state", flat=True)
        assert list(states) == ["WAITING", "NOTHING_DUE", "DISPUTED", "FLEET_PAYS", "DISMISSED"]

    def test_what_another_file_brought_meanwhile_is_known_and_compared(self, lease):
        staged = stage(text(PVB_HEAD, [summed_violation(7001, **NOT_GUILTY), summed_violation(7002)]), "pvb").file
        tell()
        done = services.confirm_import(import_id=staged.pk, today=HOW["today"])
        assert (done.new_count, done.known_count, done.changed_count, done.imported_count) == (1, 1, 1, 1)
        assert change_of().kind == "DISMISSED"
        assert_books_clean()

    def test_a_number_twice_in_one_file_is_one_change(self, charged):
        row = summed_violation(7001, **REDUCED)
        done = bring_in(text(PVB_HEAD, [row, row]), "pvb")
        assert (done.known_count, done.changed_count) == (2, 1)
        assert done.rows.get(row=3).message == "The number 7001 stands in row 2 too."

    def test_a_number_twice_in_one_file_with_other_sums_is_an_error(self, charged):
        paid_with_penalty = summed_violation(7001, money="40.00,10.00,0.00,0.00,10.00", due="40.00")
        done = bring_in(text(PVB_HEAD, [summed_violation(7001), paid_with_penalty]), "pvb")
        assert (done.known_count, done.changed_count, done.error_count) == (1, 0, 1)
        assert done.rows.get(row=3).message == "The number 7001 stands in row 2 with other facts."

    def test_as_many_statements_however_many_have_changed(self, lease):
        def count_of(first: int, many: int) -> int:
            numbers = range(first, first + many)
            bring_in(text(PVB_HEAD, [summed_violation(number) for number in numbers]), "pvb")
            rows = [summed_violation(number, **REDUCED) for number in numbers]
            file = stage(text(PVB_HEAD, rows), "pvb").file
            return len(list_sql(lambda: services.confirm_import(import_id=file.pk, today=HOW["today"])))

        assert count_of(7100, 2) == count_of(7200, 40)


class TestGuards:
    @pytest.fixture
    def change(self, charged):
        tell(**REDUCED)
        return change_of()

    def refuse(self, constraint: str, **facts: object) -> None:
        with as_owner(), pytest.raises(IntegrityError) as refusal, transaction.atomic():
            TicketChange.objects.update(**facts)
        assert constraint in str(refusal.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]

    @pytest.mark.parametrize(
        ("facts", "constraint"),
        [
            ({"now_total": "41.00"}, "tickets_changes_append_only"),
            ({"status": "PAID"}, "tickets_changes_append_only"),
            ({"act": "LEAVE"}, "tickets_changes_decided_with_reason"),
            ({"act": "LEAVE", "decided_at": "2026-11-18T12:00Z"}, "tickets_changes_decided_with_reason"),
            ({"act": "GUESS", "decided_at": "2026-11-18T12:00Z", "reason": "x"}, "tickets_changes_decided_with_reason"),
        ],
    )
    def test_refuse_what_was_found_to_be_another(self, change, facts, constraint):
        self.refuse(constraint, **facts)

    @pytest.mark.owner
    def test_refuse_a_second_decision_and_a_deletion(self, change):
        decide("LEAVE")
        self.refuse("tickets_changes_append_only", reason="Other")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            TicketChange.objects.all()._raw_delete("default")

    def test_refuse_a_second_open_one_of_a_ticket(self, change):
        change.pk = None
        with pytest.raises(IntegrityError, match="tickets_changes_one_open"), transaction.atomic():
            change.save(force_insert=True)

    @pytest.mark.parametrize(
        "facts",
        [
            {"kind": "RAISED"},
            {"kind": "PAID"},
            {"kind": "DISMISSED"},
            {"kind": "REDUCED", "now_total": "40.00"},
            {"kind": "OTHER"},
        ],
    )
    def test_refuse_a_kind_that_does_not_fit(self, change, facts):
        decide("LEAVE")
        wrong = TicketChange(
            ticket_id=change.ticket_id, file_id=change.file_id, row=2, before_total=40, before_paid=0, now_paid=0,
            **{"now_total": Decimal("25.00"), **facts},
        )  # fmt: skip
        with pytest.raises(IntegrityError, match="tickets_changes_kind_fits"), transaction.atomic():
            wrong.save()

    def test_refuse_more_changed_than_known_and_a_change_of_what_is_new(self, change):
        with pytest.raises(IntegrityError, match="tickets_imports_changed_are_known"), transaction.atomic():
            TicketImport.objects.update(changed_count=2)
        with pytest.raises(IntegrityError, match="tickets_import_rows_change_known"), transaction.atomic():
            ImportRow.objects.update(state="SENT", change="PAID")
        with pytest.raises(IntegrityError, match="tickets_import_rows_change_known"), transaction.atomic():
            ImportRow.objects.update(state="KNOWN", change="OTHER")

    def test_the_audit_names_a_ticket_that_was_told_something_else(self, change):
        assert_books_clean()
        Ticket.objects.update(told_total="41.00")
        (audit,) = [audit for audit in list_audits() if audit.name == "tickets.changes"]
        (found,) = examine([audit])
        assert list(found.findings) == [
            "PVB-7001 was told as 41.00 and 0.00 paid, its open change says 40.00 and 0.00."
        ]


def test_two_files_that_tell_one_ticket_keep_one_change(charged):
    first = stage(text(PVB_HEAD, [summed_violation(7001, **REDUCED)]), "pvb").file
    second = stage(text(PVB_HEAD, [summed_violation(7001, **REDUCED), summed_violation(7002)]), "pvb").file
    assert second.changed_count == 1
    services.confirm_import(import_id=first.pk, today=HOW["today"])
    done = services.confirm_import(import_id=second.pk, today=HOW["today"])
    assert (done.changed_count, TicketChange.objects.count()) == (0, 1)


def test_what_was_decided_since_the_file_was_read_is_no_change(charged):
    tell(**REDUCED)
    staged = stage(text(PVB_HEAD, [summed_violation(7001, **PENALTY)]), "pvb").file
    newer = stage(text(PVB_HEAD, [summed_violation(7001, **PENALTY), summed_violation(7002)]), "pvb").file
    services.confirm_import(import_id=newer.pk, today=HOW["today"])
    decide("CHARGE_REST")
    assert staged.changed_count == 1
    done = services.confirm_import(import_id=staged.pk, today=HOW["today"])
    row = done.rows.get()
    assert (done.changed_count, row.change, row.message) == (0, "", "")


def test_a_file_of_tolls_that_knows_nothing_new_is_confirmed(lease):
    bring_in_tolls(toll(1))
    done = bring_in(text(EZPASS_HEAD, [toll(1), toll(1)]))
    assert (done.state, done.known_count, done.changed_count) == ("IMPORTED", 2, 0)
    assert Ticket.objects.count() == 1
