"""A Debian in a folder: made by debootstrap, entered and booted by systemd-nspawn, with systemd as on a server.

It has the network only until it is booted; afterwards its ports are its own and can't be in anybody's way.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

MIRROR = "http://deb.debian.org/debian"
TOOLS = ("debootstrap", "systemd-nspawn", "nsenter")

#: What a server of Debian's has, and the smallest root has not.
_OF_A_SERVER = "systemd-sysv,dbus,tzdata,iproute2"
_BOOT_SECONDS = 90
_ENVIRONMENT = {"HOME": "/root", "LANG": "C", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
#: Where folders of this machine are seen in there.
_OF_THE_HOST = "/run/of-the-host"

#: A line of ``pip config list``, and a path in its value.
_SETTING = re.compile(r"^[\w:]*\.([\w-]+)='(.*)'$", re.MULTILINE)
_PATH = re.compile(r"(?<![\w:/])(file://|)(/\S+)")


class NotWell(Exception):
    """The machine did not do what it was asked; the message is what it said."""


@dataclass
class Machine:
    root: Path
    booted: subprocess.Popen[bytes] | None = None

    @classmethod
    def make(cls) -> "Machine":
        """Return a bare one. Its clock is Tokyo's, so that who counts on New York's is found."""
        root = Path(tempfile.mkdtemp(prefix="fleet-install-"))
        try:
            _run(["debootstrap", "--variant=minbase", f"--include={_OF_A_SERVER}", "bookworm", str(root), MIRROR])
        except BaseException:
            _remove(root)
            raise
        root.chmod(0o755)
        (root / "etc/localtime").unlink(missing_ok=True)
        (root / "etc/localtime").symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
        (root / "etc/timezone").write_text("Asia/Tokyo\n")
        return cls(root)

    def run_with_network(self, script: str) -> str:
        """Run ``script`` before the machine is booted; what it installs is not started yet."""
        no_start = self.root / "usr/sbin/policy-rc.d"
        no_start.write_text("#!/bin/sh\nexit 101\n")
        no_start.chmod(0o755)
        folders, variables = _what_pip_is_told()
        binds = [f"--bind-ro={folder}:{_OF_THE_HOST}{folder}" for folder in folders]
        given = [f"--setenv={name}={value}" for name, value in {**_ENVIRONMENT, **variables}.items()]
        try:
            return _run([*self._nspawn(), "--pipe", *binds, *given, "/bin/bash", "-s"], script)
        finally:
            no_start.unlink()

    def boot(self) -> None:
        """Start systemd, and return when it has started all that is enabled."""
        self.booted = subprocess.Popen(
            [*self._nspawn(), "--private-network", "--console=pipe", "--boot"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _BOOT_SECONDS
        while time.monotonic() < deadline:
            if self.booted.poll() is not None:
                raise NotWell(f"It ended while it was starting (exit code {self.booted.returncode}).")
            match self._enter("systemctl is-system-running 2>/dev/null").stdout.strip():
                case "running":
                    return
                case "degraded":
                    raise NotWell(self._enter("systemctl --failed --no-legend").stdout)
            time.sleep(0.5)
        raise NotWell(f"It was not up after {_BOOT_SECONDS} seconds.")

    def run(self, script: str, **variables: str) -> str:
        """Run ``script`` as root in the booted machine, and return what it printed.

        :raises NotWell: it failed
        """
        done = self._enter(script, **variables)
        if done.returncode:
            raise NotWell(f"exit code {done.returncode}\n{done.stdout}")
        return done.stdout

    def fails(self, script: str) -> str:
        """Run what must be refused, and return how."""
        done = self._enter(script)
        assert done.returncode, f"It was not refused: {done.stdout}"
        return done.stdout

    def reboot(self) -> None:
        self._shut_down()
        self.boot()

    def remove(self) -> None:
        self._shut_down()
        _remove(self.root)

    def _shut_down(self) -> None:
        if self.booted is None:
            return
        if self.booted.poll() is None:
            self._enter("systemctl poweroff")
        try:
            self.booted.wait(timeout=180)
        except subprocess.TimeoutExpired:
            self.booted.kill()
            self.booted.wait()
        self.booted = None

    def _nspawn(self) -> list[str]:
        # Not registered with this machine's own systemd, which may not run.
        return [
            *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", f"--directory={self.root}"),
            *(f"--machine={self.root.name.replace('_', '-').strip('-')}", "--resolv-conf=copy-host", "--timezone=off"),
        ]

    def _enter(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        assert self.booted is not None
        children = Path(f"/proc/{self.booted.pid}/task/{self.booted.pid}/children").read_text().split()
        if not children:
            return subprocess.CompletedProcess([], 1, stdout="")
        return subprocess.run(
            ["nsenter", f"--target={children[0]}", "--all", "/bin/bash", "-s"],
            input=f"cd /root\n{script}",
            env={**_ENVIRONMENT, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )


def _what_pip_is_told() -> tuple[list[str], dict[str, str]]:
    """Return the folders and the variables by which pip finds packages on this machine, for pip in there."""
    told = subprocess.run(["pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    folders: set[str] = set()

    def in_there(found: re.Match[str]) -> str:
        path = Path(found[2])
        if not path.exists():
            return found[0]
        folders.add(str(path.parent if path.name == "simple" else path))  # an index's files lie beside it
        return f"{found[1]}{_OF_THE_HOST}{path}"

    variables = {
        f"PIP_{name.upper().replace('-', '_')}": _PATH.sub(in_there, value) for name, value in _SETTING.findall(told)
    }
    return sorted(folders), variables


def _run(command: list[str], script: str | None = None) -> str:
    done = subprocess.run(
        command, input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise NotWell(f"{command[0]}: exit code {done.returncode}\n{done.stdout[-6000:]}")
    return done.stdout


def _remove(root: Path) -> None:
    """Delete the folder, unless something is mounted in it: that would be deleted too."""
    if f" {root}" in Path("/proc/mounts").read_text():
        raise NotWell(f"Something is mounted below {root}; unmount it, then delete the folder.")
    _run(["rm", "--recursive", "--force", "--one-file-system", str(root)])


def why_not_here() -> str | None:
    """Return why this machine can't make one, or None."""
    if os.geteuid():
        return "it needs root"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"it needs {', '.join(missing)}: apt-get install debootstrap systemd-container" if missing else None
