"""What the worker does of tickets: it goes on with files, and looks through the queue; twice is as good as once."""

import io
import logging
from decimal import Decimal

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from ledger.models import LedgerPosting
from tests.factories import LeaseFactory
from tests.tickets.files import (
    EZPASS_HEAD,
    TODAY,
    bring_in_tolls,
    count_postings,
    import_lot,
    leased_cab,
    owed,
    stage,
    text,
    ticket_of,
    toll,
    waits,
)
from tickets import services, tasks
from tickets.models import TicketImport
from tickets.services import lots
from tickets.tasks import import_file_task, import_part_task, rematch_waiting_task, send_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return leased_cab()


@pytest.fixture
def begun(lease):
    """A confirmed file of five tolls, of which two are in."""
    with pytest.MonkeyPatch.context() as small:
        small.setattr(lots, "ROWS_IN_A_LOT", 2)
        file = stage(text(EZPASS_HEAD, [toll(n) for n in range(1, 6)])).file
        services.start_import(import_id=file.pk, today=TODAY)
        import_lot(file, refunds=False)
    return file


class TestImportFileTask:
    def test_goes_on_to_the_end(self, begun, lease):
        import_file_task(begun.pk)
        begun.refresh_from_db()
        assert (begun.state, begun.imported_count) == ("IMPORTED", 5)
        assert owed(lease.primary_driver) == {f"EZPASS-{n}": Decimal("9.11") for n in range(1, 6)}

    def test_charges_on_the_day_of_the_confirmation(self, begun):
        import_file_task(begun.pk)
        assert set(LedgerPosting.objects.values_list("effective_on", flat=True)) == {TODAY}

    def test_twice_changes_nothing_and_says_so(self, begun, caplog):
        import_file_task(begun.pk)
        before = count_postings()
        with caplog.at_level(logging.WARNING):
            import_file_task(begun.pk)
        assert count_postings() == before
        assert caplog.messages == [f"Ticket file {begun.pk}: file.csv was imported before."]

    def test_a_file_that_is_gone_is_told_and_not_raised(self, caplog):
        with caplog.at_level(logging.WARNING):
            import_file_task(999_999)
        assert caplog.messages == ["Ticket file 999999: No file 999999."]


class TestRematchWaitingTask:
    def test_finishes_files_that_were_cut_short(self, begun):
        rematch_waiting_task()
        begun.refresh_from_db()
        assert (begun.state, begun.charged_count) == ("IMPORTED", 5)

    def test_reads_what_no_worker_was_told_of(self, lease, monkeypatch, caplog):
        def fail(arguments):
            raise OperationalError("Connection refused")

        content = io.BytesIO(text(EZPASS_HEAD, [toll(1)]))
        file = services.receive_file(file_name="file.csv", file=content).file
        monkeypatch.setattr(tasks.read_file_task, "apply_async", fail)
        tasks.send_reading(file)
        assert caplog.messages == [f"Ticket file {file.pk} could not be sent: the broker does not answer."]
        rematch_waiting_task()
        file.refresh_from_db()
        assert (file.state, file.kind, file.new_count) == ("STAGED", "ezpass", 1)

    def test_a_file_that_nobody_confirmed_stays(self, lease):
        stage(text(EZPASS_HEAD, [toll(1)]))
        rematch_waiting_task()
        assert (TicketImport.objects.get().state, count_postings()) == ("STAGED", 0)

    def test_charges_today_what_found_its_driver(self, caplog):
        bring_in_tolls(toll(1), toll(2, "NY ZZZ9999"))
        leased_cab()
        with caplog.at_level(logging.INFO, logger="tickets.tasks"):
            rematch_waiting_task()
            rematch_waiting_task()
        assert LedgerPosting.objects.get().effective_on == timezone.localdate()
        assert waits(2) == "VEHICLE"
        assert caplog.messages == ["1 waiting tickets were matched."]

    def test_one_file_that_is_refused_does_not_stop_the_others(self, begun, monkeypatch):
        monkeypatch.setattr(tasks.selectors, "list_unfinished_imports", lambda: [999_999, begun.pk])
        rematch_waiting_task()
        begun.refresh_from_db()
        assert begun.state == "IMPORTED"


class TestSendImport:
    def test_hands_the_file_to_a_worker(self, begun, monkeypatch):
        sent = []
        monkeypatch.setattr(import_part_task, "apply_async", lambda arguments: sent.append(arguments))
        send_import(begun)
        assert sent == [(begun.pk, 0)]

    def test_without_a_broker_it_waits_for_the_next_round(self, begun, monkeypatch, caplog):
        def fail(arguments):
            raise OperationalError("Connection refused")

        monkeypatch.setattr(import_part_task, "apply_async", fail)
        with caplog.at_level(logging.WARNING):
            send_import(begun)
        assert caplog.messages == [f"Ticket file {begun.pk} could not be sent: the broker does not answer."]
        rematch_waiting_task()
        begun.refresh_from_db()
        assert begun.state == "IMPORTED"


def test_what_was_leased_since_is_found():
    bring_in_tolls(toll(1, "99900000111"))
    lease = LeaseFactory.create()
    lease.vehicle.tags.create(tag="99900000111")
    rematch_waiting_task()
    assert ticket_of(1).driver == lease.primary_driver
