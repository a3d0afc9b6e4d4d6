"""Voids and credits of several: what goes with each, and what they come to, is told before anything is done."""

from decimal import Decimal

import pytest
from django.utils import timezone

from ledger import services as ledger
from ledger.models import LedgerBalance, LedgerPosting
from tests.config.test_several import PAYMENTS, choose, outcomes_on, press, told_on
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, owe
from tests.ledger.proofs import pay

pytestmark = pytest.mark.django_db


def test_what_a_payment_paid_is_undone_with_it_where_that_is_ticked():
    driver, today = DriverFactory.create(), timezone.localdate()
    first, other = pay(driver, "50.00"), pay(DriverFactory.create(), "20.00")
    owe(driver, "MISC-1", "30.00")
    ledger.apply_weekly_earnings(driver_ids=[driver.pk], as_of=today)
    client = browse("Supervisor")
    page = choose(client, PAYMENTS, "void", [first, other])
    assert outcomes_on(page) == [(str(first), False), (str(other), True)]
    assert page.context["rows"][0].told[0].endswith("; those must be undone with it.")
    # Ticked, it is looked at again before anything is done.
    ticked = press(client, page, cascade="on", reason="Mistyped")
    assert (ticked.context["is_result"], ticked.context["total"]) == (False, "70.00")
    assert ticked.context["rows"][0].told == (
        "What it paid is undone with it: Miscellaneous, $30.00.",
        "20.00 less is held on account.",
        "Miscellaneous is open again, 30.00.",
    )
    # Something else is paid of it meanwhile, and of the other one, which nothing rested on when it was looked at.
    for late, reference in ((driver, "MISC-2"), (other.driver, "MISC-3")):
        owe(late, reference, "5.00")
    ledger.apply_weekly_earnings(driver_ids=[driver.pk, other.driver_id], as_of=today)
    result = press(client, ticked, cascade="on", reason="Mistyped")
    assert told_on(result) == "0 voided, 2 left alone"
    assert result.context["rows"][0].told == ("Other things were paid from it than when you looked.",)
    posting = LedgerPosting.objects.get(payment=first, balance=None)
    asked = choose(client, "ledger_ledgerposting_changelist", "void", [posting])
    by_posting = press(client, asked, "_preview", cascade="on", reason="Mistyped")
    assert by_posting.context["rows"][0].told == (
        "What it paid is undone with it: Miscellaneous, $5.00; Miscellaneous, $30.00.",
        "15.00 less is held on account.",
    )
    again = press(client, choose(client, PAYMENTS, "void", [first, other]), "_preview", cascade="on", reason="Mistyped")
    assert told_on(press(client, again, cascade="on", reason="Mistyped")) == "2 voided"
    assert set(LedgerBalance.objects.open().values_list("reference_id", "remaining")) == {
        ("MISC-1", Decimal("30.00")), ("MISC-2", Decimal("5.00")), ("MISC-3", Decimal("5.00")),
    }  # fmt: skip
    # Where nothing rests on what was chosen, nothing is asked.
    unused = choose(client, PAYMENTS, "void", [pay(driver, "1.00")])
    assert "cascade" not in unused.context["form"].fields


def test_drivers_are_credited_with_the_same_amount_each():
    drivers, client = [DriverFactory.create(), DriverFactory.create()], browse("Supervisor")
    page = choose(client, "leases_driver_changelist", "credit", drivers)
    assert not page.context["form"]["category"].value()
    page = press(client, page, amount="-5", reason="Strike")
    assert set(page.context["form"].errors) == {"amount", "category"}
    page = press(client, page, "_preview", category="LEASE", amount="57.14", reason="Strike")
    assert [row.amount for row in page.context["rows"]] == [Decimal("57.14")] * 2
    assert (
        "Credit <strong>2</strong> of the 2 drivers you chose, <strong>$114.28</strong> together."
        in page.content.decode()
    )
    page = press(client, page, category="LEASE", amount="57.15", reason="Strike")
    assert (page.context["is_result"], page.context["total"]) == (False, "114.30")
    page = press(client, page, "_preview", category="LEASE", amount="57.14", reason="Strike")
    assert told_on(press(client, page, category="LEASE", amount="57.14", reason="Strike")) == "2 credited"
    memos = LedgerBalance.objects.filter(driver__in=drivers, original_amount=Decimal("57.14"), category="LEASE")
    assert {memo.reference_id.rpartition("-L")[0] for memo in memos} == {f"MEMO-{one.pk}" for one in drivers}
