"""What undoes, forgives, corrects and uses."""

from typing import Any

from ledger import services as ledger
from tests.torture.books import Balance, Change
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_lease_of
from tests.torture.fleet import dollars_of as dollars
from tests.torture.steps import Step

#: References of modules whose charges or credits are mended with something else, by acts of their own.
OF_MODULES = ("CURB-", "TAXES-2", "LOAN-", "RETURNED-", "WINBACK-", "OPEN-")


def _free(t: Torture, *sides: str, kinds: tuple[str, ...] = ()) -> Balance | None:
    found = [
        b
        for b in t.books.list_open(*sides)
        if not b.reference.startswith(OF_MODULES) and (not kinds or b.kind in kinds)
    ]
    return t.pick(found)  # type: ignore[no-any-return]


def _by(t: Torture) -> dict[str, Any]:
    return {"reason": t.reason(), "actor": t.memory["supervisor"], "effective_on": t.today}


@act("ledger.void_posting", weight=12)
def void_a_charge(t: Torture) -> Step | None:
    balance = _free(t, "owed") if t.maybe(0.7) else t.pick(list(t.books.balances.values())[-60:])
    if balance is None or balance.side != "owed" or balance.reference.startswith(OF_MODULES):
        return None
    change = Change()
    t.books.undo_opening(balance, change)
    facts = {"posting_id": balance.id, **_by(t)}
    step = Step("ledger.void_posting", ledger.void_posting, facts, change, again="refused")
    step.must_refuse = balance.voided
    return step


@act("ledger.void_posting", weight=8)
def void_a_movement(t: Torture) -> Step | None:
    move = t.pick(list(t.books.moves.values())[-80:])
    if move is None or move.kind == "PAYOUT":
        return None
    change = Change()
    t.books.undo(move, change)
    facts = {"posting_id": move.id, **_by(t)}
    step = Step("ledger.void_posting", ledger.void_posting, facts, change, again="refused")
    step.must_refuse = move.undone
    return step


@act("ledger.void_posting", weight=6)
def void_a_credit(t: Torture) -> Step | None:
    held = [b for b in list(t.books.balances.values())[-200:] if b.side == "held" and not b.voided]
    balance = t.pick([b for b in held if not b.reference.startswith(OF_MODULES)])
    if balance is None or (balance.kind != "PAYMENT" and f"WINBACK-{balance.reference}" in t.books.live):
        return None
    change, cascade = Change(), t.maybe(0.5)
    t.books.undo_opening(balance, change)
    facts = {"posting_id": balance.id, "cascade": cascade, **_by(t)}
    step = Step("ledger.void_posting", ledger.void_posting, facts, change, again="refused")
    uses = t.books.uses_of(balance)
    if any(move.kind == "PAYOUT" for move in uses):
        step.must_refuse, step.codes = True, ("credit_paid_out",)
    elif uses and not cascade:
        step.must_refuse, step.codes = True, ("credit_in_use",)
    return step


@act("ledger.void_posting", weight=2)
def void_a_void(t: Torture) -> Step | None:
    """The newest void, or what was voided before."""
    voided = t.pick(sorted(t.books.voided)[-20:])
    if voided is None:
        return None
    facts = {"posting_id": voided, **_by(t)}
    codes = ("already_voided",)
    return Step("ledger.void_posting", ledger.void_posting, facts, must_refuse=True, codes=codes)


@act("ledger.preview_void", "ledger.preview_void_payment", weight=3)
def look_at_a_void(t: Torture) -> Step | None:
    balance = t.pick(list(t.books.balances.values())[-80:])
    if balance is None:
        return None
    if balance.payment and t.maybe(0.5):
        facts = {"payment_id": balance.payment, "cascade": True, "effective_on": t.today}
        return Step("ledger.preview_void_payment", ledger.preview_void_payment, facts, only_looks=True)
    facts = {"posting_id": balance.id, "cascade": True, "effective_on": t.today}
    return Step("ledger.preview_void", ledger.preview_void, facts, only_looks=True)


