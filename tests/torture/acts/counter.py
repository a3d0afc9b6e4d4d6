"""Money over the counter: in, out, and back again."""

from decimal import Decimal
from typing import Any

from ledger import services as ledger
from ledger.models import InterimPayment, Payout
from tests.torture.books import Change
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_lease_of, planned_of, some_method
from tests.torture.fleet import cents_of as cents
from tests.torture.fleet import dollars_of as dollars
from tests.torture.steps import Step


def draw_payment(t: Torture) -> tuple[dict[str, Any], Change]:
    """A payment and what it does: named charges are paid, among them perhaps a rent that is due soon."""
    driver, change, named = a_driver(t), Change(), {}
    for balance in t.chance.sample(
        owed := t.books.list_open("owed", driver=driver), min(len(owed), t.chance.choice((0, 1, 1, 2, 3)))
    ):
        part = balance.left if t.maybe(0.6) else t.chance.randint(1, balance.left)
        named[balance.reference] = dollars(part)
        change.add(driver, owed=-part)
    ahead = [row for row in planned_of(driver) if not row.on_hold and 0 <= (row.due_on - t.today).days <= 27]
    if ahead and t.maybe(0.15):
        named[ahead[0].reference] = dollars(ahead[0].cents)
        # It is charged, and paid at once.
    lease = a_lease_of(t, driver)
    deposit = t.dollars(1000, 20_000) if lease and t.maybe(0.1) else Decimal(0)
    spare = t.dollars(1, 20_000) if not named or t.maybe(0.4) else Decimal(0)
    method, instrument = some_method(t, ach=True)
    change.add(driver, held=cents(spare), deposit=cents(deposit))
    facts = {
        "payment_amount": sum(named.values(), Decimal(0)) + deposit + spare,
        "allocations": named,
        "driver_id": driver,
        "lease_id": lease,
        "payment_method": method,
        "instrument_number": instrument,
        "deposit": deposit,
        "effective_on": t.today,
        "actor": t.memory["cashier"],
    }
    return facts, change


@act("ledger.apply_interim_payment", weight=40)
def receive(t: Torture) -> Step | None:
    facts, change = draw_payment(t)
    again = ""
    if t.maybe(0.5):
        facts["idempotency_key"], again = f"key-{t.number()}", "same"

    def told(payment: InterimPayment) -> Change:
        t.memory["receipts"][payment.number] = (payment.driver_id, cents(payment.amount))
        return change

    return Step("ledger.apply_interim_payment", ledger.apply_interim_payment, facts, told, again=again)


@act("ledger.apply_interim_payment", weight=6)
def receive_wrongly(t: Torture) -> Step | None:
    """Another driver's charge, more than is open, more than was paid, a key with other facts, a charge that is none."""
    facts, _ = draw_payment(t)
    facts["allocations"] = dict(facts["allocations"])
    others = [b for b in t.books.list_open("owed") if b.driver != facts["driver_id"]]
    own = t.books.list_open("owed", driver=facts["driver_id"])
    wrong = t.chance.randint(0, 4)
    if wrong == 0 and others:
        facts["allocations"] = {t.chance.choice(others).reference: facts["payment_amount"]}
    elif wrong == 1 and own:
        chosen = t.chance.choice(own)
        facts["allocations"] = {chosen.reference: dollars(chosen.left + 1)}
        facts["payment_amount"] = dollars(chosen.left + 500)
        facts["deposit"] = Decimal(0)
    elif wrong == 2 and own:
        facts["allocations"] = {t.chance.choice(own).reference: facts["payment_amount"] + Decimal("0.01")}
    elif wrong == 3:
        facts["allocations"] = {"MISC-NOTHING-SUCH": Decimal("0.01")}
    else:
        facts["payment_method"], facts["instrument_number"] = "BEADS", "7"
    if facts["allocations"] == {} and wrong < 3:
        return None
    if wrong in (0, 1, 2) and not (others if wrong == 0 else own):
        return None
    return Step("ledger.apply_interim_payment", ledger.apply_interim_payment, facts, must_refuse=True)


