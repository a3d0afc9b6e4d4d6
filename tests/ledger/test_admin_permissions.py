"""Who may open which page, and who may do what: pages and acts are guarded alike."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import AuditRun
from ledger import services as ledger
from ledger.models import WaterfallOrder
from tests.factories import LeaseFactory
from tests.ledger.admin_pages import TOKEN, browse, hold, owe, url_of
from tests.ledger.proofs import pay
from tests.ledger.rawsql import ledger_state
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db

ALL = {"Cashier", "Supervisor", "Office", "Auditor"}
COUNTER = {"Cashier", "Supervisor"}
CONTROL = {"Supervisor", "Auditor"}
ALONE = {"Supervisor"}


@dataclass(frozen=True)
class Fleet:
    """The ids a page's address needs."""

    driver: int
    debt: int
    payment: int
    payout: int
    audit: int
    order: int


@pytest.fixture(scope="module")
def fleet(made_once: MadeOnce) -> Fleet:
    return made_once(make_fleet)


def make_fleet() -> Fleet:
    lease = LeaseFactory.create()
    driver = lease.primary_driver
    debt = owe(driver, "MISC-1")
    hold(driver, "CURB-1", "500.00")
    payment = pay(driver, "80.00", {"MISC-1": "30.00"}, lease_id=lease.pk)
    payout = ledger.pay_out(
        driver_id=driver.pk, amount=Decimal("5.00"), method="CASH", effective_on=timezone.localdate()
    )
    order = WaterfallOrder.objects.first() or ledger.set_waterfall_order(
        effective_on=payment.received_at.date().replace(year=2099),
        categories=["MISC", "TAXES", "EZPASS", "LEASE", "RECOVERY", "PVB", "TLC", "REPAIR", "LOAN"],
        today=timezone.localdate(),
    )
    return Fleet(driver.pk, debt.pk, payment.pk, payout.pk, ledger.run_audits().pk, order.pk)


#: Page → the id in its address, if any; and the roles it opens to.
PAGES: dict[str, tuple[str, set[str]]] = {
    "ledger_ledgerposting_changelist": ("", ALL - {"Cashier"}),
    "ledger_ledgerposting_change": ("debt", ALL - {"Cashier"}),
    "ledger_ledgerbalance_changelist": ("", ALL),
    "ledger_ledgerbalance_change": ("debt", ALL),
    "ledger_interimpayment_changelist": ("", ALL),
    "ledger_interimpayment_change": ("payment", ALL),
    "ledger_interimpayment_receipt": ("payment", ALL),
    "ledger_payments_of_day": ("", ALL),
    "ledger_payments_of_day_csv": ("", ALL),
    "ledger_payout_changelist": ("", ALL),
    "ledger_payout_change": ("payout", ALL),
    "ledger_ledgeraccount_changelist": ("", ALL),
    "ledger_driver_account": ("driver", ALL),
    "ledger_waterfallorder_changelist": ("", ALL - {"Cashier"}),
    "ledger_waterfallorder_change": ("order", ALL - {"Cashier"}),
    "ledger_booksentry_changelist": ("", ALL - {"Cashier"}),
    "core_auditrun_changelist": ("", CONTROL),
    "core_auditrun_change": ("audit", CONTROL),
}

#: Act → the id in its address, what is typed, and the roles it opens to.
ACTS: dict[str, tuple[str, dict[str, Any], set[str]]] = {
    "ledger_take_payment": ("", {}, COUNTER),
    "ledger_driver_payment": ("driver", {"amount": "10.00", "method": "CASH", "token": TOKEN}, COUNTER),
    "ledger_driver_credit_memo": (
        "driver",
        {"category": "EZPASS", "amount": "5.00", "reason": "Toll of another cab", "token": TOKEN},
        ALONE,
    ),
    "ledger_driver_payout": ("driver", {"amount": "1.00", "method": "CASH", "token": TOKEN}, ALONE),
    "ledger_driver_apply": ("driver", {"as_of": "2026-01-03"}, ALONE),
    "ledger_ledgerposting_void": ("debt", {"reason": "Not his"}, ALONE),
    "ledger_ledgerposting_write_off": ("debt", {"amount": "5.00", "reason": "Agreed"}, ALONE),
    "ledger_interimpayment_void": ("payment", {"reason": "Keyed twice"}, ALONE),
    "ledger_payout_void": ("payout", {"reason": "Keyed twice"}, ALONE),
    "ledger_waterfallorder_set": ("", {"effective_on": "2099-01-01"}, ALONE),
    "ledger_booksentry_close": ("", {"through": "2026-01-02", "reason": "Month end"}, ALONE),
    "core_auditrun_run": ("", {}, CONTROL),
}

