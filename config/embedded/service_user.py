"""Under root: the system user that PostgreSQL, which refuses root, runs as.

It is a user of its own and not `nobody`, whose processes are anybody's: who runs as the owner of a cluster can read its
files, and so is in it. It is made by `useradd`, since PostgreSQL asks for its name. It is given no capability, so it
reaches nothing that root keeps to itself: PostgreSQL is started inside of its own folder and never asks for the way
there, and programs that lie behind a private folder (a clone under /root, say) are copied to the user's home.
"""

import functools
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from config.embedded.errors import EmbeddedServerError

NAME = "fleet-postgres"

#: Where its programs are, if need be; root's, so that it can't change what it runs.
HOME = Path("/var/lib") / NAME

_MAKE_SECONDS = 10


def is_needed() -> bool:
    return os.geteuid() == 0


def become() -> list[str]:
    """Return the command prefix that leaves root, and all that root may, for good."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedServerError("PostgreSQL refuses to run as root, and setpriv (util-linux) is missing: be a user")
    user = _get()
    without = ["--clear-groups", "--inh-caps=-all", "--no-new-privs"]
    return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", *without, "--"]


def give(path: Path) -> None:
    """Make it the owner of ``path``, when it is needed."""
    if is_needed():
        os.chown(path, _get().pw_uid, _get().pw_gid)


def let_in(path: Path) -> None:
    """Let it read ``path``, which stays root's, and nobody else, when it is needed."""
    if is_needed():
        os.chown(path, os.geteuid(), _get().pw_gid)
        path.chmod(0o750 if path.is_dir() else 0o640)


def take_over_from_nobody(path: Path) -> None:
    """Make it the owner of a cluster that `nobody` had, as whom PostgreSQL ran before."""
    nobody = pwd.getpwnam("nobody").pw_uid
    if not is_needed() or path.stat().st_uid != nobody:
        return
    user = _get()
    for folder, _, names in os.walk(path):
        for name in ("", *names):
            there = os.path.join(folder, name)
            if os.lstat(there).st_uid == nobody:
                os.chown(there, user.pw_uid, user.pw_gid, follow_symlinks=False)


def find_programs(installed: Path, version: str) -> Path:
    """Return the folder of programs that it can run: ``installed`` itself, or the copy of it in its home.

    ``installed`` is the folder of a package whose libraries may lie beside it, in `<package>.libs`.
    """
    if not is_needed() or can_run(installed / "bin" / "postgres"):
        return installed
    package = installed.parent
    copied = HOME / f"{package.name}-{version}"
    if not copied.exists():
        _copy(package, copied)
    return copied / package.name / installed.name


def can_run(program: Path) -> bool:
    """Return whether it, or where it is not needed whoever we are, can run a program of PostgreSQL's."""
    # By way of a shell: what `setpriv` starts itself it finds while it still may all.
    command = [*(become() if is_needed() else []), "/bin/sh", "-c", 'exec "$0" --version', str(program)]
    tried = subprocess.run(command, capture_output=True, cwd="/", check=False)  # nosec B603  # what it runs is ours
    return tried.returncode == 0


def _copy(package: Path, to: Path) -> None:
    """Copy beside its place and move it there when it is whole: others may be at it too."""
    HOME.mkdir(mode=0o755, parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=HOME))
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, made / folder.name, ignore=shutil.ignore_patterns("include", "__pycache__", "*.py"))
    for folder_name, _, names in os.walk(made):
        os.chmod(folder_name, 0o755)  # nosec B103  # the user enters it, and only we write
        for name in names:
            path = Path(folder_name) / name
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
    try:
        made.rename(to)
    except OSError:
        shutil.rmtree(made)
        if not to.exists():
            raise


@functools.cache
def _get() -> pwd.struct_passwd:
    """Return the user; make it, the first time."""
    deadline = time.monotonic() + _MAKE_SECONDS
    while True:
        try:
            return pwd.getpwnam(NAME)
        except KeyError:
            said = _make()
        if time.monotonic() > deadline:  # another process may be making it, and hold the list of users
            raise EmbeddedServerError(
                f"PostgreSQL refuses to run as root, and its own user {NAME} can't be made: {said} "
                f"Make it (useradd --system {NAME}), be an ordinary user, or set DATABASE_URL."
            )
        time.sleep(0.1)


def _make() -> str:
    """Try to; return what was said."""
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        return "useradd is missing."
    place = ["--home-dir", str(HOME), "--no-create-home", "--shell", "/usr/sbin/nologin"]
    command = [useradd, "--system", "--user-group", "--comment", "PostgreSQL of the fleet ledger", *place, NAME]
    made = subprocess.run(command, capture_output=True, text=True, check=False)  # nosec B603  # no shell
    return made.stderr.strip()
