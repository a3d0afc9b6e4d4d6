"""By when summonses must be answered, and the list of those due this week; what is disputed, and since when."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core.words import say_full_day
from tests.ledger.admin_pages import browse, days_ago, url_of
from tests.tickets.files import PVB_HEAD, bring_in, summed_violation, text, ticket_of
from tests.tickets.pages import current_lease, facts_on, import_tolls, recent_toll
from tickets import rules, selectors, services
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

DUE = "tickets_ticket_due"


def issue(number: int, days: int, plate: str = "T100001C") -> Ticket:
    """A violation of so many days ago."""
    row = summed_violation(number, plate).replace("11/16/2026", f"{days_ago(days):%m/%d/%Y}")
    bring_in(text(PVB_HEAD, [row]), "pvb", today=timezone.localdate())
    return ticket_of(number)


@pytest.fixture
def lease():
    return current_lease()


def numbers_due(client=None) -> list[str]:
    return [ticket.number for ticket, _ in (client or browse("Office")).get(url_of(DUE)).context["rows"]]


def test_thirty_days_after_the_issue_across_a_leap_day():
    assert rules.answer_day(days_ago(0).replace(year=2028, month=2, day=1), within=30).isoformat() == "2028-03-02"


class TestList:
    def test_from_today_to_a_week_ahead_the_most_urgent_first(self, lease):
        for number, days in ((1, 31), (2, 23), (3, 30), (4, 22), (5, 26)):
            issue(number, days)
        assert numbers_due() == ["3", "5", "2"]

    def test_neither_tolls_nor_what_is_decided(self, lease):
        how: dict[str, Any] = {"today": timezone.localdate(), "actor": None}
        for number in range(1, 5):
            issue(number, 25)
        issue(5, 25, "ZZZ1")
        import_tolls(browse(), recent_toll(99))
        Ticket.objects.filter(number="99").update(at=Ticket.objects.get(number="1").at)
        services.dispute_ticket(ticket_id=ticket_of(1).pk, reason="x", **how)
        services.dismiss_ticket(ticket_id=ticket_of(2).pk, reason="x", **how)
        services.let_fleet_pay(ticket_id=ticket_of(3).pk, reason="x", **how)
        assert numbers_due() == ["4", "5"]
        assert selectors.count_due(today=timezone.localdate()) == 2

    def test_the_days_are_a_setting(self, lease, settings):
        issue(1, 10)
        assert numbers_due() == []
        settings.ANSWER_WITHIN_DAYS = 14
        assert numbers_due() == ["1"]
        assert "at the latest 14 days after their issue" in browse("Office").get(url_of(DUE)).content.decode()

    def test_an_empty_one_says_so(self):
        assert "Nothing is due." in browse("Office").get(url_of(DUE)).content.decode()


class TestTicketPage:
    def test_says_by_when_it_must_be_answered(self, lease):
        ticket = issue(1, 10)
        page = browse("Office").get(url_of("tickets_ticket_change", ticket.pk))
        assert facts_on(page)["Answer by"] == days_ago(10) + timedelta(days=30)

    def test_a_toll_needs_no_answer(self, lease):
        import_tolls(browse(), recent_toll(1))
        page = browse("Office").get(url_of("tickets_ticket_change", ticket_of(1).pk))
        assert facts_on(page)["Answer by"] is None

    def test_says_since_when_it_is_disputed_and_why(self, lease):
        ticket = issue(1, 10)
        services.dispute_ticket(ticket_id=ticket.pk, reason="Sign was hidden", today=timezone.localdate(), actor=None)
        office = browse("Office")
        facts = facts_on(office.get(url_of("tickets_ticket_change", ticket.pk)))
        assert (facts["Because"], facts["Disputed since"]) == ("Sign was hidden", ticket_of(1).decided_at)
        (row,) = office.get(url_of("tickets_ticket_disputed")).context["rows"]
        assert row[:2] == (ticket, days_ago(10) + timedelta(days=30))
        listed = office.get(url_of("tickets_ticket_changelist"), {"state__exact": "DISPUTED"})
        assert say_full_day(timezone.localdate()) in listed.content.decode()
