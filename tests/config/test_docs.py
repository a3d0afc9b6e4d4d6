"""The documents say what is: what a program can check of them, it does."""

import ast
import os
import re
import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from dtr import tasks

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*sorted(PROJECT.glob("*.md")), *sorted((PROJECT / "docs").glob("*.md"))]
#: What is not written in markdown and yet is a document.
LISTS = [PROJECT / ".env.example", PROJECT / ".editorconfig", PROJECT / ".pre-commit-config.yaml", PROJECT / "Makefile"]

LONGEST_LINE = 120
#: Documents that are in no clone: whoever reads of one can't look it up. So is any other ``.md`` that is not here.
ELSEWHERE = re.compile(r"\bDESIGN\b|\b(?:the|integration) guide\b")
_MARKDOWN = re.compile(r"[\w/-]+\.md\b")
PRONOUN = re.compile(r"\b(?:he|him|his)\b", re.IGNORECASE)
_FENCE = re.compile(r"^\s*```.*?^\s*```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)*/?")
_FILE_IN_THE_ROOT = re.compile(r"[\w.-]+\.(?:md|toml|txt|yaml)|\.[a-z]+(?:\.[a-z]+)*|Makefile|manage\.py")
_TASK = re.compile(r"\b\w+_task\b")


def name(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def prose(document: Path) -> str:
    """A document without its blocks of code."""
    return _FENCE.sub("", document.read_text())


def list_cited_paths(text: str) -> Iterator[str]:
    """What stands in backticks and names a file or folder of the project, from its root."""
    folders = {entry.name for entry in PROJECT.iterdir() if entry.is_dir()}
    for code in _CODE.findall(text):
        for word in code.split():
            if not _PATH.fullmatch(word):
                continue
            first, slash, _ = word.partition("/")
            if (slash and first in folders) or (not slash and _FILE_IN_THE_ROOT.fullmatch(word)):
                yield word


def list_variables(file: Path) -> set[str]:
    """The environment variables that a module reads: from an environment, or by ``_flag`` or ``_words``."""
    calls = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    readers = {"os.environ.get", "environment.get", "_flag", "_words"}
    return {
        first.value
        for call in calls
        if ast.unparse(call.func) in readers
        and call.args
        and isinstance(first := call.args[0], ast.Constant)
        and isinstance(first.value, str)
    }


def list_foreign_documents(text: str) -> list[str]:
    """What a text cites that is not in the repository."""
    known = {document.name for document in DOCUMENTS}
    strangers = [cited for cited in _MARKDOWN.findall(text) if cited.rpartition("/")[2] not in known]
    return [*ELSEWHERE.findall(text), *strangers]


def anchors_of(document: Path) -> set[str]:
    """The anchors that a forge gives to a document's headings."""
    heads = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
class TestDocument:
    def test_no_line_is_too_long(self, document: Path) -> None:
        lines = document.read_text().splitlines()

        assert [number for number, line in enumerate(lines, start=1) if len(line) > LONGEST_LINE] == []

    def test_every_link_leads_somewhere(self, document: Path) -> None:
        lost = []
        for link in _LINK.findall(prose(document)):
            if "://" in link:
                continue
            target, _, anchor = link.partition("#")
            file = (document.parent / target).resolve() if target else document
            if not file.exists() or (anchor and anchor not in anchors_of(file)):
                lost.append(link)

        assert lost == []

    def test_every_file_that_it_cites_is_there(self, document: Path) -> None:
        def is_there(path: str) -> bool:
            return any(PROJECT.glob(path)) or any(document.parent.glob(path))

        # `.data` and its like are made by the project when it runs, and kept out of the repository.
        made = set((PROJECT / ".gitignore").read_text().replace("/", "").split())
        cited = {path for path in list_cited_paths(prose(document)) if path.strip("/").split("/")[0] not in made}
        assert sorted(path for path in cited - {".env"} if not is_there(path)) == []

    def test_it_cites_no_document_from_elsewhere(self, document: Path) -> None:
        assert list_foreign_documents(document.read_text()) == []

    def test_people_are_they(self, document: Path) -> None:
        assert PRONOUN.findall(document.read_text()) == []


@pytest.mark.parametrize("file", LISTS, ids=name)
def test_a_list_cites_no_document_from_elsewhere(file: Path) -> None:
    assert list_foreign_documents(file.read_text()) == []


class TestVariables:
    @pytest.fixture
    def variables(self) -> set[str]:
        read = ("settings.py", "mail.py", "serve.py")
        found = {variable for name in read for variable in list_variables(PROJECT / "config" / name)}
        assert {"DATABASE_URL", "DEBUG", "EMAIL_URL", "PORT"} <= found, "or the reading of them reads nothing"
        return found

    def test_operations_tells_each_and_no_other(self, variables: set[str]) -> None:
        text = (PROJECT / "docs" / "operations.md").read_text()
        table = text[text.index("## Variables") : text.index("## The embedded servers")]
        rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
        told = {variable for row in rows for variable in re.findall(r"`([A-Z_]+)`", row)}

        assert told == variables

    def test_the_example_tells_each_and_no_other(self, variables: set[str]) -> None:
        text = (PROJECT / ".env.example").read_text()

        assert set(re.findall(r"^#([A-Z_]+)=", text, re.MULTILINE)) == variables
        assert [line for line in text.splitlines() if line and not line.startswith("#")] == []


def test_the_week_names_the_tasks_that_there_are() -> None:
    named = set(_TASK.findall((PROJECT / "docs" / "week.md").read_text()))
    there = {word for word, task in vars(tasks).items() if _TASK.fullmatch(word) and hasattr(task, "apply_async")}

    assert named == there


def test_readme_maps_every_document() -> None:
    linked = set(_LINK.findall((PROJECT / "README.md").read_text()))

    assert [name(document) for document in DOCUMENTS if name(document) not in linked | {"README.md"}] == []


def test_each_document_names_the_next_of_the_map() -> None:
    """From the README through all of them: the order of its map's rows is the order in which they are read."""
    readme = PROJECT / "README.md"
    rows = re.findall(r"^\| \[[^\]]+\]\(([^)]+\.md)\) \|", readme.read_text(), re.MULTILINE)
    order = [readme, *(PROJECT / row for row in rows)]

    def last_line(document: Path, following: Path) -> str:
        return f"Next: […]({os.path.relpath(following, document.parent)})"

    assert [
        f"{name(document)} must end with: {last_line(document, following)}"
        for document, following in pairwise(order)
        if re.sub(r"\[.+?\]", "[…]", document.read_text().splitlines()[-1]) != last_line(document, following)
    ] == []
    assert "Next: " not in order[-1].read_text().splitlines()[-1]


def test_make_help_lists_every_command() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert phony is not None

    told = subprocess.run(["make", "help"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout

    assert re.findall(r"^  make ([\w-]+) ", told, re.MULTILINE) == phony.group(1).split()


def test_hooks_run_what_make_check_runs() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.+\n)+)", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    commands = recipe.group(1).replace("$(VENV)", ".venv").replace("$(PYTHON)", ".venv/bin/python")
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]

    assert [hook["entry"].removeprefix("env ") for hook in hooks] == [
        command.strip() for command in commands.splitlines()
    ]
