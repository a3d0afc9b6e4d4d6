"""The pay week's pages: to look at, by whoever may, and to change by nobody."""

import re
from copy import deepcopy
from decimal import Decimal

import pytest
from django.urls import reverse

from dtr.models import Dtr, WeekClose
from leases.models import Lease
from ledger import services as ledger
from tests.curb import trip
from tests.dtr.fleet import NEXT_WEEK, SATURDAY, SUNDAY, card, cash, close, drive, get_dtr, leased_driver
from tests.factories import LeaseFactory, UserFactory
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db


@pytest.fixture
def week(client, made):
    """A closed week; an auditor looks at it."""
    client.force_login(UserFactory.create(groups=["Auditor"]))
    return deepcopy(made)


@pytest.fixture(scope="class")
def made(made_once_a_class: MadeOnce):
    return made_once_a_class(close_a_week)


def close_a_week():
    """With an error, a waiting trip and money that crossed between two leases."""
    lease = leased_driver()
    other = LeaseFactory.create(primary_driver=lease.primary_driver, vehicle__medallion="9Z91")
    drive(
        card("913.25"), cash("14.30"), trip(T="D", TOTAL_AMOUNT="-8.30"), card(DRIVER="9999999"), card(ID="bad", T="?")
    )
    ledger.create_obligation(
        category="LEASE",
        amount=Decimal("500.00"),
        reference_id="LEASE-B",
        driver_id=lease.primary_driver_id,
        lease_id=other.pk,
        due_on=SATURDAY,
        effective_on=SATURDAY,
    )
    close()
    return lease


def show(client, record):
    return client.get(reverse(f"admin:{record._meta.label_lower.replace('.', '_')}_change", args=[record.pk]))


class TestDtrPage:
    def test_a_dtr_shows_its_lines_and_every_posting_in_words(self, client, week):
        page = show(client, get_dtr(week)).content.decode()
        assert "DTR-000001" in page
        assert "Net due to the driver" in page
        assert "$406.65" in page  # 913.25 gross, 6.60 taxes of two trips, 500.00 rent of the other lease
        other = get_dtr(Lease.objects.get(vehicle__medallion="9Z91"))
        assert f"used on lease {other.lease_id}" in page
        assert other.reference_id in page
        assert "for information: you hold it" in page
        assert '<td>Congestion surcharge</td><td>2 × 2.50</td><td class="num">5.00</td>' in page
        assert "We pay you $406.65." in page
        assert "Activity through" in page

    def test_a_dtr_says_who_is_in_debt(self, client, week):
        ledger.create_obligation(
            category="REPAIR",
            amount=Decimal("1000.00"),
            reference_id="REPAIR-1-1",
            driver_id=week.primary_driver_id,
            lease_id=week.pk,
            due_on=SATURDAY,
            effective_on=SUNDAY,
        )
        close(NEXT_WEEK)
        page = show(client, get_dtr(week, None, NEXT_WEEK)).content.decode()
        assert "Net due from the driver" in page
        assert "charged before" not in page
        close(NEXT_WEEK.next)
        later = get_dtr(week, None, NEXT_WEEK.next)
        sections = {section["title"]: section for section in show(client, later).context["sections"]}
        # In words: on a page a bracket would read as a minus. The paper explains its brackets above them.
        (row,) = [row for row in sections["Charges, and what is left of them"]["rows"] if "REPAIR-1-1" in row]
        assert row[1].endswith(", charged before")
        assert row[3] == "1,000.00"

    def test_a_dtr_links_to_the_trip_log(self, client, week):
        page = show(client, get_dtr(week))
        (button,) = (button for button in page.context["buttons"] if button.label == "Trip log")
        log = client.get(button.url)
        assert log.context["cl"].result_count == 3

    @pytest.mark.parametrize("term", ["DTR-000001", "1", "5000001"])
    def test_a_dtr_is_found_by_number_and_driver(self, client, week, term):
        found = client.get(reverse("admin:dtr_dtr_changelist"), {"q": term}).context["cl"].result_list
        assert get_dtr(week) in found

    @pytest.mark.parametrize("term", ["DTR-000001", "dtr 1", "01"])
    def test_a_dtr_is_found_from_anywhere(self, client, week, term):
        groups = client.get(reverse("find"), {"q": term}).context["groups"]
        (group,) = (group for group in groups if group.title == "DTRs")
        assert [hit.title for hit in group.hits] == ["DTR-000001"]

    def test_a_missing_dtr_is_not_there(self, client, week):
        assert client.get(reverse("admin:dtr_dtr_change", args=[999])).status_code == 404