@act("ledger.preview_money", weight=2)
def look_at_a_credit(t: Torture) -> Step | None:
    driver, number, today = a_driver(t), t.number(), t.today

    def credit() -> Any:
        return ledger.credit_driver(
            driver_id=driver,
            category="MISC",
            amount=dollars(500),
            reference_id=f"MEMO-LOOK{number}",
            reason="To look",
            effective_on=today,
        )

    facts = {"driver_id": driver, "act": credit, "today": today}
    return Step("ledger.preview_money", ledger.preview_money, facts, only_looks=True)


@act("ledger.write_off_obligation", weight=6)
def write_off(t: Torture) -> Step | None:
    balance = t.pick(t.books.list_open("owed"))
    if balance is None:
        return None
    part = t.chance.choice((None, 1, balance.left, balance.left + 1))
    change = Change().add(balance.driver, owed=-(balance.left if part is None else part))
    facts = {"posting_id": balance.id, "amount": None if part is None else dollars(part), **_by(t)}
    step = Step("ledger.write_off_obligation", ledger.write_off_obligation, facts, change)
    step.must_refuse = part is not None and part > balance.left
    return step


@act("ledger.replace_obligation", weight=6)
def correct(t: Torture) -> Step | None:
    """Paid stays paid and forgiven stays forgiven, as far as the new amount reaches."""
    balance = t.pick([b for b in list(t.books.live.values())[-150:] if b.side == "owed"])
    if balance is None or balance.reference.startswith(OF_MODULES):
        return None
    amount = t.chance.choice((balance.amount, balance.amount // 2 or 1, balance.amount + 700, 1))
    moves = t.books.uses_of(balance)
    paid = sum(move.amount for move in moves if move.funding)
    forgiven = sum(move.amount for move in moves if not move.funding)
    keeps = min(paid, amount)
    change = Change().add(balance.driver, owed=amount - keeps - min(forgiven, amount - keeps) - balance.left)
    freed = paid - keeps
    for move in sorted((move for move in moves if move.funding), key=lambda move: move.id, reverse=True):
        part, side = min(freed, move.amount), move.funding.side if move.funding else "held"
        freed -= part
        change.add(balance.driver, **{side: part})
    # As its doors do it: what a module corrects by an act of its own is refused.
    facts = {"posting_id": balance.id, "amount": dollars(amount), "by_hand": True, **_by(t)}
    step = Step("ledger.replace_obligation", ledger.replace_obligation, facts, change, again="refused")
    step.must_refuse = amount == balance.amount
    return step


@act("ledger.reduce_to_paid", weight=3)
def reduce(t: Torture) -> Step | None:
    charges = [b for b in list(t.books.live.values())[-80:] if b.side == "owed"]
    # Of a ticket's charge only its own refund calls it, which keeps the ticket in step.
    charges = [b for b in charges if not b.reference.startswith((*OF_MODULES, "EZPASS-", "PVB-", "TLC-"))]
    chosen = t.chance.sample(charges, min(len(charges), t.chance.randint(1, 4)))
    if not chosen:
        return None
    change = Change()
    for balance in chosen:
        change.add(balance.driver, owed=-balance.left)
    facts = {"posting_ids": [balance.id for balance in chosen], **_by(t)}
    return Step("ledger.reduce_to_paid", ledger.reduce_to_paid, facts, change)


@act("ledger.charge_again", weight=4)
def charge_again(t: Torture) -> Step | None:
    balance = t.pick([b for b in list(t.books.balances.values())[-200:] if b.side == "owed" and b.voided])
    if balance is None or balance.reference.startswith(OF_MODULES):
        return None
    change = Change().worth(balance.driver, balance.amount)
    # As its doors do it: what a module mends by an act of its own is refused, with that act named.
    facts = {"posting_id": balance.id, "by_hand": True, **_by(t)}
    if t.maybe(0.4):
        facts["with_what_had_paid"] = False
        change = Change().add(balance.driver, owed=balance.amount)
    step = Step("ledger.charge_again", ledger.charge_again, facts, change, again="refused")
    step.must_refuse = balance.reference in t.books.live
    return step


@act("ledger.win_back", weight=3)
def win_back(t: Torture) -> Step | None:
    held = [b for b in list(t.books.balances.values())[-200:] if b.kind in ("CREDIT_MEMO", "EARNINGS")]
    balance = t.pick([b for b in held if not b.voided and not b.reference.startswith(OF_MODULES)])
    if balance is None:
        return None
    change = Change().add(balance.driver, owed=balance.amount - balance.left, held=-balance.left)
    facts = {"posting_id": balance.id, **_by(t)}
    step = Step("ledger.win_back", ledger.win_back, facts, change, again="refused")
    step.must_refuse = f"WINBACK-{balance.reference}" in t.books.live
    return step


@act("ledger.void_untouched", weight=1)
def void_what_nobody_paid(t: Torture) -> Step | None:
    balance = _free(t, "owed")
    if balance is None or any(t.books.uses_of(balance)):
        return None
    change = Change().add(balance.driver, owed=-balance.left)
    facts = {"reference_ids": [balance.reference], "driver_id": balance.driver, **_by(t)}
    return Step("ledger.void_untouched", ledger.void_untouched, facts, change)


@act("ledger.allocate_credit", "ledger.use_credit", weight=8)
def use_a_credit(t: Torture) -> Step | None:
    credit = t.pick(t.books.list_open("held"))
    if credit is None:
        return None
    owed = t.books.list_open("owed", driver=credit.driver)
    chosen = t.chance.sample(owed, min(len(owed), t.chance.randint(1, 3)))
    if not chosen:
        return None
    if t.maybe(0.4):
        references = [balance.reference for balance in chosen]
        paid = min(credit.left, sum(balance.left for balance in chosen))
        change = Change().add(credit.driver, owed=-paid, held=-paid)
        facts = {"posting_id": credit.id, "reference_ids": references, **_by(t)}
        return Step("ledger.use_credit", ledger.use_credit, facts, change)
    named = {balance.reference: t.chance.choice((1, balance.left)) for balance in chosen}
    total = sum(named.values())
    change = Change().add(credit.driver, owed=-total, held=-total)
    allocations = {reference: dollars(part) for reference, part in named.items()}
    facts = {"posting_id": credit.id, "allocations": allocations, **_by(t)}
    step = Step("ledger.allocate_credit", ledger.allocate_credit, facts, change)
    step.must_refuse = total > credit.left
    return step


@act("ledger.apply_weekly_earnings", weight=3)
def apply_in_order(t: Torture) -> Step | None:
    only = [a_driver(t)] if t.maybe(0.6) else sorted(t.books.totals)
    change = Change()
    for driver in only:
        # Where the clock was set back there are some of a day to come.
        due = [b for b in t.books.list_open("owed", driver=driver) if b.due_on and max(b.due_on, b.on) <= t.today]
        held = [b for b in t.books.list_open("held", driver=driver) if b.on <= t.today]
        paid = t.books.pay_in_order(due, held)
        change.add(driver, owed=-paid, held=-paid)
    facts = {"driver_ids": only, "as_of": t.today, "today": t.today}
    return Step("ledger.apply_weekly_earnings", ledger.apply_weekly_earnings, facts, change, again="same")


@act("ledger.apply_credits_to_lease", weight=3)
def apply_credits_to_a_lease(t: Torture) -> Step | None:
    driver = a_driver(t)
    lease = a_lease_of(t, driver)
    if lease is None:
        return None
    owed = [b for b in t.books.list_open("owed", driver=driver) if b.lease in (None, lease)]
    paid = t.books.pay_in_order(owed, [b for b in t.books.list_open("held", driver=driver) if b.on <= t.today])
    change = Change().add(driver, owed=-paid, held=-paid)
    facts = {"driver_id": driver, "lease_id": lease, "as_of": t.today, "reason": t.reason()}
    # A lease that there is not has no charges of its own; those of no lease are paid all the same.
    sound = ("lease_id",)
    return Step("ledger.apply_credits_to_lease", ledger.apply_credits_to_lease, facts, change, sound=sound)
