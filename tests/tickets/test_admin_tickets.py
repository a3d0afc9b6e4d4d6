"""The list of tickets, a ticket's page, and the acts that fit its state."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.sources import find_source
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseDriverFactory
from tests.ledger.admin_pages import browse, confirm, days_ago, errors_on, look, url_of
from tests.tickets.files import PVB_HEAD, bring_in, text, ticket_of, violation
from tests.tickets.pages import buttons_on, current_lease, facts_on, import_tolls, recent_toll, upload
from tickets import services
from tickets.admin.lists.tickets import ACTS
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

LIST = "tickets_ticket_changelist"
#: The session, the user, two of permissions, one of roles; the estimate, the count, and the rows; what they come to,
#: the saved views, and what the reader has not finished in it.
LIST_QUERIES = 11


@pytest.fixture
def lease():
    return current_lease()


@pytest.fixture
def supervisor():
    return browse("Supervisor")


def page_of(client, number):
    return client.get(url_of("tickets_ticket_change", ticket_of(number).pk))


def found_by(client, **query) -> set[str]:
    return {ticket.number for ticket in client.get(url_of(LIST), query).context["cl"].queryset}


class TestList:
    @pytest.fixture(autouse=True)
    def tickets(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1), recent_toll(2, " 99900000111"), recent_toll(3, "NJ Z9"))

    @pytest.mark.parametrize(
        ("term", "numbers"),
        [
            ("1", {"1"}),
            ("EZPASS-1", {"1"}),
            ("ezpass-1", {"1"}),
            (" t100001c ", {"1"}),
            ("99900000111", {"2"}),
            ("z9", {"3"}),
            ("PVB-9", set()),
            # Part of a plate is no ticket's, but it names whose cab it is.
            ("T10000", {"1"}),
            ("", {"1", "2", "3"}),
        ],
    )
    def test_finds_a_number_a_plate_or_a_tag(self, supervisor, term, numbers):
        assert found_by(supervisor, q=term) == numbers

    def test_filters_by_state_and_reason(self, supervisor):
        assert found_by(supervisor, state__exact="WAITING") == {"2", "3"}
        assert found_by(supervisor, waits_for__exact="VEHICLE") == {"2", "3"}
        assert found_by(supervisor, kind__exact="PVB") == set()

    def test_newest_first_with_what_each_is_known_by(self, supervisor):
        page = supervisor.get(url_of(LIST))
        assert [ticket.number for ticket in page.context["cl"].queryset] == ["3", "2", "1"]
        content = page.content.decode()
        for words in ("NY T100001C", "99900000111", "NJ Z9", "9.11", "In review", "Charged"):
            assert words in content

    def test_offers_the_entry_of_a_summons_to_who_may(self, supervisor):
        assert buttons_on(supervisor.get(url_of(LIST))) == ["Enter a TLC summons"]
        assert buttons_on(browse("Cashier").get(url_of(LIST))) == []

    def test_nobody_edits_adds_or_deletes_a_row(self):
        root = browse()
        pk = ticket_of(1).pk
        assert root.post(url_of("tickets_ticket_change", pk), {"amount": "1"}).status_code == 403
        assert root.get(url_of("tickets_ticket_add")).status_code == 403
        assert root.post(url_of("tickets_ticket_delete", pk), {"post": "yes"}).status_code == 403
        assert Ticket.objects.count() == 3


def test_the_list_takes_as_many_statements_for_a_full_page_as_for_two_rows(supervisor):
    """Of each driver their own ticket in a cab of their own; and one that waits, which is nobody's."""

    def look_at_list() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            page = supervisor.get(url_of(LIST))
        return len(captured), len(page.context["cl"].result_list)

    for numbers in (range(2), range(2, 60)):
        plates = {number: f"T2000{number:02d}C" for number in numbers}
        for plate in plates.values():
            current_lease(plate)
        import_tolls(supervisor, *(recent_toll(number, f"NY {plate}") for number, plate in plates.items()))
        import_tolls(supervisor, recent_toll(100 + numbers[0], "NJ Z9"))
        assert look_at_list() == (LIST_QUERIES, min(numbers[-1] + 2, 50))
    assert Ticket.objects.exclude(driver=None).exclude(lease=None).count() == 60


