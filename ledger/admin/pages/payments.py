"""The payment page: a driver's money over the counter, and what they name it for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from core.errors import DomainError
from core.finders import Person, describe_people
from ledger import services
from ledger.admin.filling import Filling, fill_by_priority, fill_due, list_due, name_part
from ledger.admin.pages.base import DriverPage
from ledger.admin.reviewing import Paid, list_open_after, say_how, say_owed_then, say_use, sum_paid
from ledger.forms import TYPE_AMOUNT, PayableLine, PaymentForm, sum_typed
from ledger.installments.rules import last_payable_ahead
from ledger.models import InterimPayment
from ledger.money import ZERO
from ledger.selectors import (
    Doubt,
    get_debt,
    get_waterfall_order,
    list_installments_payable_ahead,
    list_open_obligations,
    list_words,
)
from ledger.selectors.leases import list_lease_ids

#: Lines on one page; whoever owes more pays the others afterwards.
MAX_LINES = 300
LINE_PREFIX = "pay:"
#: What the button says that takes the payment and prints its receipt.
PRINT = "print"


def list_payable_lines(driver_id: int, today: date) -> list[PayableLine]:
    """Return what a driver's money can be named for: what they owe, by priority, and what is due within four weeks."""
    balances = list(list_open_obligations(driver_id, on=today)[:MAX_LINES])
    words = list_words([balance.pk for balance in balances])
    owed = [PayableLine(b.reference_id, b.category, b.due_on, b.remaining, description=words[b.pk]) for b in balances]
    coming = [
        PayableLine(
            charge.reference_id,
            charge.category,
            charge.due_on,
            charge.amount,
            is_posted=False,
            description=charge.description,
        )
        for charge in list_installments_payable_ahead(driver_id, last_payable_ahead(today))
    ]
    return [*owed, *coming]


@dataclass(frozen=True, slots=True)
class Asked:
    """A doubt on the review, with its tick; ``is_missed`` where the button was pressed without it."""

    doubt: Doubt
    is_ticked: bool
    is_missed: bool

    @property
    def parts(self) -> tuple[str, str, str]:
        """What is doubtful, taken apart at the payment it names: before it, its reference, and after it."""
        return self.doubt.detail.partition(str(self.doubt.other)) if self.doubt.other else (self.doubt.detail, "", "")


@dataclass(frozen=True)
class PaymentPreview(services.MoneyPreview):
    """What a payment would do, and what makes it look like a mistake. Its digest is of what it would do."""

    doubts: Sequence[Doubt] = field(default=(), repr=False)


