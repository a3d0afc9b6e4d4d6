"""Whether a week's close is ready, or what is missing: a few plain reads, as many whatever the fleet's size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import TypeVar

from django.db.models import Count, Exists, Model, OuterRef, QuerySet

from core.audits import list_audits
from core.clock import week_ends_at, week_starts_at
from core.models import AuditRun
from core.names import name_column
from core.weeks import Week
from core.words import say_full_day
from curb import selectors as curb
from curb.models import CardTripsExpected, Trip
from dtr.models import MAY_BE_OVERRULED, Check, CloseBatch, Overrule
from dtr.selectors.closes import find_first_week, find_last_close
from leases.models import Lease, LeaseQuerySet
from leases.selectors import list_leases_in_force
from ledger.money import format_dollars
from tickets import selectors as tickets

#: Weeks before, whose same weekdays say how many card trips are usual.
USUAL_WEEKS = 4
#: Leases, or trips, that a check names; the others it counts.
NAMED = 20

Row = TypeVar("Row", bound=Model)


class State(Enum):
    """How a check stands; the value is what people read."""

    READY = "Ready"
    NOT_ASKED = "Not asked"
    LATER = "Not known yet"
    WARNS = "Look at it"
    OVERRULED = "Overruled"
    BLOCKS = "Stops the close"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found, in a sentence; ``overrule`` where a supervisor lets the week close in spite of it."""

    sentence: str
    is_blocking: bool
    overrule: Overrule | None = None

    @property
    def stands(self) -> bool:
        return self.is_blocking and self.overrule is None


@dataclass(frozen=True, slots=True)
class CheckState:
    """How one check of a week stands. ``note`` says what there is to say besides its findings."""

    check: Check
    state: State
    findings: Sequence[Finding] = ()
    note: str = ""

    @property
    def blocking(self) -> list[Finding]:
        """What stands in the way of the close: found, and not overruled."""
        return [finding for finding in self.findings if finding.stands]

    @property
    def may_be_overruled(self) -> bool:
        return self.check in MAY_BE_OVERRULED and bool(self.blocking)


@dataclass(frozen=True, slots=True)
class DayCount:
    """The card trips of a day; ``usual`` is the mean of that weekday in the weeks before, None without any."""

    day: date
    trips: int
    usual: float | None
    #: Whether card trips are expected of this day; one that is not over says nothing yet.
    is_expected: bool
    is_over: bool

    @property
    def is_missing(self) -> bool:
        return self.is_expected and self.is_over and self.trips == 0

    @property
    def is_low(self) -> bool:
        return self.is_expected and self.is_over and self.usual is not None and 0 < self.trips * 2 < self.usual


@dataclass(frozen=True, slots=True)
class Readiness:
    """A week's checks in their order, the card trips of its days, and since when card trips are expected."""

    week: Week
    checks: Sequence[CheckState]
    days: Sequence[DayCount]
    expected: CardTripsExpected | None = field(repr=False)

    @property
    def blocking(self) -> list[tuple[Check, Finding]]:
        """Everything that stands in the way of the close."""
        return [(state.check, finding) for state in self.checks for finding in state.blocking]


def read_readiness(*, week: Week, today: date) -> Readiness:
    """Return what is ready and what is missing for a week's close, as of ``today`` in New York."""
    return _Reader(week, today).read()


def list_overrules(week: Week) -> list[Overrule]:
    """What was overruled before the week's close began, oldest first."""
    return list(Overrule.objects.filter(week_end=week.end).select_related("overruled_by"))


def list_overrules_of(overrule_ids: Sequence[int]) -> list[Overrule]:
    """Return these overrules as the database has them, oldest first."""
    return list(Overrule.objects.filter(pk__in=overrule_ids).order_by("pk"))


@dataclass(frozen=True, slots=True)
class OverruleCount:
    """How many findings somebody overruled."""

    user_id: int
    name: str
    count: int


def count_overrules(begins: datetime, ends: datetime) -> list[OverruleCount]:
    """Return how many findings each person overruled from a moment (included) to another (not)."""
    rows = Overrule.objects.filter(overruled_at__gte=begins, overruled_at__lt=ends).order_by()
    counted = rows.values_list("overruled_by", name_column("overruled_by")).annotate(count=Count("pk"))
    return [OverruleCount(*row) for row in counted]


def find_last_audit() -> AuditRun | None:
    """The newest run of the audits that has come to its end, with ``audits``, how many there were."""
    ended = AuditRun.objects.filter(finished_at__isnull=False).annotate(audits=Count("results"))
    return ended.order_by("-pk").first()


