"""CURB's pages: lists, records and reports, for whoever may look, and never to change."""

from copy import deepcopy
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import override_settings
from django.urls import reverse

from curb import services as curb
from curb.client import Patience
from curb.models import CardTransaction, Reconciliation, Trip, TripFile
from curb.sandbox import GivenTrips, Sandbox, run_in_thread
from tests.curb import trip
from tests.curb.conftest import do_not_wait
from tests.dtr.fleet import SATURDAY, WEEK, card, close, drive, leased_driver
from tests.factories import DriverFactory, UserFactory
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db

MODELS = (Trip, TripFile, CardTransaction, Reconciliation)
#: Role → whether it sees what came from CURB.
SEES = {"Cashier": False, "Supervisor": True, "Office": True, "Auditor": True}
#: The day on which the trips began.
DAY = "2026-03-03"
REPORTS = ("curb_card_money", "curb_trip_waiting")


@pytest.fixture
def lease(made):
    return deepcopy(made[0])


@pytest.fixture
def reported(made):
    return deepcopy(made[1])


@pytest.fixture(scope="module")
def made(made_once: MadeOnce):
    return made_once(report_a_week)


def report_a_week():
    """A card trip with its transaction, a cash trip, one that waits and one in error; counted, and reported back."""
    lease, patience = leased_driver(), Patience(sleep=do_not_wait, timeout=5)
    given = GivenTrips([
        trip(ID="A"),
        trip(ID="B", T="$", TIPS="0.00", TOTAL_AMOUNT="14.30"),
        trip(ID="C", DRIVER="9999999"),
        trip(ID="D", T="?"),
    ])  # fmt: skip
    with run_in_thread(Sandbox(given)) as url:
        names = dict.fromkeys(("CURB_USER_ID", "CURB_PASSWORD", "CURB_MERCHANT"), "sandbox")
        with override_settings(CURB_URL=url, **names):
            curb.import_curb_earnings(from_on=WEEK.start, to_on=WEEK.end, patience=patience)
            close()
            curb.reconcile_trips(closed_through=WEEK, patience=patience)
    return lease, {one.record_id: one for one in Trip.objects.all()}


@pytest.fixture
def auditor(client):
    user = UserFactory.create(groups=["Auditor"])
    client.force_login(user)
    return user


def name_of(model, page):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def show(client, record):
    return client.get(reverse(name_of(type(record), "change"), args=[record.pk]))


def facts_of(page):
    return {fact.label: str(fact.value) for fact in page.context["facts"]}


def find(client, model, term, **filters):
    page = client.get(reverse(name_of(model, "changelist")), {"q": term, **filters})
    return list(page.context["cl"].result_list)


class TestWhoMaySee:
    @pytest.mark.parametrize("role", SEES)
    def test_each_role_sees_the_lists_and_records_it_may(self, client, reported, role):
        client.force_login(UserFactory.create(groups=[role]))
        expected = 200 if SEES[role] else 403
        for model in MODELS:
            record = model._default_manager.first()
            assert record is not None
            assert client.get(reverse(name_of(model, "changelist"))).status_code == expected
            assert show(client, record).status_code == expected

    @pytest.mark.parametrize("role", SEES)
    @pytest.mark.parametrize("page", REPORTS)
    def test_each_role_sees_the_reports_it_may(self, client, reported, role, page):
        client.force_login(UserFactory.create(groups=[role]))
        assert client.get(reverse(f"admin:{page}")).status_code == (200 if SEES[role] else 403)

    @pytest.mark.parametrize("page", [*REPORTS, "curb_trip_changelist"])
    def test_somebody_who_is_not_signed_in_is_sent_to_the_door(self, client, page):
        answer = client.get(reverse(f"admin:{page}"))
        assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/admin/login/")

    @pytest.mark.parametrize("model", MODELS)
    def test_nobody_adds_changes_or_deletes(self, client, reported, model):
        client.force_login(UserFactory.create(is_superuser=True))
        record = model._default_manager.first()
        assert client.get(reverse(name_of(model, "add"))).status_code == 403
        assert client.post(reverse(name_of(model, "change"), args=[record.pk])).status_code == 403
        assert client.post(reverse(name_of(model, "delete"), args=[record.pk])).status_code == 403

    @pytest.mark.parametrize("role", SEES)
    def test_only_who_matches_is_offered_it(self, client, reported, role):
        client.force_login(UserFactory.create(groups=[role]))
        page = show(client, reported["C"])
        if role == "Cashier":
            assert page.status_code == 403
            return
        offered = [button.label for button in page.context["buttons"]]
        assert offered == (["Assign to a driver", "Count back"] if role in ("Supervisor", "Office") else [])


