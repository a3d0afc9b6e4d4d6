"""Facts of loans; triggers of their table tell them (``loans/sql``)."""

from core.events import register_kinds

register_kinds(
    {
        "loan_disbursed": "Money was lent to a driver",
        "loan_held": "A loan's installments were put on hold",
        "loan_paid_off": "A loan was paid off early",
        "loan_restored": "A loan's schedule is in force again",
        "loan_resumed": "A loan's installments go on",
        "loan_voided": "A loan was voided",
        "loan_written_off": "A loan was written off",
    }
)
