"""A file to read: the same bytes that the pages give."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from core.api.fields import read_query
from core.api.looks import Look
from core.api.schema import LookSchema, problems

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _FileRenderer(BaseRenderer):
    """Names what is answered; the bytes are made elsewhere."""

    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        raise NotImplementedError


class PdfRenderer(_FileRenderer):
    media_type, format = "application/pdf", "pdf"


class CsvRenderer(_FileRenderer):
    media_type, format = "text/csv", "csv"


class XlsxRenderer(_FileRenderer):
    media_type, format = XLSX, "xlsx"


class FileSchema(LookSchema):
    """Of a view that answers a file."""

    def get_response_serializers(self) -> Any:
        kinds = [renderer.media_type for renderer in self.view.renderer_classes]
        return {**{(200, kind): OpenApiTypes.BINARY for kind in kinds}, **problems(404, 406, 409, 429)}


class FileLook(Look):
    """One file. A subclass gives its renderer and answers it in :meth:`make`."""

    schema = FileSchema()
    renderer_classes: Sequence[type[BaseRenderer]]

    def make(self, asked: dict[str, Any]) -> HttpResponse | StreamingHttpResponse:
        """Return the file."""
        raise NotImplementedError

    def get(self, request: Request, **where: Any) -> HttpResponse | StreamingHttpResponse:  # type: ignore[override]
        return self.make({**where, **read_query(self.filters, request)})


def answer_bytes(content: bytes, media_type: str, file_name: str) -> HttpResponse:
    """Return what a client keeps under this name."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)