class TakePaymentPage(DriverPage):
    permission_required = "ledger.add_interimpayment"
    template_name = "ledger/take_payment.html"
    form_class = PaymentForm
    verb = "Take payment"
    inputs = {"payment_amount": "amount", "payment_method": "method", "allocations": "amount"}
    filled_in = ("lease",)
    #: What the last button has filled in, in words.
    filled = ""

    def get_title(self) -> str:
        return "Review the payment" if self.is_reviewed else "Take a payment"

    #: Whether what is shown is the review.
    is_reviewed = False

    @cached_property
    def lines(self) -> list[PayableLine]:
        """What the driver can name: what they owe, in priority order, and what falls due within four weeks."""
        today = timezone.localdate()
        lines = list_payable_lines(self.driver.pk, today)
        # Within the days, the order of priority stays as it is.
        by_day = sorted(lines, key=lambda line: (not line.is_posted, max(line.due_on or today, today)))
        return [*by_day, *self._list_closed({line.reference_id for line in lines})]

    def _list_closed(self, open_references: set[str]) -> list[PayableLine]:
        """What was typed for, and somebody else has paid or voided meanwhile: it is kept in sight, never dropped."""
        typed = [
            name.removeprefix(LINE_PREFIX)
            for name, value in self.request.POST.items()
            if name.startswith(LINE_PREFIX) and str(value).strip()
        ]
        return [
            PayableLine(reference_id, "", None, ZERO, is_closed=True)
            for reference_id in typed
            if reference_id not in open_references
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"lines": self.lines, "leases": self.leases}

    @cached_property
    def leases(self) -> list[tuple[int, str]]:
        lease_model = InterimPayment._meta.get_field("lease").related_model
        assert isinstance(lease_model, type)
        found = lease_model._default_manager.in_bulk(list_lease_ids(self.driver.pk))
        return [(pk, str(lease)) for pk, lease in sorted(found.items(), reverse=True)]

    def get_initial(self) -> dict[str, Any]:
        # Amounts are never filled in: whoever counts must type.
        return {"lease": self.leases[0][0]} if len(self.leases) == 1 else {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # The page of a payment that was taken, gone back to or loaded again: what there is of it now is its receipt.
        taken = self._find_taken(request.GET.get("token", ""))
        return redirect(self.get_success_url(taken)) if taken else super().get(request, *args, **kwargs)

    def _find_taken(self, token: str) -> InterimPayment | None:
        if not token.isprintable():
            return None
        return InterimPayment.objects.filter(idempotency_key=token, driver=self.driver.pk).first() if token else None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.POST.keys() & {"_suggest", "_everything", "_clear"}:
            return self.fill(request)
        if "_change" in request.POST:
            form = self.make_form(request.POST)
            form.is_valid()
            return self.show(form)
        return super().post(request, *args, **kwargs)

    def fill(self, request: HttpRequest) -> HttpResponse:
        """Show the form again, filled in as the button says; and say what it did."""
        form = self.make_form(request.POST)
        form.is_valid()
        typed = getattr(form, "cleaned_data", {})
        today = timezone.localdate()
        data = request.POST.copy()
        if "_clear" in request.POST:
            filling = Filling({}, "The lines are empty again.")
        elif "_everything" in request.POST:
            filling = fill_due(self.lines, today=today)
            if filling.amounts:
                data["amount"] = str(sum_typed([*filling.amounts.values(), typed.get("deposit")]))
        elif typed.get("amount") is None:
            if not data.get("amount", "").strip():
                self.filled = TYPE_AMOUNT
                form.errors.clear()
            return self.show(form)
        else:
            filling = fill_by_priority(
                max(typed["amount"] - (typed.get("deposit") or ZERO), ZERO),
                self.lines,
                order=get_waterfall_order(today),
                today=today,
                name=self.driver.first_name,
            )
        for line in self.lines:
            data[line.field_name] = str(filling.amounts.get(line.reference_id, ""))
        self.filled = filling.sentence
        filled = self.make_form(data)
        # What is still missing is said once the payment is reviewed.
        filled.errors.clear()
        return self.show(filled)

    def preview(self, form: Form) -> PaymentPreview:
        doubts: list[Doubt] = []
        money = services.preview_money(
            driver_id=self.driver.pk,
            act=lambda: doubts.extend(self.take(form, asks=False).doubts),
            today=timezone.localdate(),
        )
        return PaymentPreview(money.steps, money.changes, money.net_position_change, doubts)

    def must_be_seen(self, preview: Any) -> bool:
        # What was asked and has passed since is not asked again.
        is_open = any(doubt.code not in self.confirmed for doubt in preview.doubts)
        return super().must_be_seen(preview) or (bool(preview.steps) and is_open)

    @property
    def confirmed(self) -> list[str]:
        """The doubts whose ticks were set."""
        return self.request.POST.getlist("_confirmed")

    def list_asked(self, preview: PaymentPreview) -> list[Asked]:
        """Return each doubt with its tick; one that was on the page and not ticked says so."""
        was_asked = self.request.POST.getlist("_asked") if "_confirm" in self.request.POST else []
        return [
            Asked(doubt, doubt.code in self.confirmed, doubt.code in was_asked and doubt.code not in self.confirmed)
            for doubt in preview.doubts
        ]

    def act(self, form: Form) -> InterimPayment:
        return self.take(form, asks=True)

    def take(self, form: Form, *, asks: bool) -> InterimPayment:
        assert isinstance(form, PaymentForm)
        return services.apply_interim_payment(
            driver_id=self.driver.pk,
            payment_amount=form.cleaned_data["amount"],
            payment_method=form.cleaned_data["method"],
            instrument_number=form.cleaned_data["instrument_number"],
            lease_id=form.cleaned_data["lease"],
            deposit=form.cleaned_data["deposit"] or ZERO,
            allocations=form.allocations(),
            idempotency_key=form.cleaned_data["token"],
            effective_on=timezone.localdate(),
            same_on_any_day=True,
            asks=asks,
            confirmed=self.confirmed,
            actor=self.actor,
        )

    def refuse(self, form: Form, refusal: DomainError) -> None:
        line = f"{LINE_PREFIX}{refusal.facts.get('reference_id', '')}"
        if line in form.fields and "remaining" in refusal.facts:
            form.add_error(line, f"More than the {refusal.facts['remaining']} still open.")
        elif line in form.fields:
            form.add_error(line, refusal.message)
        else:
            super().refuse(form, refusal)

    def finish(self, result: InterimPayment) -> HttpResponse:
        """Lead to its receipt, which says what was taken, and prints itself where that was asked."""
        prints = "?print=1" if self.request.POST.get("_confirm") == PRINT else ""
        return redirect(f"{self.get_success_url(result)}{prints}")

    def get_success_url(self, result: InterimPayment) -> str:
        return reverse("admin:ledger_interimpayment_receipt", args=[result.pk])

    def get_sentence(self) -> str:
        """Say what is owed, and when, as the driver's page does."""
        return get_debt(self.driver.pk, today=timezone.localdate()).say(self.driver.first_name)

    @cached_property
    def person(self) -> Person | None:
        return describe_people([self.driver.pk], timezone.now()).get(self.driver.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Whose account it is stands on it; the list of all accounts is where nobody came from.
        self.request.is_own_place = True  # type: ignore[attr-defined]
        form, preview = kwargs["form"], kwargs.get("preview")
        today = timezone.localdate()
        typed = getattr(form, "cleaned_data", {})
        amount, deposit = typed.get("amount") or ZERO, typed.get("deposit") or ZERO
        paid = [Paid(line, typed[line.field_name]) for line in self.lines if typed.get(line.field_name)]
        together = sum_paid(paid)
        asked = self.list_asked(preview) if preview else []
        if any(one.is_missed for one in asked):
            # It is said at the tick.
            kwargs["pressed_too_soon"] = False
        if preview is not None:
            # Enter confirms.
            self.is_reviewed = True
            form.fields["amount"].widget.attrs.pop("autofocus", None)
        return super().get_context_data(
            today=today,
            token=form["token"].value(),
            person=self.person,
            filled=self.filled,
            parts=[
                (title, list(rows)) for title, rows in groupby(form.rows(), key=lambda row: name_part(row[0], today))
            ],
            due=sum_typed(line.remaining for line in list_due(self.lines, today)),
            owed=sum_typed(line.remaining for line in self.lines if line.is_posted),
            named=together.amount,
            paid=paid,
            together=together,
            asked=asked,
            print_value=PRINT,
            how=say_how(typed.get("method", ""), typed.get("instrument_number", "")),
            use=say_use(
                amount, pays=together.amount, deposit=deposit, lease=dict(self.leases).get(typed.get("lease") or 0, "")
            ),
            owed_then=say_owed_then(self.driver.first_name, list_open_after(self.lines, paid), today),
            on_account=amount - deposit - together.amount,
            max_lines=MAX_LINES if len(self.lines) >= MAX_LINES else None,
            **kwargs,
        )
