"""Programs: requests of the REST API with a token, some of them wrong, some of them twice."""

from typing import Any

from rest_framework.test import APIClient

from core.errors import DomainError
from core.services.tokens import create_api_token
from ledger.models import InterimPayment, Payout
from tests.torture.books import Change, check
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver
from tests.torture.fleet import cents_of as cents
from tests.torture.fleet import dollars_of as dollars
from tests.torture.steps import Step

#: A refusal is kept under its key as an answer is, and a token remembers its last day.
NOTES = ("core_stored_answers", "core_api_tokens", "core_access_log")


class RefusedByApi(DomainError):
    """A refusal as a program gets it."""

    code = "api"


def refuse(status: int, code: str) -> DomainError:
    """The refusal, under a class of its own for each code, as the services' own have."""
    refusal: DomainError = type("RefusedByApi", (RefusedByApi,), {"code": f"api: {code}"})(f"{status} {code}")
    return refusal


def _client(t: Torture, role: str) -> APIClient:
    name = f"client of {role}"
    if name not in t.memory:
        token = create_api_token(user=t.memory[role], name=f"torture {role}", scope="ALL", now=t.clock.read())
        client = APIClient(raise_request_exception=True)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token.secret}")
        t.memory[name] = client
        t.take_stock()
    return t.memory[name]  # type: ignore[no-any-return]


def post(*, client: APIClient, path: str, body: dict[str, Any], key: str) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    response = client.post(f"/api/{path}", body, format="json", headers=headers)
    check(response.status_code < 500, f"The API answers, and not {response.status_code}: {response.content[:300]!r}")
    if response.status_code >= 400:
        problem = response.json()
        check(problem["status"] == response.status_code, "A problem tells its status")
        raise refuse(response.status_code, problem["code"])
    return response.json()


def _step(t: Torture, role: str, path: str, body: dict[str, Any], change: Any, *, key: str = "") -> Step:
    facts = {"client": _client(t, role), "path": path, "body": body, "key": key}
    step = Step(f"API {path.split('/')[0]}/{path.rsplit('/')[-1]}", post, facts, change, may_note=NOTES)
    step.again = "same" if key else ""
    wrong = t.chance.random()
    if wrong < 0.15 and body:
        name = t.chance.choice(sorted(body))
        body[name] = t.chance.choice((None, "", "NaN", [], {}, -1, "1e400", "\x00", 10**30, "９"))
        if name in ("reason", "reference_id"):
            body[name] = t.chance.choice((None, "", " ", [], {}, "\x00"))
        step.spoiled, step.again = name, ""
        step.must_refuse = name in ("driver_id", "payment_amount", "amount", "reason", "reference_id")
    return step


@act(weight=8)
def pay(t: Torture) -> Step | None:
    driver = a_driver(t)
    owed = t.books.list_open("owed", driver=driver)
    named = t.chance.sample(owed, min(len(owed), t.chance.randint(0, 2)))
    amount = sum(balance.left for balance in named) + 500
    body = {
        "driver_id": driver,
        "payment_amount": str(dollars(amount)),
        "payment_method": "CASH",
        "allocations": [{"reference_id": b.reference, "amount": str(dollars(b.left))} for b in named],
    }
    step = _step(t, "cashier", "ledger/interim-payment", body, Change(), key=f"api-{t.number()}")
    if step.spoiled == "allocations":
        body["allocations"], step.must_refuse = "all", True

    def told(answer: Any) -> Change:
        payment = InterimPayment.objects.get(pk=answer["id"])
        t.memory["receipts"][payment.number] = (driver, amount)
        return Change().add(driver, owed=-(amount - 500), held=500)

    step.change = told
    if step.spoiled == "payment_method":
        step.must_refuse = True
    return step


@act(weight=5)
def charge(t: Torture) -> Step | None:
    driver, amount = a_driver(t), t.dollars()
    body = {
        "driver_id": driver,
        "category": "MISC",
        "amount": str(amount),
        "reference_id": f"KEYS-A{t.number()}",
        "effective_on": t.today.isoformat(),
    }
    change = Change().add(driver, owed=cents(amount))
    return _must_not_change(_step(t, "admin", "ledger/obligations", body, change, key=f"api-{t.number()}"))


@act(weight=3)
def void(t: Torture) -> Step | None:
    move = t.pick([move for move in list(t.books.moves.values())[-60:] if move.kind != "PAYOUT"])
    if move is None:
        return None
    change = Change()
    t.books.undo(move, change)
    path = f"ledger/postings/{move.id}/void"
    step = _step(t, "supervisor", path, {"reason": t.reason()}, change, key=f"api-{t.number()}")
    if step.spoiled or move.undone:
        step.must_refuse, step.again = True, ""
    return step


@act(weight=3)
def pay_out(t: Torture) -> Step | None:
    driver = a_driver(t)
    held = sum(b.left for b in t.books.list_open("held", driver=driver))
    if not held:
        return None
    body = {"driver_id": driver, "amount": str(dollars(held)), "method": "CASH"}
    change = Change().add(driver, held=-held)
    step = _step(t, "supervisor", "ledger/payouts", body, change, key=f"api-{t.number()}")
    if step.spoiled == "method":
        step.must_refuse = True
    return step


@act(weight=2)
def void_payout(t: Torture) -> Step | None:
    payout: Any = t.pick(Payout.objects.order_by("-pk")[:10])
    if payout is None:
        return None
    change = Change()
    moves = [move for move in t.books.moves.values() if move.payout == payout.pk and not move.undone]
    for move in moves:
        t.books.undo(move, change)
    path = f"ledger/payouts/{payout.pk}/void"
    step = _step(t, "supervisor", path, {"reason": t.reason()}, change, key=f"api-{t.number()}")
    if step.spoiled or not moves:
        step.must_refuse, step.again = True, ""
    return step


@act(weight=3)
def without_the_right(t: Torture) -> Step | None:
    """An auditor reads and changes nothing."""
    path = t.chance.choice(("ledger/obligations", "ledger/interim-payment", "ledger/payouts", "drivers", "tickets"))
    step = _step(t, "auditor", path, {"driver_id": a_driver(t)}, Change())
    step.must_refuse, step.again = True, ""
    return step


@act(weight=2)
def read(t: Torture) -> Step | None:
    path = t.chance.choice(
        (
            "ledger/balances",
            "ledger/postings",
            "drivers",
            "leases",
            "tickets",
            "weeks",
            "dtrs",
            "trips",
            "events?after=0",
        )
    )

    def get(*, client: APIClient, path: str) -> Any:
        response = client.get(f"/api/{path}")
        check(response.status_code < 500, f"The API answers, and not {response.status_code}")

    facts = {"client": _client(t, "admin"), "path": path}
    return Step("API read", get, facts)


def _must_not_change(step: Step) -> Step:
    """Of a charge every fact is asked for, or told another way."""
    if step.spoiled == "category":
        step.must_refuse = True
    return step
