"""A file that is sent, and kept for a worker to read. Its bytes are its identity: sent again, it finds the first."""

from typing import IO, Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.acts import Act
from core.api.fields import read_body, read_query
from core.api.parsers import BodyTooLarge
from core.api.schema import ActSchema

#: What a form may have beside its file: names, boundaries, a few short texts.
ROOM_FOR_THE_FORM = 64 * 1024


class StrictFormParser(MultiPartParser):
    """A form with its file; one that can't be read is refused by name."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            parsed = super().parse(stream, media_type, parser_context)
        except (LookupError, ValueError) as error:
            # An encoding that there is not, and the like, in the head of a part.
            raise ParseError("The form can't be read as multipart/form-data.") from error
        repeated = [name for part in (parsed.data, parsed.files) for name, given in part.lists() if given[1:]]
        repeated += [name for name in parsed.data if name in parsed.files]
        if repeated:
            errors = {name[:80]: ["It is given more than once."] for name in repeated}
            raise serializers.ValidationError(errors, code="repeated")
        return parsed


@extend_schema_field({"type": "string", "format": "binary"})
class UploadedFileField(serializers.FileField):
    """A file of the form, with its name; an empty one is the reader's to refuse."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_empty_file=True, **options)


class UploadSchema(ActSchema):
    """Of an upload, which takes no key."""

    def get_override_parameters(self) -> list[Any]:
        return [self.view.query]


class Upload(Act):
    """An act whose body is a form with a file.

    The same content returns what became of it, so an `Idempotency-Key` is not needed, and not looked at.
    """

    parser_classes = (StrictFormParser,)
    schema = UploadSchema()
    status = 202
    #: The largest file; and the largest that is read at once, by a dry run.
    most_bytes: ClassVar[int]
    most_bytes_at_once: ClassVar[int] = 5 * 2**20

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > self.most_bytes + ROOM_FOR_THE_FORM:
            raise BodyTooLarge(f"A file has at most {self.most_bytes // 2**20} MB.")
        super().initial(request, *args, **kwargs)

    def post(self, request: Request, **where: Any) -> HttpResponse:
        self.how = read_query(self.query, request)
        self.asked = asked = {**where, **read_body(self.body, request)}
        if self.how.get("dry_run", False):
            if asked["file"].size > self.most_bytes_at_once:
                raise BodyTooLarge(f"A file of a dry run has at most {self.most_bytes_at_once // 2**20} MB.")
            return Response(self.preview(asked))
        done = self.perform(asked)
        return Response(self.tell(done), status=self.status_of(done))

    def status_of(self, done: Any) -> int:
        """Return 202 where a worker has still to read it."""
        return self.status
