"""The one base of every refusal a service can give, and the refusals that belong to no one app.

Each app has one ``errors`` module, and no refusal lives anywhere else. Names follow one grammar: ``XNotFound``,
``XInvalid``, ``AlreadyX``, ``XNotActive``, or the fact that stands in the way.
"""

from typing import Any, ClassVar


class DomainError(Exception):
    """A request was refused, and nothing was written.

    ``code`` is stable and machine-readable; ``field`` names the argument at fault, so that a form can show the
    sentence beside its input; ``facts`` are the figures behind the sentence, ready for JSON.
    """

    code: ClassVar[str] = "refused"
    field: ClassVar[str | None] = None
    #: HTTP status: 400 the input is wrong, 404 it names nothing, 409 the state of things forbids it, 503 an outage.
    http_status: ClassVar[int] = 409
    #: Seconds after which the same request may succeed, where trying again helps.
    retry_after: ClassVar[int | None] = None
    #: Whether the log tells of it already: whoever hands it on tells it no second time.
    was_told = False

    def __init__(self, message: str, *, field: str | None = None, **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        self.at_field = field or self.field
        self.facts = facts

    def __str__(self) -> str:
        return self.message


class ValueInvalid(DomainError):
    """An argument that can't be what it says it is: too long, unreadable, or out of range."""

    code = "invalid_value"
    http_status = 400


class ReasonRequired(DomainError):
    """An act that undoes or forgives was asked for without saying why."""

    code = "reason_required"
    field = "reason"
    http_status = 400


class NotASaturday(DomainError):
    """A pay week is named by its last day."""

    code = "not_a_saturday"
    field = "week_end"
    http_status = 400


class Busy(DomainError):
    """The database had no lock for the request in time; nothing was written."""

    code = "busy"
    retry_after = 1


class DatabaseUnavailable(DomainError):
    """The database can't be reached, is starting or stopping, or has no connection to give; nothing was written."""

    code = "database_unavailable"
    http_status = 503
    retry_after = 5


class DatabaseFull(DomainError):
    """The database has no room left on its disk; nothing was written."""

    code = "database_full"
    http_status = 503
    retry_after = 60


class OutcomeUnknown(DomainError):
    """The connection was lost when something was being saved: whether it was, nobody here can tell."""

    code = "outcome_unknown"
    http_status = 503
    retry_after = 5


class IdempotencyKeyRequired(DomainError):
    code = "idempotency_key_required"
    field = "Idempotency-Key"
    http_status = 400


class IdempotencyKeyInvalid(DomainError):
    code = "idempotency_key_invalid"
    field = "Idempotency-Key"
    http_status = 400


class IdempotencyKeyReused(DomainError):
    """The key was used before for another request."""

    code = "idempotency_key_reused"
    field = "Idempotency-Key"
    http_status = 422


class RequestInProgress(DomainError):
    """A request with this key is being worked on at this moment."""

    code = "request_in_progress"
    field = "Idempotency-Key"
    retry_after = 1


class TokenNameInvalid(DomainError):
    code = "invalid_token_name"
    field = "name"
    http_status = 400


class TokenNameTaken(DomainError):
    code = "token_name_taken"
    field = "name"


class TokenNotFound(DomainError):
    code = "token_not_found"
    field = "name"
    http_status = 404


class TokenExpiryInvalid(DomainError):
    """A token expires after it was made, and not later than whoever makes it may have it."""

    code = "invalid_token_expiry"
    field = "expires_at"
    http_status = 400


class TokenNotYours(DomainError):
    """Who makes or revokes the token may not do that for its user."""

    code = "token_not_yours"
    field = "user"
    http_status = 403


class AlreadyRevoked(DomainError):
    code = "already_revoked"


class AlreadyUnlocked(DomainError):
    """A sign-in is locked for some minutes, and somebody may have unlocked it before."""

    code = "already_unlocked"


class AlreadySetUp(DomainError):
    """Somebody has one authenticator at a time."""

    code = "already_set_up"


class AuthenticatorNotFound(DomainError):
    code = "authenticator_not_found"
    http_status = 404


class AuthenticatorNotYours(DomainError):
    """One's own, or a superuser's, is not reset so."""

    code = "authenticator_not_yours"
    http_status = 403


class CodeWrong(DomainError):
    """Not the code of this half minute, or taken before."""

    code = "code_wrong"
    field = "code"
    http_status = 400


class CodeTooSoon(DomainError):
    """After wrong codes the next one is not looked at for a while."""

    code = "code_too_soon"
    field = "code"


class PersonNotFound(DomainError):
    code = "person_not_found"
    http_status = 404


class PersonNotYours(DomainError):
    """One's own login, a superuser's, or that of somebody who may do more."""

    code = "person_not_yours"
    http_status = 403


class UsernameTaken(DomainError):
    """Somebody is called so, in large letters or small."""

    code = "username_taken"
    field = "username"


class RoleRequired(DomainError):
    """Whoever has no role may open nothing."""

    code = "role_required"
    field = "roles"
    http_status = 400


class RoleNotYours(DomainError):
    """A role that may do what its giver may not."""

    code = "role_not_yours"
    field = "roles"
    http_status = 403


class PersonAlreadyLocked(DomainError):
    code = "person_already_locked"


class PersonNotLocked(DomainError):
    code = "person_not_locked"


class PasswordWeak(DomainError):
    """Too short, too common, too like its user's name, or the one that was given."""

    code = "password_weak"
    field = "new_password2"
    http_status = 400


class FirstPasswordOver(DomainError):
    """It was given too long ago."""

    code = "first_password_over"


class PasswordAlreadyChosen(DomainError):
    """No password of somebody else's waits to be changed."""

    code = "password_already_chosen"


class ScopeTooNarrow(DomainError):
    """The user may do it, but not by this token."""

    code = "scope_too_narrow"
    http_status = 403


class ViewNameTaken(DomainError):
    """Somebody has kept a view of the list by this name already."""

    code = "view_name_taken"
    field = "name"


class ViewNotFound(DomainError):
    code = "view_not_found"
    http_status = 404


class CursorInvalid(DomainError):
    code = "invalid_cursor"
    field = "cursor"
    http_status = 400


class WebhookNotFound(DomainError):
    code = "webhook_not_found"
    http_status = 404


class WebhookNameTaken(DomainError):
    """Another endpoint has this name."""

    code = "webhook_name_taken"
    field = "name"


class WebhookAddressInvalid(DomainError):
    """Nothing is sent to such an address."""

    code = "webhook_address_invalid"
    field = "url"
    http_status = 400


class EventKindUnknown(DomainError):
    code = "event_kind_unknown"
    field = "kinds"
    http_status = 400


class AlreadyPaused(DomainError):
    code = "already_paused"


class WebhookNotPaused(DomainError):
    code = "webhook_not_paused"


class WebhookNotActive(DomainError):
    """It is paused: what is asked for would wait until somebody resumes it."""

    code = "webhook_not_active"


class DeliveryNotFound(DomainError):
    code = "delivery_not_found"
    http_status = 404


class DeliveryWaits(DomainError):
    """It is on its way already."""

    code = "delivery_waits"


class ReportNotFound(DomainError):
    code = "report_not_found"
    http_status = 404


class FigureNotFound(DomainError):
    """A report opens some of its figures, and not this one."""

    code = "figure_not_found"
    http_status = 404


class TooManyRows(DomainError):
    """A file of a report would have more rows than one may."""

    code = "too_many_rows"
    http_status = 400
