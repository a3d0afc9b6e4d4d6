"""Checks of arguments alone, before any lock is taken."""

import hashlib
import json
import re
from datetime import date
from typing import Any

from django.utils import timezone

from ledger.categories import OBLIGATION_CATEGORIES, PaymentMethod
from ledger.errors import InvalidValue, ReasonRequired

#: A set, since a batch asks a hundred thousand times.
OWED = frozenset(str(category) for category in OBLIGATION_CATEGORIES)
MAX_REFERENCE = 64
#: What the counter names its own money, by the numbers it draws: taken beforehand, no payment could be received.
COUNTER_REFERENCE = re.compile(r"(PAY|DEPOSIT|RETURNED-PAY)-[0-9]+")
MAX_REASON = 500
MAX_INSTRUMENT = 40
MAX_KEY = 200


def today_in_new_york() -> date:
    """The default of every ``effective_on``: the calendar date where the fleet is (TIME_ZONE)."""
    return timezone.localdate()


def check_reference(reference_id: str) -> str:
    """:raises InvalidValue: empty, longer than 64 characters, or with anything but visible ASCII"""
    if not isinstance(reference_id, str) or not 0 < len(reference_id) <= MAX_REFERENCE:
        raise InvalidValue(f"A reference has 1 to {MAX_REFERENCE} characters.", field="reference_id")
    if not (reference_id.isascii() and reference_id.isprintable()) or " " in reference_id:
        raise InvalidValue("A reference has visible ASCII characters and no spaces.", field="reference_id")
    return reference_id


def check_new_reference(reference_id: str) -> str:
    """:raises InvalidValue: not a reference, or one of those that the counter gives"""
    check_reference(reference_id)
    if COUNTER_REFERENCE.fullmatch(reference_id):
        raise InvalidValue(f"{reference_id} is the name of a counter payment.", field="reference_id")
    return reference_id


def has_control_characters(text: str) -> bool:
    """Whether ``text`` holds anything but printable characters and line breaks."""
    return not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable()


def check_reason(reason: str) -> str:
    """:raises ReasonRequired: nothing but blanks
    :raises InvalidValue: longer than 500 characters
    """
    reason = reason.strip() if isinstance(reason, str) else ""
    if not reason:
        raise ReasonRequired("Say why: a reason is required.")
    if len(reason) > MAX_REASON or has_control_characters(reason):
        raise InvalidValue(f"A reason has at most {MAX_REASON} characters, all of them visible.", field="reason")
    return reason


def check_obligation_category(category: str) -> str:
    """:raises InvalidValue: not something that a driver can owe"""
    if category not in OWED:
        raise InvalidValue(f"{category!r} is not a category that a driver can owe.", field="category")
    return category


def check_method(method: str, instrument_number: str) -> str:
    """Return the instrument number, stripped.

    :raises InvalidValue: an unknown method, or a check without its number
    """
    if method not in PaymentMethod.values:
        raise InvalidValue(f"{method!r} is not a payment method: CASH, CHECK or ACH.", field="payment_method")
    instrument_number = instrument_number.strip() if isinstance(instrument_number, str) else ""
    if method == PaymentMethod.CHECK and not instrument_number:
        raise InvalidValue("A check needs its number.", field="instrument_number")
    if len(instrument_number) > MAX_INSTRUMENT or has_control_characters(instrument_number):
        raise InvalidValue(
            f"A check number or bank reference has at most {MAX_INSTRUMENT} characters.", field="instrument_number"
        )
    return instrument_number


def check_key(idempotency_key: str | None) -> str | None:
    """:raises InvalidValue: an empty key, or one longer than 200 characters"""
    if idempotency_key is not None and (
        not 0 < len(idempotency_key) <= MAX_KEY or has_control_characters(idempotency_key)
    ):
        raise InvalidValue(f"An idempotency key has 1 to {MAX_KEY} characters.", field="idempotency_key")
    return idempotency_key


def fingerprint_of(**facts: Any) -> str:
    """A digest of what was asked, to tell a retry from another request under the same key."""
    return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()
