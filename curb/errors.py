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


class TripNotFound(DomainError):
    """There is no such trip."""

    code = "trip_not_found"
    field = "trip_id"
    http_status = 404


class TripFileNotFound(DomainError):
    """There is no such file of trips or card transactions."""

    code = "trip_file_not_found"
    field = "file_id"
    http_status = 404


class TripWaits(DomainError):
    """The trip waits for its driver, cab or lease: it is assigned to a driver, not corrected."""

    code = "trip_waits"


class TripSuperseded(DomainError):
    """An amended record has superseded it; that one is corrected. ``facts["trip_id"]`` names it."""

    code = "trip_superseded"


class AlreadyTheirs(DomainError):
    """The trip is that driver's already, with that cab and lease."""

    code = "already_theirs"
    field = "driver_id"


class AlreadyNobodys(DomainError):
    """The trip counts for nobody already."""

    code = "already_nobodys"


class NotInDoubt(DomainError):
    """No declined or duplicate card transaction is this trip: how it was paid is what its record says."""

    code = "trip_not_in_doubt"


class AlreadyDecided(DomainError):
    """It was said before that the trip was paid so."""

    code = "already_decided"
    field = "counts_as"


class AlreadySeen(DomainError):
    """None of the file's unread records waits to be looked at."""

    code = "already_seen"


class AttributeNotFound(DomainError):
    """No record came with this attribute as an amount that nobody knows, or without it."""

    code = "attribute_not_found"
    field = "key"
    http_status = 404


class PlaceInvalid(DomainError):
    """An attribute can't belong there: a tax that is not named may be left out, and nothing else may."""

    code = "invalid_place"
    field = "place"
    http_status = 400


class AlreadyRuled(DomainError):
    """The ruling that holds says so already, of the trips from that day on."""

    code = "already_ruled"
    field = "place"


class CountedElsewhere(DomainError):
    """A trip of the share was moved or counted back by a close, so that voiding the share would count it twice, or
    less than not at all; ``facts["share"]`` names the share."""

    code = "counted_elsewhere"


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
