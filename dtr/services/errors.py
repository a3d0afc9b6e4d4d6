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
    """An earlier close was begun and is not finished; ``facts["open_week"]`` names it."""

    code = "week_still_open"


class WeekOutOfOrder(WeekError):
    """Weeks are closed one after the other; ``facts["next_week"]`` is the one whose turn it is."""

    code = "week_out_of_order"


class WeekNotStarted(WeekError):
    """A step was asked for a week whose close was never begun."""

    code = "week_not_started"


class WeekAlreadyClosed(WeekError):
    """A step was asked for a week that is closed: nothing counts in it any more."""

    code = "week_already_closed"


class BatchNotFound(WeekError):
    code = "batch_not_found"
    field = None
    http_status = 404