class TestTrips:
    def test_a_trip_says_whose_it_was_and_what_counted_it(self, client, auditor, reported, lease):
        page = show(client, reported["A"])
        facts = facts_of(page)
        assert facts["Driver"] == str(lease.primary_driver)
        assert facts["First counted in the week ending"] == "2026-03-07"
        (count,) = page.context["counts"]
        assert count.credited_reference == f"CURB-2026-03-07-L{lease.pk}"
        assert f"TAXES-2026-03-07-L{lease.pk}" in page.content.decode()
        assert facts["Receipt at CURB"] == str(Reconciliation.objects.get())
        assert facts["Total"] == "$17.30"
        assert facts["As received"].startswith('<RECORD ID="A"')

    def test_a_trip_that_waits_says_for_what(self, client, auditor, reported):
        facts = facts_of(show(client, reported["C"]))
        assert (facts["Driver"], facts["Waits for"]) == ("Unknown", "A driver with this license")
        assert facts["License"] == "9999999"

    def test_a_trip_that_was_assigned_says_by_whom(self, client, reported, lease):
        clerk = UserFactory.create(groups=["Office"])
        client.force_login(clerk)
        curb.bind_trip(
            trip_id=reported["C"].pk, driver_id=lease.primary_driver_id, vehicle_id=lease.vehicle_id, actor=clerk
        )
        page = show(client, reported["C"])
        assert facts_of(page)["Assigned by"] == str(clerk)
        # It may be assigned anew until a close has counted it.
        assert page.context["buttons"][0].label == "Assign to a driver"

    def test_trips_are_found_by_record_reference_and_driver(self, client, auditor, reported, lease):
        assert find(client, Trip, "202603-A") == [reported["A"]]
        assert set(find(client, Trip, f"CURB-2026-03-07-L{lease.pk}")) == {reported["A"], reported["B"]}
        assert set(find(client, Trip, f"TAXES-2026-03-07-L{lease.pk}")) == {reported["A"], reported["B"]}
        assert set(find(client, Trip, lease.primary_driver.tlc_license)) == {reported["A"], reported["B"]}
        assert find(client, Trip, "CURB-2026-03-07-L0") == []

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"payment_type__exact": "CASH"}, {"B"}),
            ({"waits_for__exact": "DRIVER"}, {"C"}),
            ({"week_end__exact": "2026-03-07"}, {"A", "B"}),
            ({"reconciliation__id__exact": "0"}, set()),
            # By New York's clock, on which all three began on one day at one time.
            ({"start_at_from_0": DAY, "start_at_to_0": DAY}, {"A", "B", "C"}),
            ({"start_at_from_0": DAY, "start_at_from_1": "23:59:59"}, set()),
            ({"start_at_from_0": "0001-01-01", "start_at_to_0": "9999-12-31"}, {"A", "B", "C"}),
        ],
    )
    @pytest.mark.filterwarnings("error::RuntimeWarning")
    def test_trips_are_filtered(self, client, auditor, reported, filters, found):
        assert {one.record_id for one in find(client, Trip, "", **filters)} == found

    def test_what_is_no_moment_narrows_nothing_without_a_word(self, client, auditor, reported):
        asked = {"start_at_from_0": "soon", "start_at_to_0": DAY, "start_at_to_1": "00:00:00"}
        page = client.get(reverse("admin:curb_trip_changelist"), asked, follow=True)
        assert "All rows: what the list should be narrowed by could not be read." in page.content.decode()

    def test_trips_say_how_they_stand(self, client, reported, lease):
        client.force_login(UserFactory.create(groups=["Office"]))
        fresh, late = drive(card(ID="F"), card(ID="L", START_DATE="02/10/2026 10:00:00"))
        close(WEEK.next)
        late.refresh_from_db()
        assert late.is_late
        drive(card(ID="N"))
        page = client.get(reverse("admin:curb_trip_changelist")).content.decode()
        for state in ("Waiting", "Counted", "Late", "Not counted yet"):
            assert state in page
        assert fresh.pk != late.pk

    def test_the_list_of_trips_takes_as_many_statements_for_many_as_for_few(
        self, client, auditor, reported, django_assert_max_num_queries
    ):
        drive(*(card() for _ in range(40)))
        with django_assert_max_num_queries(12):
            client.get(reverse("admin:curb_trip_changelist"))


