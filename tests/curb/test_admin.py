"""The pages of what came from CURB: the queue and the ways out of it, card transactions, receipts."""

import pytest
from django.urls import reverse

from curb import services as curb
from curb.models import CardTransaction, Reconciliation, Trip
from tests.curb.conftest import PAIRS
from tests.dtr.fleet import SATURDAY, WEEK, card, close, drive, leased_driver
from tests.factories import DriverFactory, UserFactory

pytestmark = pytest.mark.django_db

QUEUE, MATCH = "admin:curb_trip_waiting", "admin:curb_trip_match"


@pytest.fixture
def lease():
    return leased_driver()


@pytest.fixture
def waiting(lease):
    """Two trips of a mistyped license, and one of an unknown cab."""
    return drive(card(DRIVER="500001X"), card(DRIVER="500001X"), card(CABNUMBER="1A11"))


@pytest.fixture
def clerk(client):
    user = UserFactory.create(groups=["Office"])
    client.force_login(user)
    return user


def bind(client, trip, **values):
    return client.post(reverse("admin:curb_trip_bind", args=[trip.pk]), {"_confirm": "1", **values})


class TestWaitingTrips:
    def test_waiting_trips_are_shown_by_license_and_cab(self, client, clerk, waiting):
        page = client.get(reverse(QUEUE))
        groups = [(group["license"], group["cab"], group["trips"]) for group in page.context["groups"]]
        assert groups == [("500001X", "9Z90", 2), ("5000001", "1A11", 1)]
        assert page.context["total"] == 3
        assert "A driver with this license" in page.content.decode()

    def test_groups_lead_to_the_trips_themselves(self, client, clerk, waiting):
        first = client.get(reverse(QUEUE)).context["groups"][0]
        assert client.get(first["trips_url"]).context["cl"].result_count == 2

    def test_an_empty_queue_says_so(self, client, clerk):
        assert "No trip waits." in client.get(reverse(QUEUE)).content.decode()

    def test_waiting_trips_are_matched_again(self, client, clerk, waiting):
        newcomer = drive(card(DRIVER="7777777"))[0]
        DriverFactory.create(tlc_license="7777777")

        assert client.get(reverse(MATCH)).status_code == 200
        answer = client.post(reverse(MATCH), {"_confirm": "1"}, follow=True)

        newcomer.refresh_from_db()
        assert newcomer.waits_for == ""
        assert "1 trip is matched now." in answer.content.decode()

    def test_waiting_trips_are_assigned_by_a_person(self, client, clerk, lease, waiting):
        assert client.get(reverse("admin:curb_trip_bind", args=[waiting[0].pk])).status_code == 200
        answer = bind(client, waiting[0], driver=lease.primary_driver_id, vehicle=lease.vehicle_id, with_alike="on")
        assert answer.status_code == 302
        bound = Trip.objects.filter(license="500001X")
        assert set(bound.values_list("lease", "bound_by")) == {(lease.pk, clerk.pk)}
        assert Trip.objects.waiting().count() == 1

    def test_a_refusal_is_shown_and_nothing_written(self, client, clerk, lease, waiting):
        other = leased_driver("5000002", "9Z91")
        page = bind(client, waiting[0], driver=lease.primary_driver_id, vehicle=lease.vehicle_id, lease=other.pk)
        assert page.status_code == 200
        assert page.context["form"].errors["lease"] == [
            "That lease is not one of this driver with this cab on the day of the trip."
        ]
        assert Trip.objects.waiting().count() == 3

    def test_a_waiting_trip_offers_to_be_assigned(self, client, clerk, waiting):
        page = client.get(reverse("admin:curb_trip_change", args=[waiting[0].pk]))
        assert [button.label for button in page.context["buttons"]] == ["Assign to a driver", "Count back"]
        close()
        counted = drive(card())[0]
        page = client.get(reverse("admin:curb_trip_change", args=[counted.pk]))
        assert [button.label for button in page.context["buttons"]] == ["Move to another driver", "Count back"]

    @pytest.mark.parametrize(
        ("role", "sees", "acts"), [("Cashier", 403, 403), ("Auditor", 200, 403), ("Supervisor", 200, 200)]
    )
    def test_each_role_does_with_waiting_trips_what_it_may(self, client, waiting, role, sees, acts):
        client.force_login(UserFactory.create(groups=[role]))
        assert client.get(reverse(QUEUE)).status_code == sees
        assert client.get(reverse(MATCH)).status_code == acts
        assert client.post(reverse(MATCH)).status_code == acts
        assert client.get(reverse("admin:curb_trip_bind", args=[waiting[0].pk])).status_code == acts
        if acts == 403:
            assert bind(client, waiting[0]).status_code == 403
        assert Trip.objects.waiting().count() == 3

    def test_a_missing_trip_is_not_found(self, client, clerk):
        assert client.get(reverse("admin:curb_trip_bind", args=[0])).status_code == 404


class TestFromCurb:
    @pytest.fixture
    def settled(self, connect, at_once):
        connect()
        for pair in PAIRS:
            leased_driver(*pair)
        curb.import_curb_earnings(from_on=SATURDAY, to_on=SATURDAY, patience=at_once)
        close()
        curb.reconcile_trips(closed_through=WEEK, patience=at_once)

    def test_card_transactions_and_receipts_are_shown(self, client, clerk, settled):
        transaction, receipt = CardTransaction.objects.all()[0], Reconciliation.objects.get()
        for record in (transaction, receipt):
            model = record._meta.model_name
            assert client.get(reverse(f"admin:curb_{model}_changelist")).context["cl"].result_count > 0
            assert client.get(reverse(f"admin:curb_{model}_change", args=[record.pk])).status_code == 200
            assert client.post(reverse(f"admin:curb_{model}_change", args=[record.pk])).status_code == 403
        page = client.get(reverse("admin:curb_cardtransaction_changelist"), {"q": transaction.row_id})
        assert list(page.context["cl"].result_list) == [transaction]

    def test_a_receipt_leads_to_its_trips(self, client, clerk, settled):
        page = client.get(reverse("admin:curb_reconciliation_change", args=[Reconciliation.objects.get().pk]))
        trips = client.get(page.context["buttons"][0].url)
        assert trips.context["cl"].result_count == Trip.objects.exclude(reconciliation=None).count() > 0
