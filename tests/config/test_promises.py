"""What the documents promise of the code: their examples are calls that there are, and the rules hold."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger import aio, selectors
from ledger import services as ledger
from tests.config.test_docs import list_foreign_documents
from tests.config.test_structure import OWN_FOLDERS, PROJECT

INTEGRATION = PROJECT / "docs" / "integration.md"
#: What the examples call their modules.
MODULES = {"ledger": ledger, "aio": aio, "selectors": selectors}

#: Where the clock may be read: what people, programs and schedules come in by, and what is no part of the product.
INTERFACES = {"admin", "api", "api.py", "forms.py", "pages.py", "tasks.py", "management", "sandbox"}
CLOCK = re.compile(r"\btimezone\.(?:localdate|localtime|now)\(\)|\b(?:datetime\.now|date\.today)\(|\btime\.time\(")
#: Written by people, read by people; images and the like are neither.
TEXTS = {".py", ".sql", ".html", ".typ", ".js", ".css"}


def list_examples() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", INTEGRATION.read_text(), re.MULTILINE | re.DOTALL)


def list_calls() -> Iterator[ast.Call]:
    for example in list_examples():
        tree = ast.parse(example, mode="exec", type_comments=False)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id in MODULES:
                    yield node


def own_texts() -> Iterator[Path]:
    for folder in (*OWN_FOLDERS, "templates"):
        yield from (
            file
            for file in sorted((PROJECT / folder).rglob("*"))
            if file.suffix in TEXTS and "migrations" not in file.parts and file.name not in ("test_docs.py",)
        )


class TestExamplesOfIntegration:
    def test_there_are_calls_in_them(self) -> None:
        assert len(list(list_calls())) > 15

    @pytest.mark.parametrize("call", list(list_calls()), ids=lambda call: ast.unparse(call.func))
    def test_each_is_a_call_that_there_is(self, call: ast.Call) -> None:
        assert isinstance(call.func, ast.Attribute)
        assert isinstance(call.func.value, ast.Name)
        service: Any = getattr(MODULES[call.func.value.id], call.func.attr)

        # A TypeError says which argument is missing, or is none.
        inspect.signature(service).bind(*call.args, **{str(given.arg): given.value for given in call.keywords})

    def test_each_name_of_the_ledger_in_the_text_is_there(self) -> None:
        named = set(re.findall(r"`ledger\.([a-zA-Z]\w+)[`(]", INTEGRATION.read_text()))
        modules = {"services", "aio", "selectors", "locks", "money", "categories", "forms", "installments"}

        assert sorted(name for name in named - modules if not hasattr(ledger, name)) == []


def test_code_cites_no_document_from_elsewhere() -> None:
    cited = {str(file.relative_to(PROJECT)): list_foreign_documents(file.read_text()) for file in own_texts()}

    assert {name: words for name, words in cited.items() if words} == {}
