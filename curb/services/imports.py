"""CURB's service in both directions: trips and card transactions in, receipts of settled trips out.

What waits on the network is asynchronous and touches no table; what writes is one transaction per answer.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from core.telling import telling_refusals
from core.words import say_full_day
from curb.client import CurbAccount, CurbClient, Patience, TransactionAnswer, TripAnswer
from curb.errors import CurbError, CurbIncomplete, PeriodInvalid
from curb.models import CurbAnswer, TripFile
from curb.rules import Question, TransactionState
from curb.services.transactions import keep_transactions
from curb.services.trips import keep_trips
from ledger.money import ZERO

logger = logging.getLogger(__name__)

#: Days that one import may ask for, and days whose answers are in memory at once.
MAX_DAYS = 400
DAYS_AT_ONCE = 7
FAILURES_TOLD = 20


@dataclass(frozen=True, slots=True)
class Fetched:
    """What CURB answered to one question about one day, or why it did not."""

    name: str
    day: date
    question: Question
    answer: TripAnswer | TransactionAnswer | None
    failure: CurbError | None = None


@dataclass(frozen=True, slots=True)
class CurbImport:
    """What an import from CURB did, in rows.

    ``amended`` of the imported supersede a record that came before with other figures; ``amended_by`` are the dollars
    by which the trips among them differ. ``files`` are the files of this import, each read once, whenever it came.
    """

    trips: int = 0
    transactions: int = 0
    known: int = 0
    errors: int = 0
    failures: tuple[str, ...] = ()
    amended: int = 0
    amended_by: Decimal = ZERO
    #: Imported, and their amounts leave something to tell.
    remarked: int = 0
    files: tuple[TripFile, ...] = ()

    def __add__(self, other: "CurbImport") -> "CurbImport":
        return CurbImport(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def get_curb_account() -> CurbAccount:
    """Return where CURB is and who we are there, by the settings.

    :raises CurbNotConfigured: they are not complete
    """
    account = CurbAccount(
        url=settings.CURB_URL,
        user_id=settings.CURB_USER_ID,
        password=settings.CURB_PASSWORD,
        merchant=settings.CURB_MERCHANT,
    )
    account.check()
    return account


def import_curb_earnings(
    *,
    from_on: date,
    to_on: date,
    account: CurbAccount | None = None,
    patience: Patience | None = None,
    actor: User | None = None,
) -> CurbImport:
    """Fetch the trips and card transactions of these New York days from CURB, and keep what is new.

    ``account`` is the one of the settings unless another is given. Each answer is one transaction; running it again
    changes nothing and completes what was missing.

    :raises PeriodInvalid: the days are in the wrong order, or too many
    :raises CurbNotConfigured: CURB's address or credentials are not given
    :raises CurbIncomplete: not every question was answered; what was answered is kept
    """
    account = account or get_curb_account()
    done = CurbImport()
    for days in split_days(from_on=from_on, to_on=to_on):
        asked_at = read_clock()
        fetched = asyncio.run(fetch_days(days, account=account, patience=patience))
        done += keep_fetched(fetched=fetched, asked_at=asked_at, actor=actor)
    return check_complete(done)


async def fetch_days(days: Sequence[date], *, account: CurbAccount, patience: Patience | None = None) -> list[Fetched]:
    """Ask CURB for everything of these days, several questions at a time. Nothing is written."""
    async with CurbClient(account, patience=patience) as client:
        return await asyncio.gather(*(question for day in days for question in _ask(client, day)))


def read_clock() -> datetime:
    """The database's clock: what is asked from now on is answered as of this moment at least."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def keep_fetched(*, fetched: Sequence[Fetched], asked_at: datetime, actor: User | None = None) -> CurbImport:
    """Write what was fetched, one transaction for each answer, and say what became of its rows.

    That CURB has answered, and that it was asked at ``asked_at``, is noted last: of what was kept.
    """
    done = sum((_keep(one, actor) for one in fetched), CurbImport())
    CurbAnswer.objects.bulk_create(
        [
            CurbAnswer(day=one.day, question=one.question.value, asked_at=asked_at)
            for one in fetched
            if one.answer is not None
        ],
        update_conflicts=True,
        unique_fields=["day", "question"],
        update_fields=["asked_at"],
    )
    return done


