"""The pay week: its close at once or step by step, its DTRs paid, its checks overruled."""

from typing import Any

from django.db import connection

from core.weeks import Week, week_of
from curb import services as curb
from curb.selectors import list_unseen_files
from dtr import selectors
from dtr import services as dtr
from dtr.models import MAY_BE_OVERRULED, CloseBatch, Dtr, WeekClose
from dtr.models import Step as CloseStep
from ledger import services as ledger
from tests.torture.books import Change, check
from tests.torture.engine import Torture, act
from tests.torture.fleet import cents_of as cents
from tests.torture.fleet import planned_of, some_method
from tests.torture.steps import Step

_COUNTED = """
    SELECT c.driver_id, c.sign, t.period, t.record_id, t.supersedes_id
      FROM curb_trip_counts c JOIN curb_trips t ON t.id = c.trip_id WHERE c.week_end = %s ORDER BY c.id
"""
_CREDITED = "SELECT count(*) FROM dtr_close_batches WHERE week_id = %s AND step = 1 AND done_at IS NOT NULL"


def _turn(t: Torture) -> Week | None:
    """The week whose turn it is, if it is over."""
    opened = WeekClose.objects.exclude(state="CLOSED").order_by("week_end").first()
    if opened is not None:
        return week_of(opened.week_end)
    last = WeekClose.objects.order_by("-week_end").first()
    week = week_of(last.week_end).next if last else week_of(t.memory["first_day"])
    return week if week.end < t.today else None


def _is_open(week: Week) -> bool:
    return WeekClose.objects.filter(week_end=week.end).exclude(state="CLOSED").exists()


def _sum_counted(t: Torture, week: Week, change: Change) -> Change:
    """What the week's trips come to: whom they count for is read; what each was, the torture told itself."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [week.end])
        for driver, sign, period, record, _ in cursor.fetchall():
            versions = t.memory["trips"][(period, record)]
            counted = t.memory.setdefault("counted", {})
            if sign < 0:
                card, taxes = counted.pop((period, record))
            else:
                card, taxes = counted[(period, record)] = versions[-1]
            change.worth(driver, sign * (taxes - card))
    return change


def _sum_installments(week: Week, change: Change) -> Change:
    for row in planned_of(None):
        if row.due_on <= week.end and not row.on_hold:
            change.worth(row.driver, row.cents)
    return change


def _everybody(t: Torture) -> Change:
    """Credits pay charges: nobody's worth moves."""
    change = Change()
    for driver in t.books.totals:
        change.worth(driver, 0)
    return change


@act("dtr.close_week", weight=5)
def close(t: Torture) -> Step | None:
    week = _turn(t)
    if week is None or _is_open(week):
        return None
    change = _sum_installments(week, _everybody(t))

    def told(_: WeekClose) -> Change:
        return _sum_counted(t, week, change)

    facts = {"week": week, "today": t.today, "actor": t.memory["supervisor"]}
    # (Another day: its first steps are done, and a later one is refused where money has come since.)
    step = Step("dtr.close_week", dtr.close_week, facts, told, sound=("today",))
    # Audits that are older than a day are run first, and kept, whatever they find.
    step.may_note = ("core_audit_runs", "core_audit_results")
    return step


@act("dtr.start_week", weight=2)
def start(t: Torture) -> Step | None:
    week = _turn(t) or (week_of(t.today) if t.maybe(0.1) else None)
    if week is None:
        return None
    step = Step("dtr.start_week", dtr.start_week, {"week": week, "today": t.today})
    # One that was begun is answered with itself, whatever the clock says by then.
    step.must_refuse = week.end >= t.today and not _is_open(week)
    step.may_note = ("core_audit_runs", "core_audit_results")
    return step


@act("dtr.run_step", "dtr.run_batch", "dtr.take_batches", "dtr.claim_batch", "dtr.finish_week", weight=20)
def go_on(t: Torture) -> Step | None:
    """Do the next thing of a close that is begun, as workers do it; or what is not its turn.

    So few drivers are one batch in each step.
    """
    week = _turn(t)
    if week is None or not _is_open(week):
        return None
    batch = CloseBatch.objects.filter(week=week.end, done_at=None).order_by("step", "number").first()
    if batch is None:
        return Step("dtr.finish_week", dtr.finish_week, {"week": week})
    if t.maybe(0.2):
        late = CloseStep(4) if batch.step < 4 else CloseStep(1)
        facts: dict[str, Any] = {"week": week, "step": late, "today": t.today}
        return Step("dtr.run_step", dtr.run_step, facts, must_refuse=batch.step < 4, codes=("step_out_of_order",))
    if t.maybe(0.2):
        return Step("dtr.take_batches", dtr.take_batches, {"week": week})
    if t.maybe(0.2):
        # A batch that is none is one that nobody can take: None, and no refusal.
        return Step("dtr.claim_batch", dtr.claim_batch, {"batch_id": batch.pk}, sound=("batch_id",))
    change, is_first = _everybody(t), batch.step == CloseStep.CREDIT_EARNINGS
    if batch.step == CloseStep.POST_INSTALLMENTS:
        _sum_installments(week, change)
    foretold = (lambda _: _sum_counted(t, week, change)) if is_first else change
    if t.maybe(0.5):
        facts = {"week": week, "step": CloseStep(batch.step), "today": t.today}
        return Step("dtr.run_step", dtr.run_step, facts, foretold)
    facts = {"batch_id": batch.pk, "today": t.today}
    return Step("dtr.run_batch", dtr.run_batch, facts, foretold, again="same", sound=("batch_id",))


