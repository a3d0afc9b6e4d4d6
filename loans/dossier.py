"""Loans on the pages of a driver and a lease, and what became of them."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from core.changes import read_changes
from core.dossier import (
    SHOWN,
    Act,
    Before,
    Event,
    Line,
    Linked,
    Section,
    Source,
    Subject,
    Table,
    driver_url,
    register_act,
    register_events,
    register_section,
)
from core.words import say_amount, say_day
from ledger.installments.words import say_plan_change
from loans.models import DriverLoan


def read_loans(request: HttpRequest, driver_id: int, today: date) -> Table:
    return _tell(DriverLoan.objects.filter(driver=driver_id), f"driver__id__exact={driver_id}", today)


def read_lease_loans(request: HttpRequest, lease_id: int, today: date) -> Table:
    return _tell(DriverLoan.objects.filter(lease=lease_id), f"lease__id__exact={lease_id}", today)


def _tell(loans: QuerySet[DriverLoan], narrowed: str, today: date) -> Table:
    return Table(
        columns=["Loan", "Driver", "Given on", "State", "Principal#", "% a year#", "A week#"],
        lines=[
            Line(
                [
                    loan,
                    Linked(loan.driver, driver_url(loan.driver_id)),
                    say_day(loan.disbursed_on, told_on=today),
                    loan.get_status_display(),
                    say_amount(loan.principal),
                    loan.rate_percent,
                    say_amount(loan.weekly_amount),
                ],
                reverse("admin:loans_driverloan_change", args=[loan.pk]),
            )
            for loan in loans.select_related("driver").order_by("-id")[:SHOWN]
        ],
        empty="No loan was given.",
        list_url=f"{reverse('admin:loans_driverloan_changelist')}?{narrowed}",
    )


def _list_of(column: str, record_id: int) -> QuerySet[DriverLoan]:
    return DriverLoan.objects.filter(**{column: record_id})


def _read_events(column: str) -> Callable[[int, Before, int], Sequence[Event]]:
    def read(record_id: int, before: Before, most: int) -> Sequence[Event]:
        return read_changes(DriverLoan, Q(**{column: record_id}), before, most, say=_say_change, url=_url_of)

    return read


def _say_change(newer: Any, older: Any) -> str:
    if older is None:
        return f"Loan given: ${say_amount(newer.principal)}, ${say_amount(newer.weekly_amount)} a week"
    return say_plan_change("Loan", DriverLoan, newer, older)


def _url_of(row: Any) -> str:
    return reverse("admin:loans_driverloan_change", args=[row.id])


for subject, read, column in (
    (Subject.DRIVER, read_loans, "driver_id"),
    (Subject.LEASE, read_lease_loans, "lease_id"),
):
    register_section(
        Section(
            of=subject,
            place=36,
            tab="Plans",
            title="Loans",
            permission="loans.view_driverloan",
            read=read,
            rows=partial(_list_of, column),
        )
    )
    register_events(Source(of=subject, name="loans", permission="loans.view_driverloan", read=_read_events(column)))
register_act(
    Act(
        place=40,
        title="Give loan",
        permission="loans.add_driverloan",
        url=lambda state: f"{reverse('admin:loans_driverloan_disburse')}?driver={state.pk}",
    )
)
