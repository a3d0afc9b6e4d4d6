"""The pages on which the office assigns, corrects, disputes and dismisses a ticket, and enters a summons."""

from decimal import Decimal

import pytest
from django.utils import timezone

from tests.books import assert_books_clean
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, confirm, days_ago, errors_on, look, messages_on, url_of
from tests.tickets.files import count_postings, held, owed, ticket_of
from tests.tickets.pages import current_lease, import_tolls, recent_toll
from tickets import services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def lease():
    return current_lease()


@pytest.fixture
def supervisor():
    return browse("Supervisor")


@pytest.fixture
def charged(supervisor, lease):
    import_tolls(supervisor, recent_toll(1))
    return ticket_of(1)


@pytest.fixture
def waiting(supervisor, lease):
    import_tolls(supervisor, recent_toll(1, "NY ZZZ9999"))
    return ticket_of(1)


def page_of(act, ticket):
    return url_of(f"tickets_ticket_{act}", ticket.pk)


class TestAll:
    @pytest.mark.parametrize(
        ("act", "title", "typed"),
        [
            ("correct", "Correct the amount", {"amount": "5.00"}),
            ("dispute", "Dispute", {}),
            ("dismiss", "Dismiss", {}),
        ],
    )
    def test_shows_what_it_does_before_it_is_done(self, supervisor, lease, charged, act, title, typed):
        page = look(supervisor, page_of(act, charged), reason="Hearing", **typed)
        assert page.context["title"] == title
        ((driver, preview),) = page.context["preview"]
        assert driver == str(lease.primary_driver)
        assert preview.steps
        assert count_postings() == 1
        assert ticket_of(1).state == "CHARGED"

    @pytest.mark.parametrize("act", ["assign", "correct", "dispute", "dismiss"])
    def test_a_button_pressed_without_a_look_shows_it_first(self, supervisor, charged, act):
        other = DriverFactory.create()
        typed = {"driver": other.pk, "amount": "5.00", "reason": "x", "_confirm": "1"}
        page = supervisor.post(page_of(act, charged), typed)
        assert page.context["pressed_too_soon"]
        assert count_postings() == 1

    @pytest.mark.parametrize("act", ["correct", "dispute", "dismiss"])
    def test_without_a_reason_it_is_told_at_the_reason(self, supervisor, charged, act):
        page = look(supervisor, page_of(act, charged), amount="5.00", reason=" ")
        assert list(errors_on(page)) == ["reason"]
        assert count_postings() == 1

    @pytest.mark.parametrize("act", ["assign", "correct", "dispute", "dismiss"])
    def test_of_a_ticket_that_is_not_there(self, supervisor, act):
        assert supervisor.get(url_of(f"tickets_ticket_{act}", 999_999)).status_code == 404

    @pytest.mark.parametrize("act", ["assign", "correct", "dispute", "dismiss"])
    def test_leads_back_to_the_ticket(self, supervisor, charged, act):
        page = supervisor.get(page_of(act, charged))
        assert page.context["cancel_url"] == url_of("tickets_ticket_change", charged.pk)
        assert page.context["sentence"] in page.content.decode()

    def test_what_changed_since_the_look_is_shown_again(self, supervisor, lease, charged):
        url = page_of("dismiss", charged)
        seen = look(supervisor, url, reason="Won").context["seen"]
        services.correct_ticket(
            ticket_id=charged.pk, amount=Decimal("5.00"), reason="x", today=timezone.localdate(), actor=None
        )
        page = supervisor.post(url, {"reason": "Won", "_confirm": "1", "_seen": seen})
        assert page.context["pressed_too_soon"]
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("5.00")}