class TestPage:
    def test_of_a_charged_toll(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1))
        facts = facts_on(page_of(supervisor, 1))
        assert facts["Kind"] == "E-ZPass toll"
        assert (facts["State"], facts["Waits for"]) == ("Charged", "")
        assert (facts["Plate or tag"], facts["Where"], facts["Amount"]) == ("NY T100001C", "MTAB&T RKB", "$9.11")
        assert (facts["Driver"], facts["Lease"], facts["Cab"]) == (lease.primary_driver, lease, lease.vehicle)
        assert facts["In the ledger"] == "EZPASS-1: open, $9.11 remains"
        assert (str(facts["Received in"]), facts["Row"]) == ("tolls.csv", 2)

    def test_of_one_in_review_says_why(self, supervisor):
        import_tolls(supervisor, recent_toll(1, "NY ZZZ9999"))
        facts = facts_on(page_of(supervisor, 1))
        assert facts["Waits for"] == "No cab of ours had this plate or tag then"
        assert "In the ledger" not in facts

    def test_of_a_refund_leads_to_its_toll(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1), recent_toll(2, amount="$9.11"))
        page = page_of(supervisor, 2)
        assert (facts_on(page)["Refund of"], facts_on(page)["Amount"]) == (ticket_of(1), "-$9.11")
        assert url_of("tickets_ticket_change", ticket_of(1).pk) in page.content.decode()

    def test_without_a_time_it_says_the_day_alone(self, supervisor, lease):
        bring_in(text(PVB_HEAD, [violation(7001).replace("10:00A", "")]), "pvb")
        assert facts_on(page_of(supervisor, 7001))["When"] == "Nov 16, 2026, no time given"

    def test_shows_every_cell_as_it_came(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1))
        assert page_of(supervisor, 1).context["received"]["Exit Time"] == "10:00:00 AM"

    def test_shows_the_history_newest_first(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1))
        other = DriverFactory.create()
        services.assign_ticket(
            ticket_id=ticket_of(1).pk, driver_id=other.pk, reason="They drove", today=timezone.localdate(), actor=None
        )
        history = page_of(supervisor, 1).context["history"]
        assert [(row.driver, row.history_change_reason) for row in history] == [
            (other, "They drove"),
            (lease.primary_driver, "Imported from tolls.csv"),
        ]
        assert "the system" in page_of(supervisor, 1).content.decode()

    def test_offers_its_candidates_while_it_waits(self, supervisor, lease):
        further = LeaseDriverFactory.create(lease=lease).driver
        import_tolls(supervisor, recent_toll(1))
        page = page_of(supervisor, 1)
        assert {found.driver_id for found in page.context["candidates"]} == {lease.primary_driver_id, further.pk}
        choose = f"{url_of('tickets_ticket_assign', ticket_of(1).pk)}?driver={further.pk}&amp;lease={lease.pk}"
        assert choose in page.content.decode()
        assert "Choose" not in page_of(browse("Auditor"), 1).content.decode()

    def test_links_lead_only_where_one_may_go(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1))
        cashier = page_of(browse("Cashier"), 1)
        assert url_of("tickets_ticketimport_change", 1) not in cashier.content.decode()


