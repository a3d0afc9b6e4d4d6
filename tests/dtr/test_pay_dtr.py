"""A DTR's net is paid once, never above what is due, and stands on the next DTR."""

import re
from copy import deepcopy
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from core.desk import list_waiting
from dtr import services as dtr
from dtr.selectors.payouts import list_payable_dtrs, list_payouts_of
from ledger import selectors as ledger_selectors
from ledger import services as ledger
from ledger.models import LedgerPosting
from tests.books import assert_books_clean
from tests.dtr.fleet import (
    NEXT_SUNDAY,
    NEXT_WEEK,
    SATURDAY,
    WEEK,
    card,
    close,
    count_postings,
    drive,
    get_dtr,
    leased_driver,
    lines_of,
)
from tests.factories import LeaseFactory, UserFactory
from tests.made_once import MadeOnce

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 9)


@pytest.fixture
def lease():
    """A driver to whom 100.00 is due."""
    lease = leased_driver()
    drive(card("103.30"))
    close()
    return lease


def pay(lease, **how):
    how = {"method": "CHECK", "instrument_number": "1043", "effective_on": MONDAY, **how}
    return dtr.pay_dtr(dtr_id=get_dtr(lease).pk, **how)


class TestPayDtr:
    def test_the_net_of_a_dtr_is_paid_and_stands_on_the_next(self, lease):
        payout = pay(lease)
        assert (payout.reference_id, payout.amount, payout.stands) == ("OUT-000001", Decimal("100.00"), True)
        close(NEXT_WEEK)
        assert lines_of(get_dtr(lease, None, NEXT_WEEK)) == {
            "CREDIT EARNINGS": {"opening": "100.00", "paid_out": "100.00"}
        }
        assert_books_clean()

    def test_the_same_payment_again_is_the_first(self, lease):
        first = pay(lease)
        before = count_postings()
        assert pay(lease) == first
        assert count_postings() == before

    def test_a_dtr_is_never_paid_twice(self, lease):
        pay(lease)
        before = count_postings()
        with pytest.raises(dtr.DtrAlreadyPaid) as refusal:
            pay(lease, instrument_number="1044")
        assert refusal.value.facts["payout"] == "OUT-000001"
        assert count_postings() == before

    def test_after_a_void_it_is_paid_anew(self, lease):
        first = pay(lease)
        ledger.void_payout(payout_id=first.payout_id, reason="The check was lost", actor=None, effective_on=MONDAY)
        second = pay(lease, instrument_number="1044")
        payouts = list_payouts_of([get_dtr(lease)])[get_dtr(lease).reference_id]
        assert [(payout.reference_id, payout.stands) for payout in payouts] == [
            ("OUT-000001", False),
            (second.reference_id, True),
        ]
        with pytest.raises(dtr.DtrAlreadyPaid):
            pay(lease)
        assert_books_clean()

    def test_only_the_latest_dtr_is_paid(self, lease):
        close(NEXT_WEEK)
        before = count_postings()
        with pytest.raises(dtr.DtrNotLatest):
            pay(lease)
        assert count_postings() == before
        assert dtr.pay_dtr(
            dtr_id=get_dtr(lease, None, NEXT_WEEK).pk, method="ACH", instrument_number="T-1", effective_on=NEXT_SUNDAY
        ).amount == Decimal("100.00")

    def test_never_more_than_is_due_by_now(self, lease):
        ledger.create_obligation(
            category="TLC",
            amount=Decimal("30.00"),
            reference_id="TLC-1",
            driver_id=lease.primary_driver_id,
            effective_on=MONDAY,
        )
        before = count_postings()
        with pytest.raises(ledger.ExceedsNetDue):
            pay(lease, amount=Decimal("70.01"))
        assert count_postings() == before
        assert pay(lease).amount == Decimal("70.00")

    def test_nothing_where_all_of_it_is_owed_by_now(self, lease):
        ledger.create_obligation(
            category="TLC",
            amount=Decimal("130.00"),
            reference_id="TLC-1",
            driver_id=lease.primary_driver_id,
            effective_on=MONDAY,
        )
        before = count_postings()
        with pytest.raises(ledger.ExceedsNetDue):
            pay(lease)
        assert count_postings() == before

    def test_it_draws_the_credits_of_its_own_lease_alone(self):
        """A credit of 40.00 on another lease is older, and stays where it is."""
        lease = leased_driver()
        other = LeaseFactory.create(primary_driver=lease.primary_driver)
        ledger.credit_driver(
            driver_id=lease.primary_driver_id,
            category="EZPASS",
            amount=Decimal("40.00"),
            reference_id="EZ-REFUND",
            reason="Refund",
            lease_id=other.pk,
            effective_on=WEEK.start,
            actor=UserFactory.create(),
        )
        drive(card("103.30"))
        close()
        # The week's taxes of 3.30 are paid by the older credit, so 103.30 is due on the lease that earned it.
        payout = pay(lease)
        (line,) = LedgerPosting.objects.filter(payout_id=payout.payout_id)
        assert (line.lease, line.category, line.amount) == (lease, "EARNINGS", payout.amount)
        older = ledger_selectors.find_balance_by_reference("EZ-REFUND")
        assert older is not None
        assert older.remaining == Decimal("36.70")
        assert_books_clean()

    def test_what_its_lease_no_longer_holds_is_refused_with_the_figure(self, lease):
        """60.00 left by hand, and 60.00 is held elsewhere: 40.00 of the DTR's 100.00 can still be paid."""
        driver_id = lease.primary_driver_id
        ledger.credit_driver(
            driver_id=driver_id,
            category="EZPASS",
            amount=Decimal("60.00"),
            reference_id="EZ-REFUND",
            reason="Refund",
            effective_on=MONDAY,
        )
        ledger.pay_out(
            driver_id=driver_id, amount=Decimal("60.00"), method="CASH", lease_id=lease.pk, effective_on=MONDAY
        )
        with pytest.raises(ledger.ExceedsHeldOnLease) as refusal:
            pay(lease)
        assert refusal.value.facts["held"] == "40.00"
        assert pay(lease, amount=Decimal("40.00")).amount == Decimal("40.00")

    def test_never_more_than_it_tells(self, lease):
        ledger.credit_driver(
            driver_id=lease.primary_driver_id,
            category="EZPASS",
            amount=Decimal("50.00"),
            reference_id="EZ-REFUND",
            reason="Refund",
            effective_on=MONDAY,
        )
        with pytest.raises(dtr.NothingDue):
            pay(lease, amount=Decimal("120.00"))

    def test_nothing_is_due_to_a_debtor(self):
        debtor = leased_driver()
        ledger.create_obligation(
            category="TLC",
            amount=Decimal("30.00"),
            reference_id="TLC-1",
            driver_id=debtor.primary_driver_id,
            lease_id=debtor.pk,
            due_on=SATURDAY,
            effective_on=SATURDAY,
        )
        close()
        with pytest.raises(dtr.NothingDue):
            pay(debtor)
        with pytest.raises(dtr.DtrNotFound):
            dtr.pay_dtr(dtr_id=10**9, method="ACH", instrument_number="T-1", effective_on=MONDAY)


