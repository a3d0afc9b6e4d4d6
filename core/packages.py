"""A ZIP file of XML that somebody sent (a workbook), looked through before a library reads it.

What a part says of its own size is not believed. An XML parser that is fed piece by piece reads a tag, a comment or a
declaration again from its beginning with each piece that comes, so one of many megabytes holds it for minutes. In what
a spreadsheet writes, an angle bracket opens every tag and stands nowhere else: the way from one to the next is bounded.
"""

import re
import zipfile
import zlib
from typing import IO, BinaryIO

_CHUNK = 2**20
#: Bytes of the texts that cells share, which are held in memory as long as the workbook is read.
_MOST_TEXT = 2**26
_SHARED_TEXTS = re.compile(rb"<(?:\w+:)?sst[\s>]")
#: Bytes from one opening bracket to the next: a tag, and the text behind it.
_LONGEST_PIECE = 2**18
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
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError):
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
    since, is_first, is_xml, tail, beyond = 0, True, True, b"", 0
    while chunk := stream.read(_CHUNK):
        left -= len(chunk)
        if left < beyond:
            raise BadPackageError("The workbook unpacks to more than it could hold.")
        if is_first:
            is_first, is_xml = False, _is_xml(chunk)
            beyond = max(0, left - _MOST_TEXT) if _SHARED_TEXTS.search(chunk) else 0
        if not is_xml:
            continue
        since = _measure_pieces(chunk, since)
        # What may be told by two characters is seen across the edge of two chunks.
        if b"<!" in tail + chunk or b"<?" in tail + chunk[1:] or b"\0" in chunk:
            raise BadPackageError("The workbook declares a document type or holds a comment, as no workbook does.")
        tail = chunk[-1:]
    return left


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


def _measure_pieces(chunk: bytes, since: int) -> int:
    """Refuse a piece that is too long; return how many bytes of the last one were seen so far."""
    place = chunk.find(b"<")
    if place < 0:
        since += len(chunk)
    elif since + place <= _LONGEST_PIECE:
        # From each bracket on the next is sought no farther than it may be away, backwards.
        while (following := chunk.rfind(b"<", place + 1, place + _LONGEST_PIECE)) > 0:
            place = following
        since = len(chunk) - place
    else:
        since = since + place
    if since > _LONGEST_PIECE:
        raise BadPackageError("The workbook holds a piece that is longer than any that is written.")
    return since
