"""The pages of acts: who may open them, what they show first, what they do, and where a refusal stands."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from core.dossier import lease_url, vehicle_url
from leases import selectors, services
from leases.models import Lease, LeaseVehicle, Vehicle, WeeklyCap
from ledger.models import LedgerPosting, Payout
from tests.factories import DriverFactory, VehicleFactory, VehiclePlateFactory, WeeklyCapFactory
from tests.leases.office import charge_rent, everything, pay, rents_of, start_lease
from tests.ledger.admin_pages import browse, confirm, errors_on, look, url_of

pytestmark = pytest.mark.django_db


def page_of(lease: Lease, act: str) -> str:
    return url_of(f"leases_lease_{act}", lease.pk)


def list_offers(page: Any) -> dict[str, str]:
    """Return what a page offers to do, each with why it can't be done just now."""
    return {offer["act"].title: offer["reason"] for offer in (*page.context["acts"], *page.context["further_acts"])}


def start_lease_now(**changed: Any) -> Lease:
    """A lease of eight weeks that began two weeks ago."""
    start_on = timezone.localdate() - timedelta(weeks=2)
    return start_lease(**{"start_on": start_on, "end_on": start_on + timedelta(weeks=8), **changed})


LEASE_ACTS = {
    "swap": "Office",
    "add_driver": "Office",
    "end_driver": "Office",
    "hold": "Office",
    "take_back_days": "Office",
    "resume": "Office",
    "amount": "Office",
    "terminate": "Office",
    "settle": "Supervisor",
}
VEHICLE_ACTS = ("plate", "remove_plate", "tag", "remove_tag", "retire", "return")


class TestRights:
    @pytest.mark.parametrize("act", LEASE_ACTS)
    def test_a_lease_is_moved_by_its_role_alone(self, act: str) -> None:
        lease = start_lease()
        before = everything()
        for role in ("Cashier", "Supervisor", "Office", "Auditor"):
            expected = 200 if role == LEASE_ACTS[act] else 403
            client = browse(role)
            assert client.get(page_of(lease, act)).status_code == expected
            assert client.post(page_of(lease, act), {"_confirm": "1"}).status_code == expected
        assert everything() == before

    @pytest.mark.parametrize("act", VEHICLE_ACTS)
    def test_a_vehicle_is_moved_by_the_office_alone(self, act: str) -> None:
        page = url_of(f"leases_vehicle_{act}", VehicleFactory.create().pk)
        codes = [browse(role).get(page).status_code for role in ("Cashier", "Supervisor", "Office", "Auditor")]
        assert codes == [403, 403, 200, 403]

    @pytest.mark.parametrize("act", LEASE_ACTS)
    def test_opening_an_acts_page_changes_nothing(self, act: str) -> None:
        lease = start_lease()
        before = everything()
        browse().get(page_of(lease, act))
        assert everything() == before

    def test_an_act_on_a_lease_or_vehicle_that_does_not_exist_is_not_found(self) -> None:
        assert browse().get(url_of("leases_lease_swap", 10**9)).status_code == 404
        assert browse().get(url_of("leases_vehicle_retire", 10**9)).status_code == 404


