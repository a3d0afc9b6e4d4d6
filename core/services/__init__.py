"""Every write of core: the programs that may call, what they were answered, and what the audits found."""

from core.services.answers import Answer, answer_once, fingerprint_of, purge_stored_answers
from core.services.audits import run_audits
from core.services.tokens import NewToken, create_api_token, find_token, record_use, revoke_api_token

__all__ = [
    "Answer",
    "NewToken",
    "answer_once",
    "create_api_token",
    "find_token",
    "fingerprint_of",
    "purge_stored_answers",
    "record_use",
    "revoke_api_token",
    "run_audits",
]
