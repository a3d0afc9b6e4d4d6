"""Repairs in the admin: what each role may, what a page shows, what a button writes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.sources import find_source
from core.weeks import week_of
from leases.models import Lease
from ledger import services as ledger
from ledger.models import LedgerBalance
from repairs import services
from repairs.models import MaintenanceRule, RepairBand, RepairInvoice
from tests.factories import DriverFactory, LeaseFactory, VehicleFactory
from tests.ledger.admin_pages import browse, confirm, errors_on, look, messages_on, url_of
from tests.repairs.factories import RepairInvoiceFactory
from tests.repairs.office import count_rows, enter, hold, plan_of

pytestmark = pytest.mark.django_db

ENTER = "repairs_repairinvoice_enter"
#: The session, the user, their permissions (own and of groups), roles; and its own: with sum, views, unfinished acts.
LIST_QUERIES = 11
PAGE_QUERIES = 9


def typed(lease: Lease, **changed: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {
        "driver": lease.primary_driver_id,
        "vehicle": lease.vehicle_id,
        "lease": "",
        "workshop": "Queens Auto",
        "workshop_number": "QA-1",
        "invoiced_on": today.isoformat(),
        "amount": "500.50",
        "starts_on": week_of(today).start.isoformat(),
        "line_0": "Brake pads",
        "line_0_amount": "380.50",
        "line_1": "Labor",
        "line_1_amount": "120",
        **changed,
    }


def lease_now(**facts: Any) -> Lease:
    today = timezone.localdate()
    return LeaseFactory.create(start_on=today - timedelta(days=70), end_on=today + timedelta(days=70), **facts)


def enter_now(lease: Lease, **changed: Any) -> RepairInvoice:
    today = timezone.localdate()
    facts = {"invoiced_on": today, "today": today, "starts_on": week_of(today).start, **changed}
    return enter(lease, **facts)


class TestEnterInvoice:
    def test_shows_the_plan_then_makes_it(self) -> None:
        client, lease = browse("Office"), lease_now()
        assert client.get(url_of(ENTER)).status_code == 200
        page = look(client, url_of(ENTER), **typed(lease))
        assert [str(part.amount) for part in page.context["preview"]] == ["200.00", "200.00", "100.50"]
        assert count_rows() == (0, 0, 0, 0)
        done = confirm(client, url_of(ENTER), **typed(lease))
        invoice = RepairInvoice.objects.get()
        assert done.url == url_of("repairs_repairinvoice_change", invoice.pk)
        assert count_rows() == (1, 2, 3, 0)
        assert invoice.history.get().history_user is not None
        shown = client.get(done.url, follow=True)
        assert messages_on(shown) == [f"Repair {invoice.pk} of $500.50 is entered."]
        assert f"REPAIR-{invoice.pk}-3" in shown.content.decode()

    def test_can_charge_all_at_once(self) -> None:
        confirm(browse("Office"), url_of(ENTER), **typed(lease_now(), posts_at_once="on"))
        assert count_rows() == (1, 2, 3, 3)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"amount": "500.51"}, "amount"),
            ({"amount": "0"}, "amount"),
            ({"amount": "NaN"}, "amount"),
            ({"line_1_amount": ""}, "line_1_amount"),
            ({"line_1": ""}, "line_1"),
            ({"line_0": "", "line_0_amount": "", "line_1": "", "line_1_amount": ""}, "line_0"),
            ({"invoiced_on": "2999-01-01"}, "invoiced_on"),
            ({"invoiced_on": "2001-01-01"}, "vehicle"),
            ({"starts_on": "2001-01-07"}, "starts_on"),
            ({"driver": "0"}, "driver"),
            ({"workshop": ""}, "workshop"),
        ],
    )
    def test_a_refusal_is_told_at_its_field(self, changed: dict[str, str], field: str) -> None:
        page = look(browse("Office"), url_of(ENTER), **typed(lease_now(), **changed))
        assert list(errors_on(page)) == [field]
        assert count_rows() == (0, 0, 0, 0)

    def test_the_owners_maintenance_is_told_with_the_rule(self) -> None:
        page = look(browse("Office"), url_of(ENTER), **typed(lease_now(lease_type="SHIFT")))
        assert "35 RCNY § 58-21(b)(1)" in errors_on(page)["lease"][0]

    @pytest.mark.parametrize("role", ["Cashier", "Auditor"])
    def test_is_the_offices(self, role: str) -> None:
        lease = lease_now()
        client = browse(role)
        assert client.get(url_of(ENTER)).status_code == 403
        assert client.post(url_of(ENTER), {**typed(lease), "_confirm": "1"}).status_code == 403
        assert count_rows() == (0, 0, 0, 0)


class TestActs:
    def test_hold_and_resume(self) -> None:
        client, invoice = browse("Office"), enter_now(lease_now())
        confirm(client, url_of("repairs_repairinvoice_hold", invoice.pk), reason="Disputed")
        invoice.refresh_from_db()
        assert (invoice.status, invoice.reason) == ("ON_HOLD", "Disputed")
        next_week = week_of(timezone.localdate()).next
        confirm(client, url_of("repairs_repairinvoice_resume", invoice.pk), starts_on=next_week.start.isoformat())
        invoice.refresh_from_db()
        assert invoice.status == "ACTIVE"
        assert plan_of(invoice)[0][1] == str(next_week.end)

    def test_void_shows_what_is_undone(self) -> None:
        client, invoice = browse("Supervisor"), enter_now(lease_now(), posts_at_once=True)
        page = look(client, url_of("repairs_repairinvoice_void", invoice.pk), reason="Wrong")
        assert page.context["preview"].money.steps[0] == f"Charge REPAIR-{invoice.pk}-3 of $100.50 is voided."
        assert LedgerBalance.objects.filter(status="OPEN").count() == 3
        confirm(client, url_of("repairs_repairinvoice_void", invoice.pk), reason="Wrong")
        assert not LedgerBalance.objects.exclude(status="VOIDED").exists()

    def test_a_refusal_is_told(self) -> None:
        invoice = enter_now(lease_now(), posts_at_once=True)
        page = look(browse("Office"), url_of("repairs_repairinvoice_hold", invoice.pk), reason="Disputed")
        assert errors_on(page) == {"__all__": [f"Every installment of {invoice} is charged already."]}

    @pytest.mark.parametrize(
        ("act", "roles"),
        [("hold", {"Office", "Supervisor"}), ("resume", {"Office", "Supervisor"}), ("void", {"Supervisor"})],
    )
    def test_are_open_to_their_roles(self, act: str, roles: set[str]) -> None:
        invoice = enter_now(lease_now())
        url = url_of(f"repairs_repairinvoice_{act}", invoice.pk)
        opened = {
            role for role in ("Cashier", "Office", "Supervisor", "Auditor") if browse(role).get(url).status_code == 200
        }
        assert opened == roles

    def test_of_no_invoice(self) -> None:
        assert browse("Supervisor").get(url_of("repairs_repairinvoice_void", 10**9)).status_code == 404


class TestPages:
    def test_an_invoice_with_its_plan_from_the_ledger(self) -> None:
        invoice = enter_now(lease_now())
        ledger.post_scheduled_installments(as_of=week_of(timezone.localdate()).end)
        client = browse("Auditor")
        page = client.get(url_of("repairs_repairinvoice_change", invoice.pk))
        assert [(row.state, str(row.remaining)) for row in page.context["rows"]] == [
            ("Open", "200.00"),
            ("Scheduled", "0.00"),
            ("Scheduled", "0.00"),
        ]
        balance = LedgerBalance.objects.get()
        assert url_of("ledger_ledgerbalance_change", balance.pk) in page.content.decode()
        assert [button.label for button in page.context["buttons"]] == ["History"]
        assert client.get(url_of("repairs_repairinvoice_history", invoice.pk)).status_code == 200

    def test_a_reference_leads_to_its_invoice(self) -> None:
        invoice = RepairInvoiceFactory.create()
        source = find_source(f"REPAIR-{invoice.pk}-2")
        assert source is not None
        assert (source.label, source.url, source.permission) == (
            str(invoice),
            url_of("repairs_repairinvoice_change", invoice.pk),
            "repairs.view_repairinvoice",
        )
        assert find_source(f"REPAIR-{invoice.pk}") is None
        assert find_source(f"REPAIR-{invoice.pk + 1}-1") is None

    @pytest.mark.parametrize(
        "term", ["{pk}", "REPAIR-{pk}", "Repair {pk}", "qa-1", "8h59", "8H5", "Jeudy", "jeu", "{license}"]
    )
    def test_are_found_by_what_names_them_or_by_whose_they_are(self, term: str) -> None:
        RepairInvoiceFactory.create_batch(2)
        lease = lease_now(
            vehicle=VehicleFactory.create(medallion="8H59"), primary_driver=DriverFactory.create(last_name="Jeudy")
        )
        invoice = enter_now(lease)
        asked = term.format(pk=invoice.pk, license=invoice.driver.tlc_license)
        page = browse("Office").get(url_of("repairs_repairinvoice_changelist"), {"q": asked})
        assert [found.pk for found in page.context["cl"].result_list] == [invoice.pk]

    def test_the_list_offers_to_enter_one_to_whoever_may(self) -> None:
        for role, labels in (("Office", ["Enter an invoice"]), ("Cashier", [])):
            page = browse(role).get(url_of("repairs_repairinvoice_changelist"))
            assert [button.label for button in page.context["buttons"]] == labels
        page = browse("Supervisor").get(url_of("repairs_repairband_changelist"))
        assert [button.url for button in page.context["buttons"]] == [url_of("repairs_repairband_set")]
        assert list(browse("Office").get(url_of("repairs_repairband_changelist")).context["buttons"]) == []

    def test_an_invoice_offers_what_fits_its_state(self) -> None:
        client, invoice = browse("Supervisor"), enter_now(lease_now())
        url = url_of("repairs_repairinvoice_change", invoice.pk)

        def labels() -> list[tuple[str, bool]]:
            return [(button.label, button.is_dangerous) for button in client.get(url).context["buttons"]]

        assert labels() == [("Hold for a dispute", False), ("Void", True), ("History", False)]
        hold(invoice)
        assert labels() == [("Resume", False), ("Void", True), ("History", False)]
        services.void_invoice(invoice_id=invoice.pk, reason="x", effective_on=timezone.localdate(), actor=None)
        assert labels() == [("History", False)]

    def test_take_the_same_queries_for_many(self) -> None:
        client = browse("Office")
        invoice = enter_now(lease_now())
        for url, expected in (
            (url_of("repairs_repairinvoice_changelist"), LIST_QUERIES),
            (url_of("repairs_repairinvoice_change", invoice.pk), PAGE_QUERIES),
        ):
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            assert len(captured) == expected
            RepairInvoiceFactory.create_batch(5)
            with CaptureQueriesContext(connection) as again:
                client.get(url)
            assert len(again) == expected

    def test_nothing_is_edited_or_deleted_by_hand(self) -> None:
        invoice = enter_now(lease_now())
        client = browse()
        assert client.post(url_of("repairs_repairinvoice_change", invoice.pk), {"amount": "1"}).status_code == 403
        assert client.post(url_of("repairs_repairinvoice_delete", invoice.pk), {"post": "yes"}).status_code == 403
        assert client.get(url_of("repairs_repairinvoice_add")).status_code == 403


class TestSettings:
    def test_a_supervisor_sets_the_bands(self) -> None:
        client, today = browse("Supervisor"), timezone.localdate()
        assert client.get(url_of("repairs_repairband_changelist")).status_code == 200
        page = client.get(url_of("repairs_repairband_set"))
        assert str(page.context["form"]["up_to_1"].value()) == "500.00"
        done = client.post(
            url_of("repairs_repairband_set"),
            {"effective_on": today.isoformat(), "up_to_0": "100", "weekly_1": "50", "_confirm": "1"},
            follow=True,
        )
        assert messages_on(done) == [f"The bands are in force from {today:%b %-d, %Y}."]
        assert [str(band) for band in RepairBand.objects.in_force(today)] == [
            "up to 100.00: in full",
            "above: 50.00 a week",
        ]
        assert {row.history_user_id for row in RepairBand.history.all()} != {None}

    def test_bands_with_a_gap_are_refused(self) -> None:
        form = {"effective_on": timezone.localdate().isoformat(), "up_to_0": "100", "weekly_0": "50", "_confirm": "1"}
        page = browse("Supervisor").post(url_of("repairs_repairband_set"), form)
        assert list(errors_on(page)) == ["up_to_0"]
        assert RepairBand.objects.count() == 5

    def test_bands_are_not_the_offices_to_set(self) -> None:
        assert browse("Office").get(url_of("repairs_repairband_set")).status_code == 403

    def test_maintenance_rules_are_a_supervisors(self) -> None:
        rule = MaintenanceRule.objects.get(lease_type="LONG_TERM")
        url = url_of("repairs_maintenancerule_change", rule.pk)
        form = {"lease_type": "LONG_TERM", "effective_on": "2000-01-01", "is_owners": "on", "citation": "A new rule"}
        assert browse("Office").post(url, form).status_code == 403
        browse("Supervisor").post(url, form)
        rule.refresh_from_db()
        assert (rule.is_owners, rule.citation) == (True, "A new rule")
        with pytest.raises(services.MaintenanceIsOwners):
            enter(LeaseFactory.create())
