"""DTRs as files: one as a document, and a whole week as a document or as a table."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict

from django.contrib import messages
from django.core import signing
from django.db.models import QuerySet, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html

from core.admin import RecordPage, Slice, SlicedPage
from core.binding import Binding
from core.streams import answer_parts
from dtr import exports, selectors
from dtr.admin.pages.closes import WeekPage
from dtr.models import Dtr

_BY_NAME = ("driver__last_name", "driver__first_name", "driver_id", "number")
#: What a browser brings back of the parts that it has, signed for this use alone.
_BOUND = "dtr.print"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DtrDocument(RecordPage):
    """One DTR as PDF, to look at in the browser."""

    permission_required = "dtr.view_dtr"
    model = Dtr
    related = ("week", "driver", "lease__vehicle")

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        content = exports.print_dtrs([self.record])
        return _answer(content, "application/pdf", f"{self.record.reference_id}.pdf", is_shown=True)


class PrintDtrsPage(SlicedPage):
    """The DTRs chosen in their list in one PDF, each on its own pages, by the drivers' names.

    Few are shown at once. Many come in slices, parts of one file that the browser puts together: so the server keeps
    none of it, and is told by each request what the parts before it hold.
    """

    permission_required = "dtr.view_dtr"
    model = Dtr
    name, verb, title = "print", "Print DTRs", "DTRs"
    template_name = "dtr/print_several.html"
    at_once = exports.DTRS_IN_A_LOT
    papers_name, paper_name = "DTRs", "DTR"

    def _find(self, keys: Sequence[int]) -> QuerySet[Dtr]:
        return selectors.list_dtrs().filter(pk__in=keys).order_by(*_BY_NAME)

    def answer(self) -> HttpResponse:
        if "_bound" not in self.request.POST and len(self.records) <= self.at_once:
            return _answer(exports.print_dtrs(self.records), "application/pdf", "DTRs.pdf", is_shown=True)
        try:
            return super().answer()
        except signing.BadSignature:
            messages.error(self.request, "The parts of the file don't fit together: choose the DTRs and print again.")
            is_slice = "HX-Request" in self.request.headers
            return HttpResponse(headers={"HX-Redirect": self.list_url}) if is_slice else redirect(self.list_url)

    def make_slice(self, records: Sequence[Dtr], *, is_last: bool) -> Slice:
        bound = self.request.POST.get("_bound")
        binding = Binding(**signing.loads(bound, salt=_BOUND)) if bound is not None else Binding()
        prefetch_related_objects(records, "lines")
        part = b"".join([exports.print_part(records, binding), *(binding.end() if is_last else ())])
        paper = format_html('<data hidden data-part value="{}"></data>', b64encode(part).decode())
        return Slice([paper], {"_bound": signing.dumps(asdict(binding), salt=_BOUND, compress=True)})


class WeekDocument(WeekPage):
    """All DTRs of a week in one PDF, by the drivers' names."""

    permission_required = "dtr.view_dtr"

    def get(  # type: ignore[override]
        self, request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponse | StreamingHttpResponse:
        dtrs = selectors.list_dtrs().filter(week=self.close).order_by(*_BY_NAME)
        if not dtrs.exists():
            raise Http404
        parts, name = exports.stream_dtrs(dtrs), f"DTRs-{self.close.pk}.pdf"
        return answer_parts(request, parts, content_type="application/pdf", file_name=name)


class WeekCsv(WeekPage):
    permission_required = "dtr.view_dtr"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        table = exports.week_as_csv(self.close.week)
        return _answer(table, "text/csv; charset=utf-8", f"DTRs-{self.close.pk}.csv")


class WeekXlsx(WeekPage):
    permission_required = "dtr.view_dtr"

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        return _answer(exports.week_as_xlsx(self.close.week), _XLSX, f"DTRs-{self.close.pk}.xlsx")


def _answer(content: bytes, content_type: str, file_name: str, *, is_shown: bool = False) -> HttpResponse:
    shown = "inline" if is_shown else "attachment"
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'{shown}; filename="{file_name}"'}
    )
