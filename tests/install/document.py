"""The commands of docs/install.md, in their order."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INSTALL = Path(__file__).resolve().parents[2] / "docs" / "install.md"

_HEAD = re.compile(r"^#+ (.+)$")
#: A block to be run is marked ``sh``. One that needs what only a real server has, says besides what it is for.
_OPENS = re.compile(r"^```sh(?: ([\w-]+))?$")
#: What fetches something from the network.
_FETCHES = re.compile(r"\bapt-get\b|\bpip install\b|\bgit clone\b")


@dataclass(frozen=True)
class Block:
    """Commands that stand together."""

    section: str
    commands: str
    #: None, or what a server must be for them, such as ``certbot``: one that the Internet reaches by its name.
    only_for: str | None

    @property
    def fetches(self) -> bool:
        return _FETCHES.search(self.commands) is not None


def list_blocks(text: str) -> Iterator[Block]:
    section, only_for = "", None
    lines: list[str] | None = None
    for line in text.splitlines():
        if lines is not None and line == "```":
            yield Block(section=section, commands="\n".join(lines) + "\n", only_for=only_for)
            lines = None
        elif lines is not None:
            lines.append(line)
        elif opens := _OPENS.match(line):
            lines, only_for = [], opens[1]
        elif head := _HEAD.match(line):
            section = head[1]


def list_commands() -> list[Block]:
    """Return what a stranger runs from top to bottom on a machine that nobody reaches."""
    return [block for block in list_blocks(INSTALL.read_text()) if block.only_for is None]


def as_script(blocks: list[Block]) -> str:
    """Return one shell script that says where it is, and ends at the first command that fails."""
    steps = (f'echo "== ${{SECONDS}} s: {block.section}"\n{block.commands}' for block in blocks)
    return "set -euo pipefail\n" + "".join(steps)
