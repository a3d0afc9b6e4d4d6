"""The tables of interfaces and audits: who may call, what was answered, what the audits found, which views are
kept, what was done to several rows of a list, which facts programs outside are told, who is signed in, who was
refused, who may come in at all, what was uploaded, and which backups were taken.
"""

from core.models.access import AccessEntry, Authenticator, SignInFailure
from core.models.acts import ListAct, ListActRow
from core.models.audits import AuditResult, AuditRun
from core.models.backups import Backup
from core.models.events import Event, EventMark, Fact
from core.models.interfaces import ApiToken, StoredAnswer
from core.models.people import FirstPassword, Person
from core.models.sessions import Session
from core.models.uploads import Upload, UploadPart
from core.models.views import SavedView
from core.models.webhooks import WebhookDelivery, WebhookEndpoint

__all__ = [
    "AccessEntry",
    "ApiToken",
    "AuditResult",
    "AuditRun",
    "Authenticator",
    "Backup",
    "Event",
    "EventMark",
    "Fact",
    "FirstPassword",
    "ListAct",
    "ListActRow",
    "Person",
    "SavedView",
    "Session",
    "SignInFailure",
    "StoredAnswer",
    "Upload",
    "UploadPart",
    "WebhookDelivery",
    "WebhookEndpoint",
]
