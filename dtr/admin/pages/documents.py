"""DTRs as files: one as a document, and a whole week as a document or as a table."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from core.admin import ChosenPage, RecordPage
from core.streams import answer_parts
from dtr import exports, selectors
from dtr.admin.pages.closes import WeekPage
from dtr.models import Dtr

_BY_NAME = ("driver__last_name", "driver__first_name", "driver_id", "number")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class DtrDocument(RecordPage):
    """One DTR as PDF, to look at in the browser."""

    permission_required = "dtr.view_dtr"
    model = Dtr
    related = ("week", "driver", "lease__vehicle")

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        content = exports.print_dtrs([self.record])
        return _answer(content, "application/pdf", f"{self.record.reference_id}.pdf", is_shown=True)


class PrintDtrsPage(ChosenPage):
    """The DTRs chosen in their list in one PDF, each on its own pages, by the drivers' names."""

    permission_required = "dtr.view_dtr"
    model = Dtr
    name, verb = "print", "Print DTRs"

    def answer(self) -> HttpResponse:
        by_name = selectors.list_dtrs().filter(pk__in=self.chosen).order_by(*_BY_NAME)
        content = exports.print_dtrs(list(by_name.prefetch_related("lines")))
        return _answer(content, "application/pdf", "DTRs.pdf", is_shown=True)


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
