"""Passwords that people choose themselves: in the place of a given one, or by a link in their mail."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import password_validators_help_texts
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View
from kombu.exceptions import OperationalError
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget

from core import services
from core.admin.pages.second_step import SecondStepView
from core.api.throttles import find_wait
from core.doors.addresses import address_of
from core.doors.second_step import NEW_PASSWORD, find_step, pass_password
from core.errors import DomainError
from core.tasks import mail_password_links_task

#: Links that may be asked for in an hour: from one address, and for one mail address.
LINKS_OF_ADDRESS, LINKS_OF_MAIL = 20, 4
_HOUR = 3600


class NewPasswordForm(forms.Form):
    """A password, twice; whether it is good is the service's to say."""

    new_password1 = forms.CharField(
        label="New password",
        strip=False,
        max_length=500,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    new_password2 = forms.CharField(
        label="The same again",
        strip=False,
        max_length=500,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new_password2(self) -> str:
        again: str = self.cleaned_data["new_password2"]
        if again != self.cleaned_data.get("new_password1", again):
            raise forms.ValidationError("The two are not the same.", code="password_mismatch")
        return again

    def refuse(self, refusal: DomainError) -> None:
        self.add_error("new_password1" if refusal.at_field else None, refusal.message)


def _name_page(title: str) -> dict[str, Any]:
    return {"title": title, "rules": password_validators_help_texts()}


@method_decorator(sensitive_post_parameters(), name="dispatch")
class NewPasswordPage(SecondStepView):
    """Nothing opens to whoever was given their password, before they have chosen one here."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(NewPasswordForm(self.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = NewPasswordForm(self.user, request.POST)
        if find_step(request) != NEW_PASSWORD or not form.is_valid():
            return self.show(form)
        try:
            owner = services.replace_first_password(
                user=self.user,
                password=form.cleaned_data["new_password1"],
                now=timezone.now(),
                but_session=request.session.session_key,
            )
        except DomainError as refusal:
            form.refuse(refusal)
            return self.show(form)
        update_session_auth_hash(request, owner)
        pass_password(request)
        messages.success(request, "Your password is your own now.")
        return HttpResponseRedirect(self.find_next())

    def show(self, form: NewPasswordForm) -> HttpResponse:
        if find_step(self.request) != NEW_PASSWORD:
            return redirect("admin:password_change")
        named = _name_page("A password of your own")
        return self.render("core/new_password.html", **named, form=form, is_given=True, next=self.find_next())


class LinkForm(forms.Form):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"autocomplete": "email", "autofocus": True}),
    )


def _must_be_set() -> None:
    if not settings.MAIL_IS_SET:
        raise Http404


@method_decorator(never_cache, name="dispatch")
class PasswordLinkPage(View):
    """Asks for the mail address; the answer is the same whether anybody has it, and as quick: a worker looks."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        _must_be_set()
        request.current_app = admin.site.name
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(LinkForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = LinkForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        email = form.cleaned_data["email"]
        address = address_of(request)
        waits = (
            find_wait(f"link:address:{address}", LINKS_OF_ADDRESS, seconds=_HOUR),
            find_wait(f"link:mail:{email.lower()}", LINKS_OF_MAIL, seconds=_HOUR),
        )
        if any(waits):
            form.add_error(None, "This was asked for too often. It can be asked for again in an hour.")
            return self.show(form, status=429)
        if not self.hand_on(request, email, address):
            form.add_error(None, "Nothing can be mailed just now; try again later.")
            return self.show(form, status=503)
        return self.show(None)

    def hand_on(self, request: HttpRequest, email: str, address: str) -> bool:
        try:
            mail_password_links_task.delay(email, request.get_host(), request.is_secure(), address)
        except OperationalError:
            return False
        return True

    def show(self, form: LinkForm | None, *, status: int = 200) -> HttpResponse:
        context = {**admin.site.each_context(self.request), "title": "A new password", "form": form}
        return TemplateResponse(self.request, "core/password_link.html", context, status=status)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class LinkOpenedPage(PasswordResetConfirmView):
    """What the link in a mail opens: Django looks at it, keeps it in the session, and takes it out of the address."""

    form_class = NewPasswordForm  # type: ignore[assignment]
    template_name = "core/new_password.html"

    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        _must_be_set()
        self.request.current_app = admin.site.name
        return super().dispatch(*args, **kwargs)

    def get_user(self, uidb64: str) -> User | None:
        found: Any = super().get_user(uidb64)
        return found if found is not None and found.is_active and found.is_staff else None

    def form_valid(self, form: Any) -> HttpResponse:
        user: Any = self.user
        try:
            services.choose_password_by_link(user=user, password=form.cleaned_data["new_password1"])
        except DomainError as refusal:
            form.refuse(refusal)
            return self.form_invalid(form)
        # Another session at once: the way to the sign-in says otherwise that this one had ended.
        self.request.session.flush()
        self.request.session.create()
        messages.success(self.request, "Your new password is set. Sign in with it.")
        return redirect(settings.LOGIN_URL)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, **admin.site.each_context(self.request), **_name_page("A new password"), "is_given": False}
