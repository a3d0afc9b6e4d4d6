"""Files in: staged, counted, confirmed; each ticket charged once to the one driver it can mean."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import LeaseFactory, VehiclePlateFactory
from tests.tickets.files import (
    EZPASS_HEAD,
    PVB_HEAD,
    SATURDAY,
    TODAY,
    bring_in,
    bring_in_tolls,
    count_postings,
    held,
    leased_cab,
    owed,
    sample,
    stage,
    text,
    toll,
    violation,
)
from tickets import services
from tickets.models import ImportRow, Ticket, TicketImport
from tickets.services import importing

pytestmark = pytest.mark.django_db


def counts(file):
    return file.row_count, file.new_count, file.unmatched_count, file.known_count, file.nobodys_count, file.error_count


class TestStageFile:
    def test_counts_the_shared_statement(self):
        for plate in ("Y000001C", "9Z90B"):
            VehiclePlateFactory.create(
                plate=plate, vehicle=LeaseFactory.create(start_on=date(2025, 1, 1), end_on=date(2026, 1, 1)).vehicle
            )
        with sample("ezpass_synthetic.csv").open("rb") as file:
            staged = services.stage_file(kind="ezpass", file_name="e.csv", file=file, today=TODAY).file

        assert counts(staged) == (11, 7, 4, 1, 3, 0)
        assert count_postings() == 0
        assert staged.file.read() == sample("ezpass_synthetic.csv").read_bytes()

    def test_a_paid_violation_charges_nobody(self):
        lease = leased_cab("JAL2979", start_on=date(2019, 1, 1), end_on=date(2020, 1, 1))
        done = bring_in(sample("nyc_parking_one_row.csv").read_bytes(), "pvb")

        ticket = Ticket.objects.get()
        assert counts(done) == (1, 1, 0, 0, 0, 0)
        assert (ticket.state, ticket.amount, ticket.driver) == ("NOTHING_DUE", Decimal("0.00"), lease.primary_driver)
        assert str(ticket.at) == "2019-08-28 22:56:00+00:00"
        assert count_postings() == 0

    def test_tells_errors_by_row_and_column_and_keeps_the_others(self):
        leased_cab()
        rows = [
            toll(1),
            "",
            toll(2, on="51/71/2004"),
            toll("", "NY T100001C"),
            toll(4, amount="9.1.1"),
            toll(5) + ",extra",
            toll(6, on="11/30/2026"),
        ]
        staged = stage(text(EZPASS_HEAD, rows)).file

        errors = ImportRow.objects.filter(state="ERROR").values_list("row", "column")
        assert counts(staged) == (6, 1, 0, 0, 0, 5)
        assert list(errors) == [(4, "Date"), (5, "Lane Txn ID"), (6, "Amount"), (7, "Amount"), (8, "Date")]
        assert ImportRow.objects.get(row=7).message == "The row has 10 fields, the header 9."

    def test_the_same_file_again_is_the_first(self):
        first = stage(text(EZPASS_HEAD, [toll(1)]))
        again = stage(text(EZPASS_HEAD, [toll(1)]), name="other.csv")

        assert (first.is_new, again.is_new, again.file) == (True, False, first.file)
        with pytest.raises(services.FileKnownAsOtherKind):
            stage(text(EZPASS_HEAD, [toll(1)]), kind="tlc")

    def test_refuses_a_file_of_another_kind_and_keeps_nothing(self, tmp_path):
        with pytest.raises(services.TicketFileInvalid, match="Plate"):
            stage(text(EZPASS_HEAD, [toll(1)]), kind="pvb")

        assert not TicketImport.objects.exists()
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    def test_one_number_with_two_sets_of_facts_is_an_error(self):
        staged = stage(text(EZPASS_HEAD, [toll(1), toll(1), toll(1, amount="$-3.00")])).file

        assert counts(staged) == (3, 1, 1, 1, 0, 1)
        assert ImportRow.objects.get(state="ERROR").message == "The number 1 stands in row 2 with other facts."


class TestConfirmImport:
    def test_charges_by_the_array_path_with_due_dates(self):
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
        waiting = Ticket.objects.waiting().get()
        assert (waiting.number, waiting.waits_for, waiting.driver) == ("3", "VEHICLE", None)
        assert Ticket.history.count() == 3
        assert_books_clean()

    def test_the_same_file_again_imports_nothing(self):
        leased_cab()
        done = bring_in_tolls(toll(1))

        with pytest.raises(services.AlreadyImported):
            services.confirm_import(import_id=done.pk, today=TODAY)
        assert (Ticket.objects.count(), count_postings()) == (1, 1)

    def test_another_file_with_known_tickets_imports_the_new_ones(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        later = bring_in_tolls(toll(1), toll(2), toll(1, amount="$-4.00"))

        assert counts(later) == (3, 1, 0, 1, 0, 1)
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11"), "EZPASS-2": Decimal("9.11")}

    def test_equal_rows_with_different_ids_are_two_tolls(self):
        lease = leased_cab()
        bring_in_tolls(toll(1), toll(2))
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11"), "EZPASS-2": Decimal("9.11")}

    def test_a_refund_credits_whom_its_toll_was_charged_to(self):
        lease = leased_cab()
        # Statements come newest first too: the refund may stand above its toll.
        bring_in_tolls(toll(2, amount="$9.11"), toll(1), toll(3, amount="$5.00"))

        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}
        assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.11")}
        refund, top_up = Ticket.objects.get(number=2), Ticket.objects.get(number=3)
        assert (refund.state, refund.refund_of.number, refund.driver) == ("CREDITED", "1", lease.primary_driver)  # type: ignore[union-attr]
        assert (top_up.state, top_up.waits_for) == ("WAITING", "REFUND")
        assert_books_clean()

    def test_a_toll_is_refunded_once(self):
        lease = leased_cab()
        bring_in_tolls(toll(1), toll(2, amount="$9.11"), toll(3, amount="$9.11"))
        bring_in_tolls(toll(4, amount="$9.11"))

        assert held(lease.primary_driver) == {"EZPASS-2-REFUND": Decimal("9.11")}
        assert set(Ticket.objects.waiting().values_list("number", flat=True)) == {"3", "4"}

    def test_payments_and_tag_fees_are_nobodys(self):
        done = bring_in_tolls(",' ',,,,PAYMENT,10/03/2025,,$25.00", ",' ',,,,TAG LEASING FEE,10/03/2025,,$-1.00")
        assert counts(done) == (2, 0, 0, 0, 2, 0)
        assert not Ticket.objects.exists()

    @pytest.mark.parametrize("facts", [{"agency": "CBDTP"}, {"plaza": "CRZ 60ST"}])
    def test_the_congestion_zone_goes_to_review(self, facts):
        leased_cab()
        bring_in_tolls(toll(1, **facts))
        ticket = Ticket.objects.get()
        assert (ticket.state, ticket.waits_for, count_postings()) == ("WAITING", "CONGESTION", 0)
        assert services.rematch_waiting(today=TODAY) == 0

    def test_violations_are_charged_what_is_due(self):
        lease = leased_cab()
        bring_in(text(PVB_HEAD, [violation(7001), violation(7002, due="40.00")]), "pvb")
        assert owed(lease.primary_driver) == {"PVB-7001": Decimal("50.00")}
        assert "40.00 is due by the file" in ImportRow.objects.get(state="ERROR").message

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

    def test_goes_on_where_it_stopped(self, monkeypatch):
        monkeypatch.setattr(importing, "ROWS_IN_A_LOT", 2)
        lease = leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(n) for n in range(1, 6)])).file
        services.start_import(import_id=staged.pk, today=TODAY)
        services.import_next_lot(import_id=staged.pk, refunds=False)
        assert len(owed(lease.primary_driver)) == 2

        done = services.confirm_import(import_id=staged.pk, today=TODAY)
        assert (done.imported_count, done.charged_count, len(owed(lease.primary_driver))) == (5, 5, 5)


class TestImportTicketsCommand:
    def test_previews_imports_and_repeats(self, tmp_path):
        leased_cab()
        path = tmp_path / "tolls.csv"
        path.write_bytes(text(EZPASS_HEAD, [toll(1, on="11/16/2025"), toll(2, on="11/16/2025", amount="x")]))
        out = io.StringIO()

        call_command("import_tickets", "ezpass", path, "--preview", stdout=out, stderr=out)
        assert "2 rows: 1 new (of which 1 unmatched), 0 known before, 0 nobody's, 1 with errors." in out.getvalue()
        assert "Row 3, Amount: 'x' is not an amount in dollars." in out.getvalue()
        with pytest.raises(CommandError, match="1 rows were not imported"):
            call_command("import_tickets", "ezpass", path, stdout=out, stderr=out)
        assert Ticket.objects.count() == 1
        call_command("import_tickets", "ezpass", path, stdout=out, stderr=out)
        assert out.getvalue().endswith("was imported before; nothing changed.\n")