@act("ledger.void_payment", weight=8)
def void_a_payment(t: Torture) -> Step | None:
    number = t.pick(list(t.memory["receipts"])[-30:])
    if number is None:
        return None
    payment = InterimPayment.objects.get(number=number)
    openings = [b for b in t.books.balances.values() if b.payment == payment.pk and not b.voided]
    change = Change()
    for opening in openings:
        t.books.undo_opening(opening, change)
    facts = {
        "payment_id": payment.pk,
        "reason": t.reason(),
        "actor": t.memory["supervisor"],
        "cascade": t.maybe(0.6),
        "effective_on": t.today,
    }
    step = Step("ledger.void_payment", ledger.void_payment, facts, change, again="refused")
    moves = [move for opening in openings for move in t.books.uses_of(opening)]
    returned = f"RETURNED-PAY-{number:06d}" in t.books.live
    if not openings or returned or any(move.kind == "PAYOUT" for move in moves):
        step.must_refuse = True
    elif not facts["cascade"] and any(move.kind == "APPLICATION" for move in moves):
        step.must_refuse, step.codes = True, ("credit_in_use",)
    return step


@act("ledger.void_payment", weight=5)
def return_a_check(t: Torture) -> Step | None:
    """What has left of it is owed again as a RECOVERY; in all, its driver owes what the check was."""
    checks = InterimPayment.objects.exclude(method="CASH").order_by("-pk")[:20]
    payment = t.pick(checks)
    if payment is None:
        return None
    openings = [b for b in t.books.balances.values() if b.payment == payment.pk and not b.voided]
    change = Change().worth(payment.driver_id, sum(opening.amount for opening in openings))
    facts = {
        "payment_id": payment.pk,
        "reason": "Returned by the bank",
        "actor": t.memory["supervisor"],
        "cascade": True,
        "returned_item": True,
        "was_at_bank": t.chance.choice((True, False, None)),
        "effective_on": t.today,
    }
    step = Step("ledger.void_payment", ledger.void_payment, facts, change, again="refused")
    if not openings or f"RETURNED-{payment.reference_id}" in t.books.live:
        step.must_refuse = True
    return step


@act("ledger.pay_out", weight=10)
def pay_out(t: Torture) -> Step | None:
    driver = a_driver(t)
    held = sum(b.left for b in t.books.list_open("held", driver=driver))
    if not held:
        return None
    part = t.chance.choice((held, held // 2 or 1, held + 1))
    method, instrument = some_method(t, ach=True)
    facts = {
        "driver_id": driver,
        "amount": dollars(part),
        "method": method,
        "instrument_number": instrument,
        "effective_on": t.today,
        "actor": t.memory["supervisor"],
    }
    again = ""
    if t.maybe(0.5):
        facts["idempotency_key"], again = f"out-{t.number()}", "same"
    change = Change().add(driver, held=-part)
    step = Step("ledger.pay_out", ledger.pay_out, facts, change, again=again)
    due = sum(b.left for b in t.books.list_open("owed", driver=driver) if b.due_on and b.due_on <= t.today)
    if part > held - due:
        step.must_refuse, step.again = True, ""
    return step


@act("ledger.void_payout", weight=5)
def void_a_payout(t: Torture) -> Step | None:
    payout = t.pick(Payout.objects.order_by("-pk")[:20])
    if payout is None:
        return None
    moves = [move for move in t.books.moves.values() if move.payout == payout.pk and not move.undone]
    change = Change()
    for move in moves:
        t.books.undo(move, change)
    facts = {
        "payout_id": payout.pk,
        "reason": t.reason(),
        "actor": t.memory["supervisor"],
        "effective_on": t.today,
    }
    step = Step("ledger.void_payout", ledger.void_payout, facts, change, again="refused")
    step.must_refuse = not moves
    return step
