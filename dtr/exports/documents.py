"""The DTR as a PDF, in the fleet's name: the same DTR gives the same bytes."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db.models import QuerySet

from core.binding import Binding, bind_documents
from core.typesetting import typeset
from dtr import selectors
from dtr.exports.content import describe_dtr
from dtr.models import Dtr

#: DTRs that one process of the typesetter sets; it holds some megabytes for each until it ends.
DTRS_IN_A_LOT = 40

_TEMPLATES = Path(settings.BASE_DIR) / "templates" / "dtr"

Item = TypeVar("Item")


def print_dtrs(dtrs: Sequence[Dtr]) -> bytes:
    """Return these DTRs as one PDF, each beginning on a page of its own, in the given order.

    Each is printed with the version of the template that it was sealed with.
    """
    return b"".join(_print_lots(_split((dtr, dtr.template) for dtr in dtrs), list))


def stream_dtrs(dtrs: QuerySet[Dtr]) -> Iterator[bytes]:
    """Yield what :func:`print_dtrs` returns, part by part: of however many DTRs, one lot is held."""
    return _print_lots(_split(dtrs.values_list("pk", "template")), _read_lot)


def print_part(dtrs: Sequence[Dtr], binding: Binding) -> bytes:
    """Return the next part of a file that is bound in several requests: the pages of these DTRs."""
    return b"".join(binding.add(_print_lot(lot)) for lot in _split((dtr, dtr.template) for dtr in dtrs))


def _split(items: Iterable[tuple[Item, int]]) -> list[list[Item]]:
    """Split what is to be printed, each beside its template, into lots of one template, in order."""
    alike = [[item for item, _ in same] for _, same in groupby(items, key=lambda pair: pair[1])]
    return [part[start : start + DTRS_IN_A_LOT] for part in alike for start in range(0, len(part), DTRS_IN_A_LOT)]


def _read_lot(dtr_ids: list[int]) -> list[Dtr]:
    read = {dtr.pk: dtr for dtr in selectors.list_dtrs().filter(pk__among=dtr_ids).prefetch_related("lines")}
    return [read[dtr_id] for dtr_id in dtr_ids]


def _print_lots(lots: Sequence[list[Item]], read: Callable[[list[Item]], list[Dtr]]) -> Iterator[bytes]:
    documents = (_print_lot(read(lot)) for lot in lots)
    return documents if len(lots) == 1 else bind_documents(documents)


def _print_lot(dtrs: Sequence[Dtr]) -> bytes:
    data = {
        "title": dtrs[0].reference_id if len(dtrs) == 1 else f"{dtrs[0]} to {dtrs[-1]}",
        "author": dtrs[0].fleet_name,
        "dtrs": [describe_dtr(paper) for paper in selectors.list_papers(dtrs)],
    }
    return typeset(_TEMPLATES / f"dtr-{dtrs[0].template}.typ", data, made_at=max(dtr.sealed_at for dtr in dtrs))
