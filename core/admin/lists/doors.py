"""The log of sign-ins and refusals, what is locked just now, and who has an authenticator."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import F, Max, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from core.admin.filters import MomentRangeFilter
from core.admin.pages.doors import ResetAuthenticatorPage, UnlockPage
from core.admin.records import Button, Fact, ReadOnlyAdmin, list_url
from core.admin.search import number_in
from core.doors.locks import Failures
from core.models import AccessEntry, Authenticator, SignInFailure
from core.services.access import UNLOCK
from core.services.authenticators import may_reset

# Their own pages show keys.
admin.site.unregister([TOTPDevice, StaticDevice])


@admin.register(AccessEntry)
class AccessEntryAdmin(ReadOnlyAdmin):
    list_display = ["at", "kind_label", "username", "address", "told"]
    list_display_links = ["at"]
    list_filter = [("kind", ChoicesDropdownFilter), ("at", MomentRangeFilter)]
    search_fields = ["username", "address", "told", "request_id__exact"]
    search_help_text = "A name, an address, part of a path, or the number of a request"
    ordering = ["-id"]
    _LABELS: ClassVar = {
        "Signed in": "success",
        "Sign-in failed": "warning",
        "Wrong code": "warning",
        "Locked out": "danger",
        "Refused": "danger",
        "Authenticator taken away": "warning",
        "First password given": "warning",
        "Person locked": "warning",
    }

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        return [Button("Failed sign-ins", list_url(SignInFailure))]

    @display(description="What", label=_LABELS)
    def kind_label(self, entry: AccessEntry) -> str:
        return entry.get_kind_display()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AccessEntry | None:
        return None if number_in(object_id) is None else AccessEntry.objects.filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: AccessEntry) -> dict[str, Any]:
        more = list_url(AccessEntry, q=record.username) if record.username else ""
        facts = [
            Fact("When", record.at),
            Fact("What", record.get_kind_display()),
            Fact("Who", record.username, more),
            Fact("From", record.address, list_url(AccessEntry, q=record.address) if record.address else ""),
            Fact("Details", record.told),
            Fact("Request", record.request_id),
        ]
        return {"facts": [fact for fact in facts if fact.value]}


@admin.register(SignInFailure)
class SignInFailureAdmin(ReadOnlyAdmin):
    """What still counts: of a name, an address and a browser each, with the lock that follows from all of them."""

    list_display = ["who", "from_address", "failures", "last", "locked_until", "browser"]
    search_fields = ["username", "ip_address"]
    ordering = ["-attempt_time", "-id"]

    def get_urls(self) -> list[URLPattern]:
        return [self.page("<int:record_id>/unlock/", UnlockPage, "core_signinfailure_unlock"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignInFailure]:
        live: QuerySet[SignInFailure] = SignInFailure.objects.filter(
            attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME
        )
        counts: dict[str, Any] = {}
        for name, columns in (
            ("pair", ("username", "ip_address")),
            ("address", ("ip_address",)),
            ("user", ("username",)),
        ):
            same = live.filter(**{column: OuterRef(column) for column in columns}).order_by()
            grouped = same.annotate(all=Value(1)).values("all")
            counts[f"{name}_count"] = Coalesce(
                Subquery(grouped.annotate(count=Sum("failures_since_start")).values("count")), F("failures_since_start")
            )
            counts[f"{name}_last"] = Subquery(grouped.annotate(last=Max("attempt_time")).values("last"))
        counted: QuerySet[SignInFailure] = live.annotate(**counts)
        return counted

    @admin.display(description="Who")
    def who(self, failure: SignInFailure) -> str:
        return str(failure.username or "no name")

    @admin.display(description="Last", ordering="attempt_time")
    def last(self, failure: SignInFailure) -> Any:
        return failure.attempt_time

    @admin.display(description="Browser")
    def browser(self, failure: SignInFailure) -> str:
        return str(failure.user_agent)[:60]

    @admin.display(description="From")
    def from_address(self, failure: SignInFailure) -> str:
        return str(failure.ip_address or "unknown")

    @admin.display(description="Failures")
    def failures(self, failure: Any) -> int:
        count: int = failure.pair_count
        return count

    @admin.display(description="Locked until")
    def locked_until(self, failure: Any) -> datetime | str:
        return _find_lock(failure) or "not locked"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> SignInFailure | None:
        return None if number_in(object_id) is None else self.get_queryset(request).filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        until = _find_lock(record)
        unlock = reverse("admin:core_signinfailure_unlock", args=[record.pk])
        may_unlock = until is not None and request.user.has_perm(UNLOCK)
        return {
            "facts": [
                Fact("Who", record.username, list_url(AccessEntry, q=record.username)),
                Fact("From", self.from_address(record)),
                Fact("Failures of this name from there", record.pair_count),
                Fact("Failures of all from there", record.address_count),
                Fact("Failures of this name from anywhere", record.user_count),
                Fact("Last", record.attempt_time),
                Fact("Locked until", until or "not locked"),
                Fact("Browser", record.user_agent),
            ],
            "buttons": [Button("Unlock", unlock, is_main=True)] if may_unlock else [],
        }


def _find_lock(failure: Any) -> datetime | None:
    return Failures(
        pair=failure.pair_count,
        address=failure.address_count,
        user=failure.user_count,
        pair_last=failure.pair_last,
        address_last=failure.address_last,
        user_last=failure.user_last,
    ).find_locked_until()


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin):
    list_display = ["person", "since", "used", "wrong_codes"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__first_name", "user__last_name"]
    ordering = ["user__username", "id"]

    def get_urls(self) -> list[URLPattern]:
        reset = self.page("<int:record_id>/take-away/", ResetAuthenticatorPage, "core_authenticator_reset")
        return [reset, *super().get_urls()]

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        return [Button("Your own", reverse("authenticator"))]

    @admin.display(description="Of")
    def person(self, device: Authenticator) -> str:
        return str(device.user)

    @admin.display(description="Set up")
    def since(self, device: Authenticator) -> Any:
        return device.created_at

    @admin.display(description="Last used")
    def used(self, device: Authenticator) -> Any:
        return device.last_used_at or "never"

    @admin.display(description="Wrong codes since")
    def wrong_codes(self, device: Authenticator) -> int:
        count: int = device.throttling_failure_count
        return count

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Authenticator | None:
        found = Authenticator.objects.select_related("user")
        return None if number_in(object_id) is None else found.filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Authenticator) -> dict[str, Any]:
        user: Any = request.user
        reset = reverse("admin:core_authenticator_reset", args=[record.pk])
        return {
            "facts": [
                Fact("Of", record.user),
                Fact("Set up", record.created_at),
                Fact("Last used", self.used(record)),
                Fact("Wrong codes since", self.wrong_codes(record)),
            ],
            "buttons": [Button("Take it away", reset, is_dangerous=True)] if may_reset(user, record.user) else [],
        }
