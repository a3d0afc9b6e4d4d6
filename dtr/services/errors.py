"""What the week's services refuse."""

from config.kit.errors import DomainError


class WeekError(DomainError):
    """The base: the week was not closed."""

    code = "week_refused"
    field = "week_end"


class NotASaturday(WeekError):
    code = "not_a_saturday"
    http_status = 400


class WeekNotOver(WeekError):
    """A week is closed after its Saturday, New York time."""

    code = "week_not_over"


class WeekStillOpen(WeekError):
    """A close was begun and is not finished; ``facts["open_week"]`` names the week."""

    code = "week_still_open"


class WeekOutOfOrder(WeekError):
    """Weeks are closed one after the other; ``facts["next_week"]`` is the one whose turn it is."""

    code = "week_out_of_order"


class WeekNotStarted(WeekError):
    """A step was asked for a week whose close was never begun."""

    code = "week_not_started"
    http_status = 404


class WeekAlreadyClosed(WeekError):
    """A step was asked for a week that is closed: nothing counts in it any more."""

    code = "week_already_closed"


class StepOutOfOrder(WeekError):
    """A batch was asked for while a batch of an earlier step is not done."""

    code = "step_out_of_order"


class DtrDoesNotBalance(DomainError):
    """What a driver's postings add up to is not what the ledger says remains; ``facts`` has both. Run the audits."""

    code = "dtr_does_not_balance"


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


class TripNotWaiting(DomainError):
    """The trip waits for nothing, or a close has counted it: whose it was is settled."""

    code = "trip_not_waiting"


class LeaseDoesNotFit(DomainError):
    """The lease is not one of that cab on the day of the trip, or which of several it was has to be said."""

    code = "lease_does_not_fit"
    field = "lease_id"
