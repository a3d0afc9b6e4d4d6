"""Leases from their start to the settlement of their deposit."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from core.errors import DomainError
from leases import services as leases
from leases.models import LeaseDriver
from tests.torture.books import Change
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_lease, a_vehicle, noon, planned_of, some_method, sum_payoffs
from tests.torture.fleet import cents_of as cents
from tests.torture.steps import Step


@act("leases.start_lease", "leases.preview_lease", weight=3)
def start(t: Torture) -> Step | None:
    vehicle = a_vehicle(t)
    if vehicle is None:
        return None
    start_on = t.today + timedelta(days=t.chance.randint(0, 6))
    shift = t.chance.choice(("FULL", "FULL", "DAY", "NIGHT"))
    facts: dict[str, Any] = {
        "driver_id": a_driver(t),
        "vehicle_id": vehicle.pk,
        "lease_type": "LONG_TERM" if shift == "FULL" else "SHIFT",
        "shift": shift,
        "start_on": start_on,
        "end_on": start_on + timedelta(days=t.chance.choice((6, 27, 90, -1))),
        "weekly_amount": t.dollars(20_000, 70_000),
        "deposit": Decimal(300),
        "cancellation_fee": t.chance.choice((Decimal(0), Decimal(250))),
    }
    if t.maybe(0.3):
        return Step("leases.preview_lease", leases.preview_lease, facts, only_looks=True)
    facts["actor"] = t.memory["office"]
    step = Step("leases.start_lease", leases.start_lease, facts, again="refused")
    step.must_refuse = facts["end_on"] < start_on
    return step


def _as_previewed(t: Torture, service: str, call: Callable[..., Any], facts: dict[str, Any]) -> Step:
    """An act on a lease: its preview refuses what it refuses, and foretells what it does to its driver's money."""
    from leases.models import Lease

    lease = Lease.objects.get(pk=facts["lease_id"])
    step = Step(service, call, facts)
    try:
        seen = leases.preview_lease_act(lease_id=lease.pk, act=step.run, today=t.today)
    except DomainError as refusal:
        step.must_refuse, step.codes = True, (refusal.code,)
        return step
    step.change = Change().worth(lease.primary_driver_id, cents(seen.money.net_position_change))
    return step


