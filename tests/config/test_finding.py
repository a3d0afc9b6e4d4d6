"""Find anything: what each number leads to, who is meant at the counter, what is hidden from whom, and what it asks."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.admin import search
from leases.models import Lease
from leases.selectors import finding
from ledger.models import InterimPayment, Payout
from ledger.selectors import is_numbered
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.ledger.admin_pages import browse, url_of
from tests.ledger.proofs import charge, earn, pay, pay_out
from tests.loans.office import lend
from tests.repairs.factories import RepairInvoiceFactory
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

#: The session, the user, their permissions (own and of groups), and the search's own, one or two for each kind.
MOST_QUERIES = 4 + 17


def found_by(role: str, typed: str) -> dict[str, list[str]]:
    page = browse(role).get(reverse("find"), {"q": typed})
    assert page.status_code == 200
    return {group.title: [hit.title for hit in group.hits] for group in page.context["groups"]}


@pytest.fixture
def lease() -> Lease:
    today = timezone.localdate()
    driver = DriverFactory.create(first_name="Anil", last_name="Jeudy", tlc_license="5401838", phone="(718) 555-1013")
    return LeaseFactory.create(
        primary_driver=driver,
        vehicle=VehicleFactory.create(medallion="8H59"),
        start_on=today - timedelta(days=30),
        end_on=today + timedelta(days=30),
    )


@pytest.fixture
def papers(lease: Lease) -> Lease:
    """A paper of each kind that bears a number, all of one driver."""
    driver = lease.primary_driver
    earn(driver, "CURB-1", "50.00")
    pay_out(driver, "5.00", method="CHECK", instrument_number="2210")
    pay_out(driver, "6.00", method="ACH", instrument_number="bank 4759")
    charge(driver, f"LEASE-{lease.pk}-2026W10", "652.25")
    charge(driver, "LEASE-999-2026W10", "1.00")
    pay(driver, "31.69", payment_method="CHECK", instrument_number="1611")
    pay(driver, "10.00", payment_method="ACH", instrument_number="AB-77")
    yesterday = timezone.now() - timedelta(days=1)
    Ticket.objects.create(
        kind="TLC", number="FN0033445", state="CHARGED", at=yesterday, at_latest=yesterday, amount=75, driver=driver
    )
    RepairInvoiceFactory.create(
        driver=driver, vehicle=lease.vehicle, lease=lease, workshop="Queens Auto", workshop_number="1611-B"
    )
    lend(driver)
    return lease


BY_CHECK = "Payments by this check number or bank reference"


@pytest.mark.parametrize(
    ("typed", "group", "titles"),
    [
        ("PAY-000001", "Payments by this receipt", ["PAY-000001, check 1611"]),
        ("pay-1", "Payments by this receipt", ["PAY-000001, check 1611"]),
        ("1611", BY_CHECK, ["PAY-000001, check 1611"]),
        ("OUT-000001", "Payouts by this number", ["OUT-000001, check 2210"]),
        ("2210", "Payouts by this number", ["OUT-000001, check 2210"]),
        ("4759", "Payouts by this number", ["OUT-000002, ACH bank 4759"]),
        ("Bank 4759", "Payouts by this number", ["OUT-000002, ACH bank 4759"]),
        ("ab-77", BY_CHECK, ["PAY-000002, ACH AB-77"]),
        ("lease-999-", "Postings by this reference", ["LEASE-999-2026W10"]),
        ("1611", "Repairs", ["Repair 1, invoice 1611-B"]),
        ("repair 1", "Repairs", ["Repair 1, invoice 1611-B"]),
        ("tlc-fn0033445", "Tickets", ["TLC summons FN0033445"]),
        ("loan 1", "Loans", ["Loan 1"]),
        ("Lease 1", "Leases", ["Lease 1, cab 8H59"]),
        ("8h5", "Vehicles", ["Cab 8H59"]),
        ("jeudy", "Drivers", ["Anil Jeudy"]),
        ("trial", "Pages", ["Trial balance"]),
    ],
)
def test_each_number_leads_to_its_paper(papers: Lease, typed: str, group: str, titles: list[str]) -> None:
    assert found_by("Supervisor", typed)[group] == titles


def test_an_end_of_a_reference_has_signs_enough_and_an_index(papers: Lease) -> None:
    assert "Payouts by this number" not in found_by("Supervisor", "759")
    assert "Payouts by this number" not in found_by("Supervisor", "475")
    for model in (InterimPayment, Payout):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = model.objects.filter(is_numbered("4759", model)).order_by().explain()
        assert f"{model._meta.db_table}_by_end" in plan
        assert "Seq Scan" not in plan


def test_exact_hits_come_first_and_each_row_says_driver_cab_and_money(papers: Lease) -> None:
    page = browse("Supervisor").get(reverse("find"), {"q": "1611"})
    assert [group.title for group in page.context["groups"]] == [BY_CHECK, "Repairs"]
    (hit,) = page.context["groups"][0].hits
    assert hit.detail.startswith("Anil Jeudy, cab 8H59 · ")
    assert hit.amount == "31.69"
    (driver,) = browse("Supervisor").get(reverse("find"), {"q": "jeudy"}).context["groups"][0].hits
    assert driver.detail == f"license 5401838 · cab 8H59 · Lease {papers.pk} · (718) 555-1013"
    # 652.25 and 1.00 were charged; both fell due before today.
    assert (driver.amount, driver.below) == ("owes $653.25", "$653.25 past due")
    shown = page.content.decode()
    assert '<mark class="match">1611</mark>' in shown
    assert [shown.count(tag) for tag in ("<main", "</main>", "<header>", "<h1")] == [1, 1, 1, 1]


def test_what_a_user_may_not_see_is_not_found(papers: Lease) -> None:
    assert "Trial balance" not in found_by("Cashier", "trial").get("Pages", [])
    stranger = UserFactory.create()
    client = browse("Cashier")
    client.force_login(stranger)
    for typed in ("1611", "jeudy", "8h59", "LEASE-999-"):
        assert client.get(reverse("find"), {"q": typed}).context["groups"] == []
    # Who may see drivers and no money is told no money.
    onlooker = UserFactory.create(permissions=["leases.view_driver"])
    client.force_login(onlooker)
    assert client.get(reverse("find"), {"q": "LEASE-999-"}).context["groups"] == []
    (group,) = client.get(reverse("find"), {"q": "jeudy"}).context["groups"]
    assert [(hit.title, hit.amount) for hit in group.hits] == [("Anil Jeudy", "")]


class TestCounter:
    def who_pays(self, typed: str) -> Any:
        return browse("Cashier").get(url_of("ledger_take_payment"), {"q": typed}, headers={"HX-Request": "true"})

    def test_a_driver_is_found_by_whatever_paper_is_shown(self, papers: Lease) -> None:
        for typed in ("PAY-000001", "1611", "AB-77", "OUT-1", "8h59", "anil", "1838", f"lease {papers.pk}"):
            ((hit, url),) = self.who_pays(typed).context["found"]
            assert (hit.title, url) == ("Anil Jeudy", url_of("ledger_driver_payment", papers.primary_driver_id)), typed

    def test_a_row_tells_two_of_one_name_apart_and_what_each_owes(self, papers: Lease) -> None:
        DriverFactory.create(first_name="Anil", last_name="Jeudy", tlc_license="5404807", status="INACTIVE")
        page = self.who_pays("jeudy anil")
        assert [(hit.detail.split(" · ")[0], hit.amount, list(hit.labels)) for hit, _ in page.context["found"]] == [
            ("license 5401838", "owes $653.25", []),
            ("license 5404807", "nothing owed", ["Inactive", "No lease"]),
        ]
        words = page.content.decode()
        assert "Who is paying?" in words
        assert "owes $653.25" in words

    def test_money_held_is_said(self, lease: Lease) -> None:
        earn(lease.primary_driver, "CURB-1", "94.40")
        ((hit, _),) = self.who_pays("jeudy").context["found"]
        assert hit.amount == "held for the driver $94.40"


@pytest.mark.parametrize("address", ["find", "admin:search", "admin:ledger_take_payment"])
@pytest.mark.parametrize("typed", ["☃" * 200, "'\"%_\\()[]", "9" * 90, "-" * 50, "a b c d e f g h i j", "lease"])
def test_junk_is_no_error(lease: Lease, address: str, typed: str) -> None:
    page = browse().get(reverse(address), {"q": typed, "s": typed, "page": "x"}, follow=True)
    assert page.status_code == 200


def test_too_little_and_nothing_are_said(lease: Lease) -> None:
    client = browse("Cashier")
    assert "Type two letters or digits." in client.get(reverse("find"), {"q": "j"}).content.decode()
    page = client.get(reverse("admin:search"), {"s": "zzz"}).content.decode()
    assert "Nothing found for “zzz”. Try part of a name, a cab or a number." in page
    assert 'id="command-results-list"' in page


def test_a_group_shows_five_and_leads_to_all() -> None:
    for n in range(7):
        DriverFactory.create(first_name="Ana", last_name=f"Ortiz{n}")
    page = browse("Office").get(reverse("find"), {"q": "ortiz"})
    (group,) = page.context["groups"]
    assert (len(group.hits), group.count) == (5, 7)
    assert f'href="{url_of("leases_driver_changelist")}?q=ortiz">All 7</a>' in page.content.decode()


def test_whoever_takes_payments_takes_one_from_a_result(lease: Lease) -> None:
    pay_page = reverse("admin:ledger_driver_payment", args=[lease.primary_driver_id])
    shown = {
        role: browse(role).get(reverse("find"), {"q": "jeudy"}).content.decode() for role in ("Cashier", "Auditor")
    }
    assert f'data-act="{pay_page}"' in shown["Cashier"]
    assert "<kbd>Alt T</kbd>" in shown["Cashier"]
    assert "data-act" not in shown["Auditor"]
    assert "Alt T" not in shown["Auditor"]


def test_a_list_says_that_a_name_stands_for_more_than_it_shows(lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    other = DriverFactory.create(first_name="Rosa", last_name="Jeudy")
    for driver in (lease.primary_driver, other):
        pay(driver, "10.00")
    client, payments = browse("Office"), url_of("ledger_interimpayment_changelist")
    whole = client.get(payments, {"q": "jeudy"})
    assert (len(whole.context["cl"].result_list), "are named so" in whole.content.decode()) == (2, False)
    monkeypatch.setattr(search, "MAX_OWNERS", 1)
    cut = client.get(payments, {"q": "jeudy"})
    assert len(cut.context["cl"].result_list) == 1
    assert "More than 1 are named so; here are the first 1." in cut.content.decode()


@pytest.mark.parametrize(("record", "named"), [("driver", "jeudy"), ("lease", "jeudy"), ("vehicle", "8h")])
def test_lists_of_the_fleet_say_so_too(lease: Lease, monkeypatch: pytest.MonkeyPatch, record: str, named: str) -> None:
    other = DriverFactory.create(first_name="Rosa", last_name="Jeudy")
    LeaseFactory.create(primary_driver=other, vehicle=VehicleFactory.create(medallion="8H60"))
    client, records = browse("Office"), url_of(f"leases_{record}_changelist")
    whole = client.get(records, {"q": named})
    assert (len(whole.context["cl"].result_list), "are named so" in whole.content.decode()) == (2, False)
    monkeypatch.setattr(search, "MAX_OWNERS", 1)
    cut = client.get(records, {"q": named})
    assert len(cut.context["cl"].result_list) == 1
    assert "More than 1 are named so; here are the first 1." in cut.content.decode()


@pytest.mark.parametrize("typed", ["8h", "jeudy"])
def test_one_cab_and_lease_more_than_is_shown_is_looked_for(
    lease: Lease, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    other = DriverFactory.create(first_name="Rosa", last_name="Jeudy")
    LeaseFactory.create(primary_driver=other, vehicle=VehicleFactory.create(medallion="8H60"))
    monkeypatch.setattr(finding, "MAX_FOUND", 1)

    assert len(finding.list_found_vehicles(["8H"])) == 2  # one more than is shown
    assert len(finding.list_found_leases(typed, at=timezone.now())) == 2


def test_a_search_asks_the_same_questions_however_much_it_finds(papers: Lease) -> None:
    client = browse("Supervisor")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("find"), {"q": "1611"})
        counts.append(len(captured))
        for n in range(3):
            other = LeaseFactory.create(primary_driver=DriverFactory.create(phone=f"917-555-161{n}"))
            pay(other.primary_driver, "10.00", payment_method="CHECK", instrument_number="1611")
    assert counts[0] <= MOST_QUERIES
    assert counts[1] <= MOST_QUERIES
