"""Payouts of several DTRs chosen in their list, of whichever weeks."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from core.admin import LeftAlone, SeveralPage
from core.previews import rolled_back
from core.words import lower_first
from dtr import selectors, services
from dtr.admin.pages.payouts import PayForm, number_on
from dtr.models import Dtr
from dtr.selectors import DtrPayout
from ledger.categories import PaymentMethod
from ledger.money import format_dollars


class PaySeveralForm(PayForm):
    """How they were paid; which, was said in the list."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, payable=[], **kwargs)
        del self.fields["dtrs"]


class PayDtrsPage(SeveralPage):
    """Records that DTRs were paid. Checks are numbered on from the first, in the order of the rows that can be paid."""

    model = Dtr
    related = ("week", "driver", "lease")
    permission_required = "ledger.add_payout"
    form_class: type[forms.Form] = PaySeveralForm
    name, verb, done = "pay", "Record payouts of", "paid"
    heads = ("Driver", "Week ending")
    amount_head = "Net due"
    #: By what they were paid, nobody has said yet.
    blank = None
    sentence = "All that may be paid of each net. Checks are numbered on, row by row."

    def cells_of(self, record: Dtr) -> tuple[Any, ...]:
        return record.driver, record.week_id

    def amount_of(self, record: Dtr) -> Decimal:
        return record.net_due

    def foresee(self, record: Dtr, facts: Mapping[str, Any]) -> Sequence[str]:
        first, is_check = facts["instrument_number"], facts["method"] == PaymentMethod.CHECK
        numbered = self.row.act.rows.exclude(given="").count()
        number = number_on(first, numbered) if is_check else first
        with rolled_back():
            payout = self._pay(record, facts["method"], number)
        # Kept with the row: no later refusal moves the next one's number.
        self.row.given = number
        return (self._tell_payout(payout, number),)

    def act_on(self, record: Dtr, facts: Mapping[str, Any]) -> DtrPayout:
        payout = self._pay(record, facts["method"], self.row.given)
        if [self._tell_payout(payout, self.row.given)] != self.row.told:
            raise LeftAlone("Another sum may be paid of it than when you looked.")
        return payout

    def tell(self, result: DtrPayout) -> Sequence[str]:
        return (*self.row.told, f"{result.reference_id}.")

    def _tell_payout(self, payout: DtrPayout, number: str) -> str:
        return f"{format_dollars(payout.amount)} by {lower_first(PaymentMethod(payout.method).label)} {number}."

    def _pay(self, record: Dtr, method: str, number: str) -> DtrPayout:
        paid = [payout for payout in selectors.list_payouts_of([record])[record.reference_id] if payout.stands]
        if paid:
            raise LeftAlone(f"Paid already, by {paid[0].reference_id}.")
        return services.pay_dtr(
            dtr_id=record.pk,
            method=method,
            instrument_number=number,
            effective_on=timezone.localdate(),
            actor=self.actor,
        )