class TestLeaseActs:
    def test_the_office_swaps_a_vehicle_and_a_second_swap_is_told_at_its_field(self) -> None:
        lease, cab = start_lease(), VehicleFactory.create()
        client = browse("Office")
        typed = {"vehicle": cab.pk, "swapped_at": "2026-03-11T12:00"}
        assert confirm(client, page_of(lease, "swap"), **typed).status_code == 302
        assert lease.vehicle_spans.latest("from_at").vehicle == cab
        assert LeaseVehicle.history.latest("history_date").history_user is not None
        assert errors_on(client.post(page_of(lease, "swap"), typed)) == {
            "swapped_at": [f"Lease {lease.pk} has {cab} after its start or last swap and before its end only."]
        }

    def test_the_office_adds_and_ends_a_further_driver(self) -> None:
        lease, further = start_lease(), DriverFactory.create()
        client = browse("Office")
        typed = {"driver": further.pk, "start_on": "2026-03-10", "_confirm": "1"}
        assert client.post(page_of(lease, "add_driver"), typed).status_code == 302
        assert list(errors_on(client.post(page_of(lease, "add_driver"), typed))) == ["driver"]
        typed = {"driver": further.pk, "last_on": "2026-03-12", "_confirm": "1"}
        assert client.post(page_of(lease, "end_driver"), typed).status_code == 302
        assert lease.driver_spans.get(driver=further).end_on == date(2026, 3, 12)

    def test_a_lease_is_held_and_resumed_with_a_preview_of_its_rent(self) -> None:
        lease, client = start_lease(), browse("Office")
        preview = look(client, page_of(lease, "hold"), kind="RENT_LATER", reason="Gearbox").context["preview"]
        assert [(change.held_before, change.held_after) for change in preview.rents] == [(False, True)] * 4
        assert confirm(client, page_of(lease, "hold"), kind="RENT_LATER", reason="Gearbox").status_code == 302
        lease.refresh_from_db()
        assert (lease.status, lease.status_reason) == ("HELD", "Gearbox")
        # Resuming asks for nothing: its page shows at once what it would do.
        shown = client.get(page_of(lease, "resume"))
        assert len(shown.context["preview"].rents) == 4
        client.post(page_of(lease, "resume"), {"_confirm": "1", "_seen": shown.context["seen"]})
        lease.refresh_from_db()
        assert (lease.status, rents_of(lease)[0]) == ("ACTIVE", ("W10", "285.71"))

    def test_days_without_a_cab_are_recorded_and_taken_back_with_a_preview(self) -> None:
        lease, client = start_lease(), browse("Office")
        charge_rent(date(2026, 3, 14))
        pay(lease, "500.00", W11="500.00")
        typed = {"kind": "CAB_AWAY", "start_on": "2026-03-09", "end_on": "2026-03-18", "reason": "Gearbox"}
        preview = look(client, page_of(lease, "hold"), **typed).context["preview"]
        # Three days of the third week are left: 214.29. Of the second, paid, one is: 428.57 comes back.
        assert [(change.name, change.before, change.after) for change in preview.rents] == [
            ("Rent Mar 15–21", Decimal("500.00"), Decimal("214.29"))
        ]
        assert preview.money.steps == [f"HOLD-{lease.pk}-2026W11-1: $428.57 is held for the driver."]
        assert lease.days_away.count() == 0
        assert confirm(client, page_of(lease, "hold"), **typed).status_code == 302
        assert lease.days_away.get().history.get().history_user is not None
        page = client.get(lease_url(lease.pk), {"tab": "rent-weeks"}).content.decode()
        assert "Days without a cab" in page
        assert "$428.57 given back" in page
        assert "Take back days" in page
        assert client.get(page_of(lease, "take_back_days")).context["form"].initial == {
            "start_on": date(2026, 3, 9),
            "end_on": date(2026, 3, 18),
        }
        typed = {"start_on": "2026-03-09", "end_on": "2026-03-18", "reason": "Another lease"}
        assert confirm(client, page_of(lease, "take_back_days"), **typed).status_code == 302
        assert rents_of(lease)[1:3] == [("W11", "500.00"), ("W12", "500.00")]
        assert "Take back days" not in client.get(lease_url(lease.pk)).content.decode()

    def test_a_hold_says_which_input_is_wrong(self) -> None:
        lease, client = start_lease(), browse("Office")

        def errors(**typed: str) -> list[str]:
            return list(errors_on(client.post(page_of(lease, "hold"), {"reason": "Gearbox", **typed})))

        assert errors() == ["kind"]
        assert errors(kind="CAB_AWAY") == ["start_on", "end_on"]
        assert errors(kind="RENT_LATER", start_on="2026-03-09") == ["start_on"]
        assert errors(kind="CAB_AWAY", start_on="2026-03-09", end_on="2026-03-08") == ["end_on"]
        assert errors(kind="CAB_AWAY", start_on="2026-03-01", end_on="2026-03-08") == ["start_on"]
        assert client.post(page_of(lease, "take_back_days"), {}).context["form"].errors

    def test_a_lease_on_hold_or_ended_can_still_have_days_without_a_cab(self) -> None:
        lease, client = start_lease(), browse("Office")
        services.hold_lease(lease_id=lease.pk, reason="Sick", actor=None)
        assert "Days without a cab" in client.get(lease_url(lease.pk)).content.decode()
        form = client.get(page_of(lease, "hold")).context["form"]
        assert [kind for kind, _ in form.fields["kind"].choices] == ["CAB_AWAY"]

    def test_a_weekly_amount_is_changed_after_its_preview_warns_of_the_cap(self) -> None:
        lease, client = start_lease(), browse("Office")
        WeeklyCapFactory.create(amount=Decimal("550.00"))
        typed = {"weekly_amount": "560", "from_on": "2026-03-15"}
        page = look(client, page_of(lease, "amount"), **typed)
        assert [(c.reference_id[-3:], c.before, c.after) for c in page.context["preview"].rents] == [
            ("W12", Decimal("500.00"), Decimal("560.00")),
            ("W13", Decimal("214.29"), Decimal("240.00")),
        ]
        assert "Rent Mar 15–21, due Mar 21, 2026: $560.00 is above the cap of $550.00" in page.content.decode()
        assert confirm(client, page_of(lease, "amount"), **typed).status_code == 302
        assert rents_of(lease)[2:] == [("W12", "560.00"), ("W13", "240.00")]
        refused = look(client, page_of(lease, "amount"), weekly_amount="0", from_on="2026-03-15")
        assert list(errors_on(refused)) == ["weekly_amount"]

    def test_a_lease_is_terminated_after_a_preview_of_rent_and_fee(self) -> None:
        lease, client = start_lease(), browse("Office")
        typed = {"last_on": "2026-03-19", "reason": "Moved away", "cancellation_charge": ""}
        page = look(client, page_of(lease, "terminate"), **typed)
        assert [change.name for change in page.context["preview"].rents] == ["Rent Mar 15–21", "Rent Mar 22–28"]
        assert "Rent Mar 15–21" in page.content.decode()
        assert f"LEASE-{lease.pk}-CANCEL of $250.00 is charged." in page.context["preview"].money.steps
        assert "dropped" in page.content.decode()
        assert confirm(client, page_of(lease, "terminate"), **typed).status_code == 302
        lease.refresh_from_db()
        assert (lease.status, lease.end_on) == ("ENDED", date(2026, 3, 19))
        assert LedgerPosting.objects.get().amount == Decimal("250.00")
        assert LedgerPosting.objects.get().posted_by is not None
        refused = look(client, page_of(lease, "terminate"), **typed)
        assert errors_on(refused) == {"__all__": [f"Lease {lease.pk} was ended early, on Mar 19, 2026."]}

    def test_a_deposit_is_settled_after_a_preview_of_what_it_pays(self) -> None:
        lease, client = start_lease(), browse("Supervisor")
        pay(lease, "1500.00", deposit="1500.00")
        typed = {"reason": "Lease over", "method": "CASH"}
        preview = look(client, page_of(lease, "settle"), **typed).context["preview"]
        # Four weeks are charged and paid from it: nothing is left to give back.
        assert (preview.posted, preview.applied, preview.released) == (4, Decimal("1500.00"), Decimal("0.00"))
        assert confirm(client, page_of(lease, "settle"), **typed).status_code == 302
        assert (selectors.get_deposit_state(lease).held, Payout.objects.count()) == (Decimal("0.00"), 0)

    def test_a_deposit_is_not_settled_early(self) -> None:
        lease = start_lease_now()
        pay(lease, "500.00", deposit="500.00", on=timezone.localdate())
        refused = look(browse("Supervisor"), page_of(lease, "settle"), reason="Now", method="CASH")
        assert "its deposit is held until tickets have come in" in errors_on(refused)["__all__"][0]
        assert selectors.get_deposit_state(lease).held == Decimal("500.00")


