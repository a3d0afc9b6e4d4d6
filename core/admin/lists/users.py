"""Users and groups, in the look of the rest: single rights and groups of one's own, for superusers alone.

Logins are made, given passwords and locked on the page of people, which asks who may.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.forms.models import ModelChoiceIterator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from core.admin.records import FrameAdmin
from core.rights import say_permission

admin.site.unregister(User)
admin.site.unregister(Group)


class SuperusersAlone:
    """Whoever may change rights may have all of them, so it is asked for no less."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class _ByWords(ModelChoiceIterator):
    """Rights by their words: what belongs to one room of the house stands together."""

    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__(), key=lambda choice: choice[1].casefold()))


class RightsField(forms.ModelMultipleChoiceField):
    """Rights in the words in which a refusal names them: *Ledger: see postings*, for *ledger | posting | Can view …*"""

    iterator = _ByWords

    def label_from_instance(self, obj: Any) -> str:
        return say_permission(obj)


class TickedAdmin(FrameAdmin):
    """Groups and rights are ticked: Django's two boxes side by side need a mouse, and more width than a window has."""

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        if db_field.related_model is Permission:
            kwargs["form_class"] = RightsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)


@admin.register(User)
class UserAdmin(SuperusersAlone, DjangoUserAdmin, TickedAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "is_active", "is_superuser", "last_login")

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("admin:core_person_make")

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002
        user = self.get_object(request, unquote(id))
        if user is None:
            self._get_obj_does_not_exist_redirect(request, self.opts, id)
        own = user == request.user
        return redirect("admin:password_change") if own else redirect("admin:core_person_first_password", user.pk)


@admin.register(Group)
class GroupAdmin(SuperusersAlone, DjangoGroupAdmin, TickedAdmin):
    """The roles' own permissions come from the apps' GRANTS; other groups are free."""
