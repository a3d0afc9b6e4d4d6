"""The heads of the ledger's seals that weeks and their DTRs keep: where seals are gone, they tell."""

from collections.abc import Iterator

from django.db.models import F, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from core.audits import audit
from core.words import say_full_day
from dtr.models import Dtr, WeekClose
from ledger import selectors as ledger

#: Enough to see what is wrong.
MOST = 1_000


@audit("dtr.seal_heads", "The seal that a week's close began with is still there, and its DTRs tell that one.")
def find_lost_heads() -> Iterator[str]:
    heads = dict(WeekClose.objects.exclude(seal_head="").order_by("week_end").values_list("week_end", "seal_head"))
    unknown = set(ledger.find_unknown_heads(list(heads.values())))
    for week_end, head in heads.items():
        if head in unknown:
            week = f"Week ending {say_full_day(week_end)}"
            yield f"{week}: no seal has the head {head} any more; seals were cut off, or made anew."
    told = Dtr.objects.annotate(told_head=Coalesce(KT("told__seal_head"), Value(""), output_field=TextField()))
    for dtr in told.exclude(told_head=F("week__seal_head")).select_related("week").order_by("number")[:MOST]:
        yield f"{dtr} tells the seal {dtr.seal_head or 'none'}, its week {dtr.week.seal_head or 'none'}."
