"""Payments and payouts by what stands on them: their own number, a check's, or a bank's reference."""

from django.db.models import Q
from django.db.models.functions import Reverse, Upper
from django.db.models.lookups import StartsWith

from core.sources import number_in
from ledger.models import InterimPayment, Payout

#: Signs of the end of a reference by which it is known; fewer are the whole of a check's number, or nothing.
FEWEST_OF_AN_END = 4


def is_numbered(term: str, model: type[InterimPayment] | type[Payout]) -> Q:
    """Return which payments or payouts bear the number or reference, or one that ends in it, in letters of any size.

    ``4759`` is the check 4759, and the transfers ``bank 4759`` and ``021000214759``. Each part has an index of its own.
    """
    number = number_in(term, model.prefix)
    named = Q(instrument_number__in={term, term.upper()})
    if len(term) >= FEWEST_OF_AN_END and term[-1].isalnum():
        named |= Q(StartsWith(Reverse(Upper("instrument_number")), term.upper()[::-1])) & ~Q(instrument_number="")
    return named if number is None else named | Q(number=number)