class TestLeasePage:
    def test_a_leases_page_offers_what_the_user_may_do(self) -> None:
        lease = start_lease()
        pay(lease, "100.00", deposit="100.00")
        page = lease_url(lease.pk)
        offered = {role: list_offers(browse(role).get(page)) for role in ("Cashier", "Supervisor", "Office", "Auditor")}
        assert offered == {
            "Cashier": {"Take payment": "", "Take deposit": "", "Write a note": "", "Record and history": ""},
            "Supervisor": {
                "Take payment": "",
                "Take deposit": "",
                "Add charge": "",
                "Start repair": "",
                "Settle deposit": "",
                "Add a document": "",
                "Write a note": "",
                "Record and history": "",
            },
            "Office": {
                "Swap vehicle": "",
                "Hold": "",
                "Change weekly amount": "",
                "Add driver": "",
                "End driver": "No further driver is on it",
                "Add charge": "",
                "Start repair": "",
                "Terminate": "",
                "Add a document": "",
                "Write a note": "",
                "Record and history": "",
            },
            "Auditor": {"Record and history": ""},
        }

    def test_an_ended_lease_offers_nothing_that_changes_it_but_days_without_a_cab(self) -> None:
        lease = start_lease()
        services.terminate_lease(
            lease_id=lease.pk,
            last_on=date(2026, 3, 7),
            reason="Gone",
            cancellation_charge=Decimal("0"),
            effective_on=date(2026, 3, 7),
            actor=None,
        )
        offered = list_offers(browse("Office").get(lease_url(lease.pk)))
        assert [title for title, reason in offered.items() if not reason] == [
            "Add charge",
            "Start repair",
            "Days without a cab",
            "Add a document",
            "Write a note",
            "Record and history",
        ]
        assert offered["Swap vehicle"] == "The lease was ended early"

    def test_a_leases_page_shows_vehicles_drivers_and_what_is_paid_of_an_own_vehicle(self) -> None:
        lease = start_lease(lease_type="DRIVER_OWNED")
        pay(lease, "285.71", W10="285.71")
        rent = browse("Office").get(lease_url(lease.pk), {"tab": "rent-weeks"}).content.decode()
        for text in ("Paid to date", "$285.71", "Remaining", "$1,214.29"):
            assert text in rent
        drivers = browse("Office").get(lease_url(lease.pk), {"tab": "drivers-and-cabs"}).content.decode()
        for text in (str(lease.vehicle), "primary driver"):
            assert text in drivers


