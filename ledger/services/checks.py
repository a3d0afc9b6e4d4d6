"""Checks of the arguments that only the ledger knows; those of every app are in ``core.checks``."""

import re
from datetime import date

from core import corrections, sources
from core.checks import check_text
from core.errors import ValueInvalid
from core.words import say_full_day
from ledger.categories import OBLIGATION_CATEGORIES, PaymentMethod
from ledger.errors import ChargedElsewhere, DayNotCome, ReferenceReserved
from ledger.models import LedgerPosting
from ledger.selectors.again import find_act_instead

#: A set, since a batch asks a hundred thousand times.
OWED = frozenset(str(category) for category in OBLIGATION_CATEGORIES)
MAX_REFERENCE = 64
#: What the fleet gives is won back under its name behind WINBACK-.
MAX_CREDIT_REFERENCE = MAX_REFERENCE - len("WINBACK-")
#: What the counter names its own money, by the numbers it draws: taken beforehand, no payment could be received.
COUNTER_REFERENCE = re.compile(r"(PAY|DEPOSIT|RETURNED-PAY)-[0-9]+")
#: What wins money back bears the name of what it wins back, and is as much.
RECOVERIES = ("RETURNED-PAY-", "WINBACK-")
MAX_INSTRUMENT = 40


def check_reference(reference_id: str, *, longest: int = MAX_REFERENCE) -> str:
    """:raises ValueInvalid: empty, longer than 64 characters, or with anything but visible ASCII"""
    if not isinstance(reference_id, str) or not 0 < len(reference_id) <= longest:
        raise ValueInvalid(f"A reference has 1 to {longest} characters.", field="reference_id")
    if not (reference_id.isascii() and reference_id.isprintable()) or " " in reference_id:
        raise ValueInvalid("A reference has visible ASCII characters and no spaces.", field="reference_id")
    return reference_id


def check_new_reference(reference_id: str, *, of_a_credit: bool = False) -> str:
    """:raises ValueInvalid: not a reference, or one of those that the counter, or winning back, gives"""
    check_reference(reference_id, longest=MAX_CREDIT_REFERENCE if of_a_credit else MAX_REFERENCE)
    if COUNTER_REFERENCE.fullmatch(reference_id):
        raise ValueInvalid(f"{reference_id} is the name of a counter payment.", field="reference_id")
    if reference_id.startswith("WINBACK-"):
        raise ValueInvalid(f"{reference_id} is the name of what wins a credit back.", field="reference_id")
    return reference_id


def check_reference_by_hand(reference_id: str) -> str:
    """:raises ReferenceReserved: it begins as those of a module do, whose records alone bear such references"""
    prefix = reference_id.partition("-")[0]
    if prefix in {*sources.list_prefixes(), *corrections.list_prefixes()}:
        raise ReferenceReserved(
            f"{reference_id} would be taken for a record of the module that names its own {prefix}-. Give it a name "
            "that begins otherwise.",
            reference_id=reference_id,
        )
    return reference_id


def refuse_charged_elsewhere(posting: LedgerPosting) -> None:
    """Refuse to mend by hand what follows a record of a module: its own act mends both.

    :raises ChargedElsewhere: its module corrects it by an act of its own, which the sentence names
    """
    sentence = find_act_instead(posting)
    if sentence is not None:
        raise ChargedElsewhere(sentence, posting_id=posting.pk)


def refuse_other_recovery(charge: LedgerPosting) -> None:
    """Refuse, whoever asks, to make another sum of what wins money back: it is what was given, to the cent.

    :raises ChargedElsewhere: the charge is a recovery; the sentence names what can be done with it
    """
    if charge.reference_id.startswith(RECOVERIES):
        refuse_charged_elsewhere(charge)


def check_obligation_category(category: str) -> str:
    """:raises ValueInvalid: not something that a driver can owe"""
    if category not in OWED:
        raise ValueInvalid(f"{category!r} is not a category that a driver can owe.", field="category")
    return category


def check_has_come(day: date, *, today: date | None, field: str) -> date:
    """Return the day; in the words of the database, which looks at what is booked alone.

    :raises DayNotCome: it is after ``today``, where that is told
    """
    if today is not None and day > today:
        sentence = f"Nothing can be booked on {say_full_day(day)}: that day has not come."
        raise DayNotCome(sentence, field=field, day=today.isoformat())
    return day


def check_method(method: str, instrument_number: str) -> str:
    """Return the instrument number as one line.

    :raises ValueInvalid: an unknown method, or a check without its number
    """
    if method not in PaymentMethod.values:
        raise ValueInvalid(f"{method!r} is not a payment method: CASH, CHECK or ACH.", field="payment_method")
    number = check_text(instrument_number, field="instrument_number", longest=MAX_INSTRUMENT, required=False)
    if method == PaymentMethod.CHECK and not number:
        raise ValueInvalid("A check needs its number.", field="instrument_number")
    return number
