"""Miscellaneous charges and their types in the admin: entered once, found, voided."""

from decimal import Decimal

import pytest
from django.utils import timezone

from core.sources import find_source
from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, confirm, days_ago, errors_on, look, messages_on, url_of
from tests.tickets.files import count_postings, owed
from tests.tickets.pages import buttons_on, current_lease, facts_on, import_tolls, recent_toll
from tickets.models import ChargeType, MiscCharge

pytestmark = pytest.mark.django_db

ENTER = "tickets_misccharge_enter"
LIST = "tickets_misccharge_changelist"


@pytest.fixture
def supervisor():
    return browse("Supervisor")


@pytest.fixture
def driver():
    return DriverFactory.create(first_name="Amal", last_name="Haddad")


@pytest.fixture
def lost_key():
    return ChargeType.objects.create(name="Lost spare key", default_amount="45.00", is_active=True)


@pytest.fixture
def charge(supervisor, driver, lost_key):
    supervisor.post(url_of(ENTER), typed(lost_key, driver))
    return MiscCharge.objects.get()


def typed(charge_type, driver, key="k", **facts):
    return {"charge_type": charge_type.pk, "driver": driver.pk, "entry_key": key, "_confirm": "1", **facts}


class TestEnter:
    def test_charges_the_usual_amount(self, driver, lost_key):
        done = browse("Office").post(url_of(ENTER), typed(lost_key, driver, note="Left in the cab"), follow=True)
        made = MiscCharge.objects.get()
        assert messages_on(done) == [f"{made} of $45.00 is charged."]
        assert owed(driver) == {made.reference_id: Decimal("45.00")}
        assert made.history.get().history_user.groups.get().name == "Office"

    def test_pressed_twice_it_is_one(self, supervisor, driver, lost_key):
        page = supervisor.get(url_of(ENTER))
        assert page.context["title"] == "Enter a miscellaneous charge"
        key = page.context["form"].initial["entry_key"]
        for _ in range(2):
            supervisor.post(url_of(ENTER), typed(lost_key, driver, key))
        assert (MiscCharge.objects.count(), count_postings()) == (1, 1)

    def test_each_showing_of_the_page_is_another_entry(self, supervisor):
        keys = {supervisor.get(url_of(ENTER)).context["form"].initial["entry_key"] for _ in range(3)}
        assert len(keys) == 3

    def test_with_a_lease_it_names_the_cab_too(self, supervisor, lost_key):
        lease = LeaseFactory.create()
        due = days_ago(-10)
        supervisor.post(
            url_of(ENTER), typed(lost_key, lease.primary_driver, lease=lease.pk, amount="12.50", due_on=due.isoformat())
        )
        posting = LedgerPosting.objects.get()
        assert (posting.amount, posting.due_on) == (Decimal("12.50"), due)
        assert (posting.lease_id, posting.vehicle_id) == (lease.pk, lease.vehicle_id)

    def test_offers_only_types_in_use_that_are_no_fees(self, supervisor, lost_key):
        ChargeType.objects.update_or_create(name="Off", defaults={"is_active": False})
        offered = set(supervisor.get(url_of(ENTER)).context["form"].fields["charge_type"].queryset)
        assert lost_key in offered
        assert all(found.is_active and not found.added_to for found in offered)

    @pytest.mark.parametrize(
        ("facts", "at"),
        [
            ({"amount": "-1"}, "amount"),
            ({"amount": "x"}, "amount"),
            ({"driver": ""}, "driver"),
            ({"charge_type": ""}, "charge_type"),
            ({"note": "x" * 501}, "note"),
            ({"due_on": "soon"}, "due_on"),
            ({"entry_key": ""}, "entry_key"),
        ],
    )
    def test_wrong_input_is_told_at_its_place(self, supervisor, driver, lost_key, facts, at):
        page = supervisor.post(url_of(ENTER), {**typed(lost_key, driver), **facts})
        assert list(errors_on(page)) == [at]
        assert not MiscCharge.objects.exists()

    def test_a_lease_of_another_is_told_at_the_lease(self, supervisor, driver, lost_key):
        lease = LeaseFactory.create()
        page = supervisor.post(url_of(ENTER), typed(lost_key, driver, lease=lease.pk))
        assert errors_on(page) == {"lease": [f"The driver is not on lease {lease.pk}."]}

    def test_a_type_without_an_amount_asks_for_one(self, supervisor, driver):
        towing = ChargeType.objects.create(name="Long tow", is_active=True)
        page = supervisor.post(url_of(ENTER), typed(towing, driver))
        assert errors_on(page) == {"amount": ["Long tow has no usual amount: give one."]}


class TestVoid:
    def test_shows_what_it_does_and_does_it(self, supervisor, driver, charge):
        url = url_of("tickets_misccharge_void", charge.pk)
        ((name, preview),) = look(supervisor, url, reason="Found").context["preview"]
        assert (name, preview.net_position_change) == (str(driver), Decimal("-45.00"))
        assert count_postings() == 1
        done = confirm(supervisor, url, reason="Found")
        assert done["Location"] == url_of("tickets_misccharge_change", charge.pk)
        assert owed(driver) == {}

    def test_names_the_charge_and_its_driver(self, supervisor, driver, charge):
        page = supervisor.get(url_of("tickets_misccharge_void", charge.pk))
        assert f"{charge}</a> of {driver}" in page.content.decode()
        assert page.context["is_dangerous"]

    def test_without_a_reason(self, supervisor, charge):
        page = look(supervisor, url_of("tickets_misccharge_void", charge.pk), reason="")
        assert list(errors_on(page)) == ["reason"]

    def test_twice_is_told_above_the_form(self, supervisor, charge):
        url = url_of("tickets_misccharge_void", charge.pk)
        confirm(supervisor, url, reason="Found")
        assert errors_on(look(supervisor, url, reason="x")) == {"__all__": [f"{charge} was voided before."]}

    def test_of_a_charge_that_is_not_there(self, supervisor):
        assert supervisor.get(url_of("tickets_misccharge_void", 999_999)).status_code == 404


