"""The page of a week's readiness, overruling on it, since when card trips are expected, and who may do what."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config import home_cards
from curb import services as curb
from curb.models import CardTripsExpected
from dtr.admin.pages import closes, readiness
from dtr.models import Check, Overrule, WeekClose
from tests.dtr.fleet import SATURDAY, WEEK, close, days_but, drive_days, leased_driver
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

READINESS = "/admin/dtr/weekclose/readiness/"
OVERRULE = "/admin/dtr/weekclose/2026-03-07/overrule/CARD_TRIPS/"
EXPECTED = "/admin/curb/cardtripsexpected/"
SAY = "/admin/curb/cardtripsexpected/say/"
NO_WEDNESDAY = "No card trip on Wednesday, Mar 4."


@pytest.fixture(autouse=True)
def snow():
    leased_driver()
    curb.expect_card_trips(since=WEEK.start, reason="Go-live", actor=None)
    drive_days(*days_but(WEEK.days[3]))


def log_in(client, role):
    user = UserFactory.create(groups=[role])
    client.force_login(user)
    return user


def read(client, url=READINESS, **given):
    return client.get(url, given or {"week_end": SATURDAY.isoformat()}).content.decode()


def find_door(client, check):
    """Where the page leads from a check."""
    groups = client.get(READINESS, {"week_end": SATURDAY.isoformat()}).context_data["groups"]
    (url,) = (row["url"] for rows in groups.values() for row in rows if row["state"].check == check)
    return url


class _On:
    """Django's ``timezone``, on a day."""

    def __init__(self, day):
        self.day = day

    def localdate(self, *moment: Any):
        return timezone.localdate(*moment) if moment else self.day

    def __getattr__(self, name: str) -> Any:
        return getattr(timezone, name)


def test_what_stops_the_close_stands_first_and_bears_a_label(client):
    log_in(client, "Supervisor")
    page = read(client)
    states = re.findall(r'<span class="state([^"]*)">([^<]*)</span>', page)
    assert states[0] == (" is-bad", "Stops the close")
    assert states[-1] == (" is-good", "Ready")
    assert [looks for looks, _ in states] == sorted(
        (looks for looks, _ in states), key=[" is-bad", " is-warning", "", " is-good"].index
    )


def overrule(client, reason="Snow"):
    shown = client.post(OVERRULE, {"reason": reason, "_preview": "1"}).content.decode()
    seen = re.search(r'name="_seen" value="(\w+)"', shown)
    return client.post(OVERRULE, {"reason": reason, "_confirm": "1", "_seen": seen.group(1) if seen else ""})


class TestReadinessPage:
    def test_it_says_what_is_missing_and_leads_to_where_it_is_mended(self, client):
        log_in(client, "Supervisor")
        page = read(client)
        assert "The week can’t close yet: 1 thing stops it" in page
        assert NO_WEDNESDAY in page
        assert OVERRULE in page
        for door in ("admin:curb_trip_waiting", "admin:tickets_ticket_queue", "admin:leases_lease_changelist"):
            assert reverse(door) in page
        for address in set(re.findall(r'href="(/admin/[^"#]+)"', page)):
            assert client.get(address.replace("&amp;", "&")).status_code == 200, address

    def test_the_checks_that_stop_the_close_are_counted_and_not_their_findings(self, client):
        log_in(client, "Auditor")
        curb.expect_card_trips(since=WEEK.previous.start, reason="From before", actor=None)
        page = read(client, week_end=WEEK.previous.end.isoformat())
        assert page.count("<div>No card trip on ") == 7
        assert "The week can’t close yet: 1 thing stops it" in page

    def test_trips_of_the_week_are_those_of_the_week(self, client):
        log_in(client, "Supervisor")
        (address,) = set(re.findall(r'href="(/admin/curb/trip/\?start[^"]+)"', read(client)))
        assert client.get(address.replace("&amp;", "&")).context_data["cl"].result_count == 6

    @pytest.mark.parametrize(("idle", "told"), [(2, "{}, {}"), (21, "21 of them")])
    def test_leases_without_a_trip_are_those_alone(self, client, idle, told):
        log_in(client, "Supervisor")
        leases = [leased_driver(f"50001{number:02d}", f"{number // 10}A{number:02d}") for number in range(idle)]
        address = find_door(client, Check.IDLE_LEASES)
        assert f'href="{address}"' in read(client)
        changes = client.get(address).context_data["cl"]
        assert set(changes.queryset) == set(leases)
        (chip,) = changes.chips
        assert (chip.label, chip.value) == ("Lease", told.format(*(lease.pk for lease in leases)))

    def test_too_many_of_them_are_looked_for_among_all(self, client, monkeypatch):
        monkeypatch.setattr(readiness, "MOST_NAMED", 1)
        log_in(client, "Supervisor")
        assert find_door(client, Check.IDLE_LEASES) == "/admin/leases/lease/"
        lease = leased_driver("5000100", "0A00")
        assert find_door(client, Check.IDLE_LEASES) == f"/admin/leases/lease/?pk__in={lease.pk}"
        leased_driver("5000101", "0A01")
        assert find_door(client, Check.IDLE_LEASES) == "/admin/leases/lease/"

    def test_without_a_week_it_is_of_the_one_whose_turn_it_is(self, client, monkeypatch):
        log_in(client, "Auditor")
        close(WEEK.previous.previous)
        friday = SimpleNamespace(localdate=lambda: WEEK.previous.end)
        monkeypatch.setattr(readiness, "timezone", friday)
        page = client.get(READINESS).content.decode()
        assert "week ending Feb 28, 2026" in page
        assert "Not known yet" in page or "Not asked" in page

    @pytest.mark.parametrize("role", ["Cashier", "Office", "Auditor"])
    def test_only_a_supervisor_may_overrule(self, client, role):
        log_in(client, role)
        page = read(client)
        assert NO_WEDNESDAY in page
        assert OVERRULE not in page
        assert client.get(OVERRULE).status_code == 403
        assert overrule(client).status_code == 403
        assert Overrule.objects.count() == 0