class TestAssign:
    def test_a_candidate_is_chosen_and_charged(self, waiting, lease):
        office = browse("Office")
        url, driver = page_of("assign", waiting), lease.primary_driver
        page = office.get(url, {"driver": driver.pk, "lease": lease.pk})
        assert page.context["title"] == "Assign to a driver"
        assert page.context["form"].initial == {"driver": driver.pk, "lease": lease.pk}
        done = confirm(office, url, driver=driver.pk, lease=lease.pk, reason="")
        assert done["Location"] == url_of("tickets_ticket_change", waiting.pk)
        assert owed(driver) == {"EZPASS-1": Decimal("9.11")}

    @pytest.mark.parametrize(
        "query",
        [{"driver": "999999"}, {"driver": "9" * 30, "lease": "9" * 30}, {"driver": "0", "lease": "0"}],
    )
    def test_a_choice_that_is_not_there_is_left_blank(self, supervisor, waiting, query):
        page = supervisor.get(page_of("assign", waiting), query)
        assert page.context["form"].initial == {"driver": None, "lease": None}

    @pytest.mark.parametrize("query", [{}, {"driver": "x"}, {"driver": "-1"}])
    def test_without_a_choice_it_begins_with_what_is_known(self, supervisor, lease, charged, query):
        page = supervisor.get(page_of("assign", charged), query)
        assert page.context["form"].initial == {"driver": lease.primary_driver_id, "lease": lease.pk}

    def test_away_from_another_shows_both_drivers_and_needs_a_reason(self, supervisor, lease, charged):
        other, url = DriverFactory.create(), page_of("assign", charged)
        refused = look(supervisor, url, driver=other.pk)
        assert list(errors_on(refused)) == ["reason"]
        page = look(supervisor, url, driver=other.pk, reason="They drove")
        assert [driver for driver, _ in page.context["preview"]] == [str(lease.primary_driver), str(other)]
        done = supervisor.post(
            url,
            {"driver": other.pk, "reason": "They drove", "_confirm": "1", "_seen": page.context["seen"]},
            follow=True,
        )
        assert messages_on(done) == [f"EZPASS-1 is charged to {other}."]
        assert (owed(lease.primary_driver), list(owed(other))) == ({}, ["EZPASS-1"])
        assert "They drove" in done.content.decode()
        assert_books_clean()

    def test_a_lease_of_another_is_told_at_the_lease(self, supervisor, waiting):
        typed = {"driver": DriverFactory.create().pk, "lease": LeaseFactory.create().pk}
        page = look(supervisor, page_of("assign", waiting), **typed)
        assert errors_on(page) == {"lease": [f"The driver was not on lease {typed['lease']} when it happened."]}

    def test_to_the_same_driver_is_told_at_the_driver(self, supervisor, lease, charged):
        page = look(supervisor, page_of("assign", charged), driver=lease.primary_driver_id, lease=lease.pk)
        assert errors_on(page) == {"driver": ["EZPASS-1 is already charged to this driver."]}

    def test_without_a_driver(self, supervisor, waiting):
        assert list(errors_on(look(supervisor, page_of("assign", waiting), driver=""))) == ["driver"]

    def test_a_refund_is_credited(self, supervisor, lease):
        import_tolls(supervisor, recent_toll(1, amount="$9.11"))
        driver = lease.primary_driver
        confirm(supervisor, page_of("assign", ticket_of(1)), driver=driver.pk, lease=lease.pk)
        assert held(driver) == {"EZPASS-1-REFUND": Decimal("9.11")}


class TestCorrect:
    def test_sets_the_amount(self, supervisor, lease, charged):
        confirm(supervisor, page_of("correct", charged), amount="$5", reason="Reduced")
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("5.00")}

    @pytest.mark.parametrize("amount", ["", "0", "-1", "five", "12,50", "5.001", "9.11"])
    def test_an_amount_that_is_none_is_told_at_the_amount(self, supervisor, charged, amount):
        page = look(supervisor, page_of("correct", charged), amount=amount, reason="Reduced")
        assert list(errors_on(page)) == ["amount"]
        assert count_postings() == 1

    def test_in_review_there_is_no_driver_to_show(self, supervisor, waiting):
        page = look(supervisor, page_of("correct", waiting), amount="5.00", reason="Reduced")
        assert page.context["preview"] == []
        confirm(supervisor, page_of("correct", waiting), amount="5.00", reason="Reduced")
        assert (ticket_of(1).amount, count_postings()) == (Decimal("5.00"), 0)


