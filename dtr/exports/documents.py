"""The DTR as a PDF, in the fleet's name: the same DTR gives the same bytes."""

import io
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from pypdf import PdfWriter

from dtr import selectors
from dtr.exports import pdf
from dtr.exports.content import describe_dtr
from dtr.models import Dtr

#: DTRs that one process of the typesetter sets; it holds some megabytes for each until it ends.
DTRS_IN_A_LOT = 40

_TEMPLATE = Path(settings.BASE_DIR) / "templates" / "dtr" / "dtr.typ"
_FONTS = Path(str(files("font_source_sans_pro") / "files"))


def print_dtrs(dtrs: Sequence[Dtr]) -> bytes:
    """Return these DTRs as one PDF, each beginning on a page of its own, in the given order."""
    siblings: dict[tuple[int, date], list[Dtr]] = defaultdict(list)
    drivers, weeks = {dtr.driver_id for dtr in dtrs}, {dtr.week_id for dtr in dtrs}
    for dtr in selectors.list_dtrs().filter(driver__in=drivers, week__in=weeks).order_by("number"):
        siblings[dtr.driver_id, dtr.week_id].append(dtr)
    lots = [dtrs[start : start + DTRS_IN_A_LOT] for start in range(0, len(dtrs), DTRS_IN_A_LOT)]
    documents = [_print_lot(lot, siblings) for lot in lots]
    return documents[0] if len(documents) == 1 else _bind(documents)


def _print_lot(dtrs: Sequence[Dtr], siblings: dict[tuple[int, date], list[Dtr]]) -> bytes:
    data = {
        "title": dtrs[0].reference_id if len(dtrs) == 1 else f"{dtrs[0]} to {dtrs[-1]}",
        "fleet": {"name": settings.FLEET_NAME, "address": settings.FLEET_ADDRESS},
        "dtrs": [
            describe_dtr(dtr, [other for other in siblings[dtr.driver_id, dtr.week_id] if other.pk != dtr.pk])
            for dtr in dtrs
        ],
    }
    newest = max(int(dtr.sealed_at.timestamp()) for dtr in dtrs)
    done = subprocess.run(
        [sys.executable, pdf.__file__, str(_TEMPLATE), str(_FONTS), str(newest)],
        input=json.dumps(data).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return done.stdout


def _bind(documents: Sequence[bytes]) -> bytes:
    writer = PdfWriter()
    for document in documents:
        writer.append(io.BytesIO(document), import_outline=False)
    bound = io.BytesIO()
    writer.write(bound)
    return bound.getvalue()
