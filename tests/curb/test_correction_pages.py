"""The doors to correct a trip, and to say that unread records were looked at: form, preview, one act, by POST only."""

import pytest
from django.urls import reverse

from curb import services as curb
from curb.models import Trip, TripFile
from curb.selectors import list_unseen_files
from tests.curb import trip, trip_file
from tests.curb.counting import receive_transaction
from tests.dtr.fleet import NEXT_WEEK, WEEK, card, close, drive, leased_driver
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def adams():
    return leased_driver("5000001", "9Z90")


@pytest.fixture
def baker():
    return leased_driver("5000002", "9Z91")


@pytest.fixture
def clerk(client):
    user = UserFactory.create(groups=["Office"])
    client.force_login(user)
    return user


def press(client, name, record, **values):
    """Fill in the page, look at its preview, and confirm it; the preview and what the page then says."""
    address = reverse(f"admin:{name}", args=[record.pk])
    shown = client.post(address, values)
    answer = client.post(address, {**values, "_confirm": "1", "_seen": shown.context["seen"]}, follow=True)
    return shown.context["preview"], [str(message) for message in answer.context["messages"]]


class TestTripPages:
    def test_a_counted_trip_is_moved(self, client, clerk, adams, baker):
        (one,) = drive(card())
        close()
        preview, said = press(
            client, "curb_trip_move", one, driver=baker.primary_driver_id, vehicle=baker.vehicle_id, reason="Theirs"
        )
        assert preview.steps == [
            f"Counted back for {adams.primary_driver}, {adams}: -$17.30 card, taxes -$3.30",
            f"Counted for {baker.primary_driver}, {baker}: $17.30 card, taxes $3.30",
        ]
        assert said[0].startswith("In the next close: Counted back for ")
        page = client.get(reverse("admin:curb_trip_change", args=[one.pk]))
        assert page.context["pending"] == preview.steps
        assert "Theirs" in page.content.decode()
        listed = client.get(reverse("admin:curb_trip_changelist")).content.decode()
        assert "Changes in the next close" in listed
        close(NEXT_WEEK)
        assert client.get(reverse("admin:curb_trip_change", args=[one.pk])).context["pending"] == []
        log = client.get(reverse("admin:curb_tripcount_changelist"), {"q": f"CURB-2026-03-14-L{adams.pk}"})
        assert "Counted back" in log.content.decode()

    def test_a_preview_writes_nothing_and_a_get_does_nothing(self, client, clerk, adams):
        (one,) = drive(card())
        client.get(reverse("admin:curb_trip_back", args=[one.pk]))
        client.post(reverse("admin:curb_trip_back", args=[one.pk]), {"reason": "Test ride"})
        one.refresh_from_db()
        assert (one.counts_as, one.corrections.count()) == ("", 0)

    def test_a_trip_is_counted_back_and_then_offers_to_be_moved_alone(self, client, clerk, adams):
        (one,) = drive(card())
        close()
        preview, _ = press(client, "curb_trip_back", one, reason="Test ride")
        assert [step.partition(" for")[0] for step in preview.steps] == ["Counted back"]
        page = client.get(reverse("admin:curb_trip_change", args=[one.pk]))
        assert [button.label for button in page.context["buttons"]] == ["Move to another driver"]

    def test_how_a_trip_in_doubt_was_paid_is_said(self, client, clerk, adams):
        (one,) = drive(card())
        receive_transaction(one, "DC")
        page = client.get(reverse("admin:curb_card_money"))
        assert list(page.context["undecided"]) == [one]
        assert reverse("admin:curb_trip_decide", args=[one.pk]) in page.content.decode()
        preview, _ = press(client, "curb_trip_decide", one, counts_as="CASH", reason="Paid in cash")
        assert preview.steps == [f"Counted for {adams.primary_driver}, {adams}: $17.30 cash, taxes $3.30"]
        assert list(client.get(reverse("admin:curb_card_money")).context["undecided"]) == []

    def test_a_refusal_is_at_its_field(self, client, clerk, adams):
        (one,) = drive(card())
        values = {"driver": adams.primary_driver_id, "vehicle": adams.vehicle_id, "reason": "Theirs"}
        page = client.post(reverse("admin:curb_trip_move", args=[one.pk]), values)
        assert page.context["form"].errors["driver"] == ["The trip is this driver's already."]

    @pytest.mark.parametrize(("role", "status"), [("Cashier", 403), ("Auditor", 403), ("Supervisor", 200)])
    @pytest.mark.parametrize("name", ["curb_trip_move", "curb_trip_back", "curb_trip_decide"])
    def test_each_role_corrects_what_it_may(self, client, adams, role, status, name):
        (one,) = drive(card())
        client.force_login(UserFactory.create(groups=[role]))
        assert client.get(reverse(f"admin:{name}", args=[one.pk])).status_code == status
        if status == 403:
            assert client.post(reverse(f"admin:{name}", args=[one.pk]), {"_confirm": "1"}).status_code == 403


class TestFilePages:
    @pytest.fixture
    def file(self, adams):
        rows = [trip(ID="A"), trip(ID="B", T="?"), trip(ID="C", START_DATE="soon")]
        return curb.import_trips(file_name="week.xml", content=trip_file(rows)).file

    def test_unread_records_are_looked_at_once(self, client, clerk, file):
        (unseen,) = list_unseen_files(WEEK)
        assert (unseen.file_id, unseen.records) == (file.pk, 2)
        assert [one.records for one in list_unseen_files(NEXT_WEEK)] == [1]  # of the one no day can be told
        page = client.get(reverse("admin:curb_tripfile_seen", args=[file.pk]))
        assert "is not a payment type" in page.content.decode()
        address = reverse("admin:curb_tripfile_seen", args=[file.pk])
        client.post(address, {"reason": "Two test rides", "_confirm": "1"})
        assert (list_unseen_files(WEEK), list_unseen_files(NEXT_WEEK)) == ([], [])
        seen = file.unread_records.first()
        assert (seen.seen_by, seen.seen_reason) == (clerk, "Two test rides")
        again = client.post(address, {"reason": "Again", "_confirm": "1"})
        assert "No record of this file waits to be looked at." in again.content.decode()
        shown = client.get(reverse("admin:curb_tripfile_change", args=[file.pk]))
        assert "Two test rides" in shown.content.decode()

    def test_a_file_is_counted_back(self, client, clerk, file):
        close()
        preview, said = press(client, "curb_tripfile_back", file, reason="Came twice")
        assert (preview.trips, preview.counted, str(preview.card_total), str(preview.taxes_total)) == (
            1, 1, "17.30", "3.30",
        )  # fmt: skip
        assert said == ["1 trip is nobody's now; the next close counts back what was counted."]
        assert Trip.objects.get().counts_as == "NOTHING"
        page = client.get(reverse("admin:curb_tripfile_change", args=[file.pk]))
        assert [button.label for button in page.context["buttons"]] == []

    @pytest.mark.parametrize("name", ["curb_tripfile_seen", "curb_tripfile_back"])
    def test_an_auditor_does_neither(self, client, file, name):
        client.force_login(UserFactory.create(groups=["Auditor"]))
        assert client.get(reverse(f"admin:{name}", args=[TripFile.objects.get().pk])).status_code == 403
