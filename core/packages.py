"""XML inside a ZIP file that somebody sent (a workbook): read part by part, as a stream, within bounds.

What a part says of its own size is not believed. expat reads an element's start, a comment or a declaration again from
its beginning with each piece of it that comes, so one of many megabytes would hold it for minutes: no piece of a part
may be so long, and there are no entities.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO
from xml.parsers import expat

_CHUNK = 2**16
#: Of one tag, comment or declaration.
_LONGEST_PIECE = 2**17
_DEEPEST = 64
#: Of the list of parts at the end of the file, which is read as a whole; a workbook has some dozens.
_LONGEST_LIST = 2**20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

OnStart = Callable[[str, dict[str, str]], None]
OnEnd = Callable[[str], None]
OnText = Callable[[str], None]


class BadPackageError(ValueError):
    """The file can't be read; its sentence says why."""


class Package:
    """An opened ZIP file of which parts are read. ``unpacked`` is how many bytes all parts together may have."""

    def __init__(self, file: BinaryIO, *, unpacked: int, packing: int) -> None:
        try:
            _refuse_long_list(file)
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeError, EOFError):
            raise BadPackageError("The workbook is damaged.") from None
        parts = self._zip.infolist()
        told, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
        if told > unpacked or told > packing * packed + 2**20:
            raise BadPackageError("The workbook unpacks to more than it could hold.")
        self._left = unpacked

    def has(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, name: str, on_start: OnStart, on_end: OnEnd, on_text: OnText) -> Iterator[None]:
        """Parse a part, calling back for what is in it; each step goes on a little. Prefixes are cut from names.

        :raises BadPackageError: it is not there, damaged, or goes beyond a bound
        """
        part = self._zip.NameToInfo.get(name)
        if part is None:
            raise BadPackageError("The workbook can't be read: a part of it is missing.")
        if part.flag_bits & 1 or part.compress_type not in _METHODS:
            raise BadPackageError("The workbook is encrypted, or packed in an unusual way.")
        parser = _make_parser(on_start, on_end, on_text)
        try:
            with self._zip.open(part) as stream:
                fed = 0
                while chunk := stream.read(_CHUNK):
                    fed += len(chunk)
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise BadPackageError("The workbook unpacks to more than it could hold.")
                    parser.Parse(chunk, False)
                    if fed - max(parser.CurrentByteIndex, 0) > _LONGEST_PIECE:
                        raise BadPackageError("The workbook holds a piece that is longer than any that is written.")
                    yield
                parser.Parse(b"", True)
            yield
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, expat.ExpatError):
            raise BadPackageError("The workbook is damaged.") from None


def _refuse_long_list(file: BinaryIO) -> None:
    # zipfile reads the whole list of parts when it opens a file, however long that is.
    end: Any = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # it says where the list is, and nothing public does
    if end is None or end[5] > _LONGEST_LIST:
        raise BadPackageError("The workbook is damaged.")


def _make_parser(on_start: OnStart, on_end: OnEnd, on_text: OnText) -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise BadPackageError("The workbook is nested deeper than any that is written.")
        on_start(name[name.find(":") + 1 :], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        on_end(name[name.find(":") + 1 :])

    def refuse(*_: Any) -> None:
        raise BadPackageError("The workbook declares a document type, as no workbook does.")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, on_text
    parser.StartDoctypeDeclHandler = refuse
    return parser
