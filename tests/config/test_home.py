"""Home tells each role what waits for it, in few questions, and every figure leads to the rows behind it."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from config.sidebar import BADGES
from core.desk import list_stacks, list_waiting
from core.weeks import week_of
from leases.models import Paper
from ledger import services as ledger
from ledger.models import LedgerBalance
from tests.factories import DriverFactory, LeaseFactory, UserFactory, VehicleFactory
from tests.ledger.proofs import pay, pay_out
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

#: The person and their rights (four statements), and what Home asks: its one budget.
MOST_QUERIES = 15


@pytest.fixture
def user_as():
    def make(role):
        user = UserFactory.create(is_staff=True, is_superuser=role == "Superuser")
        user.groups.set(Group.objects.filter(name=role))
        return user

    return make


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def owing(today):
    """A driver owes 500.00 of which 200.00 are due by now, and another is held 75.25."""
    debtor, payee = DriverFactory.create(), DriverFactory.create()
    for reference, amount, due_on in (("MISC-1", "200.00", today), ("MISC-2", "300.00", today + timedelta(days=1))):
        ledger.create_obligation(
            driver_id=debtor.pk,
            category="MISC",
            reference_id=reference,
            amount=Decimal(amount),
            due_on=due_on,
            effective_on=today,
            description="Lost key",
            actor=None,
        )
    ledger.credit_driver(
        driver_id=payee.pk,
        category="MISC",
        amount=Decimal("75.25"),
        reference_id="MEMO-1",
        reason="charged twice",
        effective_on=today,
        actor=UserFactory.create(),
    )
    return debtor


def words_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode().split('id="content"')[-1]))


@pytest.mark.parametrize("role", ["Office", "Supervisor", "Auditor", "Superuser"])
def test_home_tells_how_the_fleet_stands(role, client, user_as, owing, django_assert_max_num_queries):
    client.force_login(user_as(role))

    with django_assert_max_num_queries(MOST_QUERIES):
        answer = client.get("/admin/")

    told = words_of(answer)
    assert "$200.00 of $500.00 owed by 1 driver" in told
    assert "$75.25 1 driver, deposits not counted" in told
    assert "$500.00 is owed today; $200.00 of it (40%) is due by now." in told
    assert "Miscellaneous 300.00 200.00 – – – 200.00 500.00" in told
    assert "Nothing was taken today." in told
    leads = re.findall(r'<a class="figure-link" href="([^"]*due_on[^"]*)">([^<]*)</a>', answer.content.decode())
    assert [(words, _list_due(client, url)) for url, words in leads[:3]] == [
        ("300.00", ["MISC-2"]),
        ("200.00", ["MISC-1"]),
        ("200.00", ["MISC-1"]),
    ]


def _list_due(client, url) -> list[str]:
    listed = client.get(url.replace("&amp;", "&")).context["cl"].result_list
    return [balance.reference_id for balance in listed]


def test_each_figure_of_what_was_taken_leads_to_its_payments(client, user_as, today):
    cashier = UserFactory.create(first_name="Maya")
    for amount, facts in (("20.00", {"actor": cashier}), ("5.00", {"actor": cashier}), ("7.00", {"actor": None})):
        pay(DriverFactory.create(), amount, effective_on=today, **facts)
    pay(
        DriverFactory.create(), "9.00", effective_on=today, payment_method="CHECK", instrument_number="1", actor=cashier
    )
    client.force_login(user_as("Supervisor"))
    taken = client.get("/admin/").content.decode().split('id="taken-head"')[1].split("</table>")[0]
    leads = re.findall(r'<a class="figure-link" href="([^"]*)">([^<]*)</a>', taken)
    assert [told for _, told in leads] == ["25.00", "9.00", "34.00", "32.00", "9.00", "41.00"]
    for url, told in leads:
        rows = client.get(url.replace("&amp;", "&")).context["cl"].result_list
        assert sum(payment.amount for payment in rows) == Decimal(told)


def test_an_auditor_sees_that_no_receipt_is_missing_and_what_became_of_the_seals(client, user_as, today):
    for amount in ("20.00", "5.00"):
        pay(DriverFactory.create(), amount, effective_on=today)
    client.force_login(user_as("Auditor"))
    assert "/admin/home/controls/" in client.get("/admin/").content.decode()
    told = words_of(client.get("/admin/home/controls/"))
    assert "Receipts: 2, and no number is missing. Receipts in number order" in told
    assert "The seals were never verified." in told
    ledger.seal_rows()
    ledger.verify_seals(is_whole=True)
    assert re.search(
        r"Seals verified [^:]*:\d\d [AP]M: all as they were sealed\.", words_of(client.get("/admin/home/controls/"))
    )
    client.force_login(user_as("Office"))
    assert "/admin/home/controls/" not in client.get("/admin/").content.decode()


def test_a_cashier_begins_at_the_counter(client, user_as):
    client.force_login(user_as("Cashier"))

    assert client.get("/admin/")["Location"] == "/admin/ledger/ledgeraccount/pay/"


def test_the_menu_of_a_cashier_is_short(client, user_as):
    client.force_login(user_as("Cashier"))
    shown = client.get("/admin/ledger/ledgeraccount/pay/").content.decode().split('id="nav-sidebar-apps"')[1]
    menu = re.findall(r"<span>([^<]+)</span>", shown.split("</nav>")[0])
    assert menu == [
        *("Take a payment", "Today at the counter", "Payments"),
        *("Drivers", "Vehicles", "Leases", "DTRs", "Tickets and tolls"),
    ]


@pytest.mark.parametrize("card", ["week", "collected", "controls", "decided", "on-hand", "owing", "unpaid"])
def test_what_comes_later_is_guarded_as_well(card, client, user_as):
    client.force_login(UserFactory.create(is_staff=True))
    assert client.get(f"/admin/home/{card}/").status_code == 403

    client.force_login(user_as("Auditor"))
    assert client.get(f"/admin/home/{card}/").status_code == 200


def test_what_was_collected_stands_in_its_week(client, user_as, owing, today):
    ledger.apply_interim_payment(
        driver_id=owing.pk,
        payment_amount=Decimal("123.45"),
        payment_method="CASH",
        allocations={},
        effective_on=today,
        idempotency_key="till-1",
        actor=UserFactory.create(),
    )
    # What was voided, and what came back after it had been paid out, was not collected.
    twice = pay(owing, "10.00", effective_on=today)
    ledger.void_payment(payment_id=twice.pk, reason="Keyed twice", actor=None, effective_on=today)
    payee = DriverFactory.create()
    returned = pay(payee, "20.00", payment_method="CHECK", instrument_number="600", effective_on=today)
    pay_out(payee, "20.00", effective_on=today)
    back = {"returned_item": True, "was_at_bank": False}
    ledger.void_payment(payment_id=returned.pk, reason="Came back", actor=None, effective_on=today, **back)
    client.force_login(user_as("Supervisor"))

    assert "– 123.45 123.45 520.00" in words_of(client.get("/admin/home/collected/"))
    assert "Taken today $123.45 1 payment" in words_of(client.get("/admin/"))
    # 123.45 and 10.00 came, 10.00 and 20.00 went; the check came back. Each leads to its account.
    drawers = client.get("/admin/home/on-hand/")
    assert words_of(drawers).strip() == "Cash, by the books $103.45 Checks received, by the books $0.00"
    cash, checks = (client.get(url) for url in re.findall(r'href="([^"]*)"', drawers.content.decode()))
    assert re.search(r"1010 Cash: [^:]*, 103.45 at the end of", words_of(cash))
    assert re.search(r"1020 Checks received: [^:]*, 0.00 at the end of", words_of(checks))


def test_what_was_charged_is_told_from_kept_sums_and_what_came_since(client, user_as, owing, today):
    """500.00 are charged this week; of them 200.00 are voided after the sums were kept."""
    client.force_login(user_as("Supervisor"))

    def told() -> str:
        return words_of(client.get("/admin/home/collected/")).split()[-1]

    assert told() == "500.00"
    ledger.keep_sums()
    assert told() == "500.00"
    charge = LedgerBalance.objects.get(reference_id="MISC-1")
    ledger.void_posting(posting_id=charge.pk, reason="Not theirs", effective_on=today, actor=UserFactory.create())
    assert told() == "300.00"
    ledger.keep_sums()
    assert told() == "300.00"


def test_the_menu_counts_what_waits_for_its_reader_alone(client, user_as, django_assert_num_queries):
    """No page counts it; the page asks, by one statement besides the four of who asks."""
    noon = timezone.now()
    Ticket.objects.create(
        kind="PVB", number="1", at=noon, at_latest=noon, amount=115, state="WAITING", waits_for="NO_HOLDER"
    )
    client.force_login(user_as("Office"))
    with django_assert_num_queries(5):
        assert client.get("/admin/home/waiting/").json()["counts"] == {"/admin/tickets/ticket/queue/": 1}
    shown = client.get("/admin/").content.decode()
    assert all(f'href="{address}"' in shown for address in BADGES.values())

    client.force_login(user_as("Cashier"))
    assert client.get("/admin/home/waiting/").json()["counts"] == {}
    client.logout()
    assert client.get("/admin/home/waiting/").status_code == 302


def test_who_undid_and_gave_what_this_week(client, user_as, owing, today, django_assert_num_queries):
    """200.00 forgiven and 75.25 given, each with its author; what the act before it did is not told twice."""
    boss = user_as("Supervisor")
    debt = LedgerBalance.objects.get(reference_id="MISC-1")
    ledger.write_off_obligation(
        posting_id=debt.pk, amount=Decimal("20.00"), reason="Agreed", actor=boss, effective_on=today
    )
    client.force_login(boss)

    with django_assert_num_queries(7):
        told = client.get("/admin/home/decided/")

    assert f"{boss.username} – 20.00 1 – – –" in words_of(told)
    assert "75.25 1" in words_of(told)
    for address in re.findall(r'href="([^"]*)"', told.content.decode()):
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    client.force_login(user_as("Office"))
    assert client.get("/admin/home/decided/").status_code == 403


def test_a_cashier_knows_what_drivers_may_ask(client, user_as, today, django_assert_num_queries):
    """What was not paid out, whose license ends, and when the week closes; the counter's page asks for it."""
    client.force_login(user_as("Cashier"))
    assert 'hx-get="/admin/home/good-to-know/"' in client.get("/admin/ledger/ledgeraccount/pay/").content.decode()
    adams = DriverFactory.create(first_name="Ana", last_name="Adams")
    Paper.objects.create(driver=adams, kind="TLC_LICENSE", number="1", good_to=today + timedelta(days=30))
    Paper.objects.create(driver=adams, kind="DMV_LICENSE", number="2", good_to=today)

    with django_assert_num_queries(7):
        told = client.get("/admin/home/good-to-know/")

    assert re.search(r"1 TLC license ends within 30 days Ana Adams \w+ \d+", words_of(told))
    assert "The pay week closes Sunday, 5:00 AM" in words_of(told)
    assert "not paid out" not in words_of(told)
    for address in re.findall(r'href="([^"]*)"', told.content.decode()):
        assert client.get(address.replace("&amp;", "&")).status_code == 200
    client.force_login(user_as("Auditor"))
    assert client.get("/admin/home/good-to-know/").status_code == 403


