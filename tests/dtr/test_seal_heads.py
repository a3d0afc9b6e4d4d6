"""The head of the ledger's seals that a week's close begins with: kept on the week, and printed on its DTRs."""

import io

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from core.groups import AUDITOR
from dtr import exports
from dtr.models import Dtr, WeekClose
from ledger import services as ledger
from ledger.selectors import get_seal_head
from tests.books import assert_books_clean
from tests.dtr.fleet import NEXT_WEEK, close, leased_driver
from tests.dtr.test_audits import charge
from tests.events import told_by
from tests.factories import UserFactory
from tests.guards import refusal_of
from tests.ledger.hostile import findings_of, guards_off, run_sql

pytestmark = pytest.mark.django_db


def read_pdf(dtr: Dtr) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(exports.print_dtrs([dtr]))).pages)


def test_stands_on_the_week_and_on_its_papers_for_good(client: Client) -> None:
    lease = leased_driver()
    charge(lease, "60.00", "MISC-1")
    close()
    ledger.seal_rows()
    head = get_seal_head()
    events = told_by(lambda: close(NEXT_WEEK))
    ledger.seal_rows()
    connection.check_constraints()

    # Before the first seal there was none to print, and the paper is as it was before there were seals.
    before, after = Dtr.objects.order_by("number")
    assert (before.seal_head, after.seal_head) == ("", head)
    assert [week.seal_head for week in WeekClose.objects.order_by("week_end")] == ["", head]
    assert {data["seal_head"] for kind, data in events if kind.startswith("week_")} == {head}
    said = f"What is corrected later is on the next DTR. Seal {head[:16]}."
    assert (said in read_pdf(after), "Seal" in read_pdf(before)) == (True, False)
    assert head != get_seal_head()
    assert ledger.verify_seals(is_whole=True, head=head[:16]).findings == []
    assert_books_clean()

    client.force_login(UserFactory.create(groups=[AUDITOR]))
    for page in (
        reverse("admin:dtr_weekclose_change", args=[after.week_id]),
        reverse("admin:dtr_dtr_change", args=[after.pk]),
        f"/api/weeks/{after.week_id}",
        f"/api/dtrs/{after.pk}",
    ):
        assert head in client.get(page).content.decode(), page

    refused = refusal_of("UPDATE dtr_week_closes SET seal_head = 'x' WHERE week_end = %s", after.week_id)
    assert refused == "dtr_week_closes_append_only"
    with guards_off("dtr_dtrs"):
        run_sql(f"UPDATE dtr_dtrs SET told = told - 'seal_head' WHERE id = {after.pk}")
    assert findings_of("dtr.seal_heads") == [f"{after} tells the seal none, its week {head}."]
    with guards_off("ledger_seals"):
        run_sql("DELETE FROM ledger_seals")
    assert findings_of("dtr.seal_heads")[0] == (
        f"Week ending Mar 14, 2026: no seal has the head {head} any more; seals were cut off, or made anew."
    )
