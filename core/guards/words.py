"""Definitions in the same words whoever made them.

A dump writes down what PostgreSQL says of an expression, and once it is read again PostgreSQL says it otherwise: ::

    ((kind)::text = ANY ((ARRAY['DEBIT'::character varying, 'CREDIT'::character varying])::text[]))
    ((kind)::text = ANY (ARRAY[('DEBIT'::character varying)::text, ('CREDIT'::character varying)::text]))

    ((a AND b) AND c)
    (a AND b AND c)

Each pair means the same, and is told here in one way: texts that are written out bear no type, and what one word joins
stands in one row.
"""

import re
from collections.abc import Iterator, Sequence

_QUOTED = r"'(?:[^']|'')*'"
_TEXTS = (
    # A text as a varchar, as a text, or as both in a row.
    (re.compile(rf"\(({_QUOTED})::character varying\)::text\b(?!\[)"), r"\1"),
    (re.compile(rf"({_QUOTED})::(?:character varying|text)\b(?!\[)"), r"\1"),
    # A list of such texts, made a list of texts as a whole.
    (re.compile(rf"\((ARRAY\[(?:{_QUOTED}(?:, )?)*\])\)::(?:text|character varying)\[\]"), r"\1"),
    (re.compile(rf"(ARRAY\[(?:{_QUOTED}(?:, )?)+\])::(?:text|character varying)\[\]"), r"\1"),
)
_PIECE = re.compile(rf"""{_QUOTED}|"(?:[^"]|"")*"|[()]|[^'"()]+""")
_JOINT = re.compile(r" (AND|OR) ")

#: Around what a difference is shown, and how much of a definition is shown as a whole.
_AROUND = 60
_WHOLE = 240

#: A text without brackets, or what stands in a pair of them.
_Node = str | list["_Node"]


def settle(definition: str) -> str:
    """Return a definition on one line, as it is said by every version and after every restore."""
    told = " ".join(definition.split())
    for pattern, instead in _TEXTS:
        told = pattern.sub(instead, told)
    return _say(_read(iter(_PIECE.findall(told))))


def tell_difference(now: str, shipped: str) -> str:
    """Return two definitions beside each other, long ones from where they part."""
    if max(len(now), len(shipped)) <= _WHOLE:
        return f"it is “{now}”, and was shipped as “{shipped}”"
    start = next((at for at, pair in enumerate(zip(now, shipped, strict=False)) if pair[0] != pair[1]), 0)
    start = max(start - _AROUND, 0)
    return f"it says “…{cut(now[start:])}”, and was shipped with “…{cut(shipped[start:])}”"


def cut(text: str) -> str:
    """Return a text, or as much of its beginning as a sentence holds."""
    return text if len(text) <= _WHOLE else f"{text[:_WHOLE]}…"


def _read(pieces: Iterator[str]) -> list[_Node]:
    nodes: list[_Node] = []
    for piece in pieces:
        if piece == ")":
            break
        nodes.append(_read(pieces) if piece == "(" else piece)
    return nodes


def _say(nodes: Sequence[_Node]) -> str:
    joint = _find_joint(nodes)
    told = ""
    for at, node in enumerate(nodes):
        if isinstance(node, str):
            told += node
            continue
        inner = node
        while len(inner) == 1 and isinstance(inner[0], list):  # brackets in brackets
            inner = inner[0]
        is_whole = _ends(nodes[:at], joint) and _begins(nodes[at + 1 :], joint)
        told += _say(inner) if joint and is_whole and _find_joint(inner) == joint else f"({_say(inner)})"
    return told


def _find_joint(nodes: Sequence[_Node]) -> str:
    """AND or OR, where that alone joins what stands here; texts in quotation marks join nothing."""
    words = [node for node in nodes if isinstance(node, str) and node[0] not in "'\""]
    joints = {found for node in words for found in _JOINT.findall(node)}
    return joints.pop() if len(joints) == 1 else ""


def _ends(before: Sequence[_Node], joint: str) -> bool:
    return not before or (isinstance(before[-1], str) and before[-1].endswith(f" {joint} "))


def _begins(after: Sequence[_Node], joint: str) -> bool:
    return not after or (isinstance(after[0], str) and after[0].startswith(f" {joint} "))
