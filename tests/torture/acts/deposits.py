"""Deposits on leases: carried over, used, given back."""

from ledger import services as ledger
from tests.torture.books import Change
from tests.torture.engine import Torture, act
from tests.torture.fleet import dollars_of as dollars
from tests.torture.fleet import some_method
from tests.torture.steps import Step


@act("ledger.apply_deposit", weight=2)
def use_a_deposit(t: Torture) -> Step | None:
    deposit = t.pick(t.books.list_open("deposit"))
    if deposit is None:
        return None
    owed = [b for b in t.books.list_open("owed", driver=deposit.driver) if b.lease in (None, deposit.lease)]
    paid = t.books.pay_in_order(owed, [deposit])
    change = Change().add(deposit.driver, owed=-paid, deposit=-paid)
    facts = {"posting_id": deposit.id, "as_of": t.today, "reason": t.reason()}
    return Step("ledger.apply_deposit", ledger.apply_deposit, facts, change)


@act("ledger.release_deposit", weight=2)
def give_a_deposit_back(t: Torture) -> Step | None:
    deposit = t.pick(t.books.list_open("deposit"))
    if deposit is None:
        return None
    part = t.chance.choice((None, 1, deposit.left, deposit.left + 1))
    change = Change().add(deposit.driver, deposit=-(deposit.left if part is None else part))
    method, instrument = some_method(t, ach=True)
    facts = {
        "posting_ids": [deposit.id],
        "amount": None if part is None else dollars(part),
        "method": method,
        "instrument_number": instrument,
        "effective_on": t.today,
    }
    step = Step("ledger.release_deposit", ledger.release_deposit, facts, change)
    step.must_refuse = part is not None and part > deposit.left
    return step
