"""Files of drivers, vehicles and leases, as their pages show them."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.dossier import (
    SHOWN,
    Act,
    Before,
    Event,
    Line,
    Section,
    Source,
    Subject,
    Table,
    register_act,
    register_events,
    register_section,
)
from core.names import name_author
from core.words import say_day
from leases.models import KeptFile


def read_files(of: Subject, request: HttpRequest, record_id: int, today: date) -> Table:
    files = list_files(of, record_id).select_related("added_by")
    return Table(
        columns=["File", "Belongs to", "Kind", "Added", "By", "kB#"],
        lines=[
            Line(
                [
                    file.name,
                    file.about,
                    file.get_content_type_display(),
                    say_day(file.added_at.date(), told_on=today),
                    name_author(file.added_by),
                    -(-file.size // 1024),
                ],
                reverse("admin:leases_file", args=[file.pk]),
            )
            for file in files[:SHOWN]
        ],
        empty="No file is kept.",
    )


def read_file_events(of: Subject, record_id: int, before: Before, most: int) -> Sequence[Event]:
    files = list_files(of, record_id).filter(before.of("added_at")).select_related("added_by")
    return [
        Event(
            at=file.added_at,
            key=file.pk,
            says=f"{file.name} added" + (f", of {file.about}" if file.about else ""),
            by=name_author(file.added_by),
            url=reverse("admin:leases_file", args=[file.pk]),
            paper="the file",
        )
        for file in files.order_by("-added_at", "-id")[:most]
    ]


def list_files(of: Subject, record_id: int) -> QuerySet[KeptFile]:
    return KeptFile.objects.filter(**{of.value: record_id})


def _to(of: Subject, state: object) -> str:
    return reverse(f"admin:leases_{of}_file", args=[state.pk])  # type: ignore[attr-defined]


for subject in Subject:
    register_section(
        Section(
            of=subject,
            place=71,
            tab="Documents",
            title="Files",
            permission="leases.view_keptfile",
            read=partial(read_files, subject),
            rows=partial(list_files, subject),
            beside=["Added", "By"],
        )
    )
    register_events(
        Source(of=subject, name="files", permission="leases.view_keptfile", read=partial(read_file_events, subject))
    )
    register_act(
        Act(
            of=subject,
            place=81,
            title="Add a document",
            permission="leases.add_keptfile",
            url=partial(_to, subject),
            is_further=True,
        )
    )
