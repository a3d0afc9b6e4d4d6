"""Several rows of a list, acted on together: chosen, looked at, done one by one, and told of one by one."""

import csv
import io
import re
from base64 import b64decode
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.utils import timezone
from openpyxl import load_workbook

from core.admin import change_lists, chosen, records, several
from core.models import ListAct, ListActRow
from dtr.admin.pages.documents import PrintDtrsPage
from dtr.exports import documents as dtr_documents
from dtr.exports import print_dtrs
from dtr.models import Dtr
from leases.models import Lease
from ledger import services as ledger
from ledger.admin.pages import receipts
from ledger.models import InterimPayment, LedgerBalance, LedgerPosting, Payout
from ledger.selectors import list_payments
from tests.dtr.fleet import WEEK, card, close, drive, leased_driver
from tests.factories import DriverFactory, LeaseFactory
from tests.ledger.admin_pages import browse, hold, messages_on, owe, url_of
from tests.ledger.proofs import pay
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

PAYMENTS, VOID = "ledger_interimpayment_changelist", "ledger_interimpayment_void_several"


def choose(client: Any, name: str, act: str, rows: Any) -> Any:
    """Check these rows in their list, and pick the act from its box."""
    keys = [str(row.pk) for row in rows]
    return client.post(url_of(name), {"action": act, "_selected_action": keys}, follow=True)


def press(client: Any, page: Any, button: str = "_confirm", **typed: Any) -> Any:
    """Press the button of the page that the list led to."""
    return client.post(page.context["act_url"], {button: "1", **typed}, follow=True)


def told_on(page: Any) -> str:
    """What a page says that was done."""
    assert page.context["is_result"]
    told = page.context["told"]
    assert f"<strong>{told}.</strong>" in page.content.decode()
    return str(told)


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
    # In the words of the charge: which postings undo it is told on the payment's own page.
    assert next(row.told for row in done if row.record_id == payments[0].pk) == (
        "Miscellaneous is open again, 300.00.",
    )
    total = sum(row.amount for row in done)
    names = "payment" if len(done) == 1 else "payments"
    assert f"Void {len(done)} {names}" in text
    assert f"<strong>${total:,.2f}</strong> together" in text
    refused = press(client, page, reason="")
    assert refused.context["form"].errors["reason"] == ["Say why: a reason is required."]
    result = press(client, page, reason="Returned by the bank")
    assert told_on(result) == f"{len(done)} voided, {len(alone)} left alone"
    assert [row.is_done for row in result.context["rows"]] == [row.is_done for row in page.context["rows"]]
    states = dict(list_payments().values_list("pk", "status"))
    assert [states[row.record_id] for row in done] == ["VOIDED"] * len(done)
    assert [states[row.record_id] for row in alone] == ["OPEN"] * len(alone)
    # Sent again, or loaded again, it tells the same, and nothing is done twice.
    after = LedgerPosting.objects.count()
    for again in (press(client, page, reason="Another"), client.get(page.context["act_url"])):
        assert told_on(again) == told_on(result)
        assert outcomes_on(again) == outcomes_on(result)
    assert LedgerPosting.objects.count() == after


def test_what_was_looked_at_is_what_is_done():
    driver = DriverFactory.create()
    first, second = pay(driver, "10.00"), pay(driver, "20.00")
    client = browse("Supervisor")
    page = choose(client, PAYMENTS, "void", [first, second])
    ledger.void_payment(payment_id=first.pk, reason="Elsewhere", actor=None, effective_on=timezone.localdate())
    assert outcomes_on(page) == [(str(first), True), (str(second), True)]
    result = press(client, page, reason="Mistyped")
    assert told_on(result) == "1 voided, 1 left alone"
    assert outcomes_on(result) == [(str(first), False), (str(second), True)]
    # What was looked at long ago is looked at again.
    third = pay(driver, "30.00")
    page = choose(client, PAYMENTS, "void", [third])
    ListAct.objects.update(looked_at=timezone.now() - several.LOOKED_FOR)
    again = press(client, page, reason="Mistyped")
    assert messages_on(again) == ["Not done yet: this is what it would do now. Look, then confirm."]
    assert not again.context["is_result"]
    assert told_on(press(client, again, reason="Mistyped")) == "1 voided"


