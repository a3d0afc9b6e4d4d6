"""Encrypting and decrypting a stream with age, a piece at a time: a public key writes, the identity's file reads."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from config.backups.errors import BackupRefused

#: What an encrypted file begins with.
BEGINNING = b"age-encryption.org/v1\n"


def read_recipients(typed: Sequence[str]) -> list[Any]:
    """Return the public keys (``age1…``) that a backup is encrypted for.

    :raises BackupRefused: one of them is none
    """
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in typed]
    except pyrage.RecipientError:
        raise BackupRefused(
            "BACKUP_RECIPIENT is no public key of age, which begins with age1; "
            "`manage.py backup --make-key FILE` makes a pair."
        ) from None


def read_identities(file: Path) -> list[Any]:
    """Return the secret keys (``AGE-SECRET-KEY-…``) that stand in a file, a line each; # begins a comment.

    :raises BackupRefused: it can't be read, or holds none
    """
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
        identities = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as failure:
        raise BackupRefused(f"The identity {file} can't be read: {failure.strerror}.") from None
    except (pyrage.IdentityError, UnicodeDecodeError):
        identities = []
    if not identities:
        raise BackupRefused(f"{file} holds no identity of age: a line that begins with AGE-SECRET-KEY-.")
    return identities


def make_key(file: Path) -> str:
    """Write a new identity into a new file that only its owner reads, and return its public key.

    :raises BackupRefused: the file is there already, or can't be made
    """
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(f"# public key: {public}\n{identity}\n")
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError:
        raise BackupRefused(f"{file} is there already, and a key is never overwritten.") from None
    except OSError as failure:
        raise BackupRefused(f"{file} can't be written: {failure.strerror}.") from None
    return public


@contextmanager
def encrypted(target: BinaryIO, recipients: Sequence[Any]) -> Iterator[BinaryIO]:
    """Give a stream to write to; what is written comes out of it encrypted. Without recipients, as it is."""
    if not recipients:
        yield target
        return
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as plain:
        # age reads what it encrypts, and we write it: two threads with a pipe between them.
        worker = _Worker(lambda: pyrage.encrypt_io(source, target, recipients), end=source)
        try:
            yield plain
            plain.close()
        except BrokenPipeError:
            worker.finish()  # says why nobody reads on
            raise
        except BaseException:
            _close(plain)
            worker.finish(quietly=True)
            raise
        worker.finish()


@contextmanager
def decrypted(source: BinaryIO, identities: Sequence[Any]) -> Iterator[BinaryIO]:
    """Give a stream to read the plain bytes of a file from, encrypted or not; it has to be read to its end.

    :raises BackupRefused: no identity fits, or the file is not as it was written (at the end, or when reading ends)
    """
    beginning = source.read(len(BEGINNING))
    source.seek(0)
    if beginning != BEGINNING:
        yield source
        return
    if not identities:
        raise BackupRefused("The backup is encrypted: name the file with its key (BACKUP_IDENTITY, or --identity).")
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as plain, os.fdopen(writing, "wb") as sink:
        worker = _Worker(lambda: pyrage.decrypt_io(source, sink, identities), end=sink)
        try:
            yield plain
        except BackupRefused:
            # What it says of the plain bytes follows from what was wrong with the encrypted ones.
            _close(plain)
            worker.finish(only_age=True)
            raise
        except BaseException:
            _close(plain)
            worker.finish(quietly=True)
            raise
        worker.finish()


class _Worker:
    """A thread that runs age, closes its end of the pipe, and keeps what went wrong."""

    def __init__(self, run: Callable[[], None], *, end: BinaryIO) -> None:
        self.failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(run, end), daemon=True)
        self._thread.start()

    def _run(self, run: Callable[[], None], end: BinaryIO) -> None:
        try:
            run()
        except Exception as failure:
            self.failure = failure
        finally:
            _close(end)

    def finish(self, *, quietly: bool = False, only_age: bool = False) -> None:
        """Wait for it, and raise what went wrong in it in our words."""
        self._thread.join()
        failure = self.failure
        if failure is None or quietly or (only_age and isinstance(failure, BrokenPipeError)):
            return
        if isinstance(failure, pyrage.EncryptError):
            raise OSError(str(failure)) from failure
        if "No matching keys" in str(failure):
            raise BackupRefused("The backup was encrypted for another key: no identity that was given opens it.")
        if isinstance(failure, BrokenPipeError):
            raise failure
        raise BackupRefused("The backup is not as it was written: it is cut off, or bytes of it were changed.")


def _close(stream: BinaryIO) -> None:
    """Close an end of a pipe of which the other may be gone."""
    try:
        stream.close()
    except OSError:
        return
