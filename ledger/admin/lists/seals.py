"""Seals: what is sealed and what is not yet; and every verification, with what it found."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from unfold.decorators import display

from core.admin import Button, Fact, ReadOnlyAdmin
from core.admin.search import number_in
from ledger.admin.pages.seals import VerifySealsPage
from ledger.models import Seal, SealCheck
from ledger.selectors import find_last_seal_check, get_sealing, list_seal_checks, list_seals


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ["seal", "table_name", "after_id", "through_id", "row_count", "sealed_at", "digits"]
    ordering = ["-number"]
    change_list_template = "ledger/seals.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Seal]:
        return list_seals()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        now = {"sealing": get_sealing(), "last_check": find_last_seal_check()}
        return super().changelist_view(request, {**now, **(extra_context or {})})

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        buttons = []
        if request.user.has_perm("ledger.add_sealcheck"):
            buttons.append(Button("Verify the seals now", reverse("admin:ledger_sealcheck_verify"), is_main=True))
        if request.user.has_perm("ledger.view_sealcheck"):
            buttons.append(Button("Verifications", reverse("admin:ledger_sealcheck_changelist")))
        return buttons

    @admin.display(description="Seal")
    def seal(self, seal: Seal) -> str:
        return str(seal)

    @admin.display(description="Head with it")
    def digits(self, seal: Seal) -> str:
        return seal.head

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Seal | None:
        return None if number_in(object_id) is None else list_seals().filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Seal) -> dict[str, Any]:
        return {
            "facts": [
                Fact("Table", record.table_name),
                Fact("Ids", f"above {record.after_id} and up to {record.through_id}"),
                Fact("Rows", record.row_count),
                Fact("Sealed", record.sealed_at),
                Fact("Encoding", f"version {record.version}"),
                Fact("Head before it", record.previous or "none"),
                Fact("Head with it", record.digest),
            ],
            "buttons": [],
        }


@admin.register(SealCheck)
class SealCheckAdmin(ReadOnlyAdmin):
    list_display = ["verification", "checked_at", "author", "seals", "rows", "findings", "state"]
    ordering = ["-id"]
    detail_template = "ledger/seal_check.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.page("verify/", VerifySealsPage, "ledger_sealcheck_verify"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SealCheck]:
        return list_seal_checks()

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not request.user.has_perm("ledger.add_sealcheck"):
            return []
        return [Button("Verify the seals now", reverse("admin:ledger_sealcheck_verify"), is_main=True)]

    @admin.display(description="Verification")
    def verification(self, check: SealCheck) -> str:
        return str(check)

    @admin.display(description="By")
    def author(self, check: SealCheck) -> str:
        return str(check.checked_by or "the system")

    @display(description="Result", label={"Clean": "success", "Findings": "danger"})
    def state(self, check: SealCheck) -> str:
        return "Findings" if check.findings else "Clean"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SealCheck | None:
        return None if number_in(object_id) is None else list_seal_checks().filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: SealCheck) -> dict[str, Any]:
        return {
            "facts": [
                Fact("Verified", record.checked_at),
                Fact("By", record.checked_by or "the system"),
                Fact("Compared", "all seals" if record.is_whole else "new seals, and a part of the older ones"),
                Fact("Seals", record.seals),
                Fact("Rows", record.rows),
                Fact("Last seal", record.through_number),
                Fact("Head", record.head or "none: nothing was sealed"),
                Fact("Seconds", record.seconds),
            ],
            "buttons": self.list_buttons(request),
        }