class TestDisputeAndDismiss:
    def test_one_after_the_other(self, supervisor, lease, charged):
        confirm(supervisor, page_of("dispute", charged), reason="Not ours")
        assert (ticket_of(1).state, owed(lease.primary_driver)) == ("DISPUTED", {})
        confirm(supervisor, page_of("dismiss", charged), reason="Won")
        assert ticket_of(1).state == "DISMISSED"
        assert_books_clean()

    @pytest.mark.parametrize(
        ("act", "says"),
        [("dispute", "EZPASS-1 is dismissed."), ("dismiss", "EZPASS-1 is dismissed already.")],
    )
    def test_what_fits_no_more_is_told_above_the_form(self, supervisor, charged, act, says):
        confirm(supervisor, page_of("dismiss", charged), reason="Won")
        assert errors_on(look(supervisor, page_of(act, charged), reason="x")) == {"__all__": [says]}

    def test_a_reason_in_two_lines_becomes_one(self, supervisor, charged):
        confirm(supervisor, page_of("dispute", charged), reason="Not\nours")
        assert charged.history.latest().history_change_reason == "Not ours"

    def test_only_the_dismissal_warns_in_red(self, supervisor, charged):
        assert supervisor.get(page_of("dismiss", charged)).context["is_dangerous"]
        assert not supervisor.get(page_of("dispute", charged)).context["is_dangerous"]


class TestEnterSummons:
    URL = "tickets_ticket_enter"

    def typed(self, **facts):
        return {
            "number": "fn1",
            "violation": "Directive",
            "issued_on": days_ago(1).isoformat(),
            "amount": "75",
            "_confirm": "1",
            **facts,
        }

    def test_charged(self, lease):
        typed = self.typed(medallion=lease.vehicle.medallion, issued_at="17:05", due_on=days_ago(-30).isoformat())
        done = browse("Office").post(url_of(self.URL), typed, follow=True)
        assert messages_on(done) == ["TLC-FN1 is charged."]
        assert owed(lease.primary_driver) == {"TLC-FN1": Decimal("75.00")}
        assert ticket_of("FN1").due_on == days_ago(-30)

    def test_in_review(self):
        done = browse("Office").post(url_of(self.URL), self.typed(license="999999"), follow=True)
        assert messages_on(done) == ["TLC-FN1 waits in review: No driver has this TLC license."]

    @pytest.mark.parametrize(
        ("facts", "at"),
        [
            ({}, "license"),
            ({"license": "1234"}, "license"),
            ({"license": "999999", "number": ""}, "number"),
            ({"license": "999999", "number": "7-REFUND"}, "number"),
            ({"license": "999999", "amount": "0"}, "amount"),
            ({"license": "999999", "violation": "Jaywalking"}, "violation"),
            ({"license": "999999", "issued_on": days_ago(-2).isoformat()}, "issued_on"),
            ({"license": "999999", "issued_at": "late"}, "issued_at"),
            ({"medallion": "9Z9"}, "medallion"),
            ({"plate": "T_1"}, "plate"),
        ],
    )
    def test_wrong_input_is_told_at_its_place(self, facts, at):
        page = browse("Office").post(url_of(self.URL), self.typed(**facts))
        assert list(errors_on(page)) == [at]
        assert not Ticket.objects.exists()

    def test_twice_is_told_at_the_number_and_what_was_typed_is_kept(self):
        office = browse("Office")
        office.post(url_of(self.URL), self.typed(license="999999"))
        page = office.post(url_of(self.URL), self.typed(license="999999", note="Seen at JFK"))
        assert errors_on(page) == {"number": ["TLC-FN1 was entered before."]}
        assert page.context["form"]["note"].value() == "Seen at JFK"
        assert Ticket.objects.count() == 1