class TestFiles:
    def test_a_file_lists_its_errors(self, client, auditor, reported):
        page = show(client, TripFile.objects.get(origin=TripFile.Origin.TRIP_LOG))
        assert facts_of(page)["Rows with errors"] == "1"
        assert "is not a payment type" in page.content.decode()

    def test_a_file_says_where_it_came_from_and_who_brought_it(self, client, auditor, reported):
        curb.import_trips(file_name="by-hand.xml", content=b"<trips></trips>", actor=auditor)
        facts = facts_of(show(client, TripFile.objects.get(file_name="by-hand.xml")))
        assert (facts["From"], facts["By"], facts["Rows"]) == ("A file", str(auditor), "0")
        facts = facts_of(show(client, TripFile.objects.get(origin=TripFile.Origin.TRIP_LOG)))
        assert (facts["From"], facts["By"]) == ("CURB, trip log", "the system")


class TestCardTransactions:
    def test_a_card_transaction_says_what_it_sums_to(self, client, auditor, reported):
        facts = facts_of(show(client, CardTransaction.objects.get(row_id="202603A")))
        assert (facts["CURB's list"], facts["Cab"], facts["Amount"]) == ("Approved", "9Z90", "$17.30")
        assert facts["As received"].startswith("<tran ROWID=")

    @pytest.mark.parametrize("term", ["202603A", "202603a", "9Z90", "5000001"])
    def test_card_transactions_are_found_by_row_cab_and_license(self, client, auditor, reported, term):
        assert CardTransaction.objects.get(row_id="202603A") in find(client, CardTransaction, term)

    def test_card_transactions_are_not_found_by_a_part(self, client, auditor, reported):
        assert find(client, CardTransaction, "202603") == []


class TestReceipts:
    def test_a_receipt_says_that_curb_has_confirmed_it(self, client, auditor, reported):
        page = show(client, Reconciliation.objects.get())
        facts = facts_of(page)
        assert (facts["State"], facts["Period"], facts["Attempts"]) == ("Confirmed", "202603", "1")
        trips = client.get(page.context["buttons"][0].url).context["cl"]
        assert {one.record_id for one in trips.result_list} == {"A", "B"}

    @pytest.mark.parametrize(("last_error", "state"), [("", "To be sent"), ("CURB did not answer.", "Failed")])
    def test_a_receipt_that_is_not_confirmed_says_why(self, client, auditor, reported, last_error, state):
        open_ = Reconciliation.objects.create(week_end=SATURDAY, period="202602", attempts=3, last_error=last_error)
        facts = facts_of(show(client, open_))
        assert (facts["State"], facts["Attempts"]) == (state, "3")
        assert facts["Why the last attempt failed"] == last_error


