"""An installment that somebody voided in the ledger: nothing but charging it again brings it back."""

from datetime import date
from decimal import Decimal

import pytest

from ledger import selectors as books
from ledger import services as ledger
from ledger.models import LedgerPosting
from loans.corrections import say_loan_act
from loans.models import DriverLoan
from tests.books import assert_books_clean
from tests.ledger.admin_pages import browse, confirm, errors_on, look, url_of
from tests.loans.office import lend, post_due, void

pytestmark = pytest.mark.django_db

TWO_WEEKS_ON = date(2026, 11, 28)


@pytest.fixture
def voided(driver) -> LedgerPosting:
    """The second of two charged installments, 250.00 and 1.82 of interest, voided by mistake."""
    loan = lend(driver)
    post_due(TWO_WEEKS_ON)
    charge = LedgerPosting.objects.get(kind="OBLIGATION", reference_id=f"LOAN-{loan.pk}-2")
    ledger.void_posting(posting_id=charge.pk, reason="Another loan's", actor=None, effective_on=TWO_WEEKS_ON)
    return charge


def stands_at() -> str:
    return str(next(total.balance for total in books.list_trial_balance() if total.account == books.Account.LOANS))


def test_is_charged_again_on_its_own_page(voided):
    assert (say_loan_act(voided), stands_at()) == (None, "950.00")
    client, url = browse("Supervisor"), url_of("ledger_charge_again", voided.pk)
    assert url in client.get(url_of("ledger_ledgerbalance_change", voided.pk)).content.decode()
    page = look(client, url, amount="251.00", pay_again="on", reason="Ours after all")
    assert errors_on(page) == {"amount": ["A loan's installment is charged again as it was: $251.82."]}

    confirm(client, url, amount="251.82", pay_again="on", reason="Ours after all")

    again = LedgerPosting.objects.filter(kind="OBLIGATION", reference_id=voided.reference_id).latest("pk")
    assert (str(again.amount), str(again.income), again.due_on) == ("251.82", "1.82", voided.due_on)
    assert stands_at() == "700.00"
    assert_books_clean()


def test_is_not_while_it_stands_or_its_loan_is_over(voided):
    first = LedgerPosting.objects.get(kind="OBLIGATION", reference_id=voided.reference_id[:-1] + "1")
    assert "follows its loan's schedule" in str(say_loan_act(first))
    void(DriverLoan.objects.get())
    assert "follows its loan's schedule" in str(say_loan_act(voided))
    assert_books_clean()


def test_the_service_charges_no_other_amount(voided):
    with pytest.raises(ledger.AmountInvalid):
        ledger.charge_again(
            posting_id=voided.pk, amount=Decimal("1.00"), reason="Less", effective_on=TWO_WEEKS_ON, actor=None
        )
    assert stands_at() == "950.00"
