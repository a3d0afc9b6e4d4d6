"""Running the wheels' programs, and recognizing and ending a server by its process id file."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

_STOP_SECONDS = 60


class EmbeddedServerError(RuntimeError):
    """An embedded server did not start; the message quotes its log."""


def run(*command: str | Path, as_service_user: bool = False) -> None:
    """Run ``command`` to its end; raise with its output when it fails."""
    prefix = _become_service_user() if as_service_user and os.geteuid() == 0 else []
    done = subprocess.run(
        [*prefix, *map(str, command)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    if done.returncode != 0:
        raise EmbeddedServerError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


def give_to_service_user(path: Path) -> None:
    """Make the service user the owner of ``path``, when we are root and it needs to be another's."""
    if os.geteuid() == 0:
        user = pwd.getpwnam("nobody")
        os.chown(path, user.pw_uid, user.pw_gid)


def _become_service_user() -> list[str]:
    """Return the command prefix under which PostgreSQL, which refuses root, runs when we are root.

    `nobody` exists everywhere, so no system user is made. It keeps the right to pass folders that are closed to
    others (a clone or its `.venv` often lies under a private home), so no folder is opened up either.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedServerError("PostgreSQL refuses to run as root, and setpriv (util-linux) is missing: be a user")
    user = pwd.getpwnam("nobody")
    capabilities = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *capabilities, "--"]


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
