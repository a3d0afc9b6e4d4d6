"""A file of tickets on its way in: kept as it came, and read once, by a worker or a command, into rows to look at.

A web process only keeps it: reading takes as long as the file pleases.
"""

import hashlib
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, TypeVar, cast

from django.contrib.auth.models import User
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from core.previews import rolled_back
from core.telling import tell, tell_done, telling_refusals
from core.transactions import bounded_transaction
from core.workbooks import ZIP_MARK
from tickets.errors import FileKindInvalid, FileKnownAsOtherKind, ImportNotFound, NotRefused, TicketFileInvalid
from tickets.importers import READERS, propose_kind
from tickets.importers.tables import MAX_BYTES
from tickets.models import TicketImport
from tickets.rules import FileKind
from tickets.selectors import find_import
from tickets.services.staging import OnProgress, stage_rows

logger = logging.getLogger(__name__)

_HASHED_AT_ONCE = 2**20

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class StagedFile:
    """The file's record, and whether this call brought it in or an earlier one did."""

    file: TicketImport
    is_new: bool


def receive_file(
    *, kind: str = "", file_name: str, file: BinaryIO, extra_field_after: str = "", actor: User | None = None
) -> StagedFile:
    """Keep a file for :func:`read_received_file`, which is all that is done with it here.

    Without a ``kind`` its header tells it. ``extra_field_after`` is the column behind which each row has a field that
    the header does not name. The same content returns its first record; one that was refused is received anew.

    :raises FileKindInvalid: ``kind`` is none of ``tickets.rules.FileKind``
    :raises TicketFileInvalid: it is empty, or larger than any such file
    :raises FileKnownAsOtherKind: it was staged or imported as another kind
    """
    with telling_refusals(logger, "Ticket file %s was refused", file_name):
        _check_kind(kind)
        _check_size(file)
        sha256 = _hash(file)
        known = find_import(sha256)
        if known is not None:
            return _answer_known(known, kind, extra_field_after, actor)
    received = TicketImport(
        kind=kind,
        file_name=file_name[-200:],
        sha256=sha256,
        state=TicketImport.State.RECEIVED,
        extra_field_after=extra_field_after[:200],
        staged_by=actor,
    )
    try:
        with transaction.atomic():
            _keep(received, file)
    except IntegrityError:
        # Somebody uploaded the same file at the same time, and was first.
        winner = find_import(sha256)
        if winner is None:
            raise
        return _answer_known(winner, kind, extra_field_after, actor)
    return StagedFile(received, is_new=True)


def read_received_file(*, import_id: int, today: date, on_progress: OnProgress | None = None) -> TicketImport:
    """Read a received file into rows to look at; or keep why it was refused as a whole. Nothing is charged.

    Rows dated after ``today`` are errors. A file that is read already, or by somebody else at this moment, stays.

    :raises ImportNotFound: no such file
    """
    try:
        return _read(import_id, today, on_progress)
    except TicketFileInvalid as refusal:
        return _keep_refusal(import_id, refusal)


def stage_file(
    *,
    kind: str = "",
    file_name: str,
    file: BinaryIO,
    today: date,
    extra_field_after: str = "",
    actor: User | None = None,
    on_progress: OnProgress | None = None,
) -> StagedFile:
    """Keep a file and read it at once, with what each row would do, for :func:`confirm_import`. Nothing is charged.

    A file that is refused is not kept, unless it was before.

    :raises FileKindInvalid, FileKnownAsOtherKind: as :func:`receive_file`
    :raises TicketFileInvalid: the file as a whole can't be read, or is of another kind
    """
    received = receive_file(kind=kind, file_name=file_name, file=file, extra_field_after=extra_field_after, actor=actor)
    if received.file.state != TicketImport.State.RECEIVED:
        return received
    try:
        with telling_refusals(logger, "Ticket file %s was refused", file_name):
            staged = _read(received.file.pk, today, on_progress)
    except BaseException as failure:
        if received.is_new:
            _drop(received.file)
        elif isinstance(failure, TicketFileInvalid):
            _keep_refusal(received.file.pk, failure)
        raise
    return StagedFile(staged, received.is_new)


def preview_file(
    *,
    kind: str = "",
    file_name: str,
    file: BinaryIO,
    today: date,
    extra_field_after: str = "",
    look: Callable[[TicketImport], Seen],
    actor: User | None = None,
) -> Seen:
    """Read a file as :func:`stage_file` does, and return what ``look`` sees of it; nothing of the file is kept.

    :raises: what :func:`stage_file` raises
    """
    with rolled_back():
        staged = stage_file(
            kind=kind, file_name=file_name, file=file, today=today, extra_field_after=extra_field_after, actor=actor
        )
        return look(staged.file)


