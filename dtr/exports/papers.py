"""The DTR as a PDF, in the fleet's name: the same DTR gives the same bytes."""

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock

import typst
from django.conf import settings

from dtr import selectors
from dtr.exports.facts import describe_dtr
from dtr.models import Dtr

_TEMPLATE = Path(settings.BASE_DIR) / "templates" / "documents" / "dtr.typ"
#: A compiler serves one thread at a time.
_ONE_AT_A_TIME = Lock()
_FONTS = files("font_source_sans_pro") / "files"


def print_dtrs(dtrs: Sequence[Dtr]) -> bytes:
    """Return these DTRs as one PDF, each beginning on a page of its own, in the given order."""
    siblings = defaultdict(list)
    drivers, weeks = {dtr.driver_id for dtr in dtrs}, {dtr.week_id for dtr in dtrs}
    for dtr in selectors.list_dtrs().filter(driver__in=drivers, week__in=weeks).order_by("number"):
        siblings[dtr.driver_id, dtr.week_id].append(dtr)
    told = [
        describe_dtr(dtr, [other for other in siblings[dtr.driver_id, dtr.week_id] if other.pk != dtr.pk])
        for dtr in dtrs
    ]
    title = dtrs[0].reference_id if len(dtrs) == 1 else f"DTRs, {len(dtrs)}"
    data = {
        "title": title,
        "fleet": {"name": settings.FLEET_NAME, "address": settings.FLEET_ADDRESS},
        "dtrs": told,
    }
    newest = max((int(dtr.sealed_at.timestamp()) for dtr in dtrs), default=0)
    with _ONE_AT_A_TIME:
        paper = _compiler().compile(
            format="pdf", sys_inputs={"data": json.dumps(data)}, timestamp=newest, pdf_tags=False
        )
    assert isinstance(paper, bytes)
    return paper


@cache
def _compiler() -> typst.Compiler:
    # Our own font alone: a paper looks the same on every machine.
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(_FONTS)])
    return typst.Compiler(input=_TEMPLATE, root=_TEMPLATE.parent, font_paths=fonts)
