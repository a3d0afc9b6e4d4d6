"""People: pages of the admin filled in, looked at, and confirmed; by those who may and those who may not."""

from typing import Any
from uuid import UUID

from django.test import Client

from core.errors import DomainError
from ledger.models import InterimPayment
from tests.ledger.admin_pages import hidden_on, look, url_of
from tests.torture.books import Change, check
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver
from tests.torture.fleet import cents_of as cents
from tests.torture.fleet import dollars_of as dollars
from tests.torture.steps import Step

#: Whoever is signed in has a session, whose end moves; a refused act may be kept in a log.
NOTES = ("core_sessions", "django_admin_log", "core_access_log")


class RefusedByPage(DomainError):
    code = "page"


def _browser(t: Torture, role: str) -> Client:
    name = f"browser of {role}"
    if name not in t.memory:
        client = Client()
        client.force_login(t.memory[role])
        t.memory[name] = client
        t.take_stock()
    return t.memory[name]  # type: ignore[no-any-return]


def fill_in(*, client: Client, url: str, typed: dict[str, Any]) -> Any:
    """The page, its preview, and the button under it. What the page says of wrong input is a refusal."""
    page = look(client, url, **typed)
    check(page.status_code < 500, f"The page answers, and not {page.status_code}")
    if page.status_code in (403, 404, 302):
        raise RefusedByPage(f"{page.status_code}")
    if not page.context["seen"]:
        raise RefusedByPage(str(dict(page.context["form"].errors)))
    answer = client.post(url, {**typed, **hidden_on(page), "_confirm": "1"})
    check(answer.status_code < 500, f"The page answers, and not {answer.status_code}")
    if answer.status_code != 302:
        raise RefusedByPage(f"{answer.status_code}")
    return answer


def _step(t: Torture, role: str, page: str, record: int, typed: dict[str, Any], change: Any) -> Step:
    facts = {"client": _browser(t, role), "url": url_of(page, record), "typed": typed}
    step = Step(f"page {page}", fill_in, facts, change, may_note=NOTES)
    if t.maybe(0.15) and typed:
        name = t.chance.choice(sorted({"amount", "reason"} & set(typed)))
        typed[name] = t.chance.choice(("", "NaN\x00", "x" * 600, "\x00"))
        step.spoiled, step.must_refuse = name, True
    return step


@act(weight=3)
def write_off(t: Torture) -> Step | None:
    balance = t.pick(t.books.list_open("owed"))
    if balance is None:
        return None
    typed = {"amount": str(dollars(balance.left)), "reason": t.reason()}
    change = Change().add(balance.driver, owed=-balance.left)
    role = t.chance.choice(("supervisor", "supervisor", "cashier", "auditor"))
    step = _step(t, role, "ledger_ledgerposting_write_off", balance.id, typed, change)
    if role != "supervisor":
        step.must_refuse = True
    return step


@act(weight=3)
def void(t: Torture) -> Step | None:
    move = t.pick([move for move in list(t.books.moves.values())[-60:] if move.kind != "PAYOUT"])
    if move is None:
        return None
    change = Change()
    t.books.undo(move, change)
    step = _step(t, "supervisor", "ledger_ledgerposting_void", move.id, {"reason": t.reason()}, change)
    step.must_refuse = step.must_refuse or move.undone
    return step


@act(weight=3)
def give_a_memo(t: Torture) -> Step | None:
    driver, amount = a_driver(t), t.dollars()
    token = str(UUID(int=t.chance.getrandbits(128)))
    typed = {"category": "MISC", "amount": str(amount), "reason": t.reason(), "token": token}
    change = Change().add(driver, held=cents(amount))
    return _step(t, "supervisor", "ledger_driver_credit_memo", driver, typed, change)


@act(weight=2)
def void_a_payment(t: Torture) -> Step | None:
    payment: Any = t.pick(InterimPayment.objects.filter(method="CASH").order_by("-pk")[:15])
    if payment is None:
        return None
    change = Change()
    openings = [b for b in t.books.balances.values() if b.payment == payment.pk and not b.voided]
    for opening in openings:
        t.books.undo_opening(opening, change)
    typed = {"reason": t.reason()}
    step = _step(t, "supervisor", "ledger_interimpayment_void", payment.pk, typed, change)
    step.must_refuse = step.must_refuse or not openings
    return step


@act(weight=3)
def browse(t: Torture) -> Step | None:
    """Lists and records of any role: never an error, and nothing written but a session."""
    name = t.chance.choice(("ledger_ledgerposting", "ledger_ledgerbalance", "tickets_ticket", "dtr_dtr", "curb_trip"))
    role = t.chance.choice(("cashier", "supervisor", "office", "auditor"))

    def get(*, client: Client, url: str) -> Any:
        answer = client.get(url)
        check(answer.status_code < 500, f"The page answers, and not {answer.status_code}")

    facts = {"client": _browser(t, role), "url": f"{url_of(f'{name}_changelist')}"}
    if t.maybe(0.4):
        facts["url"] = f"/admin/drivers/{a_driver(t)}/"
    return Step("page read", get, facts)
