"""Notes on drivers, vehicles and leases, as their pages show them."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.dossier import (
    SHOWN,
    Act,
    Before,
    Event,
    Section,
    Source,
    Subject,
    register_act,
    register_events,
    register_section,
)
from core.names import name_author
from leases.models import Note


def read_notes(of: Subject, request: HttpRequest, record_id: int, today: date) -> dict[str, Any]:
    may_add = request.user.has_perm("leases.add_drivernote")
    return {
        "notes": list(list_notes(of, record_id).select_related("written_by")[:SHOWN]),
        "add_url": reverse(f"admin:leases_{of}_note", args=[record_id]) if may_add else "",
    }


def read_note_events(of: Subject, record_id: int, before: Before, most: int) -> Sequence[Event]:
    notes = list_notes(of, record_id).filter(before.of("written_at")).select_related("written_by")
    return [
        Event(at=note.written_at, key=note.pk, says=f"Note: “{note.text}”", by=name_author(note.written_by))
        for note in notes.order_by("-written_at", "-id")[:most]
    ]


def list_notes(of: Subject, record_id: int) -> QuerySet[Note]:
    return Note.objects.filter(**{of.value: record_id})


def _to(of: Subject, state: Any) -> str:
    return reverse(f"admin:leases_{of}_note", args=[state.pk])


for subject in Subject:
    register_act(
        Act(
            of=subject,
            place=82,
            title="Write a note",
            permission="leases.add_drivernote",
            url=partial(_to, subject),
            is_further=True,
        )
    )
    register_section(
        Section(
            of=subject,
            place=80,
            tab="Notes",
            title="Notes",
            permission="leases.view_drivernote",
            read=partial(read_notes, subject),
            rows=partial(list_notes, subject),
            template="leases/dossier_notes.html",
            beside=["Note"],
        )
    )
    register_events(
        Source(of=subject, name="notes", permission="leases.view_drivernote", read=partial(read_note_events, subject))
    )
