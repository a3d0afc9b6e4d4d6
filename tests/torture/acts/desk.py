"""What is kept for people and programs: views, tokens, webhooks, events; and the workbook of go-live."""

from datetime import timedelta
from typing import Any

from core import services as core
from core.models import ApiToken, SavedView, WebhookEndpoint
from golive import services as golive
from golive.models import OpeningImport
from tests.golive.workbooks import empty, fleet, workbook
from tests.torture.engine import Torture, act
from tests.torture.steps import Step


@act("core.save_view", "core.forget_view", weight=1)
def view(t: Torture) -> Step | None:
    found: Any = t.pick(SavedView.objects.order_by("pk"))
    if found is not None and t.maybe(0.5):
        owner = t.chance.choice((found.owner, t.memory["auditor"]))
        return Step("core.forget_view", core.forget_view, {"view_id": found.pk, "owner": owner})
    facts = {
        "list_name": "tickets_ticket",
        "name": t.chance.choice(("Mine", "Due", "x" * 41, "")),
        "query": "?state=WAITING",
        "is_shared": t.maybe(0.5),
        "owner": t.memory["office"],
    }
    return Step("core.save_view", core.save_view, facts, again="refused")


@act("core.create_api_token", "core.revoke_api_token", "core.get_unrevoked_token", weight=2)
def token(t: Torture) -> Step | None:
    found: Any = t.pick(ApiToken.objects.exclude(name__startswith="torture").order_by("-pk")[:8])
    if found is not None and t.maybe(0.5):
        facts: dict[str, Any] = {"token_id": found.pk, "now": t.clock.moment, "revoked_by": t.memory["admin"]}
        return Step("core.revoke_api_token", core.revoke_api_token, facts, again="refused")
    if t.maybe(0.2):
        facts = {"user": t.memory["office"], "name": "No such"}
        return Step("core.get_unrevoked_token", core.get_unrevoked_token, facts, must_refuse=True)
    facts = {
        "user": t.memory[t.chance.choice(("office", "cashier", "admin"))],
        "name": f"program {t.number()}",
        "scope": t.chance.choice(("ALL", "READ", "ANY")),
        "now": t.clock.moment,
        "expires_at": t.clock.moment + timedelta(days=t.chance.choice((30, -1, 9999))),
        "made_by": t.memory[t.chance.choice(("admin", "cashier"))],
    }
    return Step("core.create_api_token", core.create_api_token, facts)


@act("core.find_token", weight=1)
def find_token(t: Torture) -> Step | None:
    facts = {"secret": t.chance.choice(("", "nonsense", "\x00")), "now": t.clock.moment}
    return Step("core.find_token", core.find_token, facts, only_looks=True)


@act(
    "core.add_webhook",
    "core.change_webhook",
    "core.pause_webhook",
    "core.resume_webhook",
    "core.renew_webhook_secret",
    "core.delete_webhook",
    weight=3,
)
def webhook(t: Torture) -> Step | None:
    url = t.chance.choice(("https://hooks.example.com/fleet", "http://127.0.0.1/", "file:///etc/passwd"))
    found: Any = t.pick(WebhookEndpoint.objects.order_by("-pk")[:4])
    if found is None or t.maybe(0.2):
        facts: dict[str, Any] = {"name": f"hook {t.number()}", "url": url, "actor": t.memory["admin"]}
        return Step("core.add_webhook", core.add_webhook, facts)
    by = {"endpoint_id": found.pk, "actor": t.memory["admin"]}
    name = t.chance.choice(("change", "pause", "resume", "renew", "delete"))
    match name:
        case "change":
            facts = {**by, "name": found.name, "url": url}
            return Step("core.change_webhook", core.change_webhook, facts)
        case "pause":
            facts = {**by, "reason": t.reason(), "now": t.clock.moment}
            return Step("core.pause_webhook", core.pause_webhook, facts, again="refused")
        case "resume":
            return Step("core.resume_webhook", core.resume_webhook, {**by, "now": t.clock.moment}, again="refused")
        case "renew":
            return Step("core.renew_webhook_secret", core.renew_webhook_secret, {**by, "now": t.clock.moment})
    return Step("core.delete_webhook", core.delete_webhook, {**by, "reason": t.reason()}, again="refused")


@act("core.number_events", "core.list_webhooks_with_work", weight=2)
def events(t: Torture) -> Step | None:
    if t.maybe(0.3):
        facts = {"now": t.clock.moment}
        return Step("core.list_webhooks_with_work", core.list_webhooks_with_work, facts, only_looks=True)
    return Step("core.number_events", core.number_events, {})


@act("core.purge_stored_answers", "core.purge_deliveries", "core.send_again", weight=1)
def purge(t: Torture) -> Step | None:
    before = {"before": t.clock.moment - timedelta(days=30)}
    if t.maybe(0.3):
        facts = {"delivery_id": 2_000_000_001, "now": t.clock.moment, "actor": t.memory["admin"]}
        return Step("core.send_again", core.send_again, facts, must_refuse=True)
    if t.maybe(0.5):
        return Step("core.purge_stored_answers", core.purge_stored_answers, before)
    return Step("core.purge_deliveries", core.purge_deliveries, before)


def _wrong_workbook(t: Torture) -> bytes:
    """One row too many for its control total, a license twice, or no workbook at all."""
    sheets = fleet() if t.maybe(0.5) else empty()
    sheets["Control"][1][1] = t.chance.randint(50, 99)
    return t.chance.choice((workbook(sheets), b"", b"PK\x03\x04nothing"))


@act("golive.import_opening", "golive.preview_opening", "golive.stage_opening", weight=1)
def opening(t: Torture) -> Step | None:
    """A workbook of which something is wrong is told whole, and nothing of it is kept."""
    if not t.maybe(0.4):
        return None
    content, name = _wrong_workbook(t), t.chance.choice(("import", "preview", "stage"))
    if name == "preview":
        facts: dict[str, Any] = {"content": content, "today": t.today}
        return Step("golive.preview_opening", golive.preview_opening, facts, must_refuse=True)
    facts = {"file_name": "opening.xlsx", "content": content, "actor": t.memory["office"]}
    if name == "stage":
        return Step("golive.stage_opening", golive.stage_opening, facts, again="same")
    facts["today"] = t.today
    return Step("golive.import_opening", golive.import_opening, facts, must_refuse=True)


@act("golive.read_staged_opening", "golive.read_opening_again", "golive.import_staged_opening", weight=1)
def staged(t: Torture) -> Step | None:
    found: Any = t.pick(OpeningImport.objects.order_by("pk"))
    if found is None:
        return None
    facts: dict[str, Any] = {"opening_id": found.pk}
    name = t.chance.choice(("again", "read", "import", "summary"))
    if name == "summary":
        return Step("golive.summary_of", golive.summary_of, {"opening": found}, only_looks=True)
    if name == "again":
        return Step("golive.read_opening_again", golive.read_opening_again, facts)
    facts["today"] = t.today
    if name == "read":
        return Step("golive.read_staged_opening", golive.read_staged_opening, facts)
    facts["actor"] = t.memory["office"]
    return Step("golive.import_staged_opening", golive.import_staged_opening, facts, must_refuse=True)
