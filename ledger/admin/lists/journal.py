"""Batches of the journal: the list, one batch with its files, taking the next one, and a view of some days."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, reverse

from core.admin import Button, Fact, ReadOnlyAdmin, money_cell
from core.admin.search import number_in
from ledger.admin.pages.journal import JournalFile, JournalViewPage, TakeBatchPage
from ledger.exports import FORMATS
from ledger.models import JournalBatch
from ledger.money import format_dollars


@admin.register(JournalBatch)
class JournalBatchAdmin(ReadOnlyAdmin):
    list_display = ["batch", "taken_at", "by", "from_on", "to_on", "entries", "money"]
    list_select_related = ["taken_by"]
    ordering = ["-number"]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("take/", TakeBatchPage, "ledger_journal_take"),
            self.page("view/", JournalViewPage, "ledger_journal_view"),
            self.page("<int:record_id>/file/<slug:form>/", JournalFile, "ledger_journal_file"),
            *super().get_urls(),
        ]

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        buttons = [Button("View of some days", reverse("admin:ledger_journal_view"))]
        if request.user.has_perm("ledger.add_journalbatch"):
            buttons.append(Button("Take the next batch", reverse("admin:ledger_journal_take"), is_main=True))
        return buttons

    @admin.display(description="Batch")
    def batch(self, batch: JournalBatch) -> str:
        return str(batch)

    @admin.display(description="Taken by")
    def by(self, batch: JournalBatch) -> str:
        return str(batch.taken_by or "the system")

    @admin.display(description="Debits, and credits")
    def money(self, batch: JournalBatch) -> str:
        return money_cell(batch.total)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> JournalBatch | None:
        if number_in(object_id) is None:
            return None
        return JournalBatch.objects.select_related("taken_by").filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: JournalBatch) -> dict[str, Any]:
        return {
            "facts": [
                Fact("Taken", record.taken_at),
                Fact("by", record.taken_by or "the system"),
                Fact("Days", f"{record.from_on:%b %-d, %Y} to {record.to_on:%b %-d, %Y}"),
                Fact("Entries", record.entries),
                Fact("Debits, and credits", format_dollars(record.total)),
            ],
            "buttons": [
                Button(form.label, reverse("admin:ledger_journal_file", args=[record.pk, form.name]))
                for form in FORMATS.values()
            ],
        }
