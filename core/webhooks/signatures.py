"""Signatures by the Standard Webhooks scheme (standardwebhooks.com), symmetric: HMAC-SHA256 of id, time and body.

A secret is written `whsec_` and its bytes in Base64. Keys are made of Django's SECRET_KEY and of random bytes that are
kept for each: so a copy of the database alone signs nothing.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from django.utils.crypto import salted_hmac

PREFIX = "whsec_"
_SALT = "core.webhooks"
_BYTES = 16


def make_seed() -> str:
    """Return what is kept of a new key."""
    return secrets.token_hex(_BYTES)


def key_of(seed: str) -> bytes:
    """Return the 32 bytes of a key."""
    return salted_hmac(_SALT, seed, algorithm="sha256").digest()


def write_secret(key: bytes) -> str:
    """Return a key as the scheme writes it, for whoever verifies."""
    return PREFIX + base64.b64encode(key).decode()


def sign(*, message_id: str, timestamp: int, body: bytes, keys: Iterable[bytes]) -> dict[str, str]:
    """Return the headers of a message: one signature for each key, of which a receiver needs to know one."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = (base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
