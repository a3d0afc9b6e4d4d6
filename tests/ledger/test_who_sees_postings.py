"""Postings are for the office, supervisors and auditors; a cashier is told in words what happened on an account."""

import pytest

from core.dossier import driver_url
from ledger import services as ledger
from ledger.models import LedgerBalance
from tests.factories import DriverFactory
from tests.ledger.admin_pages import browse, url_of
from tests.ledger.proofs import charge, earn, pay, pay_out

pytestmark = pytest.mark.django_db

_POSTING = "/admin/ledger/ledgerposting/"


@pytest.fixture
def pages() -> list[str]:
    """Each page of a cashier that tells of a driver's money: some was charged, paid, voided, credited and paid out."""
    driver = DriverFactory.create()
    charge(driver, "MISC-1", "100.00")
    wrong = charge(driver, "MISC-2", "30.00")
    ledger.void_posting(posting_id=wrong.pk, reason="Not theirs", effective_on=wrong.effective_on, actor=None)
    payment = pay(driver, "100.00", {"MISC-1": "100.00"})
    earn(driver, amount="50.00")
    payout = pay_out(driver, "50.00")
    account = url_of("ledger_driver_account", driver.pk)
    balance = LedgerBalance.objects.get(reference_id="MISC-1")
    return [
        driver_url(driver.pk),
        f"{driver_url(driver.pk)}?tab=timeline",
        f"{account}?from_on=2026-11-01&to_on=2026-11-30",
        url_of("ledger_ledgerbalance_change", balance.pk),
        url_of("ledger_interimpayment_change", payment.pk),
        url_of("ledger_payout_change", payout.pk),
    ]


def test_a_cashiers_pages_tell_what_happened_and_lead_to_no_posting(pages: list[str]) -> None:
    cashier, auditor = browse("Cashier"), browse("Auditor")
    told = {page: cashier.get(page) for page in pages}
    assert [page for page, answer in told.items() if answer.status_code != 200] == []
    assert [page for page, answer in told.items() if _POSTING in answer.content.decode()] == []
    timeline = told[pages[1]].content.decode()
    assert "Paid $100.00 in cash" in timeline
    assert "charged" in timeline
    # Whoever may open them is led to them from each of these, but the account's first tab.
    assert [page for page in pages[1:] if _POSTING not in auditor.get(page).content.decode()] == []


@pytest.mark.parametrize(("role", "status"), [("Cashier", 403), ("Office", 200), ("Supervisor", 200), ("Auditor", 200)])
def test_their_list_is_open_to_who_keeps_or_checks_the_books(role: str, status: int) -> None:
    posting = charge(DriverFactory.create())
    client = browse(role)
    assert client.get(_POSTING).status_code == status
    assert client.get(f"{_POSTING}{posting.pk}/change/").status_code == status
