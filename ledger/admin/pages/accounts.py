"""A driver's account on one page, and the way to it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.admin import Button, Page, RecordPage, list_url
from core.dossier import driver_url
from core.finders import clean_term, describe_people, find_people, is_too_short
from core.weeks import week_of
from ledger import exports
from ledger.admin.cells import driver_model
from ledger.categories import PaymentMethod
from ledger.forms import StatementForm
from ledger.installments.rules import last_payable_ahead
from ledger.models import InterimPayment, Payout
from ledger.selectors import (
    Drawer,
    PaymentStatus,
    Statement,
    StatementLine,
    get_drawer,
    get_payer,
    get_position,
    get_statement,
    list_held_credits,
    list_installments_payable_ahead,
    list_open_obligations,
    list_words,
)

#: Drivers a search shows; more letters find fewer.
MAX_FOUND = 20
#: Payments of one's own that the counter shows.
MAX_LAST = 10
#: Weeks a statement shows when no dates are given, this one included.
STATEMENT_WEEKS = 4
#: Lines on one page, the last ones.
MAX_STATEMENT_LINES = 500


class FindDriverPage(Page):
    """A few letters lead to a driver's account, or straight to taking their money."""

    template_name = "ledger/find_driver.html"
    #: What the field asks.
    question = "Which driver?"

    def leads_to(self, driver_id: int) -> str:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.is_own_place = True  # type: ignore[attr-defined]
        term = clean_term(request.GET.get("q", ""))
        hits, has_more = find_people(request.user, term, at=timezone.now(), shown=MAX_FOUND)
        found = [(hit, self.leads_to(hit.found.driver_id)) for hit in hits if hit.found.driver_id]
        # Enter on a search that leaves one driver is a choice; while letters are still being typed it is not.
        if len(found) == 1 and not request.headers.get("HX-Request"):
            return redirect(found[0][1])
        context = {"term": term, "is_too_short": is_too_short(term), "found": found, "has_more": has_more}
        return self.render_to_response(self.get_context_data(question=self.question, **context))


class FindAccountPage(FindDriverPage):
    permission_required = "ledger.view_ledgerbalance"
    title = "Driver accounts"

    def leads_to(self, driver_id: int) -> str:
        return driver_url(driver_id)


class FindPayerPage(FindDriverPage):
    permission_required = "ledger.add_interimpayment"
    title = "Take a payment"
    question = "Who is paying?"

    def leads_to(self, driver_id: int) -> str:
        return reverse("admin:ledger_driver_payment", args=[driver_id])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        # Results that are asked for while one types take the place of the earlier ones alone.
        if self.request.headers.get("HX-Request"):
            return context
        now = timezone.now()
        today = timezone.localdate(now)
        drawer = get_drawer(self.actor.pk, today)
        last = drawer.payments[:MAX_LAST]
        people = describe_people({payment.driver_id for payment in last}, now)
        told = [(payment, people.get(payment.driver_id), PaymentStatus(payment.status)) for payment in last]
        return {**context, "drawer": drawer, "last": told, **self._find_rows(drawer, today)}

    def _find_rows(self, drawer: Drawer, today: date) -> dict[str, Any]:
        """Return where the rows behind each figure of the day are listed; each method with what was taken by it."""
        received = {"received_on_from": today, "received_on_to": today, "received_by__id__exact": self.actor.pk}
        paid = {"paid_on_from": today, "paid_on_to": today, "paid_by__id__exact": self.actor.pk}
        stands = {**received, "state": "stands"}
        return {
            "by_method": [
                (taken, list_url(InterimPayment, **stands, method__exact=taken.method.value))
                for taken in drawer.by_method
            ],
            "taken_url": list_url(InterimPayment, **stands),
            "undone_url": list_url(InterimPayment, **received, state="undone"),
            "paid_out_url": list_url(Payout, **paid, method__exact=PaymentMethod.CASH.value),
        }


class DriverMoneyPage(RecordPage):
    """What shows all of a driver's money."""

    model: ClassVar[type[Model]] = driver_model()
    record_name = "driver"
    permission_required = "ledger.view_ledgerbalance"

    def read_statement(self, form: StatementForm) -> Statement | None:
        """Return the statement of the days asked for; where they are senseless None, and the form says why."""
        if not form.is_valid():
            return None
        from_on, to_on = form.cleaned_data["from_on"], form.cleaned_data["to_on"]
        if from_on > to_on:
            form.add_error("to_on", "It ends before it begins.")
            return None
        return get_statement(self.record.pk, from_on, to_on)


