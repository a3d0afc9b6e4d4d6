"""Trips and card money: told, told again with other figures, matched, moved, counted back, looked at."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from core.clock import NEW_YORK
from core.weeks import week_of
from curb import services as curb
from curb.client import CurbAccount
from curb.models import Trip, TripFile
from curb.sandbox import GivenTrips, Sandbox, run_in_thread
from leases.models import Lease, LeaseDriver
from tests.curb import amended, trip, trip_file
from tests.curb.counting import receive_transaction
from tests.torture.books import Change
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_vehicle
from tests.torture.steps import Step

TAX_CENTS = 330
#: A trip counts in the close of the week in which it began; nothing here begins in a week that may be closed already.
Record = dict[str, str]


def draw_record(t: Torture, *, number: str = "") -> Record | None:
    lease: Any = t.pick(Lease.objects.select_related("vehicle").order_by("pk"))
    if lease is None:
        return None
    spans = LeaseDriver.objects.filter(lease=lease).order_by("pk").select_related("driver")
    driver: Any = t.pick([span.driver for span in spans])
    day = t.today - timedelta(days=t.chance.randint(0, 4))
    paid_by = t.chance.choice("CCCC$$NX")
    cents = t.chance.randint(900, 9000)
    record_id = number or f"R{t.number()}"
    at = f"{day:%m/%d/%Y} {t.chance.randint(6, 21):02d}:{t.chance.randint(0, 29):02d}"
    record: Record = trip(
        ID=record_id,
        PERIOD=f"{day:%Y%m}",
        CABNUMBER=lease.vehicle.medallion,
        DRIVER=driver.tlc_license if t.maybe(0.93) else "4999999",
        NUM_SERVICE=str(t.number()),
        START_DATE=f"{at}:00",
        END_DATE=f"{at[:-2]}{int(at[-2:]) + 20:02d}:00",
        T="C" if paid_by == "X" else paid_by,
        TIPS="0.00",
        TOTAL_AMOUNT=f"{Decimal(cents) / 100:.2f}",
    )
    if paid_by == "X":  # what nobody can read
        record["TOTAL_AMOUNT"] = "a lot"
    else:
        remember(t, record)
    return record


def remember(t: Torture, record: Record) -> None:
    """What the next close that looks at it counts: cents credited, cents charged."""
    cents = int(Decimal(record["TOTAL_AMOUNT"]) * 100)
    card, cash = record["T"] == "C", record["T"] == "$"
    versions = t.memory["trips"].setdefault((record["PERIOD"], record["ID"]), [])
    versions.append((cents if card else 0, TAX_CENTS if card or cash else 0))
    t.memory.setdefault("records", {})[(record["PERIOD"], record["ID"])] = record


@act("curb.import_trips", weight=10)
def tell(t: Torture) -> Step | None:
    records = [record for _ in range(t.chance.randint(1, 12)) if (record := draw_record(t))]
    if not records:
        return None
    facts = {"file_name": "trips.xml", "content": trip_file(records), "actor": t.memory["office"]}
    return Step("curb.import_trips", curb.import_trips, facts, again="same")


@act("curb.import_trips", weight=2)
def amend(t: Torture) -> Step | None:
    """The same record with another total: what a close has counted of it is counted back by the next one."""
    key = t.pick([key for key, versions in t.memory["trips"].items() if len(versions) == 1][-40:])
    if key is None or not Trip.objects.filter(record_id=key[1], is_current=True, paired_with=None).exists():
        return None
    again = amended(t.memory["records"][key], TOTAL_AMOUNT=f"{t.dollars(900, 9000):.2f}")
    facts = {"file_name": "again.xml", "content": trip_file([again]), "actor": t.memory["office"]}

    def told(_: Any) -> Change:
        remember(t, again)
        return Change()

    return Step("curb.import_trips", curb.import_trips, facts, told)


@act("curb.import_trips", weight=2)
def tell_what_is_no_file(t: Torture) -> Step | None:
    content = t.chance.choice(
        (b"", b"<trips>", b"\x00\xff", b"PK\x03\x04", b"<!DOCTYPE x [<!ENTITY e 'y'>]><trips>&e;</trips>")
    )
    facts = {"file_name": "trips.xml", "content": content, "actor": t.memory["office"]}
    return Step("curb.import_trips", curb.import_trips, facts, must_refuse=True)


@act("curb.import_curb_earnings", "curb.get_curb_account", "curb.reconcile_trips", weight=1)
def ask_curb(t: Torture) -> Step | None:
    """Its web service, played by the sandbox on this machine; without an account nothing is asked."""
    if t.maybe(0.4):
        return Step(
            "curb.get_curb_account", curb.get_curb_account, {}, must_refuse=True, codes=("curb_not_configured",)
        )
    records = [record for _ in range(3) if (record := draw_record(t)) and record["TOTAL_AMOUNT"] != "a lot"]
    last = week_of(t.today).previous

    def ask(*, from_on: Any, to_on: Any, settles: bool) -> Any:
        with run_in_thread(Sandbox(GivenTrips(records))) as url:
            account = CurbAccount(url=url, user_id="sandbox", password="sandbox", merchant="sandbox")
            if settles:
                return curb.reconcile_trips(closed_through=last, account=account)
            return curb.import_curb_earnings(from_on=from_on, to_on=to_on, account=account)

    facts = {"from_on": t.today - timedelta(days=4), "to_on": t.today, "settles": t.maybe(0.4)}
    name = "curb.reconcile_trips" if facts["settles"] else "curb.import_curb_earnings"
    return Step(name, ask, facts)


@act("curb.match_waiting_trips", weight=2)
def match(t: Torture) -> Step | None:
    return Step("curb.match_waiting_trips", curb.match_waiting_trips, {})


def _a_trip(t: Torture, **which: Any) -> Trip | None:
    return t.pick(Trip.objects.filter(**which).order_by("-pk")[:60])  # type: ignore[no-any-return]


@act("curb.bind_trip", weight=3)
def bind(t: Torture) -> Step | None:
    found = _a_trip(t, is_current=True) if t.maybe(0.2) else t.pick(Trip.objects.waiting().order_by("pk"))
    vehicle = a_vehicle(t)
    if found is None or vehicle is None:
        return None
    facts = {
        "trip_id": found.pk,
        "driver_id": a_driver(t),
        "vehicle_id": vehicle.pk,
        "with_alike": t.maybe(0.3),
        "actor": t.memory["office"],
    }
    return Step("curb.bind_trip", curb.bind_trip, facts)


@act("curb.move_trip", "curb.preview_correction", weight=3)
def move(t: Torture) -> Step | None:
    found = _a_trip(t)
    lease: Any = t.pick(Lease.objects.order_by("pk"))
    if found is None or lease is None:
        return None
    facts = {
        "trip_id": found.pk,
        "driver_id": lease.primary_driver_id,
        "vehicle_id": lease.vehicle_id,
        "reason": t.reason(),
        "actor": t.memory["supervisor"],
    }
    step = Step("curb.move_trip", curb.move_trip, facts, again="refused")
    if t.maybe(0.3):
        return Step("curb.preview_correction", curb.preview_correction, {"act": step.run}, only_looks=True)
    return step


@act("curb.count_trip_back", "curb.count_file_back", weight=2)
def count_back(t: Torture) -> Step | None:
    by = {"reason": t.reason(), "actor": t.memory["supervisor"]}
    if t.maybe(0.8):
        found = _a_trip(t)
        if found is None:
            return None
        facts = {"trip_id": found.pk, **by}
        return Step("curb.count_trip_back", curb.count_trip_back, facts, again="refused")
    file: Any = t.pick(TripFile.objects.order_by("-pk")[:10])
    if file is None:
        return None
    return Step("curb.count_file_back", curb.count_file_back, {"file_id": file.pk, **by}, again="refused")


@act("curb.decide_payment", weight=2)
def decide(t: Torture) -> Step | None:
    """A card row that was declined pairs with a trip: nobody says what it was but a person."""
    found = t.pick(Trip.objects.undecided().order_by("pk"))
    if found is None:
        fresh = _a_trip(t, is_current=True, week_end=None, payment_type="CARD", paired_with=None)
        if fresh is None:
            return None
        return Step("curb.decide_payment", _decline, {"found": fresh, "number": t.number()})
    counts_as = t.chance.choice(("CARD", "CASH", "NO_CHARGE", "BEADS"))
    facts = {
        "trip_id": found.pk,
        "counts_as": counts_as,
        "reason": t.reason(),
        "actor": t.memory["supervisor"],
    }
    step = Step("curb.decide_payment", curb.decide_payment, facts, again="refused")
    step.must_refuse = counts_as == "BEADS"

    def told(_: Trip) -> Change:
        total = int(found.total * 100)
        credited = {"CARD": total, "CASH": 0, "NO_CHARGE": 0}[counts_as]
        taxes = 0 if counts_as == "NO_CHARGE" else TAX_CENTS
        t.memory["trips"][(found.period, found.record_id)].append((credited, taxes))
        return Change()

    step.change = told
    return step


def _decline(*, found: Trip, number: int) -> None:
    start, end = found.start_at.astimezone(NEW_YORK), found.end_at
    receive_transaction(
        found,
        "DC",
        row_id=f"D{number}",
        TRIPDATE=f"{start:%m/%d/%Y}",
        TRIPTIMESTART=f"{start:%H:%M}",
        TRIPTIMEEND=f"{(end or start).astimezone(NEW_YORK):%H:%M}",
        TRIPDRIVERID=found.license,
        CABNUMBER=found.cab,
        NUM_SERVICE=found.service_number,
        AMOUNT=str(found.total),
    )


@act("curb.mark_seen", "curb.look_at_sums", weight=2)
def look(t: Torture) -> Step | None:
    file: Any = t.pick(TripFile.objects.order_by("-pk")[:20])
    if file is None:
        return None
    facts = {"file_id": file.pk, "reason": t.reason(), "actor": t.memory["office"]}
    if t.maybe(0.3):
        return Step("curb.look_at_sums", curb.look_at_sums, facts, again="refused")
    return Step("curb.mark_seen", curb.mark_seen, facts, again="refused")


@act("curb.rule_attribute", "curb.preview_ruling", weight=1)
def rule(t: Torture) -> Step | None:
    """Of an attribute that no record came with, nothing is ruled."""
    facts: dict[str, Any] = {"key": f"fee{t.number()}", "place": "FARE", "from_on": t.today}
    if t.maybe(0.5):
        return Step("curb.preview_ruling", curb.preview_ruling, facts, must_refuse=True)
    facts |= {"reason": t.reason(), "actor": t.memory["supervisor"]}
    return Step("curb.rule_attribute", curb.rule_attribute, facts, must_refuse=True)


@act("curb.expect_card_trips", weight=1)
def expect(t: Torture) -> Step | None:
    if not t.maybe(0.2):
        return None
    facts = {"since": None, "reason": t.reason(), "actor": t.memory["supervisor"]}
    return Step("curb.expect_card_trips", curb.expect_card_trips, facts)
