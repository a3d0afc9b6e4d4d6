"""Plans of the business modules against what the ledger was asked to post."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Subquery

from core.audits import audit
from core.words import say_full_day
from ledger.audits.queries import MAX_ROWS
from ledger.categories import Kind
from ledger.installments.models import list_installment_models
from ledger.models import LedgerPosting


@audit(
    "ledger.installments",
    "An installment is marked posted exactly when its charge, as planned and due when planned, is in the ledger.",
)
def find_wrong_marks() -> Iterator[str]:
    for model in list_installment_models():
        name = model._meta.verbose_name
        charges = LedgerPosting.objects.filter(kind=Kind.OBLIGATION, reference_id=OuterRef("reference_id"))
        planned = charges.filter(category=model.category)
        # What was called in before its time was due then; what a correction added to it falls due later.
        as_planned = Exists(planned.filter(amount=OuterRef("amount"))) & Exists(
            planned.filter(due_on__lte=OuterRef("due_on"))
        )
        rows = model._default_manager.order_by("pk")
        for row in rows.filter(~as_planned, posted_at__isnull=False)[:MAX_ROWS]:
            yield f"The {name} {row.reference_id} of {row.amount} is marked posted, and the ledger has no such charge."
        for row in rows.filter(Exists(charges), posted_at__isnull=True)[:MAX_ROWS]:
            yield f"The {name} {row.reference_id} is in the ledger, and not marked posted."
        # The first charge is due when planned, or was called in: due on its own day, and before.
        first = charges.order_by("pk")
        posted = rows.filter(as_planned, posted_at__isnull=False).annotate(
            first_due_on=Subquery(first.values("due_on")[:1]), called_on=Subquery(first.values("effective_on")[:1])
        )
        late = posted.exclude(first_due_on=F("due_on")).exclude(first_due_on=F("called_on"), due_on__gt=F("called_on"))
        for row in late[:MAX_ROWS]:
            planned_on, charged_on = say_full_day(row.due_on), say_full_day(row.first_due_on)
            yield f"The {name} {row.reference_id} is planned for {planned_on}, and was charged due {charged_on}."
