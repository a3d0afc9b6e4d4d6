"""The list of what has changed since it was charged, and the pages of its acts."""

from decimal import Decimal

import pytest

from tests.books import assert_books_clean
from tests.ledger.admin_pages import browse, confirm, errors_on, look, messages_on, url_of
from tests.locks import list_sql
from tests.tickets.changed import NOT_GUILTY, PAID, PENALTY, REDUCED, change_of, tell
from tests.tickets.files import PVB_HEAD, bring_in, owed, plated_cab, stage, summed_violation, text, ticket_of
from tests.tickets.pages import current_lease, facts_on
from tickets.models import ChangeKind, TicketChange

pytestmark = pytest.mark.django_db

CHANGES = "tickets_ticket_changes"
TOLD = {7001: REDUCED, 7002: NOT_GUILTY, 7003: PENALTY, 7004: PAID}


@pytest.fixture
def lease():
    return current_lease()


@pytest.fixture
def changed(lease):
    bring_in(text(PVB_HEAD, [summed_violation(number) for number in TOLD]), "pvb")
    bring_in(text(PVB_HEAD, [summed_violation(number, **facts) for number, facts in TOLD.items()]), "pvb")


@pytest.fixture
def supervisor():
    return browse("Supervisor")


def act_url(act: str, number: int = 7001) -> str:
    return url_of("tickets_ticket_change_act", change_of(number).pk, act)


class TestList:
    def test_oldest_first_with_counts_by_kind(self, supervisor, changed):
        page = supervisor.get(url_of(CHANGES))
        assert [change.ticket.number for change in page.context["changes"]] == ["7001", "7002", "7003", "7004"]
        assert page.context["total"] == 4
        assert [(kind, count) for kind, _, count, _ in page.context["kinds"]] == [
            (kind, 1) for kind in ChangeKind.values
        ]
        content = page.content.decode()
        for words in ("PVB-7001", "hearing held-not guilty", "52.50", "Charged, 40.00"):
            assert words in content

    @pytest.mark.parametrize(("kind", "numbers"), [("PAID", ["7004"]), ("x", ["7001", "7002", "7003", "7004"])])
    def test_filters_by_kind(self, supervisor, changed, kind, numbers):
        page = supervisor.get(url_of(CHANGES), {"kind": kind})
        assert [change.ticket.number for change in page.context["changes"]] == numbers

    def test_an_empty_one_says_so(self, supervisor):
        assert "Nothing has changed." in supervisor.get(url_of(CHANGES)).content.decode()

    def test_as_many_statements_however_long(self, supervisor, changed):
        supervisor.get(url_of(CHANGES))
        few = len(list_sql(lambda: supervisor.get(url_of(CHANGES))))
        numbers = range(7100, 7130)
        bring_in(text(PVB_HEAD, [summed_violation(number) for number in numbers]), "pvb")
        bring_in(text(PVB_HEAD, [summed_violation(number, **REDUCED) for number in numbers]), "pvb")
        assert len(list_sql(lambda: supervisor.get(url_of(CHANGES)))) == few


class TestTicketPage:
    def test_shows_what_was_told_and_offers_its_acts(self, supervisor, changed):
        page = supervisor.get(url_of("tickets_ticket_change", ticket_of(7001).pk))
        assert [change.kind for change in page.context["changes"]] == ["REDUCED"]
        assert [door.label for door in page.context["doors"]] == ["Reduce to $25.00", "Dismiss", "Leave as it is"]
        for door in page.context["doors"]:
            assert supervisor.get(door.url).status_code == 200

    def test_offers_nothing_to_who_may_not(self, changed):
        page = browse("Office").get(url_of("tickets_ticket_change", ticket_of(7001).pk))
        assert page.context["doors"] == []
        assert browse("Office").get(act_url("reduce")).status_code == 403

    def test_tells_what_was_decided(self, supervisor, changed):
        confirm(supervisor, act_url("leave"), reason="Hearing again on Monday")
        page = supervisor.get(url_of("tickets_ticket_change", ticket_of(7001).pk))
        assert page.context["doors"] == []
        assert "Hearing again on Monday" in page.content.decode()


