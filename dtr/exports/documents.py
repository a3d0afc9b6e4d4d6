"""The DTR as a PDF, in the fleet's name: the same DTR gives the same bytes."""

import io
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from django.conf import settings
from pypdf import PdfWriter

from core.typesetting import typeset
from dtr import selectors
from dtr.exports.content import describe_dtr
from dtr.models import Dtr

#: DTRs that one process of the typesetter sets; it holds some megabytes for each until it ends.
DTRS_IN_A_LOT = 40

_TEMPLATES = Path(settings.BASE_DIR) / "templates" / "dtr"


def print_dtrs(dtrs: Sequence[Dtr]) -> bytes:
    """Return these DTRs as one PDF, each beginning on a page of its own, in the given order.

    Each is printed with the version of the template that it was sealed with.
    """
    alike = [list(dtrs_) for _, dtrs_ in groupby(dtrs, key=lambda dtr: dtr.template)]
    lots = [part[start : start + DTRS_IN_A_LOT] for part in alike for start in range(0, len(part), DTRS_IN_A_LOT)]
    documents = [_print_lot(lot) for lot in lots]
    return documents[0] if len(documents) == 1 else _bind(documents)


def _print_lot(dtrs: Sequence[Dtr]) -> bytes:
    data = {
        "title": dtrs[0].reference_id if len(dtrs) == 1 else f"{dtrs[0]} to {dtrs[-1]}",
        "author": dtrs[0].fleet_name,
        "dtrs": [describe_dtr(paper) for paper in selectors.list_papers(dtrs)],
    }
    return typeset(_TEMPLATES / f"dtr-{dtrs[0].template}.typ", data, made_at=max(dtr.sealed_at for dtr in dtrs))


def _bind(documents: Sequence[bytes]) -> bytes:
    writer = PdfWriter()
    for document in documents:
        writer.append(io.BytesIO(document), import_outline=False)
    bound = io.BytesIO()
    writer.write(bound)
    return bound.getvalue()
