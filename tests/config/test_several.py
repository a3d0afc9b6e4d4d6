"""Several rows of a list, acted on together: chosen, looked at, done one by one, and told of one by one."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.utils import timezone

from core.admin import several
from dtr.models import Dtr
from leases.models import Lease
from ledger import services as ledger
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting, Payout
from ledger.selectors import list_payments
from tests.dtr.fleet import WEEK, close, leased_driver
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, hold, messages_on, owe, url_of
from tests.ledger.proofs import pay
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

PAYMENTS, VOID = "ledger_interimpayment_changelist", "ledger_interimpayment_void_several"


def choose(client: Any, name: str, act: str, rows: Any) -> Any:
    """Check these rows in their list, and pick the act from its box."""
    keys = [str(row.pk) for row in rows]
    return client.post(url_of(name), {"action": act, "_selected_action": keys, "index": "0"})


def press(client: Any, page: Any, **typed: Any) -> Any:
    """Press the button of the page that the list led to."""
    context = page.context
    return client.post(
        context["act_url"], {"chosen": context["chosen"], "_confirm": "1", "_seen": context["seen"] or "", **typed}
    )


def hold_for(lease: Lease, number: str) -> None:
    ledger.post_earnings(
        amount=Decimal("900.00"),
        reference_id=f"CURB-{number}",
        driver_id=lease.primary_driver_id,
        lease_id=lease.pk,
        effective_on=WEEK.end,
    )


def outcomes_on(page: Any) -> list[tuple[str, bool]]:
    return [(row.name, row.is_done) for row in page.context["rows"]]


def test_payments_are_voided_but_for_the_one_that_can_not_be():
    driver, other = DriverFactory.create(), DriverFactory.create()
    owe(driver, "MISC-1", "300.00")
    payments = [pay(driver, "300.00", {"MISC-1": "300.00"}), pay(other, "31.69"), pay(other, "74.48")]
    today = timezone.localdate()
    ledger.pay_out(driver_id=other.pk, amount=Decimal("80.00"), method="CASH", effective_on=today)
    client, before = browse("Supervisor"), LedgerPosting.objects.count()
    page = choose(client, PAYMENTS, "void", payments)
    text = " ".join(page.content.decode().split())
    alone = [row for row in page.context["rows"] if not row.is_done]
    done = [row for row in page.context["rows"] if row.is_done]
    assert LedgerPosting.objects.count() == before
    assert len(done) >= 1
    assert alone
    assert all(row.told[0] for row in alone)
    total = sum(row.amount for row in done)
    names = "payment" if len(done) == 1 else "payments"
    assert f"Void {len(done)} {names}" in text
    assert f"<strong>${total:,.2f}</strong> together" in text
    refused = press(client, page, reason="")
    assert refused.context["form"].errors
    result = press(client, page, reason="Returned by the bank")
    assert messages_on(result) == [f"{len(done)} voided, {len(alone)} left alone."]
    assert [row.is_done for row in result.context["rows"]] == [row.is_done for row in page.context["rows"]]
    states = dict(list_payments().values_list("pk", "status"))
    assert [states[row.record_id] for row in done] == ["VOIDED"] * len(done)
    assert [states[row.record_id] for row in alone] == ["OPEN"] * len(alone)
    # Sent again, nothing is voided twice.
    again = press(client, page, reason="Returned by the bank")
    assert not any(is_done for _, is_done in outcomes_on(again))


def test_what_was_looked_at_is_what_is_done():
    driver = DriverFactory.create()
    first, second = pay(driver, "10.00"), pay(driver, "20.00")
    client = browse("Supervisor")
    page = choose(client, PAYMENTS, "void", [first, second])
    ledger.void_payment(payment_id=first.pk, reason="Elsewhere", actor=None, effective_on=timezone.localdate())
    shown = press(client, page, reason="Mistyped")
    assert shown.context["pressed_too_soon"]
    assert outcomes_on(shown) == [(str(first), False), (str(second), True)]
    assert messages_on(press(client, shown, reason="Mistyped")) == ["1 voided, 1 left alone."]


def test_who_may_not_is_offered_nothing_and_refused(monkeypatch):
    payment = pay(DriverFactory.create(), "10.00")
    cashier = browse("Cashier")
    listed = cashier.get(url_of(PAYMENTS))
    assert "_selected_action" not in listed.content.decode()
    assert cashier.post(url_of(VOID), {"chosen": str(payment.pk)}).status_code == 403
    choose(cashier, PAYMENTS, "void", [payment])
    client = browse("Supervisor")
    assert client.get(url_of(VOID), follow=True).redirect_chain[-1][0] == url_of(PAYMENTS)
    monkeypatch.setattr(several, "MOST", 0)
    too_many = client.post(url_of(VOID), {"chosen": str(payment.pk)}, follow=True)
    assert messages_on(too_many) == ["0 at a time, please. Narrow the list."]
    for junk in ("", "x", "9" * 30, "-1", "9" * 18):
        assert client.post(url_of(VOID), {"chosen": junk, "_confirm": "1"}, follow=True).status_code == 200, junk
    assert set(InterimPayment.objects.values_list("pk")) == {(payment.pk,)}
    assert not LedgerPosting.objects.filter(reverses__isnull=False).exists()


def test_balances_are_forgiven_and_what_is_held_is_left_alone():
    driver = DriverFactory.create()
    owed, held = owe(driver, "MISC-1", "40.00"), hold(driver, "CURB-1", "5.00")
    rows = list(LedgerBalance.objects.filter(pk__in=[owed.pk, held.pk]))
    client = browse("Supervisor")
    page = choose(client, "ledger_ledgerbalance_changelist", "write-off", rows)
    result = press(client, page, reason="Uncollectible")
    assert messages_on(result) == ["1 written off, 1 left alone."]
    assert LedgerBalance.objects.get(pk=owed.pk).remaining == 0
    assert LedgerBalance.objects.get(pk=held.pk).remaining == 5


def test_leases_are_held_and_resumed_and_drivers_money_applied():
    leases = [LeaseFactory.create(), LeaseFactory.create()]
    client = browse()
    held = choose(client, "leases_lease_changelist", "hold", leases)
    assert messages_on(press(client, held, reason="Strike")) == ["2 put on hold."]
    assert set(Lease.objects.values_list("status", flat=True)) == {Lease.Status.HELD}
    resumed = choose(client, "leases_lease_changelist", "resume", leases)
    assert messages_on(press(client, resumed)) == ["2 resumed."]
    rich, poor = DriverFactory.create(), DriverFactory.create()
    owe(rich, "MISC-1", "40.00")
    hold(rich, "CURB-1", "15.00")
    page = choose(client, "leases_driver_changelist", "apply", [rich, poor])
    assert [row.told for row in page.context["rows"]] == [
        ("$15.00 pays what is due.",),
        ("Nothing is held, or nothing is due.",),
    ]
    assert messages_on(press(client, page)) == ["1 applied, 1 left alone."]
    assert LedgerBalance.objects.get(reference_id="MISC-1").remaining == 25


def test_tickets_are_charged_disputed_and_dismissed():
    driver = DriverFactory.create()
    noon = timezone.now() - timedelta(days=20)
    tickets = [
        Ticket.objects.create(kind="PVB", number=str(n), at=noon, at_latest=noon, amount=115, state="WAITING",
                              waits_for="DRIVER") for n in range(2)
    ]  # fmt: skip
    client, listed = browse("Supervisor"), "tickets_ticket_changelist"
    asked = choose(client, listed, "assign", tickets)
    assert not asked.context["may_confirm"]
    typed = {"driver": str(driver.pk), "reason": "Was in the cab"}
    looked = client.post(asked.context["act_url"], {"chosen": asked.context["chosen"], "_preview": "1", **typed})
    assert messages_on(press(client, looked, **typed)) == ["2 charged."]
    assert set(Ticket.objects.values_list("state", "driver")) == {("CHARGED", driver.pk)}
    disputed = press(client, choose(client, listed, "dispute", tickets), reason="Wrong plate")
    assert messages_on(disputed) == ["2 disputed."]
    assert messages_on(press(client, choose(client, listed, "dismiss", tickets), reason="Won")) == ["2 dismissed."]
    assert not LedgerBalance.objects.open().exists()


def test_dtrs_are_paid_by_checks_numbered_on():
    first, second, poor = (leased_driver(f"500000{n}", f"9Z9{n}") for n in range(3))
    for lease, number in ((first, "1"), (second, "2")):
        hold_for(lease, number)
    close(WEEK)
    dtrs = {dtr.lease_id: dtr for dtr in Dtr.objects.all()}
    chosen = [dtrs[lease.pk] for lease in (first, second, poor) if lease.pk in dtrs]
    client, typed = browse("Supervisor"), {"method": "CHECK", "instrument_number": "0099"}
    asked = choose(client, "dtr_dtr_changelist", "pay", chosen)
    url, keys = asked.context["act_url"], asked.context["chosen"]
    looked = client.post(url, {"chosen": keys, "_preview": "1", **typed})
    done = [row for row in looked.context["rows"] if row.is_done]
    assert len(done) == 2
    result = press(client, looked, **typed)
    assert messages_on(result)[0].startswith("2 paid")
    assert sorted(Payout.objects.values_list("instrument_number", flat=True)) == ["0099", "0100"]
    again = client.post(url, {"chosen": keys, "_preview": "1", **typed})
    assert not any(is_done for _, is_done in outcomes_on(again))


def test_every_act_of_several_is_named_once_and_does_more_than_look():
    for its in admin.site._registry.values():
        names = [act.name for act in getattr(its, "several_pages", ())]
        assert len(names) == len(set(names))
        for act in getattr(its, "several_pages", ()):
            assert act.model is its.model
            assert all((act.name, act.verb, act.done)), act
