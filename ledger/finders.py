"""What Find anything finds of the ledger: payments, payouts and postings by their numbers; and what drivers owe."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from core.clock import NEW_YORK
from core.finders import MAX_ROWS, Found, FoundGroup, Standing, cut
from core.sources import number_in
from core.words import say_moment
from ledger import selectors
from ledger.categories import PaymentMethod
from ledger.models import InterimPayment, LedgerPosting, Payout
from ledger.money import format_dollars

_INSTRUMENTS = {PaymentMethod.CHECK: "check", PaymentMethod.ACH: "ACH"}
#: Letters, a hyphen, and what follows: the beginning of a reference.
_REFERENCE = re.compile(r"[A-Z]+-[!-~]*")


def find_payments(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find payments by their receipt, and by a check number or a bank reference."""
    found = InterimPayment.objects.filter(selectors.is_numbered(term, InterimPayment)).order_by("-id")
    number = number_in(term, InterimPayment.prefix)
    rows = [(payment, _tell_payment(payment, at)) for payment in found[: MAX_ROWS + 1]]
    url = reverse("admin:ledger_interimpayment_changelist")
    icon = "receipt_long"
    this = [row for payment, row in rows if payment.number == number]
    yield FoundGroup("Payments by this receipt", icon, this, url, is_meant=True)
    others, is_cut = cut(row for payment, row in rows if payment.number != number)
    yield FoundGroup("Payments by this check number or bank reference", icon, others, url, is_cut, is_meant=True)


def find_payouts(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find payouts by their number, and by a check number or a bank reference."""
    payouts = Payout.objects.filter(selectors.is_numbered(term, Payout)).order_by("-id")[: MAX_ROWS + 1]
    rows, is_cut = cut(
        Found(
            reverse("admin:ledger_payout_change", args=[payout.pk]),
            _name(payout),
            payout.driver_id,
            _say_when(payout.paid_at, at),
            f"{payout.amount:,.2f}",
        )
        for payout in payouts
    )
    url = reverse("admin:ledger_payout_changelist")
    yield FoundGroup("Payouts by this number", "payments", rows, url, is_cut, is_meant=True)


def find_postings(term: str, user: Any, at: datetime) -> Iterator[FoundGroup]:
    """Find postings by the beginning of their reference."""
    if not _REFERENCE.fullmatch(term.upper()):
        return
    postings = LedgerPosting.objects.filter(reference_id__startswith=term.upper()).order_by("reference_id", "id")
    rows, is_cut = cut(
        Found(
            reverse("admin:ledger_ledgerposting_change", args=[posting.pk]),
            posting.reference_id,
            posting.driver_id,
            f"{posting.get_kind_display()} of {posting.effective_on:%b %-d, %Y}",
            f"{posting.amount:,.2f}",
        )
        for posting in postings[: MAX_ROWS + 1]
    )
    url = reverse("admin:ledger_ledgerposting_changelist")
    yield FoundGroup("Postings by this reference", "list_alt", rows, url, is_cut)


def tell_standings(driver_ids: Collection[int], at: datetime) -> dict[int, Standing]:
    """Tell what drivers owe, and how much of it was due before that day."""
    yesterday = at.astimezone(NEW_YORK).date() - timedelta(days=1)
    return {found.driver_id: _say(found) for found in selectors.list_positions(driver_ids, as_of=yesterday)}


def _say(position: selectors.Position) -> Standing:
    if position.obligations:
        past_due = position.obligations_due
        return Standing(
            f"owes {format_dollars(position.obligations)}", f"{format_dollars(past_due)} past due" if past_due else ""
        )
    if position.held_credits:
        return Standing(f"held for the driver {format_dollars(position.held_credits)}")
    return Standing("nothing owed")


def _name(document: InterimPayment | Payout) -> str:
    instrument = _INSTRUMENTS.get(PaymentMethod(document.method), "")
    return document.reference_id + (
        f", {instrument} {document.instrument_number}" if document.instrument_number else ""
    )


def _tell_payment(payment: InterimPayment, at: datetime) -> Found:
    return Found(
        reverse("admin:ledger_interimpayment_change", args=[payment.pk]),
        _name(payment),
        payment.driver_id,
        _say_when(payment.received_at, at),
        f"{payment.amount:,.2f}",
    )


def _say_when(moment: datetime, at: datetime) -> str:
    return say_moment(moment, told_on=at.astimezone(NEW_YORK).date())


def find_payment_page(driver_id: int) -> str:
    """Return where a driver's payment is taken."""
    return reverse("admin:ledger_driver_payment", args=[driver_id])
