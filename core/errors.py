"""The one base of every refusal a service can give; interfaces translate it in one place."""

from typing import Any, ClassVar


class DomainError(Exception):
    """A request was refused, and nothing was written.

    ``code`` is stable and machine-readable; ``field`` names the argument at fault, so that a form can show the
    sentence beside its input; ``facts`` are the figures behind the sentence, ready for JSON.
    """

    code: ClassVar[str] = "refused"
    field: ClassVar[str | None] = None
    #: HTTP status: 400 the input is wrong, 404 it names nothing, 409 the state of things forbids it.
    http_status: ClassVar[int] = 409
    #: Seconds after which the same request may succeed, where trying again helps.
    retry_after: ClassVar[int | None] = None

    def __init__(self, message: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.at_field = field or self.field
        self.facts = facts

    def __str__(self) -> str:
        return self.message


class NotASaturday(DomainError):
    """A pay week is named by its last day."""

    code = "not_a_saturday"
    field = "week_end"
    http_status = 400
