"""What lists are narrowed by besides their columns: a pay week, and who posted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.admin.records import NOT_NARROWED
from core.weeks import week_of
from core.words import say_week
from ledger.models import LedgerPosting
from tests.factories import DriverFactory, UserFactory
from tests.ledger.admin_pages import browse, messages_on, url_of
from tests.ledger.proofs import pay

pytestmark = pytest.mark.django_db

PAYMENTS, POSTINGS = "ledger_interimpayment_changelist", "ledger_ledgerposting_changelist"


def test_payments_of_a_pay_week():
    driver, this = DriverFactory.create(), week_of(timezone.localdate())
    last, old = this.previous, week_of(this.start - timedelta(weeks=40))
    days = [last.start, last.end, this.start, old.start]
    paid = {day: pay(driver, "10.00", effective_on=day) for day in days}
    client = browse("Auditor")

    def found(week: str) -> list[int]:
        return sorted(row.pk for row in client.get(url_of(PAYMENTS), {"pay_week": week}).context["cl"].result_list)

    assert found(last.end.isoformat()) == sorted([paid[last.start].pk, paid[last.end].pk])
    assert found(this.end.isoformat()) == [paid[this.start].pk]
    assert len(found("")) == 4
    page = client.get(url_of(PAYMENTS))
    offered = page.content.decode()
    assert f'<option value="{last.end}">{say_week(last, told_on=this.end)}</option>' in offered
    assert str(old.end) not in offered
    # An older one is told as the others are.
    older = client.get(url_of(PAYMENTS), {"pay_week": old.end.isoformat()})
    assert [row.pk for row in older.context["cl"].result_list] == [paid[old.start].pk]
    assert [(chip.label, chip.value) for chip in older.context["cl"].chips] == [
        ("Pay week", say_week(old, told_on=this.end))
    ]
    for nonsense in (last.start.isoformat(), "2026W47", "9999-12-31"):
        answer = client.get(url_of(PAYMENTS), {"pay_week": nonsense}, follow=True)
        assert messages_on(answer) == [NOT_NARROWED], nonsense


def test_postings_by_who_posted_them():
    rosa, driver = UserFactory.create(username="rosa"), DriverFactory.create()
    pay(driver, "10.00", actor=rosa)
    pay(driver, "20.00")
    page = browse("Auditor").get(url_of(POSTINGS), {"posted_by__id__exact": rosa.pk})
    assert [posting.amount for posting in page.context["cl"].result_list] == [10]
    assert [(chip.label, chip.value) for chip in page.context["cl"].chips] == [("Posted by", "rosa")]
    # By an index of what people posted, however few of many they are.
    asked = LedgerPosting.objects.filter(posted_by=rosa).order_by("-pk").values("pk")[:50]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        assert "ledger_postings_by_whom" in asked.explain()
