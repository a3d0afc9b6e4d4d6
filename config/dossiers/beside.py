"""What stands beside the account of a driver, vehicle or lease: the newest rows of other tabs, and a place for a note.

The page asks for it once it is shown, so that nobody waits for it.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from core.dossier import Line, Linked, Subject, Table, list_sections
from core.rights import check_rights
from core.words import lower_first
from leases.models import Driver, Lease, Vehicle

#: Rows of each table; there are more in its tab.
SHOWN = 3
_MODELS: dict[Subject, type[Model]] = {Subject.DRIVER: Driver, Subject.VEHICLE: Vehicle, Subject.LEASE: Lease}


def beside(request: HttpRequest, of: Subject, record_id: int) -> HttpResponse:
    """Show what may be seen of it by whoever may open the page; a table without rows is left out."""
    check_rights(request.user, f"leases.view_{of}")
    if not _MODELS[of]._default_manager.filter(pk=record_id).exists():
        raise Http404
    today = timezone.localdate()
    found: list[dict[str, Any]] = []
    for section in list_sections(request.user, of):
        content = section.read(request, record_id, today) if section.beside else None
        is_table = isinstance(content, Table)
        if content is None or (is_table and not content.lines):
            continue
        found.append(
            {
                "title": section.title,
                "tab": section.name,
                "section": content,
                "rows": _shorten(content, section.beside) if is_table else [],
                "has_more": is_table and len(content.lines) > SHOWN,
                "template": "core/dossier_beside.html" if is_table else section.template,
            }
        )
    return TemplateResponse(request, "config/beside.html", {"beside": found})


def _shorten(table: Table, told: Sequence[str]) -> list[tuple[Line, str]]:
    """Return the first rows, each with the columns that are told of it in words: ``good to Mar 14, 2027``."""
    places = [place for place, title in enumerate(table.columns) if title in told]
    heads = {place: lower_first(table.columns[place].removesuffix("#")) for place in places}
    return [
        (line, " · ".join(f"{heads[place]} {_words_of(line.cells[place])}" for place in places if line.cells[place]))
        for line in table.lines[:SHOWN]
    ]


def _words_of(cell: Any) -> Any:
    return cell.text if isinstance(cell, Linked) else cell
