"""Every write of core: who may call, what they were answered, what the audits found, and which views are kept."""

from core.services.answers import Answer, answer_once, fingerprint_of, purge_stored_answers
from core.services.audits import run_audits
from core.services.tokens import NewToken, create_api_token, find_token, record_use, revoke_api_token
from core.services.views import forget_view, save_view

__all__ = [
    "Answer",
    "NewToken",
    "answer_once",
    "create_api_token",
    "find_token",
    "fingerprint_of",
    "forget_view",
    "purge_stored_answers",
    "record_use",
    "revoke_api_token",
    "run_audits",
    "save_view",
]