@act("dtr.retry_failed_batches", weight=1)
def fail(t: Torture) -> Step | None:
    week = _turn(t)
    if week is None or not _is_open(week):
        return None
    return Step("dtr.retry_failed_batches", dtr.retry_failed_batches, {"week": week})


@act("dtr.credit_earnings", "dtr.generate_dtrs", weight=1)
def do_again(t: Torture) -> Step | None:
    """A step of a week that is closed, called alone: it is refused, or finds nothing left to do."""
    last = WeekClose.objects.filter(state="CLOSED").order_by("-week_end").first()
    if last is None:
        return None
    facts: dict[str, Any] = {"week": week_of(last.week_end), "driver_ids": sorted(t.books.totals)[:3]}
    return Step("dtr.credit_earnings", dtr.credit_earnings, facts)


@act("dtr.pay_dtr", "dtr.pay_dtrs", weight=6)
def pay(t: Torture) -> Step | None:
    dtr_: Any = t.pick(Dtr.objects.order_by("-pk")[:15])
    if dtr_ is None:
        return None
    method, instrument = some_method(t)
    if t.maybe(0.3):
        payments = [dtr.DtrPayment(found.pk, "CASH") for found in Dtr.objects.order_by("-pk")[:4]]
        standing = _standing()

        def told(outcomes: Any) -> Change:
            change = Change()
            for outcome in outcomes:
                if outcome.payout and outcome.payout.reference_id not in standing:
                    number = Dtr.objects.get(pk=outcome.dtr_id)
                    change.add(number.driver_id, held=-cents(outcome.payout.amount))
            return change

        facts: dict[str, Any] = {"payments": payments, "effective_on": t.today, "actor": t.memory["supervisor"]}
        return Step("dtr.pay_dtrs", dtr.pay_dtrs, facts, told)
    facts = {
        "dtr_id": dtr_.pk,
        "method": method,
        "instrument_number": instrument,
        "amount": t.chance.choice((None, None, t.dollars(1, 5000))),
        "effective_on": t.today,
        "actor": t.memory["supervisor"],
    }
    standing = _standing()

    def paid(payout: Any) -> Change:
        if payout.reference_id in standing:
            return Change()
        check(facts["amount"] in (None, payout.amount), "It is paid what was asked for")
        return Change().add(dtr_.driver_id, held=-cents(payout.amount))

    step = Step("dtr.pay_dtr", dtr.pay_dtr, facts, paid, again="same")
    step.must_refuse = dtr_.net_due <= 0
    return step


def _standing() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'OUT-' || lpad(number::text, 6, '0') FROM ledger_payouts")
        return {reference for (reference,) in cursor.fetchall()}


@act("dtr.preview_week", "dtr.preview_driver", weight=2)
def look(t: Torture) -> Step | None:
    if t.maybe(0.5) and t.books.totals:
        facts: dict[str, Any] = {"driver_id": t.chance.choice(sorted(t.books.totals)), "today": t.today}
        return Step("dtr.preview_driver", dtr.preview_driver, facts, only_looks=True)
    week = _turn(t)
    if week is None:
        return None
    return Step("dtr.preview_week", dtr.preview_week, {"week": week, "today": t.today}, only_looks=True)


@act("dtr.overrule_check", weight=3)
def overrule(t: Torture) -> Step | None:
    """Look at what stands in the way of the week, and let it close."""
    week = _turn(t)
    if week is None or _is_open(week):
        return None
    file = t.pick(list_unseen_files(week))
    if file is not None:
        facts: dict[str, Any] = {"file_id": file.file_id, "reason": t.reason(), "actor": t.memory["office"]}
        return Step("curb.mark_seen", curb.mark_seen, facts, again="refused")
    blocking = [name for name, _ in selectors.read_readiness(week=week, today=t.today).blocking]
    chosen = t.pick([name for name in blocking if name in MAY_BE_OVERRULED] or sorted(MAY_BE_OVERRULED))
    facts = {
        "week": week,
        "check": chosen,
        "reason": t.reason(),
        "today": t.today,
        "actor": t.memory["supervisor"],
    }
    return Step("dtr.overrule_check", dtr.overrule_check, facts, again="refused")


@act("dtr.refresh_audits", weight=1)
def refresh(t: Torture) -> Step | None:
    return Step("dtr.refresh_audits", dtr.refresh_audits, {"now": t.clock.read()})


@act("core.run_audits", weight=1)
def audit(t: Torture) -> Step | None:
    from core import services as core

    if not t.maybe(0.1):
        return None
    return Step("core.run_audits", core.run_audits, {})


@act("ledger.seal_rows", weight=1)
def seal(t: Torture) -> Step | None:
    return Step("ledger.seal_rows", ledger.seal_rows, {})


@act("ledger.keep_sums", weight=1)
def keep_sums(t: Torture) -> Step | None:
    """The engine compares the trial balance with its own books, whatever of it is kept."""
    return Step("ledger.keep_sums", ledger.keep_sums, {})


@act("ledger.verify_seals", weight=1)
def verify(t: Torture) -> Step | None:
    """What is sealed is as it was, whatever was done since."""

    def verify_seals() -> None:
        check(not ledger.verify_seals(is_whole=False).findings, "The seals find nothing")

    return Step("ledger.verify_seals", verify_seals, {})
