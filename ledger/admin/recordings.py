"""What a person records in the books: each with its own inputs, and the service that it calls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from ledger import selectors, services
from ledger.books import CONTROL_ACCOUNTS, PAYABLES, Account
from ledger.categories import TransferKind
from ledger.forms import DateInput, DollarsField, ReasonField
from ledger.models import InterimPayment, Transfer
from ledger.money import ZERO, format_dollars

#: Checks on one slip's page; what is more goes on the next slip.
MAX_CHECKS = 200


class RecordingForm(forms.Form):
    """What every recording has."""

    effective_on = forms.DateField(label="Day", widget=DateInput())
    reference_id = forms.CharField(
        label="Reference",
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="The number of the statement, slip or paper, without spaces: CURB-2026-10-10, DEP-14.",
    )
    field_order: tuple[str, ...] | None = None


class AmountForm(RecordingForm):
    amount = DollarsField(label="Amount")


class CurbStatementForm(RecordingForm):
    gross = DollarsField(label="Card money on the statement", help_text="Before CURB's fee.")
    fee = DollarsField(label="CURB's fee", required=False, help_text="The bank receives the rest.")


class CheckField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"Check {obj.instrument_number}, {format_dollars(obj.amount)}, {obj.driver}, {obj.reference_id}"


class BankDepositForm(RecordingForm):
    cash = DollarsField(label="Cash on the slip", required=False)
    checks = CheckField(
        queryset=InterimPayment.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Checks received and on no slip yet.",
    )
    other_checks = DollarsField(
        label="Other checks", required=False, help_text="Of no payment here, such as those of before the cut-over."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = selectors.list_undeposited_checks().order_by("pk").values_list("pk", flat=True)[:MAX_CHECKS]
        checks = self.fields["checks"]
        assert isinstance(checks, CheckField)
        checks.queryset = InterimPayment.objects.filter(pk__in=list(waiting)).select_related("driver").order_by("pk")


def _accounts(accounts: Any) -> list[tuple[str, str]]:
    return [(account.value, f"{account.value} {account.label}") for account in accounts]


class PaidOverForm(AmountForm):
    payable = forms.ChoiceField(choices=_accounts(PAYABLES), widget=UnfoldAdminSelectWidget())
    way = forms.ChoiceField(
        label="Which way",
        choices=[("out", "Paid over to the City or E-ZPass"), ("back", "Paid back by them")],
        widget=UnfoldAdminSelectWidget(),
    )


class BorneForm(AmountForm):
    source = forms.ChoiceField(
        label="How it was paid",
        choices=[
            (Account.BANK.value, "From the bank: no driver was charged"),
            *((account.value, f"Paid over before, then voided: {account.label}") for account in PAYABLES),
        ],
        widget=UnfoldAdminSelectWidget(),
    )


class OverShortForm(AmountForm):
    found = forms.ChoiceField(
        label="The drawer was",
        choices=[("short", "Short: less cash than there should be"), ("over", "Over: more cash than there should be")],
        widget=UnfoldAdminSelectWidget(),
    )
    reason = ReasonField(help_text="Kept with the transfer.")


_CORRECTED = _accounts(a for a in Account if a not in CONTROL_ACCOUNTS and a != Account.LOANS)


class CorrectionForm(AmountForm):
    debit = forms.ChoiceField(choices=_CORRECTED, widget=UnfoldAdminSelectWidget())
    credit = forms.ChoiceField(choices=_CORRECTED, widget=UnfoldAdminSelectWidget())
    reason = ReasonField(help_text="Kept with the transfer.")


@dataclass(frozen=True, slots=True)
class Recording:
    """One kind of paper, as a page of its own."""

    title: str
    help: str
    form_class: type[RecordingForm]
    #: By the form's cleaned values, with the day that is today, and the actor.
    record: Callable[[Mapping[str, Any], User | None], list[Transfer]]
    permission: str = "ledger.add_transfer"


def _transfer(given: Mapping[str, Any], actor: User | None, kind: str, debit: str, credit: str) -> list[Transfer]:
    transfer = services.record_transfer(
        kind=kind,
        debit=debit,
        credit=credit,
        amount=given["amount"],
        reference_id=given["reference_id"],
        effective_on=given["effective_on"],
        today=given["today"],
        reason=given.get("reason", ""),
        actor=actor,
    )
    return [transfer]


def _record_curb(given: Mapping[str, Any], actor: User | None) -> list[Transfer]:
    return services.record_curb_statement(
        gross=given["gross"],
        fee=given["fee"] or ZERO,
        reference_id=given["reference_id"],
        effective_on=given["effective_on"],
        today=given["today"],
        actor=actor,
    )


def _record_slip(given: Mapping[str, Any], actor: User | None) -> list[Transfer]:
    return services.record_bank_deposit(
        cash=given["cash"] or ZERO,
        payment_ids=[payment.pk for payment in given["checks"]],
        other_checks=given["other_checks"] or ZERO,
        reference_id=given["reference_id"],
        effective_on=given["effective_on"],
        today=given["today"],
        actor=actor,
    )


def _record_paid_over(given: Mapping[str, Any], actor: User | None) -> list[Transfer]:
    pair = (given["payable"], Account.BANK.value)
    return _transfer(given, actor, TransferKind.PAID_OVER, *(pair if given["way"] == "out" else pair[::-1]))


def _record_over_short(given: Mapping[str, Any], actor: User | None) -> list[Transfer]:
    pair = (Account.OVER_SHORT.value, Account.CASH.value)
    return _transfer(given, actor, TransferKind.OVER_SHORT, *(pair if given["found"] == "short" else pair[::-1]))


def _fixed(kind: TransferKind, debit: Account, credit: Account) -> Callable[..., list[Transfer]]:
    return lambda given, actor: _transfer(given, actor, kind, debit.value, credit.value)


RECORDINGS: dict[str, Recording] = {
    "curb": Recording("CURB's statement", "Card money remitted, and the fee kept.", CurbStatementForm, _record_curb),
    "deposit": Recording("Bank deposit", "A slip: cash, and the checks on it.", BankDepositForm, _record_slip),
    "float": Recording(
        "Float",
        "Cash from the bank into the drawer.",
        AmountForm,
        _fixed(TransferKind.FLOAT, Account.CASH, Account.BANK),
    ),
    "paid-over": Recording(
        "Paid over",
        "Taxes, tolls and fines paid to the City or E-ZPass, or paid back.",
        PaidOverForm,
        _record_paid_over,
    ),
    "borne": Recording(
        "Borne by the fleet",
        "A toll, fine or tax that no driver pays.",
        BorneForm,
        lambda given, actor: _transfer(given, actor, TransferKind.BORNE, Account.BORNE.value, given["source"]),
    ),
    "over-short": Recording(
        "Cash over or short", "The drawer was counted, and differs.", OverShortForm, _record_over_short
    ),
    "bank-fee": Recording(
        "Bank fee", "What the bank took.", AmountForm, _fixed(TransferKind.BANK_FEE, Account.BANK_FEES, Account.BANK)
    ),
    "correction": Recording(
        "Correction",
        "Between any accounts but those that drivers' balances and loans keep.",
        CorrectionForm,
        lambda given, actor: _transfer(given, actor, TransferKind.CORRECTION, given["debit"], given["credit"]),
        permission="ledger.correct_transfer",
    ),
}


@dataclass(frozen=True, slots=True)
class PreviewedEntry:
    """A line of the books that a page would write."""

    debit: str
    credit: str
    amount: Decimal


def preview_of(transfers: list[Transfer]) -> tuple[PreviewedEntry, ...]:
    """Return the lines of unsaved or saved transfers, as a page shows them."""
    return tuple(
        PreviewedEntry(_name(transfer.debit_id), _name(transfer.credit_id), transfer.amount) for transfer in transfers
    )


def _name(code: str) -> str:
    return f"{code} {Account(code).label}"
