"""A driver's account on their page: what they owe, what is held for them, and what happened."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from core.admin import list_url
from core.dossier import (
    Act,
    Before,
    DriverState,
    Event,
    Notice,
    Section,
    Source,
    Subject,
    register_act,
    register_events,
    register_notices,
    register_section,
)
from core.names import name_author
from core.words import lower_first, say_amount, say_day, say_days
from ledger import narration, selectors
from ledger.categories import Category, EntryType, Kind, PaymentMethod, Status, say_category
from ledger.installments.rules import last_payable_ahead
from ledger.models import LedgerBalance, LedgerPosting
from ledger.money import ZERO
from ledger.selectors.payments import PaymentStatus
from ledger.selectors.timeline import Happening, list_happenings, list_happenings_on_lease

#: So many charges of a category are told one by one in a part; the rest of them together.
TOLD_APART = 2
#: What became of a payment; where it stands, a line of it was voided and its money is on account.
_VOIDED = {PaymentStatus.VOIDED: "voided", PaymentStatus.RETURNED: "came back"}


@dataclass(frozen=True, slots=True)
class Owed:
    """A line of what a driver owes: a charge, or several of a kind; dollars charged, paid and still open.

    ``url`` leads to what is summed, and ``all_url`` to that and the ``all_count`` in all of the kind, where no list is
    of the rest alone.
    """

    words: str
    charged: Decimal
    open: Decimal
    reference: str = ""
    url: str = ""
    all_url: str = ""
    all_count: int = 0

    @property
    def paid(self) -> Decimal:
        return self.charged - self.open


@dataclass(frozen=True, slots=True)
class Part:
    """What was due before today, or comes due: its head and its lines."""

    title: str
    lines: list[Owed] = field(default_factory=list)


def read_account(request: HttpRequest, driver_id: int, today: date) -> dict[str, Any]:
    """Return what the driver owes in parts by when it is due, what comes, and what is held."""
    owed = list(selectors.list_open_obligations(driver_id, on=today))
    credits_ = list(selectors.list_held_credits(driver_id))
    return {
        **_tell_account(owed, credits_, {"driver__id__exact": driver_id}, today),
        "coming": selectors.list_installments_payable_ahead(driver_id, last_payable_ahead(today)),
        "account_url": reverse("admin:ledger_driver_account", args=[driver_id]),
        "pdf_url": reverse("admin:ledger_driver_statement_pdf", args=[driver_id]),
    }


def read_lease_account(request: HttpRequest, lease_id: int, today: date) -> dict[str, Any]:
    """Return the same of what is booked on a lease, whichever of its drivers it is of."""
    owed = list(selectors.list_open_obligations_on_lease(lease_id, on=today))
    held = selectors.list_balances(lease_id=lease_id, status=Status.OPEN, entry_type=EntryType.CREDIT)
    return _tell_account(owed, list(held.order_by("effective_on", "posting_id")), {"lease__id__exact": lease_id}, today)


def _tell_account(owed: list[Any], credits_: list[Any], whose: dict[str, int], today: date) -> dict[str, Any]:
    """Return what is owed by when it is due, and what is held. The list of all of it is filtered by ``whose``."""
    words = selectors.list_words([balance.pk for balance in (*owed, *credits_)])
    by_day: dict[date, list[Any]] = {}
    for balance in owed:
        by_day.setdefault(balance.due_on or today, []).append(balance)
    # In each part they stand in the priority order.
    past = [balance for balance in owed if (balance.due_on or today) < today]
    parts = []
    if past:
        since = say_weekday(min(by_day), today)
        parts.append(Part(f"Past due since {since}", _list_lines(past, words, whose, today)))
    parts += [
        Part(f"Due {say_weekday(due_on, today)}", _list_lines(by_day[due_on], words, whose, today))
        for due_on in sorted(by_day)
        if due_on >= today
    ]
    return {
        "parts": parts,
        "charged": sum((balance.original_amount for balance in owed), start=ZERO),
        "open": sum((balance.remaining for balance in owed), start=ZERO),
        "paid": sum((balance.original_amount - balance.remaining for balance in owed), start=ZERO),
        "held": [
            (
                "What the fleet holds",
                [(one, words[one.pk]) for one in credits_ if one.category != Category.DEPOSIT],
            ),
            ("Deposits, kept apart", [(one, words[one.pk]) for one in credits_ if one.category == Category.DEPOSIT]),
        ],
    }


def say_weekday(day: date, today: date) -> str:
    """Return ``Sat, Nov 28``."""
    return f"{day:%a}, {say_day(day, told_on=today)}"


def _list_lines(balances: Iterable[Any], words: dict[int, str], whose: dict[str, int], today: date) -> list[Owed]:
    by_category: dict[str, list[Any]] = {}
    for balance in balances:
        by_category.setdefault(balance.category, []).append(balance)
    lines = []
    for of_kind in by_category.values():
        apart = of_kind if len(of_kind) <= TOLD_APART + 1 else of_kind[:TOLD_APART]
        lines += [
            Owed(
                words[balance.pk],
                balance.original_amount,
                balance.remaining,
                reference=balance.reference_id,
                url=reverse("admin:ledger_ledgerbalance_change", args=[balance.pk]),
            )
            for balance in apart
        ]
        if len(apart) < len(of_kind):
            lines.append(_tell_rest(of_kind[len(apart) :], of_kind, whose, today))
    return lines


def _tell_rest(rest: Sequence[Any], of_kind: Sequence[Any], whose: dict[str, int], today: date) -> Owed:
    """Return the line of what is not told one by one, which leads to all of its category in the part."""
    category = of_kind[0].category
    days = [balance.due_on for balance in rest]
    due = f", due {say_days(min(days), max(days), told_on=today)}" if min(days) < today else ""
    filters = {
        **whose,
        "status__exact": Status.OPEN,
        "entry_type__exact": EntryType.DEBIT,
        "category__exact": category,
        "due_on_from": min(balance.due_on for balance in of_kind),
        "due_on_to": max(balance.due_on for balance in of_kind),
    }
    return Owed(
        f"{len(rest)} more for {say_category(category)}{due}",
        sum((balance.original_amount for balance in rest), start=ZERO),
        sum((balance.remaining for balance in rest), start=ZERO),
        all_url=list_url(LedgerBalance, **filters),
        all_count=len(of_kind),
    )


def read_happenings(driver_id: int, before: Before, most: int) -> Sequence[Event]:
    """Return the driver's postings as events of the timeline."""
    return _tell_happenings(list_happenings(driver_id, before=before.at, key=before.key, most=most))


