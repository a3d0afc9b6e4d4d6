"""What the product tells people to do: every sentence of its source and pages that names an act.

A hint is a sentence with an imperative in it (*void it*, *say how it was paid*), or one that says what comes first,
what is done instead, or on which page. The source is read, not run: nobody has to remember to list a new one.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("config", "core", "curb", "dtr", "golive", "leases", "ledger", "loans", "repairs", "tickets")
#: What no member of staff reads on a page: what is said at a terminal, the vendor's sandbox, and old migrations.
UNREAD = ("/config/", "/management/", "/core/layout.py", "/curb/sandbox/", "/migrations/")

VERBS = (
    "add|apply|ask|assign|call|change|charge|choose|close|correct|count|create|credit|dismiss|download|end|enter|give|"
    "hold|import|keep|look|make|mark|match|move|name|open|pay|post|put|record|register|release|rematch|remove|reopen|"
    "resume|retire|return|restore|reverse|revoke|run|say|see|send|set|settle|start|take|tell|try|type|undo|upload|use|"
    "void|wait|win|write"
)
#: Where a clause begins: at the beginning, after a stop, or after a word that turns to what is done otherwise.
_BEGINS = r"(?:^|[.:;?!—]\s+|,\s+(?:and\s+)?|\b(?:otherwise|please|or|and then|then)\s+)"
_IMPERATIVE = re.compile(rf"{_BEGINS}(?:{VERBS})\b(?!\s+(?:of|from|is|are|was|were|has|may|for)\b)", re.IGNORECASE)
_TURNS = re.compile(
    r"\binstead\b|\bfirst(?=[.,;]|$)|'s page\b|\b(?:its|the|that|a) page\b|\bmust be (?!above|a\b)|\bunder [A-Z]\w+"
    r"|\bsupervisor\b|\bsuperuser\b|\bcan be \w+(?:ed|en|id|off)\b|\bis mended\b|\bon their pages\b"
)
#: A sentence stops; a label, a title and a button do not.
_SENTENCE = re.compile(r"[.?!](?:\s|$)|[:;]\s+[a-z]|\binstead\b|\bfirst$")


def list_hints() -> dict[str, set[str]]:
    """Return each hint, without what is filled in (``{}``), with the files that say it."""
    found: dict[str, set[str]] = {}
    for file, text in (*_list_texts(), *_list_template_texts()):
        if is_hint(text):
            found.setdefault(text, set()).add(file)
    return found


def is_hint(text: str) -> bool:
    return bool(_SENTENCE.search(text) and (_IMPERATIVE.search(text) or _TURNS.search(text)))


def _list_texts() -> Iterator[tuple[str, str]]:
    for folder in FOLDERS:
        for file in sorted((PROJECT / folder).rglob("*.py")):
            name = str(file.relative_to(PROJECT))
            if not any(part in f"/{name}" for part in UNREAD):
                for text in _texts_in(ast.parse(file.read_text())):
                    if " " in text and not re.search(r"\b(?:SELECT|INSERT|UPDATE|WHERE|JOIN)\b", text):
                        yield name, " ".join(text.split())


def _texts_in(tree: ast.AST) -> Iterator[str]:
    """Each text of a module but its docstrings; what an f-string fills in is ``{}``."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        text = _text_of(node)
        if text is None:
            yield from _texts_in(node)
        else:
            yield text


def _text_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_text_of(part) or "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text_of(node.left), _text_of(node.right)
        return None if left is None and right is None else f"{left or '{}'}{right or '{}'}"
    return None


_BLOCK = re.compile(
    r"</?(?:p|div|li|td|th|tr|h\d|ul|ol|table|thead|tbody|dt|dd|section|form|button|label|br|a)\b[^>]*>|\{%.*?%\}"
)
_CODE = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<script.*?</script>|<style.*?</style>", re.DOTALL)


def _list_template_texts() -> Iterator[tuple[str, str]]:
    for file in sorted((PROJECT / "templates").rglob("*.html")):
        text = re.sub(r"\{\{.*?\}\}", "{}", _CODE.sub("", file.read_text()), flags=re.DOTALL)
        for part in _BLOCK.split(text):
            line = " ".join(re.sub(r"<[^>]+>", "", part).split())
            if " " in line:
                yield str(file.relative_to(PROJECT)), line
