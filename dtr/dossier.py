"""DTRs on a driver's page."""

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from core.dossier import SHOWN, Before, Event, Line, Section, Source, Table, register_events, register_section
from core.words import say_amount, say_week
from dtr.models import Dtr


def read_dtrs(request: HttpRequest, driver_id: int, today: date) -> Table:
    dtrs = Dtr.objects.filter(driver=driver_id).select_related("lease").order_by("-week_id", "number")[:SHOWN]
    return Table(
        columns=["DTR", "Pay week", "Lease", "Held#", "Owed and due#", "Owed, due later#"],
        lines=[
            Line(
                [
                    dtr.reference_id,
                    say_week(dtr.days, told_on=today),
                    dtr.lease or "no lease",
                    say_amount(dtr.held),
                    say_amount(dtr.owed_due),
                    say_amount(dtr.owed_since + dtr.owed_later),
                ],
                reverse("admin:dtr_dtr_change", args=[dtr.pk]),
            )
            for dtr in dtrs
        ],
        empty="No week was closed for them yet.",
        list_url=f"{reverse('admin:dtr_dtr_changelist')}?driver__id__exact={driver_id}",
    )


def read_seals(driver_id: int, before: Before, most: int) -> Sequence[Event]:
    """Return the DTRs as events of the timeline."""
    sealed = Dtr.objects.filter(driver=driver_id).filter(before.of("sealed_at"))
    return [
        Event(
            at=dtr.sealed_at,
            key=dtr.pk,
            says=f"Week {say_week(dtr.days)} closed",
            by="the close",
            url=reverse("admin:dtr_dtr_change", args=[dtr.pk]),
            paper=dtr.reference_id,
        )
        for dtr in sealed.order_by("-sealed_at", "-id")[:most]
    ]


register_events(Source(name="dtrs", permission="dtr.view_dtr", read=read_seals, is_money=True))
register_section(
    Section(
        place=60,
        tab="DTRs",
        title="DTRs",
        permission="dtr.view_dtr",
        read=read_dtrs,
        rows=lambda driver_id: Dtr.objects.filter(driver=driver_id),
    )
)