class TestHome:
    def test_its_card_counts_the_checks_as_the_page_does_and_says_what_stops_the_close(self, client, monkeypatch):
        log_in(client, "Office")
        close(WEEK.previous)
        for module in (home_cards, readiness):
            monkeypatch.setattr(module, "timezone", _On(WEEK.next.start))
        page = read(client)
        card = re.sub(r"\s+", " ", client.get("/admin/home/week/").content.decode())
        named = {"Stops the close": "blocked", "Not known yet": "not known yet", "To look at": "to look at"}
        groups = re.findall(r"<h2>([^<:]+): (\d+)</h2>", page)
        assert {"Stops the close", "Not known yet", "Ready"} <= {title for title, _ in groups}
        assert re.findall(r'<a class="state[^"]*" [^>]*>(\d+) ([^<]+)</a>', card) == [
            (count, named.get(title, title.lower())) for title, count in groups
        ]
        assert f'<p class="hint">{NO_WEDNESDAY}</p>' in card
        assert 'weekclose/readiness/#ahead-head">What the close would do now</a>' in card
        assert 'id="ahead-head"' in page
        assert re.search(r"Last close: <a [^>]*>Feb 22–28</a>, [^<]+, 0 DTRs\.", card)


class TestOverrulePage:
    def test_it_is_kept_on_the_week(self, client):
        supervisor = log_in(client, "Supervisor")
        assert NO_WEDNESDAY in client.get(OVERRULE).content.decode()
        assert overrule(client).url == f"{READINESS}?week_end=2026-03-07"
        assert Overrule.objects.get().overruled_by == supervisor
        page = read(client)
        assert "Nothing stops the close" in page
        assert "Snow" in page
        close()
        record = client.get(reverse("admin:dtr_weekclose_change", args=["2026-03-07"])).content.decode()
        assert NO_WEDNESDAY in record
        assert "Closed in spite of" in record

    def test_without_a_reason_it_is_asked_for(self, client):
        log_in(client, "Supervisor")
        page = overrule(client, " ").content.decode()
        assert "required" in page
        assert "Nothing of this stops the close" not in page
        assert Overrule.objects.count() == 0

    def test_what_is_found_since_it_was_looked_at_is_shown_first(self, client, monkeypatch):
        log_in(client, "Supervisor")
        seen = re.search(r'name="_seen" value="(\w+)"', client.get(OVERRULE).content.decode())
        assert seen
        curb.expect_card_trips(since=WEEK.start.replace(day=1), reason="Again", actor=None)
        tampered = {"reason": "Snow", "_confirm": "1", "_seen": "0" * 64}
        assert "Not done yet" in client.post(OVERRULE, tampered).content.decode()
        assert Overrule.objects.count() == 0

    @pytest.mark.parametrize("address", ["/2026-03-06/overrule/CARD_TRIPS/", "/2026-03-07/overrule/WEATHER/"])
    def test_what_there_is_not_is_not_found(self, client, address):
        log_in(client, "Supervisor")
        assert client.get(f"/admin/dtr/weekclose{address}").status_code == 404


class TestClosePage:
    def test_it_says_why_the_week_does_not_close(self, client):
        log_in(client, "Supervisor")
        url = "/admin/dtr/weekclose/close/"
        page = client.post(url, {"week_end": SATURDAY.isoformat(), "_confirm": "1"}).content.decode()
        assert "is not ready to be closed" in page
        assert OVERRULE in page
        assert WeekClose.objects.count() == 0

    def test_it_runs_the_audits_first(self, client, monkeypatch):
        log_in(client, "Supervisor")
        overrule(client)
        runs = []
        monkeypatch.setattr(closes.services, "refresh_audits", lambda *, now: runs.append(now))
        client.post("/admin/dtr/weekclose/close/", {"week_end": SATURDAY.isoformat(), "_confirm": "1"})
        assert (len(runs), WeekClose.objects.count()) == (1, 1)


class TestExpectedPage:
    def test_a_supervisor_says_it_anew(self, client):
        supervisor = log_in(client, "Supervisor")
        assert SAY in client.get(EXPECTED).content.decode()
        client.post(SAY, {"since": "2026-03-05", "reason": "The meters came on Thursday", "_confirm": "1"})
        said = CardTripsExpected.objects.order_by("-pk").first()
        assert said is not None
        assert (said.since, said.set_by) == (WEEK.days[4], supervisor)
        assert "The meters came on Thursday" in client.get(EXPECTED).content.decode()

    @pytest.mark.parametrize("role", ["Office", "Auditor"])
    def test_others_read_it(self, client, role):
        log_in(client, role)
        assert SAY not in client.get(EXPECTED).content.decode()
        assert client.post(SAY, {"reason": "x", "_confirm": "1"}).status_code == 403