class TestOtherPages:
    def test_a_week_shows_how_far_it_came(self, client, week):
        page = show(client, WeekClose.objects.get()).content.decode()
        assert "Seal the DTRs" in page
        assert "$913.25" in page

    def test_weeks_are_found_by_their_date(self, client, week):
        page = client.get(reverse("admin:dtr_weekclose_changelist"), {"q": "2026-03"})
        assert page.context["cl"].result_count == 1


class TestPermissions:
    @pytest.mark.parametrize("role", ["Cashier", "Supervisor", "Office", "Auditor"])
    def test_each_role_sees_what_it_may(self, client, week, role):
        client.force_login(UserFactory.create(groups=[role]))
        assert show(client, get_dtr(week)).status_code == 200
        assert show(client, WeekClose.objects.get()).status_code == 200

    def test_staff_without_a_role_see_no_dtr(self, client, week):
        client.force_login(UserFactory.create())
        assert show(client, get_dtr(week)).status_code == 403

    @pytest.mark.parametrize("model", [Dtr, WeekClose])
    def test_nobody_adds_changes_or_deletes(self, client, week, model):
        client.force_login(UserFactory.create(is_superuser=True))
        record = model.objects.first()
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_add")).status_code == 403
        assert client.post(reverse(f"{name}_change", args=[record.pk])).status_code == 403
        assert client.post(reverse(f"{name}_delete", args=[record.pk])).status_code == 403


class TestQueries:
    def test_a_list_takes_as_many_for_many_rows_as_for_few(self, client, django_assert_max_num_queries, week):
        drive(*(card() for _ in range(40)))
        with django_assert_max_num_queries(12):
            client.get(reverse("admin:dtr_dtr_changelist"))


def charge(lease, amount, reference_id, due_on=SATURDAY):
    ledger.create_obligation(
        category="MISC",
        amount=Decimal(amount),
        reference_id=reference_id,
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        due_on=due_on,
        effective_on=SATURDAY,
    )


def test_home_lists_the_dtrs_that_owe_most(client, django_assert_num_queries):
    """The most first; who owes nothing by the Saturday is not among them."""
    owed: dict[str, Lease] = {}
    for number, amount in enumerate(("45.50", "700.00", "7.10")):
        lease = owed[amount] = leased_driver(f"500000{number}", f"9Z9{number}")
        charge(lease, amount, f"MISC-{number}")
    later = leased_driver("5000009", "9Z99")
    charge(later, "900.00", "MISC-9", due_on=NEXT_WEEK.end)
    close()
    owed = {amount: owed[amount] for amount in ("700.00", "45.50", "7.10")}
    client.force_login(UserFactory.create(groups=["Office"]))

    with django_assert_num_queries(6):
        told = client.get("/admin/home/owing/").content.decode()

    assert re.findall(r'<td class="num"><a [^>]*>([^<]*)</a></td>', told) == list(owed)
    dtrs = [get_dtr(lease) for lease in owed.values()]
    leads = re.findall(r'href="([^"]*)"', told)
    assert leads[:-1] == [
        url
        for dtr in dtrs
        for url in (f"/admin/drivers/{dtr.driver_id}/", *[f"/admin/dtr/dtr/{dtr.pk}/change/"] * 2)  # number, amount
    ]
    assert set(client.get(leads[-1]).context["cl"].result_list) >= set(dtrs)
    client.force_login(UserFactory.create(is_staff=True))
    assert client.get("/admin/home/owing/").status_code == 403
