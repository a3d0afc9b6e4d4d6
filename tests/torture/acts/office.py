"""Records of which no money follows: drivers, cabs, papers, locks, notes, files. Money does not move."""

from datetime import timedelta
from typing import Any

from leases import services as leases
from leases.models import Driver, Paper, Vehicle
from tests.torture.engine import Torture, act
from tests.torture.fleet import a_driver, a_vehicle, license_of, medallion_of, noon, vin_of
from tests.torture.steps import Step

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"


@act("leases.create_driver", "leases.change_driver", weight=2)
def driver(t: Torture) -> Step | None:
    if t.maybe(0.3):
        facts: dict[str, Any] = {
            "first_name": t.chance.choice(("José", "王", "Ann")),
            "last_name": f"Last{t.number()}",
            "tlc_license": license_of(t.number()) if t.maybe(0.8) else "12",
            "actor": t.memory["office"],
        }
        return Step("leases.create_driver", leases.create_driver, facts, again="refused")
    facts = {"driver_id": a_driver(t), "phone": f"212-555-{t.number():04d}"[:20], "actor": t.memory["office"]}
    if t.maybe(0.2):
        facts["status"] = t.chance.choice(("ACTIVE", "GONE"))
    return Step("leases.change_driver", leases.change_driver, facts)


@act("leases.lock_driver", "leases.unlock_driver", weight=3)
def lock(t: Torture) -> Step | None:
    locked = Driver.objects.filter(locks__unlocked_at=None, locks__isnull=False).order_by("pk").distinct()
    found: Any = t.pick(locked)
    facts = {"reason": t.reason(), "actor": t.memory["supervisor"]}
    if found is not None and t.maybe(0.8):
        return Step("leases.unlock_driver", leases.unlock_driver, {"driver_id": found.pk, **facts}, again="refused")
    if found is not None:
        return None
    return Step("leases.lock_driver", leases.lock_driver, {"driver_id": a_driver(t), **facts}, again="refused")


@act("leases.write_note", weight=1)
def note(t: Torture) -> Step | None:
    text = t.chance.choice(("Called back.", "", "x" * 5000))
    facts = {"driver_id": a_driver(t), "text": text, "actor": t.memory["cashier"]}
    return Step("leases.write_note", leases.write_note, facts)


@act("leases.record_paper", "leases.correct_paper", weight=2)
def paper(t: Torture) -> Step | None:
    found: Any = t.pick(Paper.objects.order_by("-pk")[:10])
    good_to = t.today + timedelta(days=t.chance.randint(-30, 900))
    if found is not None and t.maybe(0.4):
        facts: dict[str, Any] = {
            "paper_id": found.pk,
            "number": "P7",
            "good_to": good_to,
            "reason": t.reason(),
            "actor": t.memory["office"],
        }
        return Step("leases.correct_paper", leases.correct_paper, facts)
    facts = {
        "driver_id": a_driver(t),
        "kind": t.chance.choice(("TLC_LICENSE", "DMV_LICENSE", "INSURANCE")),
        "number": f"P{t.number()}",
        "good_to": good_to,
        "actor": t.memory["office"],
    }
    return Step("leases.record_paper", leases.record_paper, facts)


@act("leases.add_file", weight=1)
def file(t: Torture) -> Step | None:
    content = t.chance.choice((PDF, b"", b"<script>", PDF + str(t.number()).encode()))
    facts = {"driver_id": a_driver(t), "name": "scan.pdf", "content": content, "actor": t.memory["office"]}
    return Step("leases.add_file", leases.add_file, facts)


@act("leases.register_vehicle", "leases.change_vehicle", weight=1)
def vehicle(t: Torture) -> Step | None:
    number = t.number()
    if Vehicle.objects.count() < 25 and t.maybe(0.5):
        facts: dict[str, Any] = {
            "vin": vin_of(number),
            "medallion": medallion_of(number),
            "plate": f"Y{500_000 + number}C",
            "from_at": noon(t.today),
            "actor": t.memory["office"],
        }
        return Step("leases.register_vehicle", leases.register_vehicle, facts, again="refused")
    found = a_vehicle(t)
    if found is None:
        return None
    facts = {"vehicle_id": found.pk, "make_and_model": f"Toyota {number}", "actor": t.memory["office"]}
    return Step("leases.change_vehicle", leases.change_vehicle, facts)


@act("leases.retire_vehicle", "leases.return_vehicle", weight=1)
def retire(t: Torture) -> Step | None:
    found = a_vehicle(t)
    if found is None:
        return None
    facts: dict[str, Any] = {"vehicle_id": found.pk, "actor": t.memory["office"]}
    if found.status == "RETIRED":
        return Step("leases.return_vehicle", leases.return_vehicle, facts, again="refused")
    facts["retired_at"] = noon(t.today)
    return Step("leases.retire_vehicle", leases.retire_vehicle, facts, again="refused")


@act("leases.give_plate", "leases.remove_plate", "leases.give_tag", "leases.remove_tag", weight=3)
def plate(t: Torture) -> Step | None:
    found = a_vehicle(t)
    if found is None:
        return None
    facts: dict[str, Any] = {"vehicle_id": found.pk, "actor": t.memory["office"]}
    when, number = noon(t.today), t.number()
    name = t.chance.choice(("give_plate", "give_plate", "remove_plate", "give_tag", "give_tag", "remove_tag"))
    if name == "give_plate":
        facts |= {"plate": f"Y{500_000 + t.chance.randint(1, number)}C", "from_at": when}
    elif name == "give_tag":
        facts |= {"tag": str(7_000_000_000 + t.chance.randint(1, number)), "from_at": when}
    else:
        facts["until_at"] = when
    return Step(f"leases.{name}", getattr(leases, name), facts)
