"""The review queue: what waits and why, oldest first, and all of it rematched."""

from decimal import Decimal

import pytest

from leases.models import VehiclePlate
from tests.factories import LeaseDriverFactory
from tests.ledger.admin_pages import browse, days_ago, messages_on, url_of
from tests.locks import list_sql
from tests.made_once import MadeOnce
from tests.tickets.files import count_postings, owed, plated_cab, ticket_of
from tests.tickets.pages import current_lease, import_tolls, recent_toll
from tickets.admin.pages.queue import QUEUE_ON_A_PAGE
from tickets.models import Wait

pytestmark = pytest.mark.django_db

QUEUE = "tickets_ticket_queue"


@pytest.fixture
def office():
    return browse("Office")


@pytest.fixture(scope="class")
def waiting(made_once_a_class: MadeOnce):
    made_once_a_class(bring_in_one_of_each)


def bring_in_one_of_each():
    """One ticket of each reason to wait, and one that is charged."""
    office = browse("Office")
    current_lease()
    shared = current_lease("T100002C")
    LeaseDriverFactory.create(lease=shared)
    plated_cab("T100003C")
    import_tolls(
        office,
        recent_toll(1),
        recent_toll(2, "NY ZZZ9999"),
        recent_toll(3, "NY T100002C"),
        recent_toll(4, "NY T100003C"),
        recent_toll(5, agency="CBDTP"),
        recent_toll(6, amount="$5.00"),
    )


def numbers_on(page) -> list[str]:
    return [ticket.number for ticket in page.context["tickets"]]


class TestFilters:
    @pytest.mark.parametrize(
        ("waits_for", "shown"),
        [
            ("", ["2", "3", "4", "5", "6"]),
            ("VEHICLE", ["2"]),
            ("DRIVER", ["3"]),
            ("LEASE", ["4"]),
            ("CONGESTION", ["5"]),
            ("REFUND", ["6"]),
            ("LICENSE", []),
            ("nonsense", ["2", "3", "4", "5", "6"]),
        ],
    )
    def test_by_what_it_waits_for(self, office, waiting, waits_for, shown):
        page = office.get(url_of(QUEUE), {"waits_for": waits_for})
        assert numbers_on(page) == shown

    def test_each_reason_is_offered_in_words_with_its_count(self, office, waiting):
        page = office.get(url_of(QUEUE), {"waits_for": "DRIVER", "kind": "EZPASS"})
        offered = list(page.context["reasons"])
        assert len({label for label, *_ in offered}) == len([value for value in Wait.values if value])
        assert ("Several drivers on the cab", 1, True, "waits_for=DRIVER&kind=EZPASS") in offered
        assert ("License not ours", 0, False, "waits_for=LICENSE&kind=EZPASS") in offered
        assert (page.context["total"], page.context["title"]) == (5, "Review queue")

    @pytest.mark.parametrize(
        ("asked", "shown"),
        [
            ({"kind": "PVB"}, []),
            ({"kind": "EZPASS"}, ["2", "3", "4", "5", "6"]),
            ({"cab": "zzz9999"}, ["2"]),
            ({"cab": "T100002C", "waits_for": "LEASE"}, []),
            ({"from_on": "2020-01-01", "to_on": "2020-01-31"}, []),
            ({"from_on": days_ago(1).isoformat(), "to_on": days_ago(1).isoformat()}, ["2", "3", "4", "5", "6"]),
            ({"from_on": days_ago(0).isoformat()}, []),
            ({"to_on": days_ago(2).isoformat()}, []),
            ({"from_on": "soon", "kind": "x"}, ["2", "3", "4", "5", "6"]),
        ],
    )
    def test_by_kind_cab_and_days(self, office, waiting, asked, shown):
        assert numbers_on(office.get(url_of(QUEUE), asked)) == shown

    def test_says_who_may_have_had_each_cab(self, office, waiting):
        page = office.get(url_of(QUEUE), {"waits_for": "DRIVER"})
        ((_, candidates, _),) = page.context["rows"]
        assert len(candidates) == 2
        for candidate in candidates:
            assert f'value="{candidate.driver_id}-{candidate.lease.pk}"' in page.content.decode()
        first = candidates[0]
        asked = {"who": f"{first.driver_id}-{first.lease.pk}"}
        form = office.get(url_of("tickets_ticket_assign", ticket_of(3).pk), asked).context["form"]
        assert form.initial == {"driver": first.driver_id, "lease": first.lease.pk}
        for junk in ("x", "7", "-", "9" * 30, "٣-١"):
            assert office.get(url_of("tickets_ticket_assign", ticket_of(3).pk), {"who": junk}).status_code == 200

    def test_leads_to_what_has_changed_and_what_is_due(self, office, waiting):
        import_tolls(office, recent_toll(1, amount="$-4.00"))
        page = office.get(url_of(QUEUE))
        labels = [door.label for door in page.context["doors"]]
        assert labels == ["Changed since charged: 1", "Due this week: 0", "Disputed: 0", "The fleet pays: 0"]
        for door in page.context["doors"]:
            assert office.get(door.url).status_code == 200

    def test_as_many_statements_however_many_wait(self, office, waiting):
        office.get(url_of(QUEUE))
        few = len(list_sql(lambda: office.get(url_of(QUEUE))))
        rows = [recent_toll(n, plate) for n in range(100, 120) for plate in ("NY T100002C",)]
        import_tolls(office, *rows, *(recent_toll(n, "NY T100003C") for n in range(200, 210)))
        assert len(list_sql(lambda: office.get(url_of(QUEUE)))) == few

    def test_says_why_each_waits_and_where_to_assign_it(self, office, waiting):
        content = office.get(url_of(QUEUE)).content.decode()
        assert "More than one driver may have had the cab" in content
        assert url_of("tickets_ticket_assign", ticket_of(2).pk) in content

    def test_who_may_only_look_is_offered_no_act(self, waiting):
        page = browse("Auditor").get(url_of(QUEUE))
        assert numbers_on(page) == ["2", "3", "4", "5", "6"]
        assert url_of("tickets_ticket_assign", ticket_of(2).pk) not in page.content.decode()
        assert url_of("tickets_ticket_rematch") not in page.content.decode()


