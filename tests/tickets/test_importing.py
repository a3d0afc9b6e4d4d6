"""A staged file confirmed: each row a ticket, each ticket charged once to the one driver that it can mean."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import UserFactory
from tests.locks import assert_locks_first, list_sql
from tests.tickets.files import (
    EZPASS_HEAD,
    FLEET_HEAD,
    PVB_HEAD,
    SATURDAY,
    TLC_HEAD,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    counts,
    fleet_violation,
    import_lot,
    leased_cab,
    owed,
    sample,
    stage,
    summons,
    text,
    ticket_of,
    toll,
    violation,
    waits,
)
from tests.tickets.refusals import nothing_written
from tickets import services
from tickets.models import ImportRow, Ticket
from tickets.services import importing, lots

pytestmark = pytest.mark.django_db


class TestConfirmImport:
    def test_charges_with_due_dates_and_sends_the_rest_to_review(self):
        lease = leased_cab(tag="99900000111")
        done = bring_in_tolls(toll(1), toll(2, " 99900000111", amount="($1,014.06)"), toll(3, "NJ T100001C"))

        assert (done.state, done.imported_count, done.charged_count, done.waiting_count) == ("IMPORTED", 3, 2, 1)
        rows = LedgerPosting.objects.order_by("reference_id").values_list(
            "category", "reference_id", "amount", "driver_id", "lease_id", "vehicle_id", "due_on", "effective_on"
        )
        whose = (lease.primary_driver_id, lease.pk, lease.vehicle_id, SATURDAY, TODAY)
        assert list(rows) == [
            ("EZPASS", "EZPASS-1", Decimal("9.11"), *whose),
            ("EZPASS", "EZPASS-2", Decimal("1014.06"), *whose),
        ]
        assert (waits(3), ticket_of(3).vehicle) == ("VEHICLE", None)
        assert_books_clean()

    def test_each_ticket_keeps_what_its_row_told(self):
        lease = leased_cab()
        file = bring_in_tolls(toll(1, plaza="RKB"))
        ticket = ticket_of(1)
        assert (ticket.kind, ticket.amount, ticket.place) == ("EZPASS", Decimal("9.11"), "MTAB&T RKB")
        assert (ticket.plate_state, ticket.plate, ticket.tag) == ("NY", "T100001C", "")
        assert (ticket.driver, ticket.lease, ticket.vehicle) == (lease.primary_driver, lease, lease.vehicle)
        assert (ticket.file, ticket.row, ticket.received["Amount"]) == (file, 2, "$-9.11")
        assert ticket.at.isoformat() == "2026-11-16T15:00:00+00:00"

    def test_the_history_names_who_confirmed_and_the_file(self):
        clerk = UserFactory.create()
        leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(1), toll(2, "NY ZZZ9999")]), name="week 47.csv").file
        services.confirm_import(import_id=staged.pk, today=TODAY, actor=clerk)
        history = Ticket.history.order_by("number").values_list(
            "number", "state", "history_type", "history_user", "history_change_reason"
        )
        assert list(history) == [
            ("1", "CHARGED", "+", clerk.pk, "Imported from week 47.csv"),
            ("2", "WAITING", "+", clerk.pk, "Imported from week 47.csv"),
        ]
        assert LedgerPosting.objects.get().posted_by == clerk

    def test_says_when_and_by_whom_it_was_confirmed(self):
        clerk, before = UserFactory.create(), timezone.now()
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        done = services.confirm_import(import_id=staged.pk, today=TODAY, actor=clerk)
        assert (done.confirmed_by, done.charged_on) == (clerk, TODAY)
        assert done.confirmed_at is not None
        # The database's clock tells the begin of the test's transaction.
        assert abs((done.confirmed_at - before).total_seconds()) < 60

    def test_rows_that_are_no_tickets_are_left_as_they_are(self):
        leased_cab()
        bring_in_tolls(toll(1), toll(1), ",' ',,,,PAYMENT,10/03/2025,,$25.00", toll(2, amount="x"))
        assert list(ImportRow.objects.order_by("row").values_list("state", flat=True)) == [
            "SENT",
            "KNOWN",
            "NOBODYS",
            "ERROR",
        ]

    @pytest.mark.parametrize(
        ("today", "due_on"),
        [
            (date(2026, 11, 18), date(2026, 11, 21)),
            (date(2026, 11, 21), date(2026, 11, 21)),
            (date(2026, 11, 22), date(2026, 11, 28)),
        ],
        ids=["Wednesday", "Saturday", "Sunday"],
    )
    def test_is_due_the_saturday_of_the_week_in_which_it_is_charged(self, today, due_on):
        leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        services.confirm_import(import_id=staged.pk, today=today)
        posting = LedgerPosting.objects.get()
        assert (posting.effective_on, posting.due_on) == (today, due_on)

    def test_a_summons_is_due_the_day_that_it_states(self):
        lease = leased_cab()
        rows = [
            summons("FN1", license=lease.primary_driver.tlc_license, due="12/15/2026"),
            summons("FN2", license=lease.primary_driver.tlc_license),
        ]
        bring_in(text(TLC_HEAD, rows), "tlc")
        due = dict(LedgerPosting.objects.values_list("reference_id", "due_on"))
        assert due == {"TLC-FN1": date(2026, 12, 15), "TLC-FN2": SATURDAY}

    def test_violations_are_charged_what_is_due(self):
        lease = leased_cab()
        bring_in(text(PVB_HEAD, [violation(7001), violation(7002, due="40.00")]), "pvb")
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("50.00")}
        assert "40.00 is due by the file" in ImportRow.objects.get(state="ERROR").message

    def test_a_violation_of_the_fleet_program(self):
        lease = leased_cab("9Z90B")
        bring_in(text(FLEET_HEAD, [fleet_violation(7001)]), "pvb-fleet")
        # 65.00 + 10.00 penalty − 25.00 paid
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("50.00")}

    def test_a_paid_violation_charges_nobody(self):
        lease = leased_cab("JAL2979", start_on=date(2019, 1, 1), end_on=date(2020, 1, 1))
        done = bring_in(sample("nyc_parking_one_row.csv").read_bytes(), "pvb")

        ticket = Ticket.objects.get()
        assert counts(done) == (1, 1, 0, 0, 0, 0)
        assert (ticket.state, ticket.amount, ticket.driver) == ("NOTHING_DUE", Decimal("0.00"), lease.primary_driver)
        assert str(ticket.at) == "2019-08-28 22:56:00+00:00"
        assert count_postings() == 0

    def test_nothing_due_of_an_unknown_cab_does_not_wait(self):
        bring_in(text(PVB_HEAD, [violation(7001, fine="0.00")]), "pvb")
        assert (ticket_of(7001).state, ticket_of(7001).driver) == ("NOTHING_DUE", None)

    def test_equal_rows_with_different_numbers_are_two_tolls(self):
        lease = leased_cab()
        bring_in_tolls(toll(1), toll(2))
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11"), "EZPASS-2": Decimal("9.11")}

    @pytest.mark.parametrize("facts", [{"agency": "CBDTP"}, {"plaza": "CRZ 60ST"}])
    def test_the_congestion_zone_goes_to_review_with_its_cab(self, facts):
        lease = leased_cab()
        bring_in_tolls(toll(1, **facts))
        assert (waits(1), ticket_of(1).vehicle, count_postings()) == ("CONGESTION", lease.vehicle, 0)

    def test_says_how_far_it_is(self, monkeypatch):
        monkeypatch.setattr(lots, "ROWS_IN_A_LOT", 2)
        staged = stage(text(EZPASS_HEAD, [toll(n) for n in range(1, 6)])).file
        told: list[tuple[str, int]] = []
        services.confirm_import(
            import_id=staged.pk, today=TODAY, on_progress=lambda what, rows: told.append((what, rows))
        )
        assert told == [("imported", 2), ("imported", 4), ("imported", 5)]

    def test_statements_do_not_grow_with_rows(self):
        leased_cab()

        def count_statements(rows):
            content = text(EZPASS_HEAD, rows)
            with CaptureQueriesContext(connection) as queries:
                bring_in(content)
            return len(queries)

        count_statements([toll(0)])  # opens the account
        few = count_statements([toll(n) for n in range(1, 4)])
        assert count_statements([toll(n) for n in range(100, 400)]) == few

    def test_the_files_row_is_written_last_since_the_other_part_waits_for_it(self):
        leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        written = [sql for sql in list_sql(lambda: import_lot(staged)) if sql.lstrip().startswith(("INSERT", "UPDATE"))]
        assert written[-1].startswith('UPDATE "tickets_imports"')
        assert not any('"tickets_imports"' in sql for sql in written[:-1])


class TestReplay:
    def test_the_same_file_again_imports_nothing(self):
        leased_cab()
        done = bring_in_tolls(toll(1))

        with nothing_written(services.AlreadyImported, code="already_imported"):
            services.confirm_import(import_id=done.pk, today=TODAY)
        assert (Ticket.objects.count(), count_postings()) == (1, 1)

    def test_another_file_with_known_tickets_imports_the_new_ones(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        later = bring_in_tolls(toll(1), toll(2), toll(1, amount="$-4.00"))

        assert counts(later) == (3, 1, 0, 1, 0, 1)
        assert (later.imported_count, later.charged_count) == (1, 1)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11"), "EZPASS-2": Decimal("9.11")}

    def test_what_is_new_far_behind_what_is_known_is_found(self, monkeypatch):
        monkeypatch.setattr(lots, "ROWS_IN_A_LOT", 2)
        lease = leased_cab()
        known = [toll(n) for n in range(1, 16)]
        bring_in_tolls(*known)
        later = bring_in_tolls(*known, toll(16), *known, toll(17))
        assert (later.state, later.imported_count, later.charged_count) == ("IMPORTED", 2, 2)
        assert len(owed(lease.primary_driver)) == 17

    def test_two_files_staged_with_one_toll_before_either_is_confirmed(self):
        lease = leased_cab()
        first = stage(text(EZPASS_HEAD, [toll(1), toll(2)])).file
        second = stage(text(EZPASS_HEAD, [toll(1), toll(3)])).file
        services.confirm_import(import_id=first.pk, today=TODAY)
        done = services.confirm_import(import_id=second.pk, today=TODAY)
        assert (done.new_count, done.known_count, done.imported_count, done.charged_count) == (1, 1, 1, 1)
        assert sorted(owed(lease.primary_driver)) == ["EZPASS-1", "EZPASS-2", "EZPASS-3"]
        assert ticket_of(1).file == first
        assert_books_clean()

    def test_goes_on_where_it_stopped(self, monkeypatch):
        monkeypatch.setattr(lots, "ROWS_IN_A_LOT", 2)
        lease = leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(n) for n in range(1, 6)])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        import_lot(staged, refunds=False)
        assert len(owed(lease.primary_driver)) == 2

        done = services.confirm_import(import_id=staged.pk, today=TODAY)
        assert (done.imported_count, done.charged_count, len(owed(lease.primary_driver))) == (5, 5, 5)

    def test_a_lot_that_fails_is_undone_whole_and_the_ones_before_it_stay(self, monkeypatch):
        monkeypatch.setattr(lots, "ROWS_IN_A_LOT", 2)
        lease = leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(n) for n in range(1, 4)])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        import_lot(staged, refunds=False)

        def fail(*args, **kwargs):
            raise RuntimeError("The worker was stopped.")

        with monkeypatch.context() as stopped:
            stopped.setattr(importing, "write_history", fail)
            with pytest.raises(RuntimeError):
                import_lot(staged, refunds=False)
        assert sorted(owed(lease.primary_driver)) == ["EZPASS-1", "EZPASS-2"]
        assert list(ImportRow.objects.order_by("row").values_list("state", flat=True)) == ["SENT", "SENT", "NEW"]


class TestStartImport:
    def test_marks_the_file_and_imports_nothing(self):
        clerk = UserFactory.create()
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        started = services.start_import(import_id=staged.pk, today=TODAY, actor=clerk)
        assert (started.state, started.confirmed_by, started.charged_on) == ("IMPORTING", clerk, TODAY)
        assert Ticket.objects.count() == 0

    def test_once_begun_the_first_day_and_name_stand(self):
        clerk, other = UserFactory.create(), UserFactory.create()
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        first = services.start_import(import_id=staged.pk, today=TODAY, actor=clerk)
        again = services.start_import(import_id=staged.pk, today=date(2026, 11, 25), actor=other)
        assert (again.charged_on, again.confirmed_by, again.confirmed_at) == (TODAY, clerk, first.confirmed_at)

    def test_a_file_that_is_not_there(self):
        with nothing_written(services.ImportNotFound, code="import_not_found") as refusal:
            services.start_import(import_id=999_999, today=TODAY)
        assert (refusal.value.http_status, refusal.value.facts) == (404, {"import_id": 999_999})

    def test_one_that_is_in(self):
        done = bring_in_tolls(toll(1))
        with nothing_written(services.AlreadyImported, code="already_imported") as refusal:
            services.start_import(import_id=done.pk, today=TODAY)
        assert str(refusal.value) == "file.csv was imported before."


class TestImportNextLot:
    def test_takes_tolls_or_refunds_and_says_whether_there_were_any(self):
        leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(2, amount="$9.11"), toll(1)])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        assert import_lot(staged, refunds=False) is True
        assert list(Ticket.objects.values_list("number", flat=True)) == ["1"]
        assert import_lot(staged, refunds=False) is False
        assert import_lot(staged, refunds=True) is True
        assert import_lot(staged, refunds=True) is False
        assert Ticket.objects.count() == 2

    def test_locks_the_accounts_and_then_the_file_before_it_writes(self):
        leased_cab()
        bring_in_tolls(toll(0))  # opens the account
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        assert_locks_first(lambda: import_lot(staged, refunds=False), ["ledger_accounts"])


class TestFinishImport:
    def test_marks_a_file_of_which_nothing_is_left(self):
        staged = stage(text(EZPASS_HEAD, [toll(1)])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        assert services.finish_import(import_id=staged.pk).state == "IMPORTING"
        import_lot(staged, refunds=False)
        assert services.finish_import(import_id=staged.pk).state == "IMPORTED"
        assert services.finish_import(import_id=staged.pk).state == "IMPORTED"

    def test_a_file_that_is_not_there(self):
        with nothing_written(services.ImportNotFound, code="import_not_found"):
            services.finish_import(import_id=999_999)

    def test_locks_the_file_before_it_writes(self):
        staged = stage(text(EZPASS_HEAD, [])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        assert_locks_first(lambda: services.finish_import(import_id=staged.pk), ["tickets_imports"])
