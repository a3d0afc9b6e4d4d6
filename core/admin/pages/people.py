"""Acts on people's logins: made with a role, changed, given a password, locked and unlocked."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from core import mails, services
from core.admin.acts import ActPage, RecordActPage
from core.admin.pages.doors import WhyForm
from core.api.request_ids import current_request_id
from core.doors.addresses import address_of
from core.models import Person
from core.services.people import MANAGE, MAX_MAIL, MAX_NAME, MAX_USERNAME


def _text(label: str, longest: int, **more: Any) -> forms.CharField:
    widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=longest, widget=widget, **more)


class PersonForm(WhyForm):
    """What a person is called and which roles they have; only what the actor may give is offered."""

    first_name = _text("First name", MAX_NAME, required=False)
    last_name = _text("Last name", MAX_NAME, required=False)
    email = forms.EmailField(
        label="E-mail",
        max_length=MAX_MAIL,
        required=False,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
    )
    roles = forms.MultipleChoiceField(label="Roles", required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget())
    is_superuser = forms.BooleanField(
        label="Administrator",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="May do everything, and needs no role.",
    )
    field_order = ("username", "first_name", "last_name", "email", "roles", "is_superuser", "reason")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = self.fields["roles"]
        assert isinstance(roles, forms.MultipleChoiceField)
        roles.choices = [(group.name, group.name) for group in services.list_roles_to_give(actor)]
        if not actor.is_superuser:
            del self.fields["is_superuser"]


class NewPersonForm(PersonForm):
    username = _text("User name", MAX_USERNAME, help_text="They sign in by it, and what they do bears it. It stays.")


class PeopleAct(ActPage):
    """What the acts share: who acts, from where."""

    permission_required = MANAGE

    def get_source(self) -> services.Source:
        return services.Source(address=address_of(self.request), request_id=current_request_id())


class GivesPassword(PeopleAct):
    """An act by which somebody is given a password: mailed to them where that is possible, else shown this once."""

    def finish(self, result: services.GivenPassword) -> HttpResponse:
        there = reverse("admin:core_person_change", args=[result.user.pk])
        sign_in = self.request.build_absolute_uri(reverse("admin:login"))
        is_mailed = mails.send_first_password(result, sign_in=sign_in)
        was_tried = settings.MAIL_IS_SET and bool(result.user.email)
        context = self.get_context_data(
            given=result, is_mailed=is_mailed, not_mailed=was_tried, sign_in=sign_in, cancel_url=there
        )
        context["title"] = f"Password of {result.user}"
        page = self.response_class(
            request=self.request, template="core/first_password.html", context=context, using=self.template_engine
        )
        page["Cache-Control"] = "no-store, private"
        return page


class AddPersonPage(GivesPassword):
    title = "Add a person"
    template_name = "core/add_person.html"
    form_class = NewPersonForm
    verb = "Add the person"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.actor}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_mail=settings.MAIL_IS_SET, **kwargs)

    def act(self, form: forms.Form) -> services.GivenPassword:
        return services.add_person(now=timezone.now(), actor=self.actor, source=self.get_source(), **form.cleaned_data)

    def get_cancel_url(self) -> str:
        return reverse("admin:core_person_changelist")


class PersonAct(RecordActPage, PeopleAct):
    model = Person
    template_name = "core/door_act.html"
    form_class: type[forms.Form] = WhyForm
    needs = (MANAGE,)

    def has_permission(self) -> bool:
        return services.may_change_person(self.actor, self.record)


class ChangePersonPage(PersonAct):
    form_class = PersonForm
    verb = "Save"
    sentence = "What they may do changes with their next click."

    def get_title(self) -> str:
        return f"Change {self.record}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.actor}

    def get_initial(self) -> dict[str, Any]:
        person = self.record
        return {
            **{name: getattr(person, name) for name in ("first_name", "last_name", "email", "is_superuser")},
            "roles": [group.name for group in person.groups.all()],
        }

    def act(self, form: forms.Form) -> User:
        return services.change_person(
            person_id=self.record.pk, actor=self.actor, source=self.get_source(), **form.cleaned_data
        )

    def describe(self, result: User) -> str:
        return f"{result} is changed."


class FirstPasswordPage(PersonAct, GivesPassword):
    verb = "Give a new password"
    sentence = (
        "Their password of now is over, and so are their sessions. They sign in with the new one once, and choose "
        "another at once. Make sure that it is them who asks."
    )

    def get_title(self) -> str:
        return f"Give {self.record} a new password"

    def act(self, form: forms.Form) -> services.GivenPassword:
        return services.give_first_password(
            person_id=self.record.pk,
            now=timezone.now(),
            actor=self.actor,
            source=self.get_source(),
            **form.cleaned_data,
        )


class LockPersonPage(PersonAct):
    verb = "Lock"
    is_dangerous = True
    sentence = "They can't sign in any more, their sessions end, and their API tokens are refused from now on."

    def has_permission(self) -> bool:
        return services.may_lock_person(self.actor, self.record)

    def get_title(self) -> str:
        return f"Lock {self.record} out"

    def act(self, form: forms.Form) -> User:
        return services.lock_person(
            person_id=self.record.pk, actor=self.actor, source=self.get_source(), **form.cleaned_data
        )

    def describe(self, result: User) -> str:
        return f"{result} is locked out, and their sessions are over."


class UnlockPersonPage(PersonAct):
    verb = "Unlock"
    sentence = "They can sign in again by their password, and their API tokens that are not over are good again."

    def get_title(self) -> str:
        return f"Unlock {self.record}"

    def act(self, form: forms.Form) -> User:
        return services.unlock_person(
            person_id=self.record.pk, actor=self.actor, source=self.get_source(), **form.cleaned_data
        )

    def describe(self, result: User) -> str:
        return f"{result} can sign in again."
