"""Charges, memos and card fares, one and many."""

from decimal import Decimal
from typing import Any

from ledger import services as ledger
from tests.torture.books import ORDER, Change, check
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_lease_of, planned_of, sum_payoffs
from tests.torture.fleet import cents_of as cents
from tests.torture.steps import Step

#: RECOVERY and LOAN follow causes of their own, which the books mirror.
FREELY_CHARGED = tuple(category for category in ORDER if category not in ("RECOVERY", "LOAN"))


def _facts(t: Torture, prefix: str, **more: Any) -> dict[str, Any]:
    driver = a_driver(t)
    return {
        "driver_id": driver,
        "lease_id": a_lease_of(t, driver),
        "amount": t.dollars(),
        "reference_id": f"{prefix}T{t.number()}",
        "effective_on": t.today,
        **more,
    }


@act("ledger.create_obligation", weight=30)
def charge(t: Torture) -> Step | None:
    category = t.chance.choice(FREELY_CHARGED)
    facts = _facts(t, f"{category}-", category=category, actor=t.memory["office"])
    if t.maybe(0.3):
        facts["due_on"] = t.week.end
    change = Change().add(facts["driver_id"], owed=cents(facts["amount"]))
    return Step("ledger.create_obligation", ledger.create_obligation, facts, change, again="same")


@act("ledger.create_obligation", weight=3)
def charge_under_a_reference_in_use(t: Torture) -> Step | None:
    """Other facts under a reference that stands, or that was voided: refused."""
    taken = t.pick(list(t.books.live)[-40:])
    if taken is None:
        return None
    facts = {**_facts(t, "MISC-"), "category": "MISC", "reference_id": taken, "amount": Decimal("99999.99")}
    codes = ("reference_conflict", "reference_voided", "invalid_value")
    return Step("ledger.create_obligation", ledger.create_obligation, facts, must_refuse=True, codes=codes)


@act("ledger.create_obligations", weight=4)
def charge_many(t: Torture) -> Step | None:
    change, rows = Change(), []
    for _ in range(t.chance.randint(1, 12)):
        facts = _facts(t, "MISC-", category="MISC")
        rows.append(ledger.Opening(**facts))
        change.add(facts["driver_id"], owed=cents(facts["amount"]))
    step = Step(
        "ledger.create_obligations",
        ledger.create_obligations,
        {"obligations": rows, "actor": t.memory["office"]},
        change,
        again="same",
    )
    if t.maybe(0.2):
        rows.append(ledger.Opening(**_facts(t, "MISC-", category="MISC", amount=Decimal("0.00"))))
        step.must_refuse, step.again = True, ""
    return step


@act("ledger.credit_driver", weight=12)
def give_a_memo(t: Torture) -> Step | None:
    category = t.chance.choice([name for name in ORDER if name not in ("RECOVERY",)])
    facts = _facts(t, "MEMO-", category=category, reason=t.reason(), actor=t.memory["supervisor"])
    change = Change().add(facts["driver_id"], held=cents(facts["amount"]))
    return Step("ledger.credit_driver", ledger.credit_driver, facts, change, again="same")


@act("ledger.credit_drivers", weight=3)
def give_memos(t: Torture) -> Step | None:
    change, rows = Change(), []
    for _ in range(t.chance.randint(1, 8)):
        facts = _facts(t, "MEMO-", category="MISC", reason="Refund")
        rows.append(ledger.Opening(**facts))
        change.add(facts["driver_id"], held=cents(facts["amount"]))
    return Step(
        "ledger.credit_drivers",
        ledger.credit_drivers,
        {"memos": rows, "actor": t.memory["office"]},
        change,
        again="same",
    )


@act("ledger.post_earnings", weight=5)
def earn(t: Torture) -> Step | None:
    facts = _facts(t, "FARES-", actor=t.memory["office"])
    change = Change().add(facts["driver_id"], held=cents(facts["amount"]))
    return Step("ledger.post_earnings", ledger.post_earnings, facts, change, again="same")


@act("ledger.post_earnings_batch", weight=2)
def earn_many(t: Torture) -> Step | None:
    change, rows = Change(), []
    for _ in range(t.chance.randint(1, 8)):
        facts = _facts(t, "FARES-", category="EARNINGS")
        rows.append(ledger.Opening(**facts))
        change.add(facts["driver_id"], held=cents(facts["amount"]))
    call, given = ledger.post_earnings_batch, {"earnings": rows, "actor": t.memory["office"]}
    return Step("ledger.post_earnings_batch", call, given, change, again="same")


@act("ledger.post_installments", weight=3)
def charge_ahead(t: Torture) -> Step | None:
    driver = a_driver(t)
    planned = [row for row in planned_of(driver) if not row.on_hold][: t.chance.randint(1, 3)]
    change = Change().add(driver, owed=sum(row.cents for row in planned))
    facts = {"reference_ids": [row.reference for row in planned], "driver_id": driver, "effective_on": t.today}
    return Step("ledger.post_installments", ledger.post_installments, facts, change, again="same")


@act("ledger.post_scheduled_installments", weight=3)
def charge_what_is_due(t: Torture) -> Step | None:
    only = [a_driver(t)] if t.maybe(0.5) else None
    change = Change()
    for row in planned_of(only[0] if only else None):
        if row.due_on <= t.today and not row.on_hold:
            change.add(row.driver, owed=row.cents)
    call = ledger.post_scheduled_installments
    return Step(
        "ledger.post_scheduled_installments", call, {"as_of": t.today, "driver_ids": only}, change, again="same"
    )


@act("ledger.post_remaining_installments", weight=1)
def charge_all_that_is_left(t: Torture) -> Step | None:
    driver = a_driver(t)
    if not t.maybe(0.1):
        return None
    rows = [row for row in planned_of(driver) if not row.on_hold]
    of_loans = sum(row.cents for row in rows if row.reference.startswith("LOAN-"))
    others = sum(row.cents for row in rows) - of_loans
    before = sum_payoffs(driver)

    def told(_: Any) -> Change:
        paid_off = sum_payoffs(driver) - before
        check(paid_off <= of_loans, "A loan that is called in is never more than its schedule")
        return Change().worth(driver, others + paid_off)

    facts = {"driver_id": driver, "due_on": t.today}
    return Step("ledger.post_remaining_installments", ledger.post_remaining_installments, facts, told, again="same")