@act("leases.terminate_lease", "leases.preview_lease_act", weight=1)
def terminate(t: Torture) -> Step | None:
    lease = a_lease(t)
    if lease is None or not t.maybe(0.5):
        return None
    facts = {
        "lease_id": lease.pk,
        "last_on": t.today + timedelta(days=t.chance.randint(-8, 10)),
        "reason": t.reason(),
        "cancellation_charge": t.chance.choice((None, Decimal(0), Decimal(100))),
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    return _as_previewed(t, "leases.terminate_lease", leases.terminate_lease, facts)


@act("leases.record_days_away", weight=3)
def away(t: Torture) -> Step | None:
    lease = a_lease(t)
    if lease is None:
        return None
    start_on = t.today + timedelta(days=t.chance.randint(-12, 12))
    facts = {
        "lease_id": lease.pk,
        "start_on": start_on,
        "end_on": start_on + timedelta(days=t.chance.randint(-1, 5)),
        "reason": t.reason(),
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    return _as_previewed(t, "leases.record_days_away", leases.record_days_away, facts)


@act("leases.take_back_days_away", weight=2)
def back(t: Torture) -> Step | None:
    lease = a_lease(t)
    if lease is None:
        return None
    start_on = t.today + timedelta(days=t.chance.randint(-20, 5))
    facts = {
        "lease_id": lease.pk,
        "start_on": start_on,
        "end_on": start_on + timedelta(days=t.chance.randint(0, 20)),
        "reason": t.reason(),
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    return _as_previewed(t, "leases.take_back_days_away", leases.take_back_days_away, facts)


@act("leases.change_weekly_amount", weight=2)
def change_amount(t: Torture) -> Step | None:
    lease = a_lease(t)
    if lease is None:
        return None
    facts = {
        "lease_id": lease.pk,
        "weekly_amount": t.dollars(20_000, 70_000),
        "from_on": t.today + timedelta(days=t.chance.randint(-3, 20)),
        "actor": t.memory["office"],
    }
    return _as_previewed(t, "leases.change_weekly_amount", leases.change_weekly_amount, facts)


@act("leases.swap_vehicle", weight=2)
def swap(t: Torture) -> Step | None:
    lease, vehicle = a_lease(t), a_vehicle(t)
    if lease is None or vehicle is None:
        return None
    facts = {
        "lease_id": lease.pk,
        "vehicle_id": vehicle.pk,
        "swapped_at": noon(t.today + timedelta(days=t.chance.randint(-2, 2))),
        "effective_on": t.today,
        "actor": t.memory["office"],
    }
    return _as_previewed(t, "leases.swap_vehicle", leases.swap_vehicle, facts)


@act("leases.hold_lease", "leases.resume_lease", weight=3)
def hold(t: Torture) -> Step | None:
    lease = a_lease(t)
    if lease is None:
        return None
    facts: dict[str, Any] = {"lease_id": lease.pk, "actor": t.memory["office"]}
    if lease.status == "HELD":
        return Step("leases.resume_lease", leases.resume_lease, facts, again="refused")
    facts["reason"] = t.reason()
    return Step("leases.hold_lease", leases.hold_lease, facts, again="refused")


@act("leases.add_driver", "leases.end_driver", weight=2)
def further_driver(t: Torture) -> Step | None:
    if t.maybe(0.3):
        span = t.pick(LeaseDriver.objects.filter(is_primary=False).order_by("pk"))
        if span is not None:
            facts: dict[str, Any] = {
                "lease_id": span.lease_id,
                "driver_id": span.driver_id,
                "last_on": t.today,
                "actor": t.memory["office"],
            }
            return Step("leases.end_driver", leases.end_driver, facts)
    lease = a_lease(t)
    if lease is None:
        return None
    facts = {
        "lease_id": lease.pk,
        "driver_id": a_driver(t),
        "start_on": t.today,
        "end_on": t.today + timedelta(days=t.chance.randint(-1, 30)),
        "actor": t.memory["office"],
    }
    return Step("leases.add_driver", leases.add_driver, facts, again="refused")


@act("leases.settle_deposit", "leases.preview_settlement", weight=4)
def settle(t: Torture) -> Step | None:
    """Rents left are charged, what is owed is paid, and the rest leaves: no more is given back than was held."""
    deposit = t.pick(t.books.list_open("deposit"))
    if deposit is None:
        return None
    method, instrument = some_method(t)
    facts: dict[str, Any] = {
        "lease_id": deposit.lease,
        "as_of": t.today,
        "reason": t.reason(),
        "method": method,
        "instrument_number": instrument,
        "keeps_for_claims": t.maybe(0.7),
    }
    if t.maybe(0.3):
        return Step("leases.preview_settlement", leases.preview_settlement, facts, only_looks=True)
    facts["actor"] = t.memory["supervisor"]
    held = {b.driver: 0 for b in t.books.list_open("deposit") if b.lease == deposit.lease}
    for balance in t.books.list_open("deposit"):
        if balance.lease == deposit.lease:
            held[balance.driver] += balance.left

    def told(settlement: Any) -> Change:
        driver = settlement.driver_id
        out, left = cents(settlement.released), cents(settlement.kept)
        applied = cents(settlement.applied)
        assert out + left + applied == held[driver], (out, left, applied, held)
        charged = sum(row.cents for row in before[driver]) - sum(row.cents for row in planned_of(driver))
        charged += sum_payoffs(driver) - paid_off[driver]
        return Change().worth(driver, out + charged)

    before = {driver: planned_of(driver) for driver in held}
    paid_off = {driver: sum_payoffs(driver) for driver in held}
    return Step("leases.settle_deposit", leases.settle_deposit, facts, told)
