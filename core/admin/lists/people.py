"""People of the office: who can sign in, by which roles, and what of theirs is open."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django_otp.plugins.otp_totp.models import TOTPDevice

from core import services
from core.admin.lists.tokens import say_state
from core.admin.pages.people import (
    AddPersonPage,
    ChangePersonPage,
    FirstPasswordPage,
    LockPersonPage,
    UnlockPersonPage,
)
from core.admin.records import Button, Fact, ReadOnlyAdmin, list_url
from core.admin.search import number_in
from core.doors.second_step import must_have_one
from core.groups import ADMINISTRATOR, say_roles
from core.models import AccessEntry, ApiToken, FirstPassword, Person, Session
from core.services.people import MANAGE

#: What a list makes a label of, and in which color.
_EXCEPTIONS = {
    "Locked": "bad",
    "Can't sign in": "bad",
    "Lacks one": "bad",
    "First password": "warning",
    "Password too old": "warning",
}


class StandingFilter(admin.SimpleListFilter):
    """What is to be looked at: who is locked, waits with a given password, or lacks what their role must have."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("active", "Can sign in"),
            ("locked", "Locked"),
            ("given", "First password waits"),
            ("lacks", "Lacks an authenticator"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "active":
                return queryset.filter(is_active=True, is_staff=True)
            case "locked":
                return queryset.filter(is_active=False)
            case "given":
                return queryset.filter(first_password__isnull=False)
            case "lacks":
                return queryset.filter(_must_have_one(), has_authenticator=False, is_active=True)
        return queryset


def _must_have_one() -> Q:
    roles = settings.TOTP_REQUIRED_ROLES
    named = Q(pk__in=Person.groups.through.objects.filter(group__name__in=roles).values("user_id"))
    return named | Q(is_superuser=True) if ADMINISTRATOR in roles else named


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    list_display = ["login", "full_name", "roles", "standing", "authenticator", "last_in", "sessions", "tokens"]
    list_filter = [StandingFilter, "groups"]
    search_fields = ["username", "first_name", "last_name", "email"]
    search_help_text = "A user name, a name or an e-mail address"
    ordering = ["username"]
    sortable_by = ["login", "last_in"]
    detail_template = "core/person.html"

    def get_urls(self) -> list[URLPattern]:
        return [
            self.page("make/", AddPersonPage, "core_person_make"),
            self.page("<int:record_id>/edit/", ChangePersonPage, "core_person_edit"),
            self.page("<int:record_id>/first-password/", FirstPasswordPage, "core_person_first_password"),
            self.page("<int:record_id>/lock/", LockPersonPage, "core_person_lock"),
            self.page("<int:record_id>/unlock/", UnlockPersonPage, "core_person_unlock"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Person]:
        now = timezone.now()
        sessions = Session.objects.filter(user=OuterRef("pk"), expire_date__gt=now)
        live = Q(expires_at=None) | Q(expires_at__gt=now)
        tokens = ApiToken.objects.filter(live, user=OuterRef("pk"), revoked_at=None)
        people: QuerySet[Person] = Person.objects.prefetch_related("groups").select_related("first_password")
        return people.annotate(
            has_authenticator=Exists(TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)),
            session_count=_count(sessions),
            token_count=_count(tokens),
        )

    def list_buttons(self, request: HttpRequest) -> list[Button]:
        buttons = []
        if request.user.has_perm(MANAGE):
            buttons.append(Button("Add a person", reverse("admin:core_person_make"), is_main=True))
        if request.user.is_superuser:
            buttons.append(Button("Single rights", reverse("admin:auth_user_changelist")))
        return buttons

    @admin.display(description="Name")
    def full_name(self, person: Person) -> str:
        return person.get_full_name() or "–"

    @admin.display(description="Roles")
    def roles(self, person: Person) -> str:
        return say_roles(person) or "none"

    @admin.display(description="User name", ordering="username")
    def login(self, person: Person) -> str:
        return person.get_username()

    @admin.display(description="Standing")
    def standing(self, person: Person) -> str:
        return _mark(say_standing(person))

    @admin.display(description="Authenticator")
    def authenticator(self, person: Any) -> str:
        return _mark(say_authenticator(person))

    @admin.display(description="Last sign-in", ordering="last_login")
    def last_in(self, person: Person) -> Any:
        return person.last_login or "never"

    @admin.display(description="Sessions")
    def sessions(self, person: Any) -> int:
        count: int = person.session_count
        return count

    @admin.display(description="API tokens")
    def tokens(self, person: Any) -> int:
        count: int = person.token_count
        return count

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Person | None:
        return None if number_in(object_id) is None else self.get_queryset(request).filter(pk=object_id).first()

    def get_detail(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        given = find_first_password(record)
        return {
            "title": str(record),
            "facts": [
                Fact("User name", record.get_username()),
                Fact("Name", record.get_full_name()),
                Fact("E-mail", record.email),
                Fact("Roles", self.roles(record)),
                Fact("Standing", say_standing(record)),
                Fact("First password", given and f"given by {given.given_by or 'whoever runs the server'}"),
                Fact("It is good to", given and given.good_to),
                Fact("Authenticator", say_authenticator(record)),
                Fact("Last sign-in", self.last_in(record)),
                Fact("Made", record.date_joined),
                Fact("Log", "what they did at the doors, and what was done to them", self._log_url(request, record)),
            ],
            "buttons": self._buttons(request, record),
            "sessions": Session.objects.filter(user=record, expire_date__gt=timezone.now()).order_by("expire_date"),
            "tokens": [
                (token, say_state(token), reverse("admin:core_apitoken_change", args=[token.pk]))
                for token in ApiToken.objects.filter(user=record).select_related("user").order_by("revoked_at", "-id")
            ],
        }

    def _log_url(self, request: HttpRequest, person: Person) -> str:
        may_see = request.user.has_perm("core.view_accessentry")
        return list_url(AccessEntry, q=person.get_username()) if may_see else ""

    def _buttons(self, request: HttpRequest, person: Person) -> list[Button]:
        actor: Any = request.user
        buttons = []
        if services.may_change_person(actor, person):
            buttons += [
                Button("Change", reverse("admin:core_person_edit", args=[person.pk])),
                Button("Give a new password", reverse("admin:core_person_first_password", args=[person.pk])),
            ]
            if not person.is_active:
                unlock = reverse("admin:core_person_unlock", args=[person.pk])
                buttons.insert(0, Button("Unlock", unlock, is_main=True))
        if person.is_active and services.may_lock_person(actor, person):
            buttons.append(Button("Lock", reverse("admin:core_person_lock", args=[person.pk]), is_dangerous=True))
        return buttons


def say_standing(person: Person) -> str:
    if not person.is_active:
        return "Locked"
    if not person.is_staff:
        return "Can't sign in"
    given = find_first_password(person)
    if given is None:
        return "can sign in"
    return "First password" if given.good_to > timezone.now() else "Password too old"


def say_authenticator(person: Any) -> str:
    if person.has_authenticator:
        return "set up"
    return "Lacks one" if must_have_one(person) else "none"


def find_first_password(person: Person) -> FirstPassword | None:
    """Return the given password that waits to be changed, or None."""
    found: FirstPassword | None = getattr(person, "first_password", None)
    return found


def _mark(told: str) -> str:
    """Return what is no exception as it is, and what is one as a label."""
    tone = _EXCEPTIONS.get(told)
    return format_html('<span class="state is-{}">{}</span>', tone, told) if tone else told


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("user").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)
