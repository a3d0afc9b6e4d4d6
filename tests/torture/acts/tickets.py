"""Tolls, violations and summonses by file and by hand, what is decided of them, and miscellaneous charges."""

import hashlib
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

from leases.models import Driver, VehiclePlate
from tests.tickets.files import EZPASS_HEAD, PVB_HEAD
from tests.torture.books import Balance, Change, check
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_lease_of
from tests.torture.fleet import cents_of as cents
from tests.torture.steps import Step
from tickets import services as tickets
from tickets.models import ChargeType, MiscCharge, Ticket, TicketChange, TicketImport

Told = dict[str, int]


def _told(t: Torture) -> Told:
    """Cents that each ticket's paper told, by the reference of its charge."""
    return t.memory.setdefault("tickets", {})  # type: ignore[no-any-return]


def _live(t: Torture, reference: str) -> Balance | None:
    return t.books.live.get(reference)


def _read_states() -> dict[str, tuple[str, int | None]]:
    rows = Ticket.objects.values_list("kind", "number", "state", "driver_id")
    return {f"{kind}-{number}": (state, driver) for kind, number, state, driver in rows}


def _newly_charged(t: Torture) -> Change:
    """What is charged now and was not before: whom, the ticket says; how much, its paper did."""
    change = Change()
    for reference, (state, driver) in _read_states().items():
        if state == "CHARGED" and driver is not None and reference not in t.books.live and reference in _told(t):
            if reference in t.memory.setdefault("charged", set()):
                continue  # charged before, and voided in the ledger since
            t.memory["charged"].add(reference)
            change.add(driver, owed=_told(t)[reference])
    return change


def draw_file(t: Torture) -> tuple[str, bytes]:
    plates = [*VehiclePlate.objects.order_by("pk").values_list("plate", flat=True), "NOBODY1"]
    rows = []
    is_toll = t.maybe(0.6)
    for _ in range(t.chance.randint(1, 8)):
        number, plate = 4_000_000_000 + t.number(), t.chance.choice(plates)
        day = t.today - timedelta(days=t.chance.randint(0, 6))
        hour, minute, amount = t.chance.randint(1, 11), t.chance.randint(0, 59), t.chance.randint(300, 12_000)
        dollars = f"{Decimal(amount) / 100:.2f}"
        if is_toll:
            rows.append(
                f'{number},NY {plate},MTAB&T,,RKB,31,{day:%m/%d/%Y},{hour:02d}:{minute:02d}:00 AM,"$-{dollars}"'
            )
        else:
            rows.append(
                f"{plate},NY,OMT,{number},{day:%m/%d/%Y},{hour:02d}:{minute:02d}A,DOUBLE PARKING,,{dollars},0.00,0.00,"
                f"0.00,0.00,{dollars},032,NY,TRAFFIC,,"
            )
        _told(t)[f"{'EZPASS' if is_toll else 'PVB'}-{number}"] = amount
    text = "\n".join([EZPASS_HEAD if is_toll else PVB_HEAD, *rows])
    return "EZPASS" if is_toll else "PVB", text.encode()


@act("tickets.stage_file", "tickets.receive_file", "tickets.preview_file", weight=6)
def upload(t: Torture) -> Step | None:
    kind, content = draw_file(t)
    facts: dict[str, Any] = {"kind": kind if t.maybe(0.7) else "", "file_name": f"f{t.number()}.csv"}
    wrong = t.maybe(0.15)
    if wrong:
        content = t.chance.choice((b"", b"a,b\n1,2\n", b"\x00\x01\x02", b"PK\x03\x04not a workbook"))
    how = t.chance.randint(0, 2)

    def with_file(call: Any) -> Any:
        return lambda **given: call(file=io.BytesIO(content), **given)

    if how == 0:
        return Step("tickets.receive_file", with_file(tickets.receive_file), {**facts, "actor": t.memory["office"]})
    facts["today"] = t.today
    if how == 1:
        facts |= {"look": lambda found: found.pk, "actor": t.memory["office"]}
        return Step(
            "tickets.preview_file", with_file(tickets.preview_file), facts, only_looks=not wrong, must_refuse=wrong
        )
    facts["actor"] = t.memory["office"]
    step = Step("tickets.stage_file", with_file(tickets.stage_file), facts, must_refuse=wrong)
    if TicketImport.objects.filter(sha256=hashlib.sha256(content).hexdigest()).exists():
        step.may_note = ("tickets_imports",)  # it was received before, and says from now on why it can't be read
    return step


@act("tickets.read_received_file", "tickets.read_again", weight=3)
def read(t: Torture) -> Step | None:
    found: Any = t.pick(TicketImport.objects.order_by("-pk")[:10])
    if found is None:
        return None
    if t.maybe(0.3):
        facts: dict[str, Any] = {"import_id": found.pk, "actor": t.memory["office"]}
        return Step("tickets.read_again", tickets.read_again, facts)
    facts = {"import_id": found.pk, "today": t.today}
    return Step("tickets.read_received_file", tickets.read_received_file, facts)


