"""CURB's web service: the wire format, a client, and a sandbox that speaks the same protocol. Nothing is stored."""

from dtr.curb.client import CurbAccount, CurbClient, Patience, TransactionAnswer, TripAnswer
from dtr.curb.errors import (
    CurbAnswerUnreadable,
    CurbError,
    CurbFault,
    CurbNotConfigured,
    CurbRefused,
    CurbUnreachable,
)

__all__ = [
    "CurbAccount",
    "CurbAnswerUnreadable",
    "CurbClient",
    "CurbError",
    "CurbFault",
    "CurbNotConfigured",
    "CurbRefused",
    "CurbUnreachable",
    "Patience",
    "TransactionAnswer",
    "TripAnswer",
]