def test_cabs_are_told_by_whether_a_lease_has_them(client, user_as, today):
    """Of three cabs in service one is leased, and one is on hold; the third has no lease."""
    days = {"start_on": week_of(today).start, "end_on": week_of(today).end + timedelta(days=35)}
    LeaseFactory.create(**days)
    LeaseFactory.create(status="HELD", **days)
    idle = VehicleFactory.create()
    VehicleFactory.create(status="RETIRED")
    client.force_login(user_as("Office"))

    assert "Cabs leased 2 of 3 1 without a lease, 1 lease on hold" in words_of(client.get("/admin/"))
    listed = client.get("/admin/leases/vehicle/?status__exact=IN_SERVICE&leased=no").context["cl"].result_list
    assert [cab.pk for cab in listed] == [idle.pk]


class TestDesk:
    def test_all_stacks_are_counted_by_one_statement(self, user_as, owing, today, django_assert_num_queries):
        boss = user_as("Superuser")

        with django_assert_num_queries(1):
            assert list_waiting(boss, today=today) == []

    def test_each_stack_leads_somewhere_and_is_of_a_right_that_there_is(self, client, user_as, today):
        boss = user_as("Superuser")
        client.force_login(boss)

        for stack in list_stacks():
            assert client.get(stack.address(today), follow=True).status_code == 200, stack.name
            assert user_as("Supervisor").has_perm(stack.permission) or user_as("Office").has_perm(stack.permission)

    def test_nobody_is_told_of_what_they_may_not_do(self, user_as, today):
        assert list_waiting(UserFactory.create(), today=today) == []