class TestActPages:
    @pytest.mark.parametrize(
        ("act", "number", "title", "owes"),
        [
            ("reduce", 7001, "Reduce to $25.00", "25.00"),
            ("dismiss", 7002, "Dismiss", None),
            ("charge_rest", 7003, "Charge the rest: $52.50 in all", "52.50"),
            ("fleet_paid", 7004, "The fleet paid it: charge the driver $40.00", "40.00"),
            ("driver_paid", 7004, "The driver paid it: nothing is left", None),
            ("leave", 7004, "Leave as it is", "40.00"),
        ],
    )
    def test_each_is_seen_first_and_then_done(self, supervisor, lease, changed, act, number, title, owes):
        url = act_url(act, number)
        page = look(supervisor, url, reason="Letter of the City")
        assert page.context["title"] == title
        assert [driver for driver, _ in page.context["preview"]] == [str(lease.primary_driver)]
        assert TicketChange.objects.undecided().count() == 4
        done = supervisor.post(
            url, {"reason": "Letter of the City", "_confirm": "1", "_seen": page.context["seen"]}, follow=True
        )
        assert done.context["title"] == "Changed since charged"
        assert f"PVB-{number}: " in messages_on(done)[0]
        remains = owed(lease.primary_driver).get(f"PVB-{number}")
        assert remains == (None if owes is None else Decimal(owes))
        assert_books_clean()

    def test_says_what_was_told(self, supervisor, changed):
        sentence = supervisor.get(act_url("dismiss", 7002)).context["sentence"]
        assert sentence.endswith(
            "charged, $40.00. It was $40.00, and is $0.00, hearing held-not guilty. Nobody owes it then, and what was "
            "paid of it is free again."
        )
        sentence = supervisor.get(act_url("fleet_paid", 7004)).context["sentence"]
        assert "It was $40.00, and is $40.00, $40.00 of it paid." in sentence

    def test_without_a_reason_it_is_told_there(self, supervisor, changed):
        assert list(errors_on(look(supervisor, act_url("reduce"), reason=""))) == ["reason"]

    def test_one_that_does_not_fit_is_told_above_the_form(self, supervisor, changed):
        page = look(supervisor, act_url("fleet_paid"), reason="x")
        assert errors_on(page) == {"__all__": ["'FLEET_PAID' does not fit PVB-7001 any more. Look again."]}

    def test_decided_by_somebody_else_is_told(self, supervisor, changed):
        url = act_url("leave")
        confirm(supervisor, url, reason="x")
        assert "was decided before" in errors_on(look(supervisor, url, reason="x"))["__all__"][0]

    @pytest.mark.parametrize("path", ["guess", "superseded"])
    def test_no_such_act_or_change(self, supervisor, changed, path):
        assert supervisor.get(act_url(path)).status_code == 404
        assert supervisor.get(url_of("tickets_ticket_change_act", 999_999, "leave")).status_code == 404

    def test_of_one_that_nobody_owes_there_is_no_money_to_show(self, supervisor):
        plated_cab()
        tell()
        tell(**PENALTY)
        page = look(supervisor, act_url("charge_rest"), reason="x")
        assert page.context["preview"] == []


class TestFile:
    def test_counts_and_lists_what_changed(self, lease):
        tell(7001)
        tell(7002)
        rows = [summed_violation(7001, **REDUCED), summed_violation(7002), summed_violation(7003)]
        file = stage(text(PVB_HEAD, rows), "pvb").file
        office = browse("Office")
        url = url_of("tickets_ticketimport_change", file.pk)
        assert facts_on(office.get(url))["Of these changed since"] == 1
        page = office.get(url, {"rows": "changed"})
        assert [row.number for row in page.context["rows"]] == ["7001"]
        assert "Changed: it was 40.00 and is 25.00." in page.content.decode()
        done = office.post(url_of("tickets_ticketimport_confirm", file.pk), {"_confirm": "1"}, follow=True)
        assert messages_on(done)[0].endswith("1 known ones have changed: see Changed since charged.")