def close_a_week_of_three():
    leases = [leased_driver(f"500000{number}", f"9Z9{number}") for number in range(3)]
    drive(*(card("103.30", DRIVER=f"500000{number}", CABNUMBER=f"9Z9{number}") for number in range(3)))
    close()
    return leases


@pytest.fixture(scope="class")
def made(made_once_a_class: MadeOnce):
    return made_once_a_class(close_a_week_of_three)


class TestPages:
    @pytest.fixture
    def fleet(self, client, made):
        client.force_login(UserFactory.create(groups=["Supervisor"]))
        return deepcopy(made)

    def url(self):
        return reverse("admin:dtr_weekclose_pay", args=["2026-03-07"])

    def press(self, client, url, dtrs, **typed):
        typed = {"dtrs": [row.pk for row in dtrs], "method": "CHECK", "instrument_number": "0099", **typed}
        preview = client.post(url, {**typed, "_preview": "1"})
        seen = preview.context.get("seen")
        return preview, client.post(url, {**typed, "_confirm": "1", "_seen": seen or ""}, follow=True)

    def test_many_at_once_with_checks_numbered_on(self, client, fleet):
        payable = list_payable_dtrs(WEEK)
        preview, done = self.press(client, self.url(), payable[:2])
        assert "200.00" in preview.content.decode()
        assert "2 of 2 DTRs recorded as paid, $200.00 together." in done.content.decode()
        paid = list_payouts_of(payable)
        assert [[p.instrument_number for p in paid[row.reference_id]] for row in payable] == [["0099"], ["0100"], []]
        assert list_payable_dtrs(WEEK) == payable[2:]

    def test_what_home_counts_is_what_the_list_shows(self, client, fleet):
        """Three are due: one is paid, one is paid and that is voided, one is not. The week before is not asked for."""
        paid, voided, _ = payable = list_payable_dtrs(WEEK)
        for row in (paid, voided):
            payout = dtr.pay_dtr(dtr_id=row.pk, method="ACH", instrument_number="1", effective_on=MONDAY)
        ledger.void_payout(payout_id=payout.payout_id, reason="Lost", actor=None, effective_on=MONDAY)

        def shown(**asked):
            return list(client.get(reverse("admin:dtr_dtr_changelist"), asked).context["cl"].result_list)

        def told():
            """The one stack that Home tells, by the address it leads to."""
            (one,) = list_waiting(UserFactory.create(is_superuser=True), today=MONDAY, names=["dtr.unpaid"])
            rows = list(client.get(one.stack.address(MONDAY)).context["cl"].result_list)
            assert (len(rows), sum(row.net_due for row in rows)) == (one.count, one.amount)
            return rows

        assert {row.pk for row in told()} == {row.pk for row in payable[1:]}
        narrowed = client.get(reverse("admin:dtr_dtr_changelist"), {"week__week_end__exact": "2026-03-07"})
        assert [(chip.label, chip.value) for chip in narrowed.context["cl"].chips] == [("Week ending", "Mar 7, 2026")]
        assert shown(paid_out="yes") == [paid]
        chosen = client.post(reverse("admin:dtr_dtr_pay_several"), {"_selected_action": voided.pk}, follow=True)
        assert [row.cells for row in chosen.context["rows"]] == [(str(voided.driver), "Mar 7, 2026")]
        page = client.get("/admin/home/good-to-know/").content.decode()
        (address,) = re.findall(r'href="([^"]*)">DTRs not paid out yet', page)
        assert client.get(address).context["cl"].result_count == 2
        pay_last = reverse("admin:dtr_weekclose_pay_last")
        assert pay_last in client.get(address).content.decode()
        close(NEXT_WEEK)
        assert {row.week_id for row in told()} == {NEXT_WEEK.end}
        # What was paid out is of the week closed last as well, unless something else leaves few.
        assert shown(paid_out="yes") == []
        assert shown(paid_out="yes", week__week_end__exact="2026-03-07") == [paid]
        assert shown(paid_out="yes", driver__id__exact=paid.driver_id) == [paid]
        client.force_login(UserFactory.create(groups=["Auditor"]))
        assert pay_last not in client.get(address).content.decode()

    def owe(self, driver_id, amount):
        ledger.create_obligation(
            category="TLC",
            amount=Decimal(amount),
            reference_id="TLC-1",
            driver_id=driver_id,
            effective_on=MONDAY,
        )

    def test_one_that_is_refused_leaves_the_others_paid(self, client, fleet):
        payable = list_payable_dtrs(WEEK)
        self.owe(payable[0].driver_id, "130.00")
        _, done = self.press(client, self.url(), payable)
        page = done.content.decode()
        assert "2 of 3 DTRs recorded as paid" in page
        assert "$0.00 is due to the driver" in page

    def test_one_that_is_capped_says_why(self, client, fleet):
        payable = list_payable_dtrs(WEEK)
        self.owe(payable[0].driver_id, "30.00")
        preview, done = self.press(client, self.url(), payable)
        assert "$70.00 of $100.00: $70.00 is due to the driver: $100.00 held over all leases, less $30.00" in (
            preview.content.decode()
        )
        assert "3 of 3 DTRs recorded as paid, $270.00 together." in done.content.decode()

    def test_a_part_of_one_dtr_is_paid_from_its_page(self, client, fleet):
        row = get_dtr(fleet[0])
        url = reverse("admin:dtr_dtr_pay", args=[row.pk])
        preview, _ = self.press(client, url, [row], method="ACH", instrument_number="T-77", amount="40.00")
        assert "40.00" in preview.content.decode()
        assert list_payouts_of([row])[row.reference_id][0].amount == Decimal("40.00")

    def test_an_amount_that_would_be_refused_is_refused_at_its_input(self, client, fleet):
        """100.00 net, and 30.00 owed since: 70.00 may be paid. No preview says otherwise."""
        row = get_dtr(fleet[0])
        self.owe(row.driver_id, "30.00")
        url, typed = reverse("admin:dtr_dtr_pay", args=[row.pk]), {"method": "ACH", "instrument_number": "T-77"}
        for amount, sentence in [("100.01", "says $100.00 due"), ("70.01", "$70.00 is due to the driver")]:
            for page in self.press(client, url, [row], **typed, amount=amount):
                assert sentence in page.context["form"].errors["amount"][0]
                assert "What would be recorded" not in page.content.decode()
        assert list_payouts_of([row]) == {row.reference_id: []}

    def test_one_dtr_is_paid_from_its_page(self, client, fleet):
        row = get_dtr(fleet[0])
        _, done = self.press(
            client, reverse("admin:dtr_dtr_pay", args=[row.pk]), [row], method="ACH", instrument_number="T-77"
        )
        assert "OUT-000001" in done.content.decode()
        assert "T-77" in done.content.decode()

    def test_a_check_has_a_number(self, client, fleet):
        preview, _ = self.press(client, self.url(), list_payable_dtrs(WEEK), instrument_number="none")
        assert "ends with digits" in preview.content.decode()
        assert len(list_payable_dtrs(WEEK)) == 3

    @pytest.mark.parametrize("role", ["Cashier", "Office", "Auditor"])
    def test_only_who_may_give_out_money(self, client, fleet, role):
        client.force_login(UserFactory.create(groups=[role]))
        assert client.get(self.url()).status_code == 403
        assert client.post(self.url(), {"_confirm": "1"}).status_code == 403
