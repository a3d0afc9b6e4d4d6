"""The processes of the product on one machine: started, watched, started again when they end, and stopped with us."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from config.stores import Stores
from core.clock import NEW_YORK

#: Seconds before what ended is started again: doubled with each end that no good life came before.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
#: Seconds after which a life was a good one, and those within which an end is a failed start.
_GOOD_LIFE = 60.0
_QUICK_END = 10.0
#: So many failed starts in a row: it can't start, and whoever runs it must know.
_FAILED_STARTS = 5

_STOP_SECONDS = 15
_PR_SET_PDEATHSIG = 1
_OWNER_VARIABLE = "MIGRATE_DATABASE_URL"


class CannotServe(Exception):
    """The product cannot start here, or cannot go on; the message is for the person at the terminal."""


def tell(sentence: str) -> None:
    """Print a line of what became of a process, with the time."""
    print(f"{datetime.now(NEW_YORK):%Y-%m-%d %H:%M:%S} {sentence}", flush=True)


def pause_after(ends: int) -> float:
    """Return how many seconds to wait after so many ends in a row."""
    return min(_FIRST_PAUSE * 2.0 ** (ends - 1), _LONGEST_PAUSE)


@dataclass
class Child:
    """A process that is to run all the time, and how it fared."""

    name: str
    command: tuple[str, ...]
    when_orphaned: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]
    started_at: float
    #: Ends in a row without a good life between, and failed starts among them.
    ends: int = 0
    failed_starts: int = 0
    #: When it is to be started again; None while it runs.
    again_at: float | None = None

    def note_end(self, now: float, *, is_counted: bool) -> None:
        """Reckon when it is started again. An end for which the stores are to blame is no failed start."""
        lived = now - self.started_at
        self.ends = 1 if lived >= _GOOD_LIFE else self.ends + 1
        self.failed_starts = self.failed_starts + 1 if lived < _QUICK_END and is_counted else 0
        self.again_at = now + pause_after(self.ends)


@dataclass
class Children:
    """The processes we started, by name."""

    kept: dict[str, Child] = field(default_factory=dict)

    def start(
        self, name: str, *command: str, when_orphaned: int = signal.SIGTERM, as_owner: bool = False, **environment: str
    ) -> Child:
        """Start one; the kernel sends it ``when_orphaned`` when we are killed outright and can no longer stop it.

        Only who works as the database's owner is told how to be it.
        """
        inherited = {name: value for name, value in os.environ.items() if as_owner or name != _OWNER_VARIABLE}
        given = {**inherited, **environment}
        process = _spawn(command, given, when_orphaned)
        self.kept[name] = Child(name, command, when_orphaned, given, process, time.monotonic())
        return self.kept[name]

    def run(self, name: str, *command: str, as_owner: bool = False) -> None:
        """Run one to its end."""
        if exit_code := self.start(name, *command, as_owner=as_owner).process.wait():
            raise CannotServe(f"{name} failed (exit code {exit_code}); the reason is above.")
        del self.kept[name]

    def refuse_if_one_ended(self) -> None:
        """Before all is well for the first time, whoever ends has a reason that is no passing one."""
        for child in self.kept.values():
            if child.process.poll() is not None:
                raise CannotServe(
                    f"The {child.name} ended by itself ({_how_it_ended(child)}), so everything stops; "
                    "the reason is above."
                )

    def keep(self, stores: Stores) -> None:
        """Note who ended, and start again whose time has come; call it again and again.

        :raises CannotServe: one of them can't start
        """
        for child in self.kept.values():
            if child.again_at is None and child.process.poll() is not None:
                self._note_end(child, stores)
            elif child.again_at is not None and child.again_at <= time.monotonic() and not stores.find_silent():
                child.process = _spawn(child.command, child.environment, child.when_orphaned)
                child.started_at, child.again_at = time.monotonic(), None

    def _note_end(self, child: Child, stores: Stores) -> None:
        _kill_what_is_left(child.process)
        silent, how = stores.find_silent(), _how_it_ended(child)
        child.note_end(time.monotonic(), is_counted=not silent)
        if child.failed_starts >= _FAILED_STARTS:
            raise CannotServe(
                f"The {child.name} ended {_FAILED_STARTS} times in a row within {_QUICK_END:.0f} seconds of its start "
                f"({how}), so everything stops; the reason is above."
            )
        when = f"when {silent} answers" if silent else f"in {pause_after(child.ends):.0f} s"
        tell(f"The {child.name} ended ({how}); it is started again {when}.")

    def stop(self) -> None:
        """End them all, politely and at once; kill those that take too long, and what they leave behind."""
        for child in self.kept.values():
            child.process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self.kept.values():
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0, deadline - time.monotonic()))
            if child.again_at is None:
                _kill_what_is_left(child.process)
            child.process.wait()


def _spawn(command: tuple[str, ...], environment: Mapping[str, str], when_orphaned: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # nosec B603  # our own commands, no shell
        [sys.executable, *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C reaches us alone, and we pass it on in order
        preexec_fn=partial(_end_with_parent, when_orphaned) if sys.platform == "linux" else None,
    )


def _end_with_parent(number: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def _kill_what_is_left(process: subprocess.Popen[bytes]) -> None:
    """A worker that was killed leaves the processes of its pool behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _how_it_ended(child: Child) -> str:
    code = child.process.returncode
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"