class TestReports:
    def test_card_money_of_a_week_and_its_trips_that_differ(self, client, auditor, reported):
        page = client.get(reverse("admin:curb_card_money"), {"week": "2026-03-07"})
        (week,) = page.context["weeks"]
        assert (week.week_end, week.reported, week.credited) == (SATURDAY, Decimal("34.60"), Decimal("17.30"))
        (row,) = page.context["differences"]
        assert (row.license, row.why) == ("9999999", "The trip waits for its driver, cab or lease")

    @pytest.mark.parametrize("week", ["", "2026-03-06", "soon", "2026-02-30"])
    def test_card_money_of_no_week_is_the_list_alone(self, client, auditor, reported, week):
        page = client.get(reverse("admin:curb_card_money"), {"week": week})
        assert (page.status_code, page.context["chosen"], page.context["differences"]) == (200, None, [])


class TestRematch:
    def test_a_rematch_says_how_many_wait_and_how_many_were_matched(self, client, reported):
        client.force_login(UserFactory.create(groups=["Office"]))
        url = reverse("admin:curb_trip_match")
        page = client.get(url).content.decode()
        assert "1 trip waits." in page
        assert "Rematch" in page
        answer = client.post(url, {"_confirm": "1"}, follow=True)
        assert "Nothing new is known: all go on waiting." in answer.content.decode()

        DriverFactory.create(tlc_license="9999999")
        answer = client.post(url, {"_confirm": "1"}, follow=True)
        assert "1 trip is matched now." in answer.content.decode()
        assert Trip.objects.waiting().count() == 0

    def test_a_rematch_is_offered_while_something_waits(self, client, reported):
        client.force_login(UserFactory.create(groups=["Office"]))
        url = reverse("admin:curb_trip_waiting")
        rematch, choose = client.get(url).context["buttons"]
        assert (rematch.label, choose.label) == ("Rematch", "Choose several in the list")
        page = client.get(choose.url)
        assert list(page.context["cl"].result_list) == list(Trip.objects.waiting()) == [reported["C"]]
        assert "Assign to one driver" in page.content.decode()
        DriverFactory.create(tlc_license="9999999")
        curb.match_waiting_trips()
        assert client.get(url).context["buttons"] == []


class TestAssign:
    def test_the_page_to_assign_names_the_trip_and_what_is_known_of_it(self, client, reported, lease):
        client.force_login(UserFactory.create(groups=["Office"]))
        page = client.get(reverse("admin:curb_trip_bind", args=[reported["C"].pk]))
        assert page.context["title"] == "Assign trip 202603-C to a driver"
        assert page.context["form"].initial["vehicle"] == lease.vehicle_id
        assert "License 9999999, cab 9Z90" in page.content.decode()
        # There is none alike: nothing to tick.
        assert "with_alike" not in page.context["form"].fields

    def test_to_assign_a_trip_a_driver_and_a_cab_are_needed(self, client, reported):
        client.force_login(UserFactory.create(groups=["Office"]))
        page = client.post(reverse("admin:curb_trip_bind", args=[reported["C"].pk]), {"_confirm": "1"})
        assert set(page.context["form"].errors) == {"driver", "vehicle"}

    def test_a_counted_trip_is_not_assigned(self, client, reported, lease):
        client.force_login(UserFactory.create(groups=["Office"]))
        typed = {"_confirm": "1", "driver": lease.primary_driver_id, "vehicle": lease.vehicle_id}
        page = client.post(reverse("admin:curb_trip_bind", args=[reported["A"].pk]), typed)
        assert "This trip does not wait to be assigned to a driver." in page.content.decode()

    def test_assigning_leads_back_to_the_queue(self, client, reported, lease):
        client.force_login(UserFactory.create(groups=["Supervisor"]))
        typed = {"_confirm": "1", "driver": lease.primary_driver_id, "vehicle": lease.vehicle_id}
        answer = client.post(reverse("admin:curb_trip_bind", args=[reported["C"].pk]), typed, follow=True)
        assert answer.redirect_chain == [(reverse("admin:curb_trip_waiting"), 302)]
        assert "The trip counts in the next close." in answer.content.decode()
        bound = Trip.objects.get(pk=reported["C"].pk)
        assert (bound.lease, bound.bound_by is None) == (lease, False)
        assert bound.bound_at is not None
        assert bound.bound_at > datetime(2026, 1, 1, tzinfo=UTC)
