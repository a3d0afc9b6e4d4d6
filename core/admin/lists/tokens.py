"""API tokens: whose they are, what they may, when they were last used; never the secrets, which nobody keeps."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from unfold.decorators import display

from core.admin.pages.tokens import MakeTokenPage, RevokeTokenPage
from core.admin.records import Button, Fact, ReadOnlyAdmin
from core.admin.search import number_in
from core.models import ApiToken
from core.services.tokens import ADD, MANAGE, may_revoke

#: Whoever sees all of them; the others see their own.
_SEES_ALL = ("core.view_apitoken", MANAGE)
_SOON = timedelta(days=14)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ["name", "user", "scope", "created_at", "good_to", "used", "state"]
    list_select_related = ["user"]
    list_filter = ["scope"]
    search_fields = ["name", "user__username"]
    ordering = ["-id"]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("make/", MakeTokenPage, "core_apitoken_make"),
            self.page("<int:record_id>/revoke/", RevokeTokenPage, "core_apitoken_revoke"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if any(request.user.has_perm(permission) for permission in _SEES_ALL):
            return True
        is_own = obj is None or (isinstance(obj, ApiToken) and obj.user_id == request.user.pk)
        return is_own and request.user.has_perm(ADD)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiToken]:
        tokens: QuerySet[ApiToken] = super().get_queryset(request)
        if any(request.user.has_perm(permission) for permission in _SEES_ALL):
            return tokens
        user: Any = request.user
        return tokens.filter(user=user)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> ApiToken | None:
        if number_in(object_id) is None:
            return None
        return self.get_queryset(request).select_related("user", "made_by", "revoked_by").filter(pk=object_id).first()

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        if not (request.user.has_perm(ADD) or request.user.has_perm(MANAGE)):
            return []
        return [Button("Make a token", reverse("admin:core_apitoken_make"), is_main=True)]

    @admin.display(description="Expires")
    def good_to(self, token: ApiToken) -> Any:
        return token.expires_at or "when revoked"

    @admin.display(description="Last used")
    def used(self, token: ApiToken) -> Any:
        return token.last_used_on or "never"

    @display(
        description="State",
        label={
            "Live": "success",
            "Expires soon": "warning",
            "Expired": "danger",
            "Revoked": "danger",
            "User inactive": "danger",
        },
    )
    def state(self, token: ApiToken) -> str:
        return say_state(token)

    def get_detail(self, request: HttpRequest, record: ApiToken) -> dict[str, Any]:
        user: Any = request.user
        buttons = []
        if record.revoked_at is None and may_revoke(user, record):
            revoke = reverse("admin:core_apitoken_revoke", args=[record.pk])
            buttons.append(Button("Revoke", revoke, is_dangerous=True))
        return {
            "title": f"API token {record.name}",
            "facts": [
                Fact("State", say_state(record)),
                Fact("Acts as", record.user),
                Fact("It may", record.get_scope_display()),
                Fact("Made", record.created_at),
                Fact("Made by", record.made_by or "whoever runs the server"),
                Fact("Expires", self.good_to(record)),
                Fact("Last used", self.used(record)),
                Fact("Revoked", record.revoked_at),
                Fact("Revoked by", record.revoked_at and (record.revoked_by or "whoever runs the server")),
            ],
            "buttons": buttons,
        }


def say_state(token: ApiToken) -> str:
    now = timezone.now()
    if token.revoked_at is not None:
        return "Revoked"
    if token.expires_at is not None and token.expires_at <= now:
        return "Expired"
    if not token.user.is_active:
        return "User inactive"
    return "Expires soon" if token.expires_at is not None and token.expires_at <= now + _SOON else "Live"