@act("tickets.confirm_import", "tickets.start_import", "tickets.import_part", "tickets.finish_import", weight=6)
def confirm(t: Torture) -> Step | None:
    staged = (
        TicketImport.objects.filter(state="STAGED").order_by("-pk")[:5]
        if t.maybe(0.8)
        else TicketImport.objects.order_by("-pk")[:5]
    )
    found: Any = t.pick(staged)
    if found is None:
        return None
    facts: dict[str, Any] = {"import_id": found.pk, "today": t.today, "actor": t.memory["office"]}

    def foretold(_: Any) -> Change:
        return _newly_charged(t)

    sound = ("today",)  # an import is begun, and then its lots are done: a day that is refused is refused of them
    if t.maybe(0.7):
        return Step("tickets.confirm_import", tickets.confirm_import, facts, foretold, sound=sound)

    def by_parts(*, import_id: int, today: Any, actor: Any) -> Any:
        tickets.start_import(import_id=import_id, today=today, actor=actor)
        for part in (0, 1):
            while tickets.import_next_lot(import_id=import_id, part=part, refunds=False):
                pass
        for part in (0, 1):
            while tickets.import_next_lot(import_id=import_id, part=part, refunds=True):
                pass
        return tickets.finish_import(import_id=import_id)

    return Step("tickets.start_import", by_parts, facts, foretold, sound=sound)


@act("tickets.rematch_waiting", "tickets.rematch_tickets", weight=3)
def rematch(t: Torture) -> Step | None:
    facts: dict[str, Any] = {"today": t.today, "actor": t.memory["office"]}
    if t.maybe(0.5):
        return Step("tickets.rematch_waiting", tickets.rematch_waiting, facts, lambda _: _newly_charged(t))
    facts["ticket_ids"] = list(Ticket.objects.order_by("-pk").values_list("pk", flat=True)[:10])
    return Step("tickets.rematch_tickets", tickets.rematch_tickets, facts, lambda _: _newly_charged(t))


@act("tickets.enter_summons", weight=4)
def summons(t: Torture) -> Step | None:
    driver: Any = t.pick(Driver.objects.order_by("pk"))
    number, amount = f"FN{t.number()}", t.dollars(2500, 90_000)
    facts = {
        "number": number,
        "violation": "Failure to inspect",
        "issued_on": t.today - timedelta(days=t.chance.randint(0, 5)),
        "amount": amount,
        "license": driver.tlc_license if t.maybe(0.8) else "4999999",
        "today": t.today,
        "actor": t.memory["office"],
    }
    _told(t)[f"TLC-{number}"] = cents(amount)

    def told(ticket: Ticket) -> Change:
        check(facts["license"] == "4999999" or ticket.driver_id == driver.pk, "It is of whom its license names")
        return _newly_charged(t)

    return Step("tickets.enter_summons", tickets.enter_summons, facts, told, again="refused")


def _a_ticket(t: Torture) -> Any:
    if t.maybe(0.3):
        return t.pick(Ticket.objects.filter(state="WAITING").order_by("pk"))
    return t.pick(Ticket.objects.order_by("-pk")[:80])


@act("tickets.assign_ticket", weight=6)
def assign(t: Torture) -> Step | None:
    ticket, driver = _a_ticket(t), a_driver(t)
    if ticket is None or ticket.amount <= 0:
        return None
    reference = f"{ticket.kind}-{ticket.number}"
    facts = {
        "ticket_id": ticket.pk,
        "driver_id": driver,
        "lease_id": a_lease_of(t, driver) if t.maybe(0.2) else None,
        "reason": t.reason(),
        "today": t.today,
        "actor": t.memory["office"],
    }
    change = Change()
    charged = _live(t, reference)
    if charged is not None:
        t.books.undo_opening(charged, change)
    change.add(driver, owed=_told(t)[reference])

    def told(_: Ticket) -> Change:
        t.memory.setdefault("charged", set()).add(reference)
        return change

    sound = ("reason",)  # asked for only where another driver was charged
    return Step("tickets.assign_ticket", tickets.assign_ticket, facts, told, again="refused", sound=sound)