def test_many_are_worked_in_slices_by_their_owner_alone(monkeypatch):
    driver = DriverFactory.create()
    payments = [pay(driver, "1.00") for _ in range(12)]
    monkeypatch.setattr(several, "SLICE", 5)
    client, listed = browse("Supervisor"), url_of(PAYMENTS)
    keys = {"action": "void", "_selected_action": [row.pk for row in payments[:1]], "select_across": "1"}
    looking = client.post(f"{listed}?method__exact=CASH", keys, follow=True)
    progress = looking.context["progress"]
    assert (progress["worked"], progress["chosen_count"], progress["goes_on"]) == (5, 12, True)
    assert "Looking: 5 of 12 payments" in looking.content.decode()
    # A button pressed before all is looked at does nothing yet; htmx asks for slice after slice, then loads the page.
    assert not press(client, looking, reason="Mistyped").context["is_result"]
    url, go_on = looking.context["act_url"], {"_go_on": "1"}
    assert b"10 of 12" in client.post(url, go_on, headers={"HX-Request": "true"}).content
    assert client.post(url, go_on, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    page = client.get(url)
    assert (page.context["done_count"], page.context["total"], page.context["may_confirm"]) == (12, "12.00", True)
    begun = press(client, page, reason="Mistyped")
    assert (begun.context["is_result"], begun.context["progress"]["worked"]) == (True, 5)
    for again in (client.get(url), client.get(url)):
        assert again.context["progress"]["worked"] == 5
        assert again.content.decode().count("Not done yet") == 7
    for other in (browse("Supervisor"), browse()):
        assert other.get(url).status_code == other.post(url, go_on).status_code == 404
    # Whoever came back later is asked first; the list says that there is something to go on with.
    ListAct.objects.update(worked_at=timezone.now() - several.GOES_ON_FOR)
    assert not client.get(url).context["progress"]["goes_on"]
    assert [(act.waiting, act.url) for act in client.get(listed).context["cl"].unfinished] == [(7, url)]
    assert client.post(url, {"_confirm": "1", "reason": "Twice"}, follow=True).context["progress"]["worked"] == 10
    client.post(url, {"_leave": "1"})
    assert told_on(client.get(url)) == "10 voided, 2 left alone"
    assert client.get(listed).context["cl"].unfinished == []
    states = list(list_payments().values_list("status", flat=True))
    assert (states.count("VOIDED"), states.count("OPEN")) == (10, 2)
    assert client.get(page.context["cancel_url"]).context["cl"].chips[0].value == "Cash"


def test_a_row_and_what_is_told_of_it_are_written_together(monkeypatch):
    first, second = pay(DriverFactory.create(), "1.00"), pay(DriverFactory.create(), "2.00")
    client = browse("Supervisor")
    page = choose(client, PAYMENTS, "void", [first, second])
    act = ListAct.objects.get()
    void = several.SeveralPage._do

    def fail(self, row, facts):
        told = void(self, row, facts=facts)
        if row.record_id == second.pk:
            raise RuntimeError("The connection is gone.")
        return told

    monkeypatch.setattr(several.SeveralPage, "_do", fail)
    with pytest.raises(RuntimeError):
        press(client, page, reason="Mistyped")
    assert dict(act.rows.values_list("record_id", "outcome")) == {first.pk: "DONE", second.pk: "MAY"}
    states = dict(list_payments().values_list("pk", "status"))
    assert states == {first.pk: "VOIDED", second.pk: "OPEN"}
    monkeypatch.undo()
    assert told_on(client.post(page.context["act_url"], {"_go_on": "1"}, follow=True)) == "2 voided"
    assert not act.rows.exclude(outcome=ListActRow.Outcome.DONE).exists()


def test_who_may_not_is_offered_nothing_and_refused(monkeypatch):
    payment = pay(DriverFactory.create(), "10.00")
    cashier = browse("Cashier")
    listed = cashier.get(url_of(PAYMENTS)).context["action_form"].fields["action"].choices
    assert [name for name, _ in listed if name] == ["print", "csv", "xlsx"]
    assert cashier.post(url_of(VOID), {"_selected_action": str(payment.pk)}).status_code == 403
    choose(cashier, PAYMENTS, "void", [payment])
    client = browse("Supervisor")
    assert client.get(url_of(VOID), follow=True).redirect_chain[-1][0] == url_of(PAYMENTS)
    monkeypatch.setattr(chosen, "MOST", 0)
    too_many = client.post(url_of(VOID), {"_selected_action": str(payment.pk)}, follow=True)
    assert messages_on(too_many) == ["500 at a time, please. Narrow the list."]
    for junk in ("", "x", "9" * 30, "-1", "9" * 18):
        assert client.post(url_of(VOID), {"_selected_action": junk, "_confirm": "1"}, follow=True).status_code == 200
    assert set(InterimPayment.objects.values_list("pk")) == {(payment.pk,)}
    assert not LedgerPosting.objects.filter(reverses__isnull=False).exists()


def test_balances_are_forgiven_and_what_is_held_is_left_alone():
    driver = DriverFactory.create()
    owed, held = owe(driver, "MISC-1", "40.00"), hold(driver, "CURB-1", "5.00")
    rows = list(LedgerBalance.objects.filter(pk__in=[owed.pk, held.pk]))
    client = browse("Supervisor")
    page = choose(client, "ledger_ledgerbalance_changelist", "write-off", rows)
    result = press(client, page, reason="Uncollectible")
    assert told_on(result) == "1 written off, 1 left alone"
    assert LedgerBalance.objects.get(pk=owed.pk).remaining == 0
    assert LedgerBalance.objects.get(pk=held.pk).remaining == 5


def test_leases_are_held_and_resumed_and_drivers_money_applied():
    leases = [LeaseFactory.create(), LeaseFactory.create()]
    client = browse()
    held = choose(client, "leases_lease_changelist", "hold", leases)
    assert told_on(press(client, held, reason="Strike")) == "2 put on hold"
    assert set(Lease.objects.values_list("status", flat=True)) == {Lease.Status.HELD}
    resumed = choose(client, "leases_lease_changelist", "resume", leases)
    assert told_on(press(client, resumed)) == "2 resumed"
    rich, poor = DriverFactory.create(), DriverFactory.create()
    owe(rich, "MISC-1", "40.00")
    hold(rich, "CURB-1", "15.00")
    page = choose(client, "leases_driver_changelist", "apply", [rich, poor])
    assert [row.told for row in page.context["rows"]] == [
        ("$15.00 pays what is due.",),
        ("Nothing is held, or nothing is due.",),
    ]
    assert told_on(press(client, page)) == "1 applied, 1 left alone"
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
    looked = press(client, asked, "_preview", **typed)
    assert told_on(press(client, looked, **typed)) == "2 charged"
    assert set(Ticket.objects.values_list("state", "driver")) == {("CHARGED", driver.pk)}
    disputed = press(client, choose(client, listed, "dispute", tickets), reason="Wrong plate")
    assert told_on(disputed) == "2 disputed"
    assert told_on(press(client, choose(client, listed, "dismiss", tickets), reason="Won")) == "2 dismissed"
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
    looked = press(client, asked, "_preview", **typed)
    done = [row for row in looked.context["rows"] if row.is_done]
    assert len(done) == 2
    result = press(client, looked, **typed)
    assert told_on(result).startswith("2 paid")
    assert sorted(Payout.objects.values_list("instrument_number", flat=True)) == ["0099", "0100"]
    again = press(client, choose(client, "dtr_dtr_changelist", "pay", chosen), "_preview", **typed)
    assert not any(is_done for _, is_done in outcomes_on(again))


def test_waiting_trips_are_assigned_to_one_driver():
    lease = leased_driver()
    mistyped, other_cab, counted = drive(card(DRIVER="500001X"), card(DRIVER="500001X", CABNUMBER="1A11"), card())
    client = browse("Office")
    waiting = client.get(url_of("curb_trip_waiting")).context["groups"]
    assert all(client.get(group["trips_url"]).status_code == 200 for group in waiting)
    asked = choose(client, "curb_trip_changelist", "bind", [mistyped, other_cab, counted])
    typed = {"driver": str(lease.primary_driver_id), "vehicle": ""}
    looked = press(client, asked, "_preview", **typed)
    assert [row.is_done for row in looked.context["rows"]] == [True, False, False]
    assert [row.told for row in looked.context["rows"]] == [
        (f"On lease {lease.pk}.",),
        ("Its cab is not known: name the cab.",),
        ("This trip does not wait to be assigned to a driver.",),
    ]
    assert told_on(press(client, looked, **typed)) == "1 assigned, 2 left alone"
    mistyped.refresh_from_db()
    assert (mistyped.driver_id, mistyped.lease_id, mistyped.waits_for) == (lease.primary_driver_id, lease.pk, "")


def test_what_is_chosen_is_printed_and_exported():
    driver = DriverFactory.create()
    payments = [pay(driver, "10.00"), pay(driver, "20.00"), pay(driver, "30.00")]
    client, url = browse("Cashier"), url_of(PAYMENTS)
    printed = choose(client, PAYMENTS, "print", payments[:2]).content.decode()
    assert printed.count('<article class="receipt">') == 2
    assert [payment.reference_id in printed for payment in payments] == [True, True, False]
    keys = {"_selected_action": [payment.pk for payment in payments[1:]]}
    answer: Any = client.post(f"{url}?method__exact=CASH&o=6", {**keys, "action": "csv"})
    _, *rows = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert [row[0] for row in rows] == [payment.reference_id for payment in payments[1:]]
    book: Any = client.post(url, {**keys, "action": "xlsx", "select_across": "1"})
    assert load_workbook(io.BytesIO(b"".join(book.streaming_content))).active.max_row == 4
    hold_for(leased_driver(), "1")
    close(WEEK)
    papers = choose(browse("Auditor"), "dtr_dtr_changelist", "print", Dtr.objects.all())
    assert (papers.headers["Content-Type"], papers.content[:5]) == ("application/pdf", b"%PDF-")
    assert browse("Cashier").post(url_of("curb_cardtransaction_csv_several"), keys).status_code == 403


def test_many_receipts_come_in_slices_and_each_once(monkeypatch):
    monkeypatch.setattr(receipts.PrintReceiptsPage, "at_once", 2)
    driver = DriverFactory.create()
    payments = [pay(driver, f"{n}.00") for n in range(1, 6)]
    client = browse("Cashier")
    page = choose(client, PAYMENTS, "print", payments).content.decode()
    assert "2 of 5 receipts are here" in page
    slices = [page]
    while rest := re.findall(r'name="_selected_action" value="(\d+)"', slices[-1]):
        keys = {"_selected_action": rest, "_of": "5"}
        answer = client.post(receipts.PrintReceiptsPage.address(), keys, headers={"HX-Request": "true"})
        slices.append(answer.content.decode())
    named = re.findall(r'<h1>Receipt <span class="nowrap">(PAY-\d+)', "".join(slices))
    assert named == [payment.reference_id for payment in payments]
    assert [one.count("<article") for one in slices] == [2, 2, 1]
    assert "<html" not in slices[1]


def test_many_dtrs_come_in_slices_which_are_parts_of_the_one_file(monkeypatch):
    monkeypatch.setattr(PrintDtrsPage, "at_once", 2)
    monkeypatch.setattr(dtr_documents, "DTRS_IN_A_LOT", 2)
    for n in range(1, 6):
        hold_for(leased_driver(f"500000{n}", f"{n}A11"), str(n))
    close(WEEK)
    client, address = browse("Auditor"), PrintDtrsPage.address()
    slices = [choose(client, "dtr_dtr_changelist", "print", Dtr.objects.all()).content.decode()]
    assert "2 of 5 DTRs are here" in slices[0]
    while rest := re.findall(r'name="_selected_action" value="(\d+)"', slices[-1].rpartition("papers-rest")[2]):
        bound = re.findall(r'name="_bound" value="([^"]+)"', slices[-1])
        keys = {"_selected_action": rest, "_of": "5", "_bound": bound}
        slices.append(client.post(address, keys, headers={"HX-Request": "true"}).content.decode())
    parts = [b64decode(part) for part in re.findall(r'data-part value="([^"]+)"', "".join(slices))]
    by_name = Dtr.objects.order_by("driver__last_name", "driver__first_name", "driver_id", "number")
    assert (len(slices), b"".join(parts)) == (3, print_dtrs(list(by_name)))

    every = {"_selected_action": [dtr.pk for dtr in by_name]}
    spoiled = client.post(address, {**every, "_of": "5", "_bound": "x:y"}, headers={"HX-Request": "true"})
    assert spoiled.headers["HX-Redirect"] == url_of("dtr_dtr_changelist")
    assert "choose the DTRs and print again" in messages_on(client.get(url_of("dtr_dtr_changelist")))[0]


def test_all_of_a_short_list_are_chosen_at_once_and_of_a_long_one_never(monkeypatch):
    for _ in range(51):
        pay(DriverFactory.create(), "1.00")
    client, url = browse("Supervisor"), url_of(PAYMENTS)
    assert client.get(url).context["cl"].all_at_once == 51
    assert "Choose all 51" in client.get(url).content.decode()
    assert client.get(url, {"method__exact": "CHECK"}).context["cl"].all_at_once == 0
    for module in (change_lists, chosen, records):
        monkeypatch.setattr(module, "MOST", 50)
    assert client.get(url).context["cl"].all_at_once == 0
    asked = {
        "action": "void",
        "_selected_action": [InterimPayment.objects.values_list("pk", flat=True)[0]],
        "select_across": "1",
    }
    assert messages_on(client.post(url, asked, follow=True)) == ["500 at a time, please. Narrow the list."]
    assert not ListAct.objects.exists()


def test_every_act_of_several_is_named_once_and_does_more_than_look():
    for its in admin.site._registry.values():
        names = [act.name for act in getattr(its, "several_pages", ())]
        assert len(names) == len(set(names))
        for act in getattr(its, "several_pages", ()):
            assert act.model is its.model
            assert all((act.name, act.verb, getattr(act, "done", "its rows are only read"))), act