class _Reader:
    """One reading of a week's checks; what several of them need is read once."""

    def __init__(self, week: Week, today: date) -> None:
        self.week, self.today = week, today
        self.expected = curb.find_card_trips_expected()
        self.overrules = {(row.check_name, row.finding): row for row in list_overrules(week)}

    def read(self) -> Readiness:
        checks: dict[Check, Callable[[], CheckState]] = {
            Check.WEEK_BEFORE: self.look_at_week_before,
            Check.CURB_ANSWERS: self.look_at_answers,
            Check.CARD_TRIPS: self.look_at_card_trips,
            Check.FEW_TRIPS: self.look_at_few_trips,
            Check.UNREAD_RECORDS: self.look_at_unread_records,
            Check.AMOUNTS: self.look_at_amounts,
            Check.LEFT_OUT: self.look_at_left_out,
            Check.AUDITS: self.look_at_audits,
            Check.WAITING_TRIPS: self.look_at_waiting_trips,
            Check.REVIEW: self.look_at_review,
            Check.IDLE_LEASES: self.look_at_idle_leases,
            Check.HELD_LEASES: self.look_at_held_leases,
        }
        return Readiness(self.week, [look() for look in checks.values()], self.days, self.expected)

    @cached_property
    def days(self) -> list[DayCount]:
        first = self.week.start - timedelta(weeks=USUAL_WEEKS)
        counts = curb.count_card_trips_by_day(from_on=first, to_on=self.week.end)
        return [
            DayCount(
                day=day,
                trips=counts.get(day, 0),
                usual=self._usual_of(day, counts),
                is_expected=self._is_expected(day),
                is_over=day < self.today,
            )
            for day in self.week.days
        ]

    def look_at_week_before(self) -> CheckState:
        last = find_last_close()
        if last is None:
            return self._look_for_business()
        if last.week >= self.week or (last.is_closed and last.week.next == self.week):
            return CheckState(Check.WEEK_BEFORE, State.READY)
        if last.is_closed:
            return self._told(
                Check.WEEK_BEFORE, [f"It is the turn of the week ending {say_full_day(last.week.next.end)}."]
            )
        failed = CloseBatch.objects.filter(week=last, failed_at__isnull=False).count()
        reason = f": {failed} of its batches failed" if failed else ""
        return self._told(Check.WEEK_BEFORE, [f"The week ending {say_full_day(last.week_end)} is still open{reason}."])

    def _look_for_business(self) -> CheckState:
        """Whether the fleet's first week has come: beat waits for it, and none before a cut-over is closed by hand."""
        first = find_first_week()
        if first is None:
            told = ["No lease has begun and no balance was carried over: no week closes by itself before."]
            return self._told(Check.WEEK_BEFORE, told, is_blocking=False)
        if self.week < first.week:
            told = [f"The fleet's first week ends on {say_full_day(first.week.end)}: none before it closes by itself."]
            return self._told(Check.WEEK_BEFORE, told, is_blocking=first.is_cut_over)
        return CheckState(Check.WEEK_BEFORE, State.READY)

    def look_at_answers(self) -> CheckState:
        if not curb.is_curb_configured():
            return CheckState(Check.CURB_ANSWERS, State.NOT_ASKED, note="CURB is not asked: trips come by files.")
        missing = curb.list_missing_answers(self.week)
        over = [answers for answers in missing if answers.day < self.today]
        return self._told(
            Check.CURB_ANSWERS,
            [_describe_answers(answers) for answers in over],
            is_later=len(missing) > len(over),
            note="Asked again each hour.",
        )

    def look_at_card_trips(self) -> CheckState:
        if self.expected is None:
            sentences = ["No card trip has ever come, and nobody has said since when they are expected."]
            return self._told(Check.CARD_TRIPS, sentences if self.week.end < self.today else [], is_later=True)
        if not any(day.is_expected for day in self.days):
            return CheckState(Check.CARD_TRIPS, State.NOT_ASKED, note=f"Card trips are {self.expected}.")
        return self._told(
            Check.CARD_TRIPS,
            [f"No card trip on {_name_day(day.day)}." for day in self.days if day.is_missing],
            is_later=any(not day.is_over for day in self.days),
            note=f"Card trips are {self.expected}.",
        )

    def look_at_few_trips(self) -> CheckState:
        if not any(day.is_expected and day.usual is not None for day in self.days):
            return CheckState(Check.FEW_TRIPS, State.NOT_ASKED, note="There are no weeks before to compare with.")
        low = [
            f"{_name_day(day.day)}: {day.trips} card trips, where {day.usual:.0f} are usual."
            for day in self.days
            if day.is_low
        ]
        return self._told(Check.FEW_TRIPS, low, is_blocking=False, is_later=any(not day.is_over for day in self.days))

    def look_at_unread_records(self) -> CheckState:
        unseen = [f"{file.file_name}: {file.records} not read." for file in curb.list_unseen_files(self.week)]
        return self._told(Check.UNREAD_RECORDS, unseen)

    def look_at_amounts(self) -> CheckState:
        told = [attribute.sentence for attribute in curb.list_open_attributes()]
        told += [sums.sentence for sums in curb.list_unseen_sums()]
        return self._told(Check.AMOUNTS, told, is_blocking=False)

    def look_at_left_out(self) -> CheckState:
        trips = curb.list_paired_trips(self.week)
        named = _name_some(trips, lambda trip: f"{trip} ({format_dollars(trip.total)})")
        return self._told(Check.LEFT_OUT, [f"Left out: {named}."] if named else [], is_blocking=False)

    def look_at_audits(self) -> CheckState:
        run = find_last_audit()
        if run is None:
            return CheckState(Check.AUDITS, State.LATER, note="They have never run; they run before the close.")
        about_money = {audit.name for audit in list_audits() if audit.is_about_money}
        findings = [
            f"{result.name}: {result.findings} found. {result.promise}"[:500]
            for result in run.results.filter(findings__gt=0).order_by("name")
            if result.name in about_money
        ]
        return self._told(Check.AUDITS, findings, note="Where they are older than a day, they run before the close.")

    def look_at_waiting_trips(self) -> CheckState:
        waiting = curb.sum_waiting_trips(self.week)
        trips = "1 trip waits" if waiting.trips == 1 else f"{waiting.trips} trips wait"
        told = [f"{trips}, {format_dollars(waiting.card_total)} of card money among them."]
        return self._told(Check.WAITING_TRIPS, told if waiting.trips else [], is_blocking=False)

    def look_at_review(self) -> CheckState:
        waiting, changed = tickets.count_waiting(), tickets.count_changes()
        told = []
        if waiting:
            told.append("1 ticket waits in review." if waiting == 1 else f"{waiting} tickets wait in review.")
        if changed:
            told.append(f"{changed} {'has' if changed == 1 else 'have'} changed since they were charged.")
        return self._told(Check.REVIEW, told, is_blocking=False)

    def look_at_idle_leases(self) -> CheckState:
        if not any(day.is_expected for day in self.days):
            return CheckState(Check.IDLE_LEASES, State.NOT_ASKED, note="Card trips are not expected.")
        named = _name_some(list_idle_leases(self.week), str)
        return self._told(Check.IDLE_LEASES, [f"Without a trip: {named}."] if named else [], is_blocking=False)

    def look_at_held_leases(self) -> CheckState:
        named = _name_some(list_held_leases(self.week), lambda lease: f"{lease} ({lease.status_reason})")
        return self._told(Check.HELD_LEASES, [f"On hold: {named}."] if named else [], is_blocking=False)

    def _told(
        self,
        check: Check,
        sentences: Sequence[str],
        *,
        is_blocking: bool = True,
        is_later: bool = False,
        note: str = "",
    ) -> CheckState:
        findings = [Finding(one, is_blocking, self.overrules.get((check.value, one))) for one in sentences]
        if any(finding.stands for finding in findings):
            state = State.BLOCKS
        elif any(finding.is_blocking for finding in findings):
            state = State.OVERRULED
        elif findings:
            state = State.WARNS
        else:
            state = State.LATER if is_later else State.READY
        return CheckState(check, state, findings, note)

    def _is_expected(self, day: date) -> bool:
        return self.expected is not None and self.expected.since is not None and self.expected.since <= day

    def _usual_of(self, day: date, counts: dict[date, int]) -> float | None:
        before = [day - timedelta(weeks=weeks) for weeks in range(1, USUAL_WEEKS + 1)]
        expected = [counts.get(one, 0) for one in before if self._is_expected(one)]
        return sum(expected) / len(expected) if expected else None