class StatementDocument(DriverMoneyPage):
    """A driver's account statement as a file; days that make no sense lead back to the account, which says so."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        statement = self.read_statement(StatementForm(request.GET))
        if statement is None:
            account = reverse("admin:ledger_driver_account", args=[self.record.pk])
            return redirect(f"{account}?{request.GET.urlencode()}#statement")
        made_at = timezone.now()
        paper = exports.StatementPaper(
            payer=get_payer(self.record.pk, None, at=made_at),
            statement=statement,
            words=list_words([line.posting_id for line in statement.lines]),
            made_at=made_at,
        )
        return self.answer(paper, f"statement-{self.record.pk}-{statement.from_on}-{statement.to_on}")

    def answer(self, paper: exports.StatementPaper, name: str) -> HttpResponse:
        raise NotImplementedError


class StatementPdf(StatementDocument):
    def answer(self, paper: exports.StatementPaper, name: str) -> HttpResponse:
        headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
        return HttpResponse(exports.statement_as_pdf(paper), content_type="application/pdf", headers=headers)


class StatementCsv(StatementDocument):
    def answer(self, paper: exports.StatementPaper, name: str) -> HttpResponse:
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        return HttpResponse(exports.statement_as_csv(paper), content_type="text/csv; charset=utf-8", headers=headers)


class AccountPage(DriverMoneyPage):
    template_name = "ledger/account.html"

    def get_title(self) -> str:
        return str(self.record)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        driver_id = self.record.pk
        form = StatementForm(self.request.GET if "from_on" in self.request.GET else _last_weeks(today))
        statement = self.read_statement(form)
        lines = statement.lines[-MAX_STATEMENT_LINES:] if statement else []
        obligations = list(list_open_obligations(driver_id, on=today))
        held_credits = list(list_held_credits(driver_id))
        shown = [*(balance.pk for balance in (*obligations, *held_credits)), *(line.posting_id for line in lines)]
        words = list_words(shown)
        return super().get_context_data(
            driver_url=driver_url(driver_id),
            today=today,
            position=get_position(driver_id, as_of=today),
            obligations=[(balance, words[balance.pk]) for balance in obligations],
            coming=list_installments_payable_ahead(driver_id, last_payable_ahead(today)),
            held_credits=[(balance, words[balance.pk]) for balance in held_credits],
            statement_form=form,
            statement=statement,
            brought_forward=_bring_forward(statement, lines) if statement else None,
            asked=urlencode({"from_on": statement.from_on, "to_on": statement.to_on}) if statement else "",
            lines=[(line, words[line.posting_id]) for line in lines],
            is_cut_short=statement is not None and len(lines) < len(statement.lines),
            buttons=_list_buttons(self.request, driver_id),
            may_write_off=self.request.user.has_perm("ledger.write_off_ledgerposting"),
            **kwargs,
        )


def _last_weeks(today: date) -> dict[str, date]:
    this_week = week_of(today)
    return {"from_on": this_week.start - timedelta(weeks=STATEMENT_WEEKS - 1), "to_on": max(today, this_week.end)}


def _bring_forward(statement: Statement, lines: Sequence[StatementLine]) -> dict[str, Decimal]:
    """What was owed, held and kept as deposits before the first line that is shown."""
    first = lines[0] if lines else None
    if first is None:
        return {
            "owed": statement.opening_owed,
            "held": statement.opening_held,
            "deposits": statement.opening_deposits,
        }
    return {
        "owed": first.owed - first.owed_effect,
        "held": first.held - first.held_effect,
        "deposits": first.deposits - first.deposit_effect,
    }


def _list_buttons(request: HttpRequest, driver_id: int) -> list[Button]:
    acts = [
        ("Take payment", "ledger_driver_payment", "ledger.add_interimpayment"),
        ("Credit memo", "ledger_driver_credit_memo", "ledger.credit_driver"),
        ("Pay out", "ledger_driver_payout", "ledger.add_payout"),
        ("Apply now", "ledger_driver_apply", "ledger.apply_earnings"),
    ]
    return [
        Button(label, reverse(f"admin:{name}", args=[driver_id]), is_main=name == "ledger_driver_payment")
        for label, name, permission in acts
        if request.user.has_perm(permission)
    ]
