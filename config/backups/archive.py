"""The file of a backup: a tar of the dump in pieces, the uploads, and the manifest, written and read as a stream.

A tar says how long each member is before its bytes, and nobody knows how long a dump becomes; so the dump lies in
pieces that fit into memory, and is never on a disk in the clear. By hand it is `age --decrypt | tar --extract`, and
`cat dump/* > fleet.dump`.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from config.backups.errors import BackupRefused

PIECE_BYTES = 16 * 2**20
_BLOCK = 2**20
_DUMP, _MEDIA, _MANIFEST, _DIGEST = "dump/", "media/", "manifest.json", "manifest.sha256"
#: A manifest is a line a table and a line a file.
_MOST_MANIFEST_BYTES = 256 * 2**20

#: What is wrong with a file that was no backup, or is none any more.
NOT_AS_WRITTEN = "The backup is not as it was written: {}."


@dataclass(slots=True)
class Part:
    """How many bytes, and their SHA-256 in hex."""

    bytes: int = 0
    sha256: str = ""


@dataclass(slots=True)
class Contents:
    """What an archive holds besides its manifest: the dump, and each upload by its path below the media folder."""

    dump: Part = field(default_factory=Part)
    media: dict[str, Part] = field(default_factory=dict)


class Writer:
    """Writes an archive to a stream, and remembers digests of what went in."""

    def __init__(self, stream: BinaryIO, *, at: float) -> None:
        sink = cast("BinaryIO", _Sink(stream))
        self._tar = tarfile.open(fileobj=sink, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  # see finish()
        self._at = at
        self.contents = Contents()

    def add_dump(self, dump: BinaryIO) -> None:
        """Add what a dump prints, until it ends."""
        digest = hashlib.sha256()
        part = self.contents.dump
        number = 0
        while piece := _read_fully(dump, PIECE_BYTES):
            number += 1
            digest.update(piece)
            part.bytes += len(piece)
            self._add(f"{_DUMP}{number:06}", piece)
        part.sha256 = digest.hexdigest()

    def add_upload(self, folder: Path, file: Path) -> None:
        """Add a file that lies below the media folder; one that is gone since it was listed was nobody's."""
        path = file.relative_to(folder).as_posix()
        try:
            opened = file.open("rb")
        except FileNotFoundError:
            return
        with opened:
            opened.seek(0, io.SEEK_END)
            size = opened.tell()
            opened.seek(0)
            reading = _Hashed(opened)
            self._tar.addfile(self._member(f"{_MEDIA}{path}", size), reading)
            self.contents.media[path] = Part(size, reading.digest.hexdigest())

    def finish(self, manifest: dict[str, Any]) -> None:
        """Add the manifest and its digest, and end the archive; the stream stays open."""
        text = json.dumps(manifest, indent=1, sort_keys=True).encode()
        self._add(_MANIFEST, text)
        self._add(_DIGEST, hashlib.sha256(text).hexdigest().encode())
        self._tar.close()

    def _add(self, name: str, content: bytes) -> None:
        self._tar.addfile(self._member(name, len(content)), io.BytesIO(content))

    def _member(self, name: str, size: int) -> tarfile.TarInfo:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(self._at)
        return member


class _Sink:
    """Takes what the tar writes until the stream is closed; what a tar that was given up writes last goes nowhere."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, block: bytes) -> int:
        return len(block) if self._stream.closed else self._stream.write(block)


class _Hashed:
    """A file that is read once, and hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block


def read_archive(
    stream: BinaryIO,
    *,
    take_dump: Callable[[bytes], Any] | None = None,
    take_upload: Callable[[str, Iterator[bytes]], Any] | None = None,
) -> tuple[Contents, dict[str, Any]]:
    """Read an archive to its end; hand out the dump block by block, and each upload by its path.

    Returns what was found in it and the manifest, whose own digest is compared; the caller compares the rest.

    :raises BackupRefused: it is no backup, or cut off, or its manifest was changed
    """
    found = Contents()
    dump = hashlib.sha256()
    texts: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                blocks = _read_blocks(tar, member)
                if member.name.startswith(_DUMP):
                    for block in blocks:
                        dump.update(block)
                        found.dump.bytes += len(block)
                        if take_dump is not None:
                            take_dump(block)
                elif member.name.startswith(_MEDIA):
                    path = _check_path(member.name.removeprefix(_MEDIA))
                    found.media[path] = _take_upload(path, blocks, take_upload)
                elif member.name in (_MANIFEST, _DIGEST) and member.size <= _MOST_MANIFEST_BYTES:
                    texts[member.name] = b"".join(blocks)
                else:
                    raise BackupRefused(NOT_AS_WRITTEN.format(f"{member.name[:100]!r} is no part of a backup"))
        while stream.read(_BLOCK):  # what comes behind the end is nothing, and has to be read to know that it ends
            pass
    except tarfile.TarError as failure:
        raise BackupRefused(NOT_AS_WRITTEN.format("it is no backup, or cut off")) from failure
    found.dump.sha256 = dump.hexdigest()
    return found, _read_manifest(texts)


def _take_upload(path: str, blocks: Iterator[bytes], take_upload: Callable[[str, Iterator[bytes]], Any] | None) -> Part:
    digest = hashlib.sha256()
    part = Part()

    def passed() -> Iterator[bytes]:
        for block in blocks:
            digest.update(block)
            part.bytes += len(block)
            yield block

    if take_upload is not None:
        take_upload(path, passed())
    for _ in passed():  # what was not taken
        pass
    part.sha256 = digest.hexdigest()
    return part


def _check_path(path: str) -> str:
    """:raises BackupRefused: it would lie outside the media folder"""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or path.startswith("/"):
        raise BackupRefused(NOT_AS_WRITTEN.format(f"{path[:100]!r} is no path of an upload"))
    return path


def _read_manifest(texts: dict[str, bytes]) -> dict[str, Any]:
    text = texts.get(_MANIFEST, b"")
    if not text or hashlib.sha256(text).hexdigest().encode() != texts.get(_DIGEST):
        raise BackupRefused(NOT_AS_WRITTEN.format("its manifest is missing or was changed"))
    manifest: dict[str, Any] = json.loads(text)
    return manifest


def _read_blocks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    file = tar.extractfile(member) if member.isfile() else None
    while file is not None and (block := file.read(_BLOCK)):
        yield block


def _read_fully(stream: BinaryIO, size: int) -> bytes:
    """Read so many bytes of a pipe, fewer only at its end."""
    piece = bytearray()
    while len(piece) < size and (block := stream.read(min(_BLOCK, size - len(piece)))):
        piece += block
    return bytes(piece)
