"""From ``REPAIR-5-2``, the reference of an installment, to the page of the plan it belongs to."""

import re
from collections.abc import Sequence

from django.urls import reverse

from core.sources import FindPage, SourcePage
from ledger.installments.models import Plan

#: What follows the plan's number in the reference of an installment.
INSTALLMENT = r"[0-9]{1,9}"


def make_plan_finder(
    *, prefix: str, model: type[Plan], label: str, permission: str, ends: Sequence[str] = ()
) -> FindPage:
    """Return what finds the page of a plan by its references, such as ``REPAIR-5-2`` for the prefix ``REPAIR``.

    ``label`` is what people call a plan, before its number; ``permission`` is needed to open the page; ``ends`` are
    further endings that a reference may have in place of an installment's number, such as ``PAYOFF``.
    """
    ending = "|".join([INSTALLMENT, *map(re.escape, ends)])
    pattern = re.compile(rf"{re.escape(prefix)}-([1-9][0-9]{{0,17}})-(?:{ending})")
    address = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"

    def find_page(reference_id: str) -> SourcePage | None:
        match = pattern.fullmatch(reference_id)
        if match is None or not model._default_manager.filter(pk=int(match.group(1))).exists():
            return None
        return SourcePage(f"{label} {match.group(1)}", reverse(address, args=[match.group(1)]), permission)

    return find_page