def test_an_empty_queue_says_so(office):
    assert "Nothing waits." in office.get(url_of(QUEUE)).content.decode()


class TestPaging:
    @pytest.fixture
    def long_queue(self, office):
        import_tolls(office, *(recent_toll(n, "NY ZZZ9999") for n in range(1000, 1000 + QUEUE_ON_A_PAGE + 3)))

    def test_oldest_first_fifty_a_page(self, office, long_queue):
        page = office.get(url_of(QUEUE))
        assert numbers_on(page) == [str(n) for n in range(1000, 1050)]
        assert page.context["tickets"].paginator.num_pages == 2
        rest = office.get(url_of(QUEUE), {"page": "2"})
        assert numbers_on(rest) == ["1050", "1051", "1052"]

    def test_the_filter_goes_along(self, office, long_queue):
        content = office.get(url_of(QUEUE), {"waits_for": "VEHICLE"}).content.decode()
        assert "?waits_for=VEHICLE&amp;page=2" in content

    @pytest.mark.parametrize(("asked", "shown"), [("99", 2), ("0", 2), ("x", 1)])
    def test_a_page_that_is_not_there(self, office, long_queue, asked, shown):
        assert office.get(url_of(QUEUE), {"page": asked}).context["tickets"].number == shown


class TestRematch:
    def test_charges_what_found_its_driver(self, office):
        import_tolls(office, recent_toll(1), recent_toll(2, "NY ZZZ9999"))
        lease = current_lease()
        assert office.get(url_of("tickets_ticket_rematch")).context["title"] == "Rematch all that waits"
        assert count_postings() == 0
        page = office.post(url_of("tickets_ticket_rematch"), {"_confirm": "1"}, follow=True)
        assert messages_on(page) == ["1 of the waiting tickets found their driver."]
        assert numbers_on(page) == ["2"]
        assert owed(lease.primary_driver) == {"EZPASS-1": Decimal("9.11")}
        assert ticket_of(1).history.latest().history_user.groups.get().name == "Office"

    def test_again_finds_nothing_more(self, office):
        bring_in_one_of_each()
        before = count_postings()
        page = office.post(url_of("tickets_ticket_rematch"), {"_confirm": "1"}, follow=True)
        assert messages_on(page)[-1:] == ["0 of the waiting tickets found their driver."]
        assert count_postings() == before

    def test_asks_before_it_does(self, office):
        import_tolls(office, recent_toll(1))
        current_lease()
        office.post(url_of("tickets_ticket_rematch"), {})
        assert (count_postings(), VehiclePlate.objects.count()) == (0, 1)
