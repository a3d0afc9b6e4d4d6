"""The rules of the house that a program can check."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OWN_FOLDERS = [
    "config",
    "core",
    "curb",
    "dtr",
    "golive",
    "leases",
    "ledger",
    "loans",
    "repairs",
    "tickets",
    "tests",
    "bench",
]

APPS = [name for name in OWN_FOLDERS if (PROJECT / name / "migrations").is_dir()]
#: The rooms that an app may have: each subject lies under the same name in all of them.
ROOMS = {
    *("models", "migrations", "sql", "rules", "errors", "selectors", "services", "audits", "sources", "words"),
    *("admin", "forms", "templatetags", "static", "api", "tasks", "management", "importers", "exports", "aio", "apps"),
    *("corrections", "desk", "dossier", "events", "finders", "reports", "seals"),
}
#: What only one app has: core's building blocks, the books, the vendor's protocol.
OWN_ROOMS = {
    "core": {
        *(
            "binding",
            "capacity",
            "changes",
            "checks",
            "clock",
            "columns",
            "deployment",
            "desk",
            "discovery",
            "documents",
            "doors",
            "expressions",
            "fonts",
            "grants",
            "groups",
            "guards",
            "history",
            "layout",
            "links",
            "list_columns",
            "log_context",
            "lots",
            "mails",
            "migrated",
            "names",
            "outages",
            "overrides",
            "packages",
            "postgresql",
            "previews",
            "privileges",
            "rights",
            "replica",
            "sheets",
            "statements",
            "storage",
            "streams",
            "telling",
            "transactions",
            "twins",
            "typesetting",
            "upgrades",
            "webhooks",
            "weeks",
            "workbooks",
        ),
    },
    "ledger": {"books", "categories", "installments", "locks", "money", "narration", "waterfall"},
    "curb": {"client", "sandbox", "soap"},
}

LONGEST_FILE = 400
LONGEST_FUNCTION = 70


APPS = [folder for folder in OWN_FOLDERS if folder not in ("config", "tests", "bench")]

#: What is told the day or the moment by whoever calls it.
TOLD_THE_TIME = {
    *("audits", "desk", "exports", "importers", "models", "reports", "rules", "selectors", "services", "words"),
}
#: What asks the clock, by the name it is called by. ``timezone.localdate(moment)`` asks nothing.
CLOCKS = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "timezone.localdate",
    "timezone.localtime",
    "timezone.now",
}


def own_files() -> Iterator[Path]:
    for folder in OWN_FOLDERS:
        yield from (file for file in sorted((PROJECT / folder).rglob("*.py")) if "migrations" not in file.parts)


def test_imports_follow_the_layers():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo"], cwd=PROJECT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def rooms_of(folder: Path) -> set[str]:
    return {
        entry.name.removesuffix(".py")
        for entry in folder.iterdir()
        if not entry.name.startswith("__") and (entry.is_dir() or entry.suffix == ".py")
    }


@pytest.mark.parametrize("app", APPS)
def test_every_app_has_the_same_rooms(app):
    assert rooms_of(PROJECT / app) - ROOMS - OWN_ROOMS.get(app, set()) == set()
    assert {"apps", "errors", "migrations", "models", "services"} <= rooms_of(PROJECT / app)


@pytest.mark.parametrize("app", APPS)
def test_every_admin_has_lists_and_pages(app):
    admin = PROJECT / app / "admin"
    folders = {entry.name for entry in admin.iterdir() if entry.is_dir() and not entry.name.startswith("__")}
    assert folders == {"lists", "pages"}


def test_nobody_imports_the_top():
    importers = {
        str(file.relative_to(PROJECT))
        for app in APPS
        for file in (PROJECT / app).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "config")
        or (isinstance(node, ast.Import) and any(name.name.partition(".")[0] == "config" for name in node.names))
    }
    assert importers == set()


def test_no_file_is_too_long():
    lengths = {str(file.relative_to(PROJECT)): len(file.read_text().splitlines()) for file in own_files()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long():
    too_long = {
        f"{file.relative_to(PROJECT)}:{node.lineno} {node.name}": lines
        for file in own_files()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }

    assert too_long == {}


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in", "requirements-bench.in"])
def test_every_requirement_is_pinned_and_says_why(name):
    lines = [line for line in (PROJECT / name).read_text().splitlines() if line and not line.startswith(("-r ", "# "))]

    assert [line for line in lines if "==" not in line or "  # " not in line] == []


def test_what_is_installed_is_pinned_with_hashes_and_what_was_asked_for():
    """`make pins` writes the files; this says when it was forgotten, and that they are for everybody's machine."""
    asked: dict[str, str] = {}
    before: dict[str, str] = {}
    # What the bench measures beside is installed apart, on the same Django and driver.
    for name in ("requirements", "requirements-dev", "requirements-bench"):
        if name == "requirements-bench":
            asked, before = {}, {}
        text = (PROJECT / f"{name}.txt").read_text()
        asked |= _pins_of((PROJECT / f"{name}.in").read_text())
        pinned = _pins_of(text)
        assert {package: pinned.get(package) for package in asked} == asked
        assert before.items() <= pinned.items()
        before = pinned
        # Each entry has its hashes, and a reason: the list of a person, or a package that needs it.
        entries = re.split(r"^(?=[\w-])", text, flags=re.MULTILINE)[1:]
        assert len(entries) == len(pinned)
        assert [one for one in entries if "--hash=sha256:" not in one or "# via" not in one] == []
        # No index, folder or machine of whoever ran it.
        assert re.findall(r"^-.*|//.*|file:.*|/(?:home|tmp|root|opt)/.*", text, re.MULTILINE) == []


def _pins_of(text: str) -> dict[str, str]:
    found = re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


def test_migrations_are_named():
    unnamed = [file.name for file in PROJECT.glob("*/migrations/*_auto_*.py")]

    assert unnamed == []


@pytest.mark.parametrize("app", APPS)
def test_the_clock_is_read_in_interfaces_only(app):
    """A service or selector that asked what day it is could not be run for another day, nor tested for one."""
    asked = [
        f"{file.relative_to(PROJECT)}:{call.lineno} {name}"
        for file in sorted((PROJECT / app).rglob("*.py"))
        if TOLD_THE_TIME & {part.removesuffix(".py") for part in file.relative_to(PROJECT / app).parts}
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and (name := clock_of(call))
    ]

    assert asked == []


def clock_of(call: ast.Call) -> str | None:
    """Return the name of the clock that the call reads, or None."""
    name = ".".join(ast.unparse(call.func).split(".")[-2:])
    is_of_a_moment = name in ("timezone.localdate", "timezone.localtime") and call.args
    return name if name in CLOCKS and not is_of_a_moment else None


def test_no_template_runs_what_stands_in_an_attribute():
    """The site's policy refuses it, on the page alone: a button would do half of what it says."""
    templates = list((PROJECT / "templates").rglob("*.html"))
    assert templates
    handler = re.compile(r"\s(?:on[a-z]+|hx-on[\w:-]*|hx-vars)=")
    assert [str(one) for one in templates if handler.search(one.read_text())] == []