class TestPageAndList:
    def test_says_what_the_ledger_knows(self, supervisor, charge):
        page = supervisor.get(url_of("tickets_misccharge_change", charge.pk))
        facts = facts_on(page)
        assert (facts["In the ledger"], facts["Remains"], facts["Voided because"]) == ("Open", "$45.00", "")
        assert facts["Corrected to"] == ""
        ledger.replace_obligation(
            posting_id=LedgerBalance.objects.get().pk,
            amount=Decimal("30.00"),
            reason="Typed wrong",
            effective_on=timezone.localdate(),
            actor=None,
        )
        facts = facts_on(supervisor.get(url_of("tickets_misccharge_change", charge.pk)))
        assert (facts["Amount"], facts["Corrected to"], facts["Remains"]) == ("$45.00", "$30.00", "$30.00")
        assert buttons_on(page) == ["Void", "History"]
        confirm(supervisor, url_of("tickets_misccharge_void", charge.pk), reason="Found")
        page = supervisor.get(url_of("tickets_misccharge_change", charge.pk))
        facts = facts_on(page)
        assert (facts["In the ledger"], facts["Remains"], facts["Voided because"]) == ("Voided", "$0.00", "Found")
        assert buttons_on(page) == ["History"]

    def test_who_may_not_void_is_offered_the_history_alone(self, charge):
        assert buttons_on(browse("Office").get(url_of("tickets_misccharge_change", charge.pk))) == ["History"]

    def test_a_fee_leads_to_its_ticket(self, supervisor):
        ChargeType.objects.create(
            name="Toll handling", default_amount="1.50", added_to="EZPASS", is_active=True, citation="Clause 9"
        )
        current_lease()
        import_tolls(supervisor, recent_toll(1))
        fee = MiscCharge.objects.get()
        assert facts_on(supervisor.get(url_of("tickets_misccharge_change", fee.pk)))["Added to"] == fee.ticket

    def test_the_list_offers_the_entry_to_who_may(self, supervisor):
        assert buttons_on(supervisor.get(url_of(LIST))) == ["Enter a miscellaneous charge"]
        assert buttons_on(browse("Cashier").get(url_of(LIST))) == []

    @pytest.mark.parametrize("term", ["{pk}", "MISC-{pk}", "misc-{pk}", "Haddad", "hadd"])
    def test_finds_by_number_or_driver(self, supervisor, charge, term):
        page = supervisor.get(url_of(LIST), {"q": term.format(pk=charge.pk)})
        assert list(page.context["cl"].queryset) == [charge]

    @pytest.mark.parametrize("term", ["999999999", "MISC-0", "Nobody"])
    def test_finds_nothing_else(self, supervisor, charge, term):
        assert not supervisor.get(url_of(LIST), {"q": term}).context["cl"].queryset.exists()

    def test_a_reference_of_the_ledger_leads_here(self, supervisor, charge):
        source = find_source(charge.reference_id)
        assert source is not None
        assert supervisor.get(source.url).status_code == 200

    def test_the_history_opens(self, supervisor, charge):
        assert supervisor.get(url_of("tickets_misccharge_history", charge.pk)).status_code == 200


class TestTypes:
    def typed(self, **facts):
        return {"name": "Smoke cleaning", "default_amount": "30.00", "added_to": "", "citation": "", **facts}

    def test_a_supervisor_makes_one(self, supervisor):
        supervisor.post(url_of("tickets_chargetype_add"), self.typed(is_active="on"))
        made = ChargeType.objects.get(name="Smoke cleaning")
        assert (made.default_amount, made.is_active) == (Decimal("30.00"), True)
        assert made.history.get().history_user.groups.get().name == "Supervisor"

    @pytest.mark.parametrize(
        ("facts", "at"),
        [
            ({"added_to": "EZPASS"}, "citation"),
            ({"added_to": "EZPASS", "citation": "Clause 9", "default_amount": ""}, "default_amount"),
            ({"default_amount": "0.00"}, "default_amount"),
            ({"name": "Towing"}, "name"),
        ],
    )
    def test_a_fee_in_use_names_its_rule_and_its_amount(self, supervisor, facts, at):
        page = supervisor.post(url_of("tickets_chargetype_add"), self.typed(is_active="on", **facts))
        assert list(page.context["adminform"].form.errors) == [at]
        assert not ChargeType.objects.filter(name="Smoke cleaning").exists()

    def test_nobody_deletes_one(self, lost_key):
        assert browse().get(url_of("tickets_chargetype_delete", lost_key.pk)).status_code == 403

    @pytest.mark.parametrize("role", ["Office", "Auditor"])
    def test_others_only_look(self, role, lost_key):
        client = browse(role)
        assert client.get(url_of("tickets_chargetype_changelist")).status_code == 200
        assert client.get(url_of("tickets_chargetype_add")).status_code == 403
        assert client.post(url_of("tickets_chargetype_change", lost_key.pk), self.typed()).status_code == 403
