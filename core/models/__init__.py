"""The tables of interfaces and audits: who may call, what was answered, what the audits found, which views are
kept, what was done to several rows of a list, and which facts programs outside are told.
"""

from core.models.acts import ListAct, ListActRow
from core.models.audits import AuditResult, AuditRun
from core.models.events import Event, EventMark, Fact
from core.models.interfaces import ApiToken, StoredAnswer
from core.models.views import SavedView
from core.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "ApiToken",
    "AuditResult",
    "AuditRun",
    "Event",
    "EventMark",
    "Fact",
    "ListAct",
    "ListActRow",
    "SavedView",
    "StoredAnswer",
    "WebhookDelivery",
    "WebhookEndpoint",
]
