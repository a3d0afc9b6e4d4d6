"""What is refused at go-live; nothing was written then."""

from collections.abc import Sequence

from core.errors import DomainError
from golive.rules import CellError


class OpeningError(DomainError):
    """The base."""

    code = "opening_refused"
    field = "file"
    http_status = 400


class UnreadableWorkbook(OpeningError):
    """The file is no XLSX workbook, or one made to exhaust the server."""

    code = "unreadable_workbook"


class OpeningRefused(OpeningError):
    """Some of its rows can't be imported, so none was; ``errors`` says which and why."""

    code = "opening_has_errors"

    def __init__(self, errors: Sequence[CellError]) -> None:
        self.errors = tuple(errors)
        noun = "thing is" if len(errors) == 1 else "things are"
        super().__init__(
            f"{len(errors)} {noun} wrong in the workbook. Nothing was imported.",
            errors=[
                {"sheet": wrong.sheet, "row": wrong.row, "column": wrong.column, "message": wrong.message}
                for wrong in errors
            ],
        )


class OpeningKnown(OpeningError):
    """This very file was imported before."""

    code = "opening_known"
    http_status = 409
