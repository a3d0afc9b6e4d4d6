"""An act that moves money of one driver: its preview says each step in words and each balance in figures."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from core.api.acts import Act
from core.api.fields import StrictSerializer, TextField
from ledger import selectors
from ledger.api.told import PostedSerializer, PostingSerializer
from ledger.models import LedgerPosting
from ledger.services import MoneyPreview, preview_money


class ReasonBody(StrictSerializer):
    """Why it is done."""

    # Blank is the service's to refuse, by its own name.
    reason = TextField(max_length=500, allow_blank=True)


class MoneyAct(Act):
    """A subclass says whose money it is in :meth:`driver_of`, and moves it by one service."""

    is_one_service = True

    def driver_of(self, asked: dict[str, Any]) -> int:
        """Return the driver whose money is moved."""
        raise NotImplementedError

    def preview(self, asked: dict[str, Any]) -> dict[str, Any]:
        told: list[dict[str, Any]] = []
        would = preview_money(
            driver_id=self.driver_of(asked), act=lambda: told.append(self.tell(self.perform(asked))), today=self.today
        )
        return {**told[0], "dry_run": tell_preview(would)}


class PostingAct(MoneyAct):
    """An act on what a posting opened, named by `posting_id` in its address; it answers the postings it wrote."""

    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = PostedSerializer
    body: ClassVar[type[StrictSerializer]] = ReasonBody

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = selectors.get_posting(asked["posting_id"]).driver_id
        return driver_id

    def tell(self, done: Any) -> dict[str, Any]:
        return tell_postings(done if isinstance(done, list) else [done])

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        voided = selectors.list_voided(posting["id"] for posting in told["postings"])
        return {"voided": {"postings": voided}} if voided else {}


class OpeningAct(MoneyAct):
    """An act that opens a balance of the driver whom its body names, and answers the posting."""

    answers: ClassVar[type[serializers.BaseSerializer[Any]]] = PostingSerializer
    status = 201

    def driver_of(self, asked: dict[str, Any]) -> int:
        driver_id: int = asked["driver_id"]
        return driver_id

    def tell(self, done: LedgerPosting) -> dict[str, Any]:
        return super().tell(load([done.pk]).get())

    def tell_since(self, told: dict[str, Any]) -> dict[str, Any]:
        is_voided = bool(selectors.list_voided([told["id"]]))
        return {"voided": {"status": "VOIDED", "amount": told["amount"]}} if is_voided else {}


def tell_postings(written: list[LedgerPosting]) -> dict[str, Any]:
    """Return what was written, each posting in words."""
    return {"postings": PostingSerializer(load([posting.pk for posting in written]), many=True).data}


def load(posting_ids: list[int]) -> QuerySet[LedgerPosting]:
    """Return these postings with what their words are made of, in the order in which they were written."""
    return selectors.with_words(LedgerPosting.objects.filter(pk__in=posting_ids)).order_by("id")


def tell_preview(would: MoneyPreview) -> dict[str, Any]:
    """Return what an act would do: its steps in words, each balance in figures."""
    return {
        "steps": would.steps,
        "changes": [
            {
                "reference_id": change.reference_id,
                "description": change.description,
                "category": change.category,
                "entry_type": "DEBIT" if change.is_obligation else "CREDIT",
                "before": f"{change.before:.2f}",
                "after": f"{change.after:.2f}",
            }
            for change in would.changes
        ],
        "net_position_change": f"{would.net_position_change:.2f}",
    }
