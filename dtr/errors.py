"""What the week's services refuse."""

from core.errors import DomainError


class WeekError(DomainError):
    """The base: the week was not closed."""

    code = "week_refused"
    field = "week_end"


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


class WeekNotReady(WeekError):
    """Something stands in the way of a week's close; ``facts["findings"]`` says what, each with its check."""

    code = "week_not_ready"


class WeekAlreadyStarted(WeekError):
    """The close of the week has begun: what it was let begin in spite of was said before."""

    code = "week_already_started"


class NothingToOverrule(WeekError):
    """The check found nothing that stands in the way, or all of it is overruled already."""

    code = "nothing_to_overrule"
    field = "check"


class CheckNotOverrulable(WeekError):
    """What this check finds is mended, or looked at, and never overruled."""

    code = "check_not_overrulable"
    field = "check"


class StepOutOfOrder(WeekError):
    """A batch was asked for while a batch of an earlier step is not done."""

    code = "step_out_of_order"


class DtrDoesNotBalance(DomainError):
    """What a driver's postings add up to is not what the ledger says remains; ``facts`` has both. Run the audits."""

    code = "dtr_does_not_balance"


class DtrNotPayable(DomainError):
    """The base: nothing was paid."""

    code = "dtr_not_payable"


class DtrNotFound(DtrNotPayable):
    code = "dtr_not_found"
    http_status = 404


class DtrNotLatest(DtrNotPayable):
    """A later DTR of the driver carries on what this one left; that one is paid."""

    code = "dtr_not_latest"


class DtrAlreadyPaid(DtrNotPayable):
    """A payout of this DTR stands; ``facts["payout"]`` names it."""

    code = "dtr_already_paid"


class NothingDue(DtrNotPayable):
    """The DTR's net is not due to the driver, or the amount is above it."""

    code = "nothing_due"
    field = "amount"
