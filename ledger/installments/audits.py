"""What every module promises of its plans. The module registers the audits, under its own name and words."""

from collections.abc import Iterator

from ledger.categories import Status
from ledger.installments.models import Installment, PlanStatus
from ledger.selectors.balances import list_balances_by_reference

#: A promise broken a thousand times is broken.
MAX_FINDINGS = 1000
REFERENCES_AT_ONCE = 5000


def find_wrong_holds(model: type[Installment], plan: str) -> Iterator[str]:
    """Yield the installments that wait on hold while their plan is active, and those that don't while it is not.

    ``plan`` is the name of their foreign key.
    """
    unposted = model._default_manager.filter(posted_at=None).select_related(plan).order_by("pk")
    is_active = {f"{plan}__status": PlanStatus.ACTIVE}
    for row in unposted.filter(on_hold=True, **is_active)[:MAX_FINDINGS]:
        yield f"{row} is on hold, and {getattr(row, plan)} is active."
    for row in unposted.filter(on_hold=False).exclude(**is_active)[:MAX_FINDINGS]:
        yield f"{row} will be charged, and {getattr(row, plan)} is {getattr(row, plan).get_status_display().lower()}."


def find_charges_of_voided(model: type[Installment], plan: str, *, noun: str) -> Iterator[str]:
    """Yield what is still charged of plans that were voided; ``noun`` is what people call a plan."""
    voided = model._default_manager.filter(posted_at__isnull=False, **{f"{plan}__status": PlanStatus.VOIDED})
    references = list(voided.order_by("pk").values_list("reference_id", flat=True))
    for chunk in split_references(references):
        for balance in list_balances_by_reference(chunk):
            if balance.status != Status.VOIDED:
                yield f"{balance.reference_id} of a voided {noun} is {balance.get_status_display().lower()}."


def split_references(references: list[str]) -> Iterator[list[str]]:
    """Cut references into runs that one question to the ledger can name."""
    return (references[start : start + REFERENCES_AT_ONCE] for start in range(0, len(references), REFERENCES_AT_ONCE))
