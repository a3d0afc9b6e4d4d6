"""The async twins of the ticket services, and two sessions at one file or one ticket."""

import inspect

import pytest

from tests.books import assert_books_clean
from tests.factories import DriverFactory
from tests.threads import count_refusals, list_winners, run_together
from tests.tickets.files import EZPASS_HEAD, TODAY, bring_in_tolls, count_postings, leased_cab, owed, stage, text, toll
from tickets import aio, services
from tickets.models import Ticket, TicketImport


class TestTwins:
    def test_every_service_has_its_twin(self) -> None:
        of_services = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}
        twins = {name: twin for name, twin in vars(aio).items() if inspect.iscoroutinefunction(twin)}
        assert set(twins) == of_services
        for name, twin in twins.items():
            assert inspect.signature(twin) == inspect.signature(getattr(services, name))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_one_file_is_imported_once(self):
        leased_cab()
        staged = stage(text(EZPASS_HEAD, [toll(n) for n in range(20)])).file

        def confirm() -> TicketImport:
            return services.confirm_import(import_id=staged.pk, today=TODAY)

        outcomes = run_together(*[confirm] * 4)
        assert set(count_refusals(outcomes)) <= {services.AlreadyImported}
        staged.refresh_from_db()
        assert (staged.state, staged.imported_count, staged.charged_count) == ("IMPORTED", 20, 20)
        assert (Ticket.objects.count(), count_postings()) == (20, 20)
        assert_books_clean()

    def test_one_file_is_staged_once(self):
        content = text(EZPASS_HEAD, [toll(n) for n in range(5)])
        outcomes = run_together(*[lambda: stage(content)] * 3)
        assert sorted(outcome.is_new for outcome in outcomes) == [False, False, True]
        assert TicketImport.objects.get().row_count == 5

    def test_two_files_with_one_toll_charge_it_once(self):
        lease = leased_cab()
        files = [stage(text(EZPASS_HEAD, [toll(1), toll(n)])).file for n in (2, 3)]
        run_together(*(lambda pk=file.pk: services.confirm_import(import_id=pk, today=TODAY) for file in files))
        assert set(owed(lease.primary_driver)) == {"EZPASS-1", "EZPASS-2", "EZPASS-3"}
        assert_books_clean()

    def test_one_ticket_goes_to_one_driver(self):
        lease = leased_cab()
        bring_in_tolls(toll(1))
        ticket, drivers = Ticket.objects.get(), DriverFactory.create_batch(3)
        jobs = [
            lambda pk=driver.pk: services.assign_ticket(
                ticket_id=ticket.pk, driver_id=pk, reason="Theirs", today=TODAY, actor=None
            )
            for driver in drivers
        ]
        outcomes = run_together(*jobs)
        assert list_winners(outcomes)
        assert set(count_refusals(outcomes)) <= {services.TicketChanged}
        ticket.refresh_from_db()
        owing = [driver for driver in [*drivers, lease.primary_driver] if owed(driver)]
        assert owing == [ticket.driver]
        assert_books_clean()