@bounded_transaction
def read_again(*, import_id: int, kind: str = "", extra_field_after: str = "", actor: User | None) -> TicketImport:
    """Have a refused file read once more, as another kind or with a field that its header does not name.

    :raises ImportNotFound, FileKindInvalid: as elsewhere
    :raises NotRefused: it was not refused
    """
    _check_kind(kind)
    file = TicketImport.objects.select_for_update().filter(pk=import_id).first()
    if file is None:
        raise ImportNotFound(f"No file {import_id}.", import_id=import_id)
    if file.state != TicketImport.State.REFUSED:
        raise NotRefused(f"{file} was not refused.", import_id=import_id)
    return _receive_anew(file, kind, extra_field_after, actor)


def _check_kind(kind: str) -> None:
    if kind and kind not in READERS:
        raise FileKindInvalid(f"{kind!r} is not a kind of file ({', '.join(FileKind)}).")


def _check_size(file: BinaryIO) -> None:
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise TicketFileInvalid(f"The file is larger than {MAX_BYTES // 2**20} MB.")
    if size == 0:
        raise TicketFileInvalid("The file is empty.")


def _answer_known(known: TicketImport, kind: str, extra_field_after: str, actor: User | None) -> StagedFile:
    if known.state == TicketImport.State.REFUSED:
        _receive_anew(known, kind, extra_field_after, actor)
        return StagedFile(known, is_new=False)
    if kind and known.kind and known.kind != kind:
        raise FileKnownAsOtherKind(f"This file was brought in before, as {known.get_kind_display()}.", file_id=known.pk)
    return StagedFile(known, is_new=False)


def _receive_anew(file: TicketImport, kind: str, extra_field_after: str, actor: User | None) -> TicketImport:
    file.state, file.kind, file.extra_field_after = TicketImport.State.RECEIVED, kind, extra_field_after[:200]
    file.refusal = file.refusal_code = ""
    file.staged_by, file.staged_at = actor, Now()
    names = ["state", "kind", "extra_field_after", "refusal", "refusal_code", "staged_by", "staged_at"]
    file.save(update_fields=names)
    file.refresh_from_db(fields=["staged_at"])
    return file


def _keep(received: TicketImport, file: BinaryIO) -> None:
    file.seek(0)
    is_workbook = file.read(len(ZIP_MARK)) == ZIP_MARK
    file.seek(0)
    received.file.save(f"{received.sha256}.{'xlsx' if is_workbook else 'csv'}", File(file), save=False)
    received.save(force_insert=True)


@transaction.atomic
def _drop(received: TicketImport) -> None:
    # The bytes first: whoever brings the same ones meanwhile runs into the row, which is there until all is gone.
    received.file.delete(save=False)
    received.delete()


@transaction.atomic
def _read(import_id: int, today: date, on_progress: OnProgress | None) -> TicketImport:
    # Whoever reads it at this moment holds the row until all of it is read.
    file = TicketImport.objects.select_for_update(skip_locked=True).filter(pk=import_id).first()
    if file is None:
        return _find(import_id)
    if file.state != TicketImport.State.RECEIVED:
        return file
    with file.file.storage.open(str(file.file.name), "rb") as kept:
        content = cast("BinaryIO", kept)
        file.state, file.kind = TicketImport.State.STAGED, file.kind or _find_kind(content)
        file.save(update_fields=["state", "kind"])
        stage_rows(file, content, today, on_progress or _say_nothing)
    tell_done(
        logger,
        "Ticket file %s was read: %s rows, %s new, %s known before, %s with errors.",
        *(file, file.row_count, file.new_count, file.known_count, file.error_count),
    )
    return file


def _find(import_id: int) -> TicketImport:
    file = TicketImport.objects.filter(pk=import_id).first()
    if file is None:
        raise ImportNotFound(f"No file {import_id}.", import_id=import_id)
    return file


def _find_kind(content: BinaryIO) -> FileKind:
    kind = propose_kind(content)
    if kind is None:
        raise TicketFileInvalid("The names of its columns, in its first row, are those of no kind of file known here.")
    return kind


@bounded_transaction
def _keep_refusal(import_id: int, refusal: TicketFileInvalid) -> TicketImport:
    file = TicketImport.objects.select_for_update().get(pk=import_id)
    if file.state == TicketImport.State.RECEIVED:
        file.state = TicketImport.State.REFUSED
        file.refusal, file.refusal_code = refusal.message[:500], refusal.code
        # What is known of such files is proposed to whoever has it read again.
        file.extra_field_after = refusal.facts.get("after") or file.extra_field_after
        file.kind = refusal.facts.get("kind") or file.kind
        file.save(update_fields=["state", "refusal", "refusal_code", "extra_field_after", "kind"])
        if not refusal.was_told:
            tell(logging.WARNING, logger, "Ticket file %s was refused: %s", file, refusal.message)
    return file


def _say_nothing(what: str, rows: int) -> None:
    pass


def _hash(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(_HASHED_AT_ONCE):
        digest.update(chunk)
    return digest.hexdigest()
