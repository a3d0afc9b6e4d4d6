"""The books to read: the trial balance of a day, and one account's entries."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.http import Http404
from django.utils import timezone

from core.admin import Page
from core.words import say_week
from ledger import selectors
from ledger.books import Account
from ledger.forms import DayForm, StatementForm
from ledger.money import ZERO

#: Weeks that a trial balance names as not closed; the others it counts.
MAX_WEEKS = 4
#: Entries on one page; whoever wants more asks for fewer days, or the journal.
MAX_ENTRIES = 2000


class TrialBalancePage(Page):
    permission_required = "ledger.view_transfer"
    template_name = "ledger/trial_balance.html"
    title = "Trial balance"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        form = DayForm(self.request.GET if "on" in self.request.GET else {"on": today})
        on: date | None = form.cleaned_data["on"] if form.is_valid() else None
        totals = selectors.list_trial_balance(to_on=on) if on else []
        open_weeks = selectors.list_open_weeks(on) if on else []
        return super().get_context_data(
            form=form,
            on=on,
            totals=totals,
            open_weeks=[say_week(week, told_on=today) for week in open_weeks[:MAX_WEEKS]],
            further_weeks=len(open_weeks[MAX_WEEKS:]),
            # A balance stands on one side.
            debits=sum((max(total.balance, ZERO) for total in totals), start=ZERO),
            credits=sum((max(-total.balance, ZERO) for total in totals), start=ZERO),
            **kwargs,
        )


class AccountEntriesPage(Page):
    permission_required = "ledger.view_transfer"
    template_name = "ledger/account_entries.html"

    @property
    def account(self) -> Account:
        code = self.kwargs["code"]
        if code not in Account.values:
            raise Http404
        return Account(code)

    def get_title(self) -> str:
        return f"{self.account.value} {self.account.label}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        asked = {"from_on": today.replace(day=1), "to_on": today, **self.request.GET.dict()}
        form = StatementForm(asked)
        context: dict[str, Any] = {"form": form, "account": self.account}
        if form.is_valid():
            context |= self._read(form.cleaned_data["from_on"], form.cleaned_data["to_on"])
        return super().get_context_data(**context, **kwargs)

    def _read(self, from_on: date, to_on: date) -> dict[str, Any]:
        before = self._balance(from_on - timedelta(days=1))
        entries = selectors.iter_journal(from_on, to_on, account=self.account.value)
        found = list(islice(entries, MAX_ENTRIES + 1))
        entries.close()
        running = before
        rows = []
        for entry in found[:MAX_ENTRIES]:
            is_debit = entry.debit == self.account.value
            running += entry.amount if is_debit else -entry.amount
            other = Account(entry.credit if is_debit else entry.debit)
            rows.append((entry, is_debit, f"{other.value} {other.label}", running))
        return {
            "from_on": from_on,
            "to_on": to_on,
            "before": before,
            "rows": rows,
            "is_cut": len(found) > MAX_ENTRIES,
            "after": self._balance(to_on),
        }

    def _balance(self, on: date) -> Decimal:
        totals = selectors.list_trial_balance(to_on=on)
        return next((total.balance for total in totals if total.account == self.account), ZERO)
