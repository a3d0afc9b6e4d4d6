"""Every refusal of curb: what can go wrong between us and CURB, and about trips. None of it ever holds a password.

Those that are a ``ValueError`` never leave the importers: a row that can't be read becomes an error of its row.
"""

from core.errors import DomainError


class CurbError(DomainError):
    """The base: CURB was not asked, or did not answer as it should."""

    code = "curb_failed"
    http_status = 502


class CurbNotConfigured(CurbError):
    """The address or the credentials of CURB's service are not set, or not fit to be used."""

    code = "curb_not_configured"
    http_status = 409


class CurbUnreachable(CurbError):
    """No answer after all attempts: the network, a time-out, or a server that failed each time."""

    code = "curb_unreachable"
    retry_after = 60


class CurbRefused(CurbError):
    """The server answered that it does not take the request; ``facts["status"]`` is the HTTP status."""

    code = "curb_refused"


class CurbFault(CurbError):
    """CURB answered with a SOAP fault; ``facts`` has its ``fault_code``."""

    code = "curb_fault"


class CurbAnswerUnreadable(CurbError):
    """The answer is not XML of the agreed shape, outside or inside."""

    code = "curb_answer_unreadable"


class PeriodInvalid(DomainError):
    """The days are in the wrong order, or too many for one import."""

    code = "period_invalid"
    field = "from_on"
    http_status = 400


class CurbIncomplete(DomainError):
    """Not every question to CURB was answered; what was is kept. ``facts["failures"]`` says which and why."""

    code = "curb_incomplete"
    http_status = 502
    retry_after = 60


class UnreadableXml(ValueError):
    """It can't be read as XML; the text is a predicate ("is not well-formed XML: …")."""


class UnreadableRow(ValueError):
    """A value of a row is not what it should be; ``name`` is the attribute or element at fault."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class TripNotWaiting(DomainError):
    """The trip waits for nothing, or a close has counted it: whose it was is settled."""

    code = "trip_not_waiting"


class LeaseDoesNotFit(DomainError):
    """The lease is not one of that driver and cab on the day of the trip, or of several it was not named."""

    code = "lease_does_not_fit"
    field = "lease_id"


class UnreadableTripFile(DomainError):
    """The file as a whole is not a list of trips; nothing of it was imported."""

    code = "unreadable_trip_file"
    field = "file"
    http_status = 400


class UnreadableTripRecords(DomainError):
    """The file is not one of yellow-taxi trip records."""

    code = "unreadable_trip_records"
    field = "trips"
    http_status = 400


class PortTaken(DomainError):
    """Something else listens there."""

    code = "port_taken"
    field = "port"