def read_lease_happenings(lease_id: int, before: Before, most: int) -> Sequence[Event]:
    """Return the same of what is booked on a lease."""
    return _tell_happenings(list_happenings_on_lease(lease_id, before=before.at, key=before.key, most=most))


def _tell_happenings(happenings: Iterable[Happening]) -> list[Event]:
    return [_tell_happening(happening) for happening in happenings]


def _tell_happening(happening: Happening) -> Event:
    page, pk = _page_of(happening.first)
    return Event(
        at=happening.at,
        key=happening.last_id,
        says=_say(happening),
        by=name_author(happening.first.posted_by),
        url=reverse(f"admin:ledger_{page}_change", args=[pk]),
        url_permission=f"ledger.view_{page}",
        paper=_paper_of(happening.first),
        effect=happening.owed_effect,
        owes=happening.owes if happening.owed_effect else None,
    )


def tell_returned(driver_id: int, today: date) -> Sequence[Notice]:
    """Tell the last payment that came back from the bank, while what it recovers is owed."""
    returned = selectors.list_open_obligations(driver_id, on=today).filter(reference_id__startswith="RETURNED-")
    return [
        Notice(
            "A payment came back.",
            f"{balance.reference_id.removeprefix('RETURNED-')}: ${say_amount(balance.remaining)} is still open.",
            reverse("admin:ledger_ledgerbalance_change", args=[balance.pk]),
            "See the charge",
        )
        for balance in returned[:1]
    ]