class TestButtons:
    LABELS = {
        "WAITING": ["Assign to a driver", "Correct the amount", "Dispute", "The fleet pays", "Dismiss"],
        "CHARGED": ["Charge another driver", "Correct the amount", "Dispute", "The fleet pays", "Dismiss"],
        "CREDITED": ["Dismiss"],
        "DISPUTED": ["Charge after all", "Correct the amount", "The fleet pays", "Put back in the queue", "Dismiss"],
        "DISMISSED": ["Charge after all", "Put back in the queue"],
        "NOTHING_DUE": ["Correct the amount", "Dismiss"],
        "FLEET_PAYS": [
            "Charge after all",
            "Correct the amount",
            "Put back in the queue",
            "Dismiss",
            "Record it as borne",
        ],
    }

    @pytest.fixture
    def one_of_each(self, lease):
        today: dict[str, Any] = {"today": timezone.localdate(), "actor": None}
        import_tolls(
            browse("Office"),
            recent_toll("WAITING", "NY ZZZ9999"),
            recent_toll("CHARGED"),
            recent_toll("CREDITED", amount="$9.11"),
            recent_toll("DISPUTED", at="11:00:00 AM"),
            recent_toll("DISMISSED", at="11:00:00 AM"),
            recent_toll("NOTHING-DUE", amount="$0.00"),
            recent_toll("FLEET-PAYS", at="11:30:00 AM"),
        )
        services.let_fleet_pay(ticket_id=ticket_of("FLEET-PAYS").pk, reason="x", **today)
        services.dispute_ticket(ticket_id=ticket_of("DISPUTED").pk, reason="x", **today)
        services.dismiss_ticket(ticket_id=ticket_of("DISMISSED").pk, reason="x", **today)
        return {ticket.state: ticket for ticket in Ticket.objects.all()}

    def test_fit_the_state(self, supervisor, one_of_each):
        assert set(one_of_each) == set(ACTS) == set(Ticket.State.values)
        for state, ticket in one_of_each.items():
            page = supervisor.get(url_of("tickets_ticket_change", ticket.pk))
            assert buttons_on(page) == self.LABELS[state], state

    def test_what_was_voided_in_the_ledger_is_charged_again(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1))
        charge = LedgerPosting.objects.get(reference_id="EZPASS-1")
        today = timezone.localdate()
        ledger.void_posting(posting_id=charge.pk, reason="Mistake", effective_on=today, actor=None)
        ticket = ticket_of(1)
        assert buttons_on(page_of(supervisor, 1)) == ["Charge again", "Dispute", "The fleet pays", "Dismiss"]
        refused = look(
            supervisor, url_of("tickets_ticket_correct", ticket.pk), amount="5.00", reason="Half of it is ours"
        )
        assert "assign it to its driver first" in str(errors_on(refused))

        confirm(
            supervisor,
            url_of("tickets_ticket_assign", ticket.pk),
            driver=lease.primary_driver_id,
            lease=lease.pk,
            reason="Voided by mistake",
        )
        assert buttons_on(page_of(supervisor, 1)) == self.LABELS["CHARGED"]
        assert_books_clean()

    def test_the_office_assigns_lays_aside_and_records(self, one_of_each):
        office = browse("Office")
        offered = {
            state: buttons_on(office.get(url_of("tickets_ticket_change", ticket.pk)))
            for state, ticket in one_of_each.items()
        }
        assert offered == {
            "WAITING": ["Assign to a driver", "Dismiss"],
            "CHARGED": ["Charge another driver"],
            "CREDITED": [],
            "DISPUTED": ["Charge after all"],
            "DISMISSED": ["Charge after all"],
            "NOTHING_DUE": [],
            "FLEET_PAYS": ["Charge after all", "Record it as borne"],
        }

    def test_each_leads_to_a_page_that_opens(self, supervisor, one_of_each):
        for ticket in one_of_each.values():
            page = supervisor.get(url_of("tickets_ticket_change", ticket.pk))
            for button in page.context["buttons"]:
                assert supervisor.get(button.url).status_code == 200


class TestOfReference:
    def test_leads_to_the_ticket(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1), recent_toll(2, amount="$9.11"))
        for reference, number in (("EZPASS-1", 1), ("EZPASS-2-REFUND", 2)):
            source = find_source(reference)
            assert source is not None
            assert supervisor.get(source.url)["Location"] == url_of("tickets_ticket_change", ticket_of(number).pk)

    def test_of_no_ticket_is_not_found(self, supervisor):
        missing = find_source("PVB-99")
        assert missing is not None
        assert supervisor.get(missing.url).status_code == 404


def test_after_a_void_in_the_ledger_the_page_says_so(supervisor, lease):
    import_tolls(supervisor, recent_toll(1))
    ledger.void_posting(
        posting_id=LedgerPosting.objects.get().pk, reason="x", actor=None, effective_on=timezone.localdate()
    )
    assert facts_on(page_of(supervisor, 1))["In the ledger"] == "EZPASS-1: voided, $0.00 remains"


def test_a_toll_of_the_day_after_tomorrow_never_becomes_a_ticket(supervisor, lease):
    ahead = recent_toll(1).replace(f"{days_ago(1):%m/%d/%Y}", f"{days_ago(-2):%m/%d/%Y}")
    page = upload(supervisor, ahead, recent_toll(2))
    assert [row.message for row in page.context["rows"]] == [f"'{days_ago(-2):%m/%d/%Y}' lies in the future."]
    assert page.context["original"].new_count == 1
