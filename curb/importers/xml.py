"""XML from outside, read safely: no document type, hence no entity to expand or to fetch, and limits to everything.

Events come as they are read, with where each element begins and ends, so that it can be kept as it came.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from curb.errors import UnreadableXml

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 32
#: Bytes that are read at a time.
PIECE = 1024 * 1024
#: Python names for the encodings a declaration may give; whatever else is asked for is refused.
_ENCODINGS = {
    "utf-8": "utf-8-sig",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "iso-8859-1",
    "windows-1252": "cp1252",
    "utf-16": "utf-16",
}
_DECLARED = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'>]{1,40})[\"']")
#: An opening tag, whatever stands in its attributes.
_TAG = re.compile(rb"<(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+>")
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(slots=True)
class Element:
    """An element of a document, its name without prefix."""

    name: str
    attributes: dict[str, str]
    cut: Callable[[], str] = str
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What stands directly in it, between its children."""
        return "".join(self.texts).strip()

    @property
    def raw(self) -> str:
        """Its XML as it came."""
        return self.cut()

    def find(self, name: str) -> "Element | None":
        """Return the first child of that name, in any case, or None."""
        return next((child for child in self.children if child.name.upper() == name.upper()), None)


def read_pieces(
    content: bytes,
    *,
    on_start: Callable[[str, dict[str, str]], None],
    on_end: Callable[[str, Callable[[], str]], None],
    on_text: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Read a document piece by piece, and stop after each: what was told by then can be worked off.

    ``on_end`` is given the element's name and a way to its XML as it came. What the callbacks raise passes through.

    :raises UnreadableXml: too large, too deep, not well-formed, with a document type, or in an encoding not known here
    """
    text = _in_utf_8(content)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    begins: list[int] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        begins.append(parser.CurrentByteIndex)
        if len(begins) > MAX_DEPTH:
            raise UnreadableXml(f"is nested deeper than {MAX_DEPTH} elements")
        on_start(_local(name), attributes)

    def end(name: str) -> None:
        begin, tag = begins.pop(), parser.CurrentByteIndex
        on_end(_local(name), lambda: _cut(text, begin, tag))

    def refuse_document_type(*declaration: Any) -> None:
        # Entities are declared in a document type only: without one, nothing can be expanded or fetched.
        raise UnreadableXml("has a document type; no document type is allowed")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse_document_type
    if on_text is not None:
        parser.CharacterDataHandler = on_text
    try:
        for begin in range(0, len(text), PIECE):
            parser.Parse(text[begin : begin + PIECE], False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as broken:
        raise UnreadableXml(f"is not well-formed XML: {broken}") from None


def read_events(
    content: bytes,
    *,
    on_start: Callable[[str, dict[str, str]], None],
    on_end: Callable[[str, Callable[[], str]], None],
    on_text: Callable[[str], None] | None = None,
) -> None:
    """Read a document as a whole; otherwise as :func:`read_pieces`."""
    for _ in read_pieces(content, on_start=on_start, on_end=on_end, on_text=on_text):
        pass


def read_attributes(raw: str) -> dict[str, str]:
    """Return the attributes of one element whose XML was cut out of a document, as they came.

    :raises UnreadableXml: as :func:`read_events`
    """
    return read_tree(raw.encode()).attributes


def read_tree(content: bytes) -> Element:
    """Read a document into its elements.

    :raises UnreadableXml: as :func:`read_events`
    """
    path = [Element("", {})]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = Element(name, attributes)
        path[-1].children.append(element)
        path.append(element)

    def end(name: str, raw: Callable[[], str]) -> None:
        path.pop().cut = raw

    def add_text(text: str) -> None:
        path[-1].texts.append(text)

    read_events(content, on_start=start, on_end=end, on_text=add_text)
    return path[0].children[0]


def _in_utf_8(content: bytes) -> bytes:
    if len(content) > MAX_BYTES:
        raise UnreadableXml(f"is larger than {MAX_BYTES // 1024 // 1024} MB")
    declared = _DECLARED.match(content[:400])
    name = declared.group(1).decode("ascii", "replace").lower() if declared else "utf-8"
    if content.startswith(_UTF_16_MARKS):
        name = "utf-16"
    if name not in _ENCODINGS:
        raise UnreadableXml(f"is in an encoding that can't be read: {name[:40]!r}")
    if name == "utf-8":
        return content.removeprefix(b"\xef\xbb\xbf")
    try:
        return content.decode(_ENCODINGS[name]).encode("utf-8")
    except UnicodeError as broken:
        raise UnreadableXml(f"can't be read as {name}: {broken}") from None


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _cut(text: bytes, begin: int, tag: int) -> str:
    end = text.index(b">", begin) + 1
    if text.find(b"'", begin, end) >= 0 or text.count(b'"', begin, end) % 2:
        # A ">" may stand in an attribute.
        opening = _TAG.match(text, begin)
        end = opening.end() if opening is not None else end
    if text[end - 2 : end] != b"/>":
        # It has an end tag, before which expat stands.
        end = text.index(b">", tag) + 1
    return text[begin:end].decode("utf-8")
