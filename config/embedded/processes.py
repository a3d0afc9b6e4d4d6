"""Running the wheels' programs, and recognizing and ending a server by its process id file."""

import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

from config.embedded import service_user
from config.embedded.errors import EmbeddedServerError

_STOP_SECONDS = 60


def run(
    *command: str | Path,
    as_service_user: bool = False,
    folder: Path | None = None,
    log: Path | None = None,
) -> None:
    """Run ``command`` in ``folder`` to its end; raise with its output, or what it left in ``log``, when it fails."""
    prefix = service_user.become() if as_service_user and service_user.is_needed() else []
    # What is started and stays may keep its output open, so that is a file which we have opened.
    with log.open("a+b") if log else tempfile.TemporaryFile() as output:
        done = subprocess.run(  # nosec B603  # programs of the wheels, no shell
            [*prefix, *map(str, command)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            start_new_session=True,
        )
        if done.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace")[-2000:].strip()
            raise EmbeddedServerError(f"{Path(command[0]).name} failed: {said}")


def find_server(pid_file: Path, name: str, mark: str) -> psutil.Process | None:
    """Return the server whose process id is the first line of ``pid_file``, or None when it is not alive.

    A process id outlives its process in the file and may by now be anyone's: only one of this name, with ``mark`` in
    its command line, is ours. (Its working folder would say as much, but root in a container may not read that.)
    """
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        return process if _is_marked(process, name, mark) and _is_alive(process) else None
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return None


def end_servers(name: str, mark: str, *requests: signal.Signals) -> None:
    """Have the servers of this name and ``mark`` stop: send each of ``requests`` in turn, a minute apart."""
    for server in psutil.process_iter():
        with suppress(psutil.Error):  # processes come and go while we look
            if not _is_marked(server, name, mark):
                continue
            for request in requests:
                server.send_signal(request)
                deadline = time.monotonic() + _STOP_SECONDS
                while _is_alive(server) and time.monotonic() < deadline:
                    time.sleep(0.02)
                if not _is_alive(server):
                    break


def _is_marked(process: psutil.Process, name: str, mark: str) -> bool:
    # A server may have rewritten its command line to one text; then the mark is a word of it.
    return process.name() == name and any(mark in {part, *part.split()} for part in process.cmdline())


def _is_alive(process: psutil.Process) -> bool:
    """Return whether ``process`` runs; one that waits to be reaped, as long as it may in a container, does not."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