def _say(happening: Happening) -> str:
    first: LedgerPosting = happening.first
    amount, more = say_amount(happening.amount), happening.count - 1
    match first.kind:
        case Kind.PAYMENT | Kind.DEPOSIT if first.payment:
            return f"Paid ${say_amount(first.payment.amount)} {_say_how(first.payment)}"
        case Kind.PAYOUT if first.payout:
            return f"Paid out ${say_amount(first.payout.amount)} {_say_how(first.payout)}"
        case Kind.APPLICATION:
            one = narration.tell(first).removeprefix("Paid from ")
            return f"${amount} paid from {one}" + (f", and {more} more" if more else "")
        case Kind.OBLIGATION if more:
            return f"{happening.count} charges, {say_category(first.category)}: {narration.tell(first)}, …"
        case Kind.OBLIGATION:
            return f"{narration.tell(first)} charged"
        case Kind.EARNINGS | Kind.CREDIT_MEMO:
            also = f", and {more} more" if more else ""
            return f"{narration.tell(first)}{also}: ${amount} credited"
        case Kind.VOID if first.payment and happening.voided_payment:
            how = _VOIDED.get(happening.voided_payment, "voided in part")
            return f"{first.payment.reference_id} {how}: {first.reason}"
        case Kind.WRITE_OFF:
            return f"Written off: {lower_first(narration.tell(first).removeprefix('Forgiven: '))}"
        case _:
            return narration.tell(first) + (f", and {more} more" if more else "")


def _say_how(document: Any) -> str:
    if document.method == PaymentMethod.CASH:
        return "in cash"
    return f"by {'check' if document.method == PaymentMethod.CHECK else 'bank'} {document.instrument_number}".strip()


def _page_of(posting: LedgerPosting) -> tuple[str, int]:
    """Return which page tells more of it, as the admin names it, and whose."""
    if posting.payment_id:
        return "interimpayment", posting.payment_id
    if posting.payout_id:
        return "payout", posting.payout_id
    return "ledgerposting", posting.pk


def _paper_of(posting: LedgerPosting) -> str:
    if posting.payment:
        return posting.payment.reference_id
    return posting.payout.reference_id if posting.payout else posting.reference_id


register_section(
    Section(
        place=10,
        tab="Account",
        title="What {name} owes",
        permission="ledger.view_ledgerbalance",
        read=read_account,
        template="ledger/dossier_account.html",
    )
)
register_section(
    Section(
        of=Subject.LEASE,
        place=10,
        tab="Account",
        title="What is owed on it",
        permission="ledger.view_ledgerbalance",
        read=read_lease_account,
        template="ledger/dossier_account.html",
    )
)
for subject, read in ((Subject.DRIVER, read_happenings), (Subject.LEASE, read_lease_happenings)):
    register_events(Source(of=subject, name="ledger", permission="ledger.view_ledgerbalance", read=read, is_money=True))
register_notices("ledger.view_ledgerbalance", tell_returned)


def _refuse_payout(state: DriverState) -> str:
    return state.say_locked() or ("" if state.held else f"Nothing is held for {state.name}")


def _refuse_use(state: DriverState) -> str:
    return "" if state.held else f"Nothing is held for {state.name}"


def _to(name: str) -> Callable[[DriverState], str]:
    return lambda state: reverse(f"admin:{name}", args=[state.pk])


def _refuse_write_off(state: DriverState) -> str:
    return "" if state.owed else f"{state.name} owes nothing"


def _to_what_is_owed(state: DriverState) -> str:
    owed = {"driver__id__exact": state.pk, "status__exact": Status.OPEN, "entry_type__exact": EntryType.DEBIT}
    return list_url(LedgerBalance, **owed)


register_act(
    Act(
        place=62,
        title="Write off",
        permission="ledger.write_off_ledgerposting",
        url=_to_what_is_owed,
        is_further=True,
        refuse=_refuse_write_off,
    )
)
for place, title, name, permission, refuse in (
    (0, "Take payment", "ledger_driver_payment", "ledger.add_interimpayment", None),
    (50, "Pay out", "ledger_driver_payout", "ledger.add_payout", _refuse_payout),
    (60, "Credit memo", "ledger_driver_credit_memo", "ledger.credit_driver", None),
    (61, "Apply now", "ledger_driver_apply", "ledger.apply_earnings", _refuse_use),
):
    register_act(
        Act(
            place=place,
            title=title,
            permission=permission,
            url=_to(name),
            is_main=place == 0,
            is_further=place > 50,
            refuse=refuse,
        )
    )
