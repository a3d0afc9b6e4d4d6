"""A ZIP file of XML that somebody sent (a workbook), looked through before a library reads it.

What a part says of its own size is not believed. An XML parser that is fed piece by piece reads a tag, a comment or a
declaration again from its beginning with each piece that comes, so one of many megabytes holds it for minutes: none may
be long. And a library holds an element until its row or text is over, and all others as long as it reads: neither may
be many.
"""

import re
import zipfile
import zlib
from typing import IO, Any, BinaryIO
from xml.parsers import expat

_CHUNK = 2**16
#: Bytes of the texts that cells share, which are held in memory as long as the workbook is read.
_MOST_TEXT = 2**26
_SHARED_TEXTS = re.compile(rb"<(?:\w+:)?sst[\s>]")
#: Bytes of one tag, comment or declaration; and characters of the text of one element.
_LONGEST_PIECE = 2**17
#: Elements and attributes of one row or text; a row of all its 16,384 cells has no more.
_MOST_IN_A_ROW = 400_000
#: Elements and attributes of a part outside of these, a row or text itself counting as one.
_MOST_BESIDE = 3_000_000
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#: What a library lets go once it was read, and how deep it stands.
_LET_GO = {f"{_SHEETS} row": 3, f"{_SHEETS} si": 2}
#: Of the list of parts at the end of the file, which is read as a whole; a workbook has some dozens.
_LONGEST_LIST = 2**20
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
_KNOWN_ENCODINGS = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1"}


class BadPackageError(ValueError):
    """The file can't be read; its sentence says why."""


def refuse_hostile(file: BinaryIO, *, unpacked: int, packing: int) -> None:
    """Look through a ZIP file's parts: ``unpacked`` bytes at most in all, and ``packing`` times what they take.

    :raises BadPackageError: damaged, encrypted, too large, or XML that no spreadsheet writes
    """
    try:
        _refuse_long_list(file)
        with zipfile.ZipFile(file) as package:
            left = min(unpacked, packing * sum(part.compress_size for part in package.infolist()) + 2**20)
            for part in package.infolist():
                if part.flag_bits & 1:
                    raise BadPackageError("The workbook is encrypted.")
                with package.open(part) as stream:
                    left = _look_through(stream, left)
    except BadPackageError:
        raise
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, OSError, EOFError, ValueError, NotImplementedError):
        raise BadPackageError("The workbook is damaged.") from None
    finally:
        file.seek(0)


def _refuse_long_list(file: BinaryIO) -> None:
    # zipfile reads the whole list of parts when it opens a file, however long that is.
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # it says where the list is, and nothing public does
    if end is None or end[zipfile._ECD_SIZE] > _LONGEST_LIST:  # type: ignore[attr-defined]
        raise BadPackageError("The workbook is damaged.")
    file.seek(0)


def _look_through(stream: IO[bytes], left: int) -> int:
    """Return how many bytes are left for the parts that follow."""
    parser: Any = None
    fed = beyond = 0
    while chunk := stream.read(_CHUNK):
        left -= len(chunk)
        if left < beyond:
            raise BadPackageError("The workbook unpacks to more than it could hold.")
        if not fed and _is_xml(chunk):
            parser = _make_parser()
            beyond = max(0, left - _MOST_TEXT) if _SHARED_TEXTS.search(chunk) else 0
        fed += len(chunk)
        if parser is not None:
            parser.Parse(chunk, False)
            if fed - max(parser.CurrentByteIndex, 0) > _LONGEST_PIECE:
                raise BadPackageError("The workbook holds a piece that is longer than any that is written.")
    if parser is not None:
        parser.Parse(b"", True)
    return left


def _make_parser() -> Any:
    """Counts what a library would hold, and holds nothing itself."""
    parser = expat.ParserCreate(namespace_separator=" ")
    depth = inside = beside = length = 0
    #: How deep the row or text stands in which it is.
    row = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, inside, beside, row, length
        depth += 1
        length = 0
        if row:
            inside += 1 + len(attributes)
            if inside > _MOST_IN_A_ROW:
                raise BadPackageError("The workbook holds a row of more cells than any that is written.")
            return
        if _LET_GO.get(name) == depth:
            row, inside = depth, len(attributes)
        beside += 1 if row else 1 + len(attributes)
        if beside > _MOST_BESIDE:
            raise BadPackageError("The workbook holds more rows or texts than any that is read here.")

    def end(name: str) -> None:
        nonlocal depth, row
        if depth == row:
            row = 0
        depth -= 1

    def text(part: str) -> None:
        nonlocal length
        length += len(part)
        if length > _LONGEST_PIECE:
            raise BadPackageError("The workbook holds a piece that is longer than any that is written.")

    def refuse(*_: Any) -> None:
        raise BadPackageError("The workbook declares a document type, as no workbook does.")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = refuse
    return parser


def _is_xml(start: bytes) -> bool:
    """Whether a parser would go on behind the first bytes: of what is no XML, the first one stops it."""
    if start.startswith(_MARKS):
        raise BadPackageError("The workbook can't be read: its parts are not in UTF-8.")
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text.startswith(b"<"):
        return False
    declared = _ENCODING.search(text[: text.find(b"?>")]) if text.startswith(b"<?xml") else None
    if declared and declared[1].lower() not in _KNOWN_ENCODINGS:
        raise BadPackageError("The workbook can't be read: its parts are not in UTF-8.")
    return True