def list_idle_leases(week: Week) -> LeaseQuerySet:
    """The leases in force in a week, and not on hold, with which no trip of the week was made."""
    trips = Trip.objects.filter(
        lease=OuterRef("pk"), start_at__gte=week_starts_at(week), start_at__lt=week_ends_at(week)
    )
    in_force = list_leases_in_force(start_on=week.start, end_on=week.end)
    return in_force.exclude(status=Lease.Status.HELD).exclude(Exists(trips))


def list_held_leases(week: Week) -> LeaseQuerySet:
    """The leases with days in a week that are on hold."""
    return list_leases_in_force(start_on=week.start, end_on=week.end).filter(status=Lease.Status.HELD)


def _name_some(rows: "QuerySet[Row]", describe: Callable[[Row], str]) -> str:
    """The first rows by name, and how many more there are; blank where there are none."""
    count = rows.count()
    named = ", ".join(describe(row) for row in rows.order_by("pk")[:NAMED])
    return f"{named} and {count - NAMED} more" if count > NAMED else named


def _describe_answers(answers: curb.MissingAnswers) -> str:
    if answers.reaches_nothing:
        return f"CURB has not answered for {_name_day(answers.day)} to its end."
    missing = ", ".join(question.label for question in answers.questions)
    return f"CURB has not answered for {_name_day(answers.day)} to its end: {missing}."


def _name_day(day: date) -> str:
    return f"{day:%A, %b} {day.day}"
