"""Which version of the product this is: by its own word and, where it is a clone, the commit."""

from pathlib import Path

from config import __version__

_PROJECT = Path(__file__).resolve().parents[2]
_COMMIT_DIGITS = 10


def _read_version() -> str:
    commit = _find_commit(_PROJECT / ".git")
    return f"{__version__} ({commit[:_COMMIT_DIGITS]})" if commit else __version__


def _find_commit(git: Path) -> str:
    """Read what git has written down: its program need not be here, and refuses a clone that is somebody else's."""
    try:
        if git.is_file():  # a worktree, which names its folder
            git = git.parent / git.read_text().removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text().strip()
        if not head.startswith("ref: "):
            return head
        name = head.removeprefix("ref: ")
        common = git / "commondir"
        home = (git / common.read_text().strip()).resolve() if common.is_file() else git
        if (home / name).is_file():
            return (home / name).read_text().strip()
        packed = (line.split() for line in (home / "packed-refs").read_text().splitlines())
        return next((words[0] for words in packed if words[1:] == [name]), "")
    except OSError:
        return ""


#: As of when this process began.
PRODUCT = _read_version()
