"""What is refused at go-live; nothing was written then."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong, and where: the sheet, its row as the spreadsheet numbers it (0: the sheet), and the column."""

    sheet: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = [self.sheet, *([f"row {self.row}"] if self.row else []), *([self.column] if self.column else [])]
        return f"{', '.join(place)}: {self.message}"


class CellInvalid(ValueError):
    """What is in a cell is not what its column holds; ``column`` is given where the reader does not know it.

    It never leaves the import: each becomes a :class:`CellError` of an :class:`OpeningRefused`.
    """

    def __init__(self, message: str, *, column: str = "") -> None:
        super().__init__(message)
        self.column = column


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


class OpeningAlreadyImported(OpeningError):
    """This very file was imported before."""

    code = "opening_known"
    http_status = 409


class OpeningNotFound(OpeningError):
    code = "opening_not_found"
    http_status = 404


class OpeningNotRead(OpeningError):
    """No worker has read the workbook yet, or it could not be read."""

    code = "opening_not_read"
    http_status = 409