def split_days(*, from_on: date, to_on: date) -> Iterator[list[date]]:
    """:raises PeriodInvalid: the days are in the wrong order, or too many"""
    count = (to_on - from_on).days + 1
    if not 0 < count <= MAX_DAYS:
        raise PeriodInvalid(
            f"From {say_full_day(from_on)} to {say_full_day(to_on)} is not a period of 1 to {MAX_DAYS} days.",
            from_on=from_on.isoformat(),
            to_on=to_on.isoformat(),
        )
    logger.info("CURB is asked for %s to %s.", from_on, to_on)
    days = [from_on + timedelta(days=passed) for passed in range(count)]
    return (days[start : start + DAYS_AT_ONCE] for start in range(0, count, DAYS_AT_ONCE))


def check_complete(done: CurbImport) -> CurbImport:
    """:raises CurbIncomplete: not every question was answered"""
    logger.info(
        "CURB: %s trips and %s card transactions imported, %s known before, %s with errors.",
        *(done.trips, done.transactions, done.known, done.errors),
    )
    if done.failures:
        with telling_refusals(logger, "CURB"):
            raise CurbIncomplete(
                f"{len(done.failures)} of CURB's answers are missing; what came is kept. First: {done.failures[0]}",
                failures=list(done.failures[:FAILURES_TOLD]),
                trips=done.trips,
                transactions=done.transactions,
                errors=done.errors,
                files=[file.pk for file in done.files],
            )
    return done


def _ask(client: CurbClient, day: date) -> Iterator["asyncio.Future[Fetched]"]:
    """The questions about one day. CURB means wall clocks, so a day with a change of clocks needs no care."""
    from_at, to_at = datetime.combine(day, time.min), datetime.combine(day, time(23, 59, 59))
    log = client.get_trips(from_at=from_at, to_at=to_at)
    yield asyncio.ensure_future(_answer_of(f"CURB trips {day}", day, Question.TRIPS, log))
    for state in TransactionState:
        listed = client.get_transactions(from_at=from_at, to_at=to_at, state=state)
        name = f"CURB card transactions {day} {state.value}"
        yield asyncio.ensure_future(_answer_of(name, day, Question(state.value), listed))


async def _answer_of(
    name: str, day: date, question: Question, asked: Coroutine[Any, Any, TripAnswer | TransactionAnswer]
) -> Fetched:
    try:
        return Fetched(name, day, question, await asked)
    except CurbError as failure:
        return Fetched(name, day, question, None, failure)


def _keep(fetched: Fetched, actor: User | None) -> CurbImport:
    answer = fetched.answer
    if answer is None:
        assert fetched.failure is not None
        return CurbImport(failures=(f"{fetched.name}: {fetched.failure.message}",))
    if not answer.content:
        return CurbImport()
    if isinstance(answer, TripAnswer):
        done = keep_trips(
            file_name=fetched.name,
            content=answer.content,
            parsed=answer.parsed,
            asked_on=fetched.day,
            actor=actor,
        )
    else:
        done = keep_transactions(
            file_name=fetched.name,
            content=answer.content,
            parsed=answer.parsed,
            state=answer.state,
            asked_on=fetched.day,
            actor=actor,
        )
    file = done.file
    if not done.is_new:
        return CurbImport(known=file.row_count - file.error_count, errors=file.error_count, files=(file,))
    is_log = isinstance(answer, TripAnswer)
    return CurbImport(
        trips=file.imported_count if is_log else 0,
        transactions=0 if is_log else file.imported_count,
        known=file.known_count,
        errors=file.error_count,
        amended=file.amended_count,
        amended_by=file.amended_by if is_log else ZERO,
        remarked=file.remarked_count,
        files=(file,),
    )
