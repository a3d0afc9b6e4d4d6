"""What of the pay week waits for people, as Home tells it."""

from django.db.models import F, Func, IntegerField, Sum
from django.urls import reverse

from core.desk import Stack, register_stack
from dtr import selectors

register_stack(
    Stack(
        name="dtr.unpaid",
        title="DTRs not paid out",
        permission="dtr.view_dtr",
        rows=lambda today: selectors.list_unpaid_dtrs(),
        amount=Sum(F("held") - F("owed_due")),
        address=lambda today: f"{reverse('admin:dtr_dtr_changelist')}?paid_out=no",
        say=lambda waiting, today: "Of the week that was closed last. Drivers may ask.",
    )
)
register_stack(
    Stack(
        name="dtr.failed",
        title="Drivers whom the close left out",
        permission="dtr.close_week",
        rows=lambda today: selectors.list_failed_batches(),
        count=Sum(Func(F("driver_ids"), function="cardinality", output_field=IntegerField())),
        address=lambda today: f"{reverse('admin:dtr_weekclose_changelist')}?state__exact=OPEN",
        say=lambda waiting, today: "What failed is told there. The week stays open until they are tried again.",
    )
)
