"""The tables of interfaces and audits: who may call by program, what was answered, what the audits found."""

from core.models.audits import AuditResult, AuditRun
from core.models.interfaces import ApiToken, StoredAnswer

__all__ = ["ApiToken", "AuditResult", "AuditRun", "StoredAnswer"]
