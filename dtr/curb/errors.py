"""What can go wrong between us and CURB. None of it ever holds a password."""

from config.kit.errors import DomainError


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
