"""`python -m tests.upgrade.make_dump COMMIT NAME`: a small fleet made by the code of a commit, as a compressed dump.

The commit's own code migrates an empty database, lives seven weeks of a small demo, seals all of it and prints its
DTRs; the database's dump, the seals' head and the digests of the DTRs are kept in this folder as NAME.sql.xz and
NAME.json. To be run once, when a version is out, and kept for good: what was made by today's code proves nothing of
yesterday's.
"""

import argparse
import lzma
import os
import subprocess
import sys
import tempfile
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PROJECT = _HERE.parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade.make_dump", description="A small fleet as a dump.")
    parser.add_argument("commit")
    parser.add_argument("name")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fleet-made-") as folder:
        checkout, made = Path(folder) / "checkout", Path(folder) / "made"
        made.mkdir()
        git = ("git", "-C", str(_PROJECT), "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(checkout), asked.commit], check=True)
        try:
            _live(checkout, made)
        finally:
            subprocess.run([*git, "remove", "--force", str(checkout)], check=True)
        dump = lzma.compress((made / "dump.sql").read_bytes(), preset=9 | lzma.PRESET_EXTREME)
        (_HERE / f"{asked.name}.sql.xz").write_bytes(dump)
        (_HERE / f"{asked.name}.json").write_bytes((made / "told.json").read_bytes())


def _live(checkout: Path, made: Path) -> None:
    """Run the commit's code, in a data folder that ends with it: as the owner to migrate, then as the product."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"DATA_DIR": str(made / "data"), "PYTHONPATH": str(checkout), "DATABASE_POOL": "off"}
    for run in (("manage.py", "migrate", "--verbosity=0"), ("-P", str(_HERE / "live.py"), str(made))):
        subprocess.run([sys.executable, *run], cwd=checkout, env=environment, check=True)


if __name__ == "__main__":
    main()