class TestVehicleActs:
    def test_the_office_gives_and_removes_plate_and_tag(self) -> None:
        cab, client = VehicleFactory.create(), browse("Office")
        plate = {"plate": "y100001c", "state": "NY", "from_at": "2026-02-01T00:00", "_confirm": "1"}
        assert client.post(url_of("leases_vehicle_plate", cab.pk), plate).status_code == 302
        tag = {"tag": "22001234567", "from_at": "2026-02-01T00:00", "_confirm": "1"}
        assert client.post(url_of("leases_vehicle_tag", cab.pk), tag).status_code == 302
        shown = browse("Auditor").get(vehicle_url(cab.pk), {"tab": "plates-and-tags"}).content.decode()
        assert "NY Y100001C" in shown
        assert "22001234567" in shown
        assert "On vehicle since" in shown
        off = {"until_at": "2026-03-01T00:00", "_confirm": "1"}
        assert client.post(url_of("leases_vehicle_remove_plate", cab.pk), off).status_code == 302
        assert client.post(url_of("leases_vehicle_remove_tag", cab.pk), off).status_code == 302
        assert (cab.plates.get().until_at, cab.tags.get().until_at) != (None, None)

    def test_a_plate_of_another_vehicle_is_told_at_its_field(self) -> None:
        taken = VehiclePlateFactory.create()
        cab = VehicleFactory.create()
        typed = {"plate": taken.plate, "state": "NY", "from_at": "2026-02-01T00:00", "_confirm": "1"}
        refused = browse("Office").post(url_of("leases_vehicle_plate", cab.pk), typed)
        assert errors_on(refused) == {"plate": [f"{taken} is on vehicle {taken.vehicle} in this time."]}

    def test_the_office_retires_a_vehicle_once_free_and_returns_it(self) -> None:
        lease, client = start_lease(), browse("Office")
        cab = lease.vehicle
        early, late = ({"retired_at": f"2026-03-{day}T00:00", "_confirm": "1"} for day in (24, 25))
        assert list(errors_on(client.post(url_of("leases_vehicle_retire", cab.pk), early))) == ["retired_at"]
        assert client.post(url_of("leases_vehicle_retire", cab.pk), late).status_code == 302
        assert Vehicle.objects.get(pk=cab.pk).status == "RETIRED"
        assert client.post(url_of("leases_vehicle_return", cab.pk), {"_confirm": "1"}).status_code == 302
        assert Vehicle.objects.get(pk=cab.pk).status == "IN_SERVICE"

    def test_a_vehicles_form_leaves_plate_and_status(self) -> None:
        cab = VehicleFactory.create(make_and_model="Nissan")
        typed = {
            "vin": cab.vin,
            "medallion": cab.medallion,
            "make_and_model": "Toyota",
            "plate": "",
            "status": "RETIRED",
        }
        answer = browse("Office").post(url_of("leases_vehicle_change", cab.pk), typed)
        assert answer["Location"] == vehicle_url(cab.pk)
        changed = Vehicle.objects.get(pk=cab.pk)
        assert (changed.make_and_model, changed.plate, changed.status) == ("Toyota", cab.plate, "IN_SERVICE")


class TestWeeklyCaps:
    def test_the_office_enters_weekly_caps_in_its_name(self) -> None:
        typed = {"lease_type": "LONG_TERM", "shift": "FULL", "from_on": "2026-01-01", "amount": "1000", "source": ""}
        page = url_of("leases_weeklycap_add")
        assert browse("Supervisor").post(page, typed).status_code == 403
        assert browse("Office").post(page, typed).status_code == 302
        cap = WeeklyCap.objects.get()
        assert (cap.amount, cap.history.get().history_user is not None) == (Decimal("1000.00"), True)
        again = browse("Office").post(page, typed)
        assert again.status_code == 200
        assert WeeklyCap.objects.count() == 1
