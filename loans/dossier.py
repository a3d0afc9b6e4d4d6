"""Loans on a driver's page."""

from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from core.dossier import SHOWN, Act, Line, Section, Table, register_act, register_section
from core.words import say_amount, say_day
from loans.models import DriverLoan


def read_loans(request: HttpRequest, driver_id: int, today: date) -> Table:
    loans = DriverLoan.objects.filter(driver=driver_id).order_by("-id")[:SHOWN]
    return Table(
        columns=["Loan", "Given on", "State", "Principal#", "% a year#", "A week#"],
        lines=[
            Line(
                [
                    loan,
                    say_day(loan.disbursed_on, told_on=today),
                    loan.get_status_display(),
                    say_amount(loan.principal),
                    loan.rate_percent,
                    say_amount(loan.weekly_amount),
                ],
                reverse("admin:loans_driverloan_change", args=[loan.pk]),
            )
            for loan in loans
        ],
        empty="No loan was given.",
        list_url=f"{reverse('admin:loans_driverloan_changelist')}?driver__id__exact={driver_id}",
    )


register_section(
    Section(
        place=31,
        tab="Plans",
        title="Loans",
        permission="loans.view_driverloan",
        read=read_loans,
        rows=lambda driver_id: DriverLoan.objects.filter(driver=driver_id),
    )
)
register_act(
    Act(
        place=40,
        title="Give loan",
        permission="loans.add_driverloan",
        url=lambda driver_id: f"{reverse('admin:loans_driverloan_disburse')}?driver={driver_id}",
    )
)