@act("tickets.correct_ticket", weight=3)
def correct(t: Torture) -> Step | None:
    ticket = _a_ticket(t)
    if ticket is None or ticket.amount <= 0:
        return None
    reference, amount = f"{ticket.kind}-{ticket.number}", t.dollars(300, 20_000)
    charged = _live(t, reference)
    change = Change()
    if charged is not None:
        forgiven = sum(move.amount for move in t.books.uses_of(charged) if not move.funding)
        paid = charged.amount - charged.left - forgiven
        kept = min(forgiven, max(0, cents(amount) - min(paid, cents(amount))))
        change.worth(charged.driver, cents(amount) - kept - (charged.amount - forgiven))
    facts = {
        "ticket_id": ticket.pk,
        "amount": amount,
        "reason": t.reason(),
        "today": t.today,
        "actor": t.memory["supervisor"],
    }

    def told(_: Ticket) -> Change:
        _told(t)[reference] = cents(amount)
        return change

    return Step("tickets.correct_ticket", tickets.correct_ticket, facts, told)


@act("tickets.dispute_ticket", "tickets.dismiss_ticket", "tickets.let_fleet_pay", weight=6)
def set_aside(t: Torture) -> Step | None:
    """Nobody owes it any more, and whoever was charged gets back what was paid of it."""
    ticket = _a_ticket(t)
    if ticket is None or ticket.amount <= 0:
        return None
    change, charged = Change(), _live(t, f"{ticket.kind}-{ticket.number}")
    if charged is not None:
        t.books.undo_opening(charged, change)
    facts = {"ticket_id": ticket.pk, "reason": t.reason(), "today": t.today, "actor": t.memory["supervisor"]}
    name = t.chance.choice(("dispute_ticket", "dismiss_ticket", "let_fleet_pay"))
    return Step(f"tickets.{name}", getattr(tickets, name), facts, change, again="refused")


@act("tickets.restore_ticket", weight=3)
def restore(t: Torture) -> Step | None:
    """What was laid aside waits again; nobody's money moves."""
    ticket = t.pick(Ticket.objects.filter(state__in=Ticket.LAID_ASIDE).order_by("-pk")[:20])
    if ticket is None:
        return None
    facts = {"ticket_id": ticket.pk, "reason": t.reason(), "actor": t.memory["supervisor"]}
    return Step("tickets.restore_ticket", tickets.restore_ticket, facts, again="refused")


@act("tickets.settle_sign", weight=1)
def settle_sign(t: Torture) -> Step | None:
    """Of a ticket whose sign everybody knows, it is not asked."""
    ticket = t.pick(Ticket.objects.exclude(state="WAITING").order_by("-pk")[:20])
    if ticket is None:
        return None
    facts = {
        "ticket_id": ticket.pk,
        "is_charge": t.maybe(0.5),
        "reason": t.reason(),
        "today": t.today,
        "actor": t.memory["office"],
    }
    return Step("tickets.settle_sign", tickets.settle_sign, facts, must_refuse=True)


@act("tickets.decide_change", weight=2)
def decide_change(t: Torture) -> Step | None:
    """What a later file told otherwise: it is found by a file, and decided once."""
    found: Any = t.pick(TicketChange.objects.filter(act="").order_by("pk"))
    if found is None:
        facts: dict[str, Any] = {
            "change_id": 2_000_000_001,
            "act": "LEAVE",
            "reason": t.reason(),
            "today": t.today,
            "actor": t.memory["office"],
        }
        return Step("tickets.decide_change", tickets.decide_change, facts, must_refuse=True)
    facts = {
        "change_id": found.pk,
        "act": "LEAVE",
        "reason": t.reason(),
        "today": t.today,
        "actor": t.memory["office"],
    }
    return Step("tickets.decide_change", tickets.decide_change, facts, again="refused")


@act("tickets.create_misc_charge", weight=6)
def misc(t: Torture) -> Step | None:
    kind: Any = t.pick(ChargeType.objects.filter(is_active=True, added_to="").order_by("pk"))
    driver = a_driver(t)
    amount, again = t.dollars(), ""
    facts: dict[str, Any] = {
        "charge_type_id": kind.pk,
        "driver_id": driver,
        "amount": amount,
        "lease_id": a_lease_of(t, driver),
        "today": t.today,
        "actor": t.memory["office"],
    }
    if t.maybe(0.5):
        facts["entry_key"], again = f"misc-{t.number()}", "same"
    change = Change().add(driver, owed=cents(amount))
    return Step("tickets.create_misc_charge", tickets.create_misc_charge, facts, change, again=again)


@act("tickets.void_misc_charge", weight=3)
def void_misc(t: Torture) -> Step | None:
    charge: Any = t.pick(MiscCharge.objects.order_by("-pk")[:20])
    if charge is None:
        return None
    change, charged = Change(), _live(t, f"MISC-{charge.pk}")
    if charged is not None:
        t.books.undo_opening(charged, change)
    facts = {"charge_id": charge.pk, "reason": t.reason(), "today": t.today, "actor": t.memory["supervisor"]}
    step = Step("tickets.void_misc_charge", tickets.void_misc_charge, facts, change, again="refused")
    step.must_refuse = charged is None
    return step