EVERY = {name: which for name, (which, _) in PAGES.items()} | {name: which for name, (which, _, _) in ACTS.items()}


def address(name: str, which: str, fleet: Fleet) -> str:
    return url_of(name, getattr(fleet, which)) if which else url_of(name)


@pytest.mark.parametrize("role", sorted(ALL))
class TestRoles:
    def test_open_their_pages_and_no_others(self, role, fleet):
        client = browse(role)
        opened = {name: client.get(address(name, which, fleet)).status_code for name, (which, _) in PAGES.items()}
        assert opened == {name: 200 if role in roles else 403 for name, (_, roles) in PAGES.items()}

    def test_open_the_pages_of_their_acts_and_no_others(self, role, fleet):
        client = browse(role)
        opened = {name: client.get(address(name, which, fleet)).status_code for name, (which, _, _) in ACTS.items()}
        assert opened == {name: 200 if role in roles else 403 for name, (_, _, roles) in ACTS.items()}

    def test_looking_writes_nothing(self, role, fleet):
        client = browse(role)
        before = ledger_state(), AuditRun.objects.count(), WaterfallOrder.objects.count()
        for name, (which, _) in PAGES.items():
            client.get(address(name, which, fleet))
        for name, (which, typed, _) in ACTS.items():
            # Whatever a link may carry, only a POST does anything.
            client.get(address(name, which, fleet), {**typed, "_confirm": "1"})
        assert (ledger_state(), AuditRun.objects.count(), WaterfallOrder.objects.count()) == before

    def test_are_refused_what_is_not_theirs_when_they_send_it_anyway(self, role, fleet):
        client = browse(role)
        before = ledger_state(), AuditRun.objects.count(), WaterfallOrder.objects.count()
        foreign = {name: (which, typed) for name, (which, typed, roles) in ACTS.items() if role not in roles}
        answers = {
            name: client.post(address(name, which, fleet), {**typed, "_confirm": "1"}).status_code
            for name, (which, typed) in foreign.items()
        }
        assert answers == dict.fromkeys(foreign, 403)
        assert (ledger_state(), AuditRun.objects.count(), WaterfallOrder.objects.count()) == before

    def test_see_buttons_for_what_they_may_do_and_no_others(self, role, fleet):
        client = browse(role)
        shown_on = {
            "ledger_driver_payment": "ledger_driver_account",
            "ledger_driver_credit_memo": "ledger_driver_account",
            "ledger_driver_payout": "ledger_driver_account",
            "ledger_driver_apply": "ledger_driver_account",
            "ledger_ledgerposting_write_off": "ledger_ledgerbalance_change",
            "ledger_ledgerposting_void": "ledger_ledgerposting_change",
            "ledger_interimpayment_void": "ledger_interimpayment_change",
            "ledger_payout_void": "ledger_payout_change",
        }
        for act, page in shown_on.items():
            which, _, roles = ACTS[act]
            content = client.get(address(page, PAGES[page][0], fleet)).content.decode()
            assert (f'href="{address(act, which, fleet)}"' in content) == (role in roles), (act, page)


class TestNobody:
    def test_a_stranger_is_sent_to_sign_in(self, fleet):
        stranger = Client()
        for name, which in EVERY.items():
            url = address(name, which, fleet)
            assert stranger.get(url)["Location"] == f"/admin/login/?next={url}"

    def test_staff_without_a_role_open_nothing(self, fleet):
        client = browse("Cashier")
        client_user = client.get(url_of("ledger_take_payment")).context["user"]
        client_user.groups.clear()
        assert {client.get(address(name, which, fleet)).status_code for name, which in EVERY.items()} == {403}


class TestSuperuser:
    @pytest.mark.parametrize(
        ("model", "which"),
        [
            ("ledgerposting", "debt"),
            ("ledgerbalance", "debt"),
            ("interimpayment", "payment"),
            ("payout", "payout"),
            ("waterfallorder", "order"),
        ],
    )
    def test_not_even_he_edits_a_row(self, model, which, fleet):
        client = browse()
        before = ledger_state()
        key = getattr(fleet, which)
        assert client.get(url_of(f"ledger_{model}_add")).status_code == 403
        assert client.post(url_of(f"ledger_{model}_delete", key), {"post": "yes"}).status_code == 403
        assert client.post(url_of(f"ledger_{model}_change", key), {"amount": "1.00"}).status_code == 403
        deleting = {"action": "delete_selected", "_selected_action": [key], "post": "yes"}
        client.post(url_of(f"ledger_{model}_changelist"), deleting)
        assert ledger_state() == before

    def test_every_page_opens_for_a_superuser(self, fleet):
        client = browse()
        assert {client.get(address(name, which, fleet)).status_code for name, which in EVERY.items()} == {200}
        assert client.get("/admin/").status_code == 200
