"""Every refusal that only loans can give; nothing was written then. Callers take them from ``loans.services``."""

from core.errors import DomainError


class LoanError(DomainError):
    """The base: the act on a loan was refused."""

    code = "loan_refused"


class LoanNotFound(LoanError):
    code = "loan_not_found"
    http_status = 404


class RateInvalid(LoanError):
    """Negative, finer than a hundredth of a percent, or above the highest rate in force."""

    code = "loan_rate_refused"
    field = "rate_percent"
    http_status = 400


class MethodInvalid(LoanError):
    """The money did not leave by cash, check or ACH; or a check has no number."""

    code = "loan_method_refused"
    field = "method"
    http_status = 400


class LoanNotActive(LoanError):
    """It is on hold, or it has ended."""

    code = "loan_not_active"


class LoanNotOnHold(LoanError):
    code = "loan_not_on_hold"


class LoanEnded(LoanError):
    """It was paid off early, written off or voided."""

    code = "loan_ended"


class NothingToPayOff(LoanError):
    """Every installment is charged already: what is open is paid like any charge."""

    code = "nothing_to_pay_off"


class NothingToWriteOff(LoanError):
    """Nothing of the loan is owed any more."""

    code = "nothing_to_write_off"


class PayoffDateInvalid(LoanError):
    """Before the loan was disbursed, or after the day of entry."""

    code = "payoff_date_refused"
    field = "as_of"
    http_status = 400


class LoanNotPaidOff(LoanError):
    """The schedule is in force: there is no payoff to undo."""

    code = "loan_not_paid_off"


class PayoffPaid(LoanError):
    """Something of the payoff is paid or written off; that must be undone first. ``facts["paid"]`` says how much."""

    code = "payoff_paid"
