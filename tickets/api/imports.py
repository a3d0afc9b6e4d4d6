"""Files of tickets: sent, looked at, confirmed, and what became of them."""

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import StrictSerializer, TextField, choice_field
from core.api.looks import Look, PageFilters, Rows
from core.api.uploads import Upload, UploadedFileField
from tickets import selectors, services
from tickets.api.told import ImportRowSerializer, OneImportSerializer, TicketImportSerializer
from tickets.importers.tables import MAX_BYTES
from tickets.models import ImportRow, TicketImport
from tickets.rules import FILE_KIND_LABELS
from tickets.tasks import send_import, send_reading

_EXTRA = "Only where each row has one field more than the header names: the column before it, as PLATE."


class ImportFilters(PageFilters):
    state = choice_field(TicketImport.State, required=False)
    kind = serializers.ChoiceField(list(FILE_KIND_LABELS.items()), required=False)
    sha256 = TextField(required=False, max_length=64, help_text="Of a file's content, in hexadecimal.")


class Imports(Rows):
    """Files of tickets, newest first."""

    required_permissions = ("tickets.view_ticketimport",)
    serializer_class = TicketImportSerializer
    filters = ImportFilters

    def find(self, asked: dict[str, Any]) -> QuerySet[TicketImport]:
        return selectors.list_imports().filter(
            **{name: asked[name] for name in ("state", "kind", "sha256") if name in asked}
        )


class ShowImport(Look):
    """One file: how far it is, what it would do or did, and its first rows that could not be read."""

    required_permissions = ("tickets.view_ticketimport",)
    answers = OneImportSerializer

    def find(self, asked: dict[str, Any]) -> TicketImport:
        return selectors.get_import(asked["import_id"])


class RowFilters(PageFilters):
    state = choice_field(ImportRow.State, required=False)
    unmatched = serializers.BooleanField(required=False, help_text="`true`: those that nobody is known for.")
    changed = serializers.BooleanField(required=False, help_text="`true`: known ones that are told otherwise.")


class ImportRows(Rows):
    """The rows of a file, in its order: NEW ones before it is imported, SENT ones after."""

    required_permissions = ("tickets.view_ticketimport",)
    serializer_class = ImportRowSerializer
    filters = RowFilters
    ordering = "row"

    def find(self, asked: dict[str, Any]) -> QuerySet[ImportRow]:
        file = selectors.get_import(asked["import_id"])
        rows = selectors.list_import_rows(file.pk, states=[asked["state"]] if "state" in asked else [])
        if asked.get("unmatched"):
            rows = rows.exclude(waits_for="")
        return rows.exclude(change="") if asked.get("changed") else rows


class ReadingBody(StrictSerializer):
    """How a file is read."""

    kind = serializers.ChoiceField(
        list(FILE_KIND_LABELS.items()), required=False, help_text="As its header tells, without it."
    )
    extra_field_after = TextField(required=False, allow_blank=True, max_length=200, help_text=_EXTRA)


class TicketFileBody(ReadingBody):
    """A CSV or XLSX file."""

    file = UploadedFileField()


class UploadTicketFile(Upload):
    """Send a file of tickets or tolls. A worker reads it; nothing is charged until it is confirmed.

    Ask for the import until it is STAGED, look at its counts and rows, then confirm it. The same content again answers
    200 with what became of it, whatever its name; a refused one is read anew. A dry run reads a file of up to 5 MB at
    once, answers the same counts and errors, and keeps nothing of it.
    """

    required_permissions = ("tickets.add_ticketimport",)
    body = TicketFileBody
    answers = OneImportSerializer
    most_bytes = MAX_BYTES

    def perform(self, asked: dict[str, Any]) -> TicketImport:
        upload = asked.pop("file")
        received = services.receive_file(file_name=upload.name, file=upload.file, **asked, actor=self.actor)
        return _have_read(received.file)

    def preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        upload = asked.pop("file")
        return services.preview_file(
            file_name=upload.name,
            file=upload.file,
            **asked,
            today=self.today,
            look=lambda file: {**self.tell(file), "dry_run": {}},
            actor=self.actor,
        )

    def status_of(self, done: TicketImport) -> int:
        return 202 if done.state == TicketImport.State.RECEIVED else 200


class ReadImportAgain(Act):
    """Have a refused file read once more, as another kind or with a field that its header does not name."""

    required_permissions = ("tickets.add_ticketimport",)
    body = ReadingBody
    answers = OneImportSerializer
    status = 202
    example = {"kind": "pvb-fleet", "extra_field_after": "STREET NAME"}

    def perform(self, asked: dict[str, Any]) -> TicketImport:
        return _have_read(services.read_again(**asked, actor=self.actor))


class ConfirmImport(Act):
    """Import a staged file: charge what has one driver, send the rest to review. Workers do it; ask for the import."""

    required_permissions = ("tickets.add_ticketimport",)
    answers = OneImportSerializer
    status = 202

    def perform(self, asked: dict[str, Any]) -> TicketImport:
        started = services.start_import(**asked, today=self.today, actor=self.actor)
        transaction.on_commit(partial(send_import, started))
        return started


def _have_read(file: TicketImport) -> TicketImport:
    """Send a file that is received to a worker, once it is kept for good."""
    if file.state == TicketImport.State.RECEIVED:
        transaction.on_commit(partial(send_reading, file))
    return file
