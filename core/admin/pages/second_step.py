"""The page that asks for a code after the password, and everybody's own page of their authenticator."""

import logging
from base64 import b32encode
from binascii import unhexlify
from typing import Any

import qrcode
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.generic import View
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice, default_key
from qrcode.image.svg import SvgPathImage
from unfold.widgets import UnfoldAdminTextInputWidget

from core import services
from core.doors.addresses import address_of
from core.doors.log import Kind, write_entry
from core.doors.second_step import CODE, SET_UP, find_step, forget_step, must_have_one, pass_step
from core.doors.sessions import end_sessions_of
from core.errors import DomainError

logger = logging.getLogger(__name__)

#: In the session, while an authenticator is being set up: the key that the app is given.
_KEY = "authenticator_key"


#: In the log: why a code was refused.
_SAID = {"code_wrong": "wrong, or used before", "code_too_soon": "not looked at, so soon after wrong ones"}


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True, "spellcheck": "false"}
        ),
    )

    def refuse(self, refusal: DomainError) -> None:
        self.add_error("code", refusal.message)


@method_decorator(never_cache, name="dispatch")
class SecondStepView(View):
    """What both pages share: somebody is signed in, and a code is taken in their name."""

    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not (isinstance(request.user, User) and admin.site.has_permission(request)):
            return redirect(settings.LOGIN_URL)
        self.user = request.user
        request.current_app = admin.site.name
        return super().dispatch(request, *args, **kwargs)

    def take(self, form: CodeForm) -> bool | None:
        """Take the form's code; return whether it was a recovery code, or None where it is refused."""
        try:
            return services.take_code(user=self.user, code=form.cleaned_data["code"])
        except DomainError as refusal:
            logger.warning("Wrong code: %s from %s", self.user.get_username(), address_of(self.request))
            write_entry(self.request, Kind.CODE_FAILED, user=self.user, told=_SAID.get(refusal.code, ""))
            form.refuse(refusal)
            return None

    def render(self, template: str, **context: Any) -> HttpResponse:
        page = TemplateResponse(self.request, template, {**admin.site.each_context(self.request), **context})
        page["Cache-Control"] = "no-store, private"
        return page

    def find_next(self) -> str:
        asked = self.request.POST.get("next") or self.request.GET.get("next") or ""
        is_here = url_has_allowed_host_and_scheme(
            asked, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )
        return asked if is_here else resolve_url(settings.LOGIN_REDIRECT_URL)


class CodePage(SecondStepView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if find_step(request) != CODE:
            return redirect(self.find_next())
        if not form.is_valid() or (is_recovery := self.take(form)) is None:
            return self.show(form)
        pass_step(request)
        write_entry(request, Kind.SIGNED_IN, user=self.user, told="with a recovery code" if is_recovery else "by code")
        if is_recovery:
            left = StaticToken.objects.filter(device__user=self.user).count()
            messages.warning(request, f"That recovery code is used up. You have {left} left.")
        return HttpResponseRedirect(self.find_next())

    def show(self, form: CodeForm) -> HttpResponse:
        if find_step(self.request) != CODE:
            return redirect(self.find_next())
        return self.render("core/second_step.html", title="Second step", form=form, next=self.find_next())


class AuthenticatorPage(SecondStepView):
    """Sets one's own authenticator up, shows the recovery codes once, makes new ones, or takes it away."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        device = self.find_device()
        if device is None:
            return self.set_up(form)
        if self.take(form) is None:
            return self.show(form)
        if request.POST.get("act") == "remove":
            services.remove_own_authenticator(user=self.user)
            end_sessions_of(self.user.pk, but=request.session.session_key)
            forget_step(request)
            write_entry(request, Kind.RESET, user=self.user, told="by themselves, with a code")
            messages.success(request, "Your authenticator is taken away. Set up the new one now.")
            return redirect(SET_UP)
        codes = services.renew_recovery_codes(user=self.user)
        write_entry(request, Kind.CODES, user=self.user)
        return self.show_codes(codes)

    def set_up(self, form: CodeForm) -> HttpResponse:
        request = self.request
        key = request.session.get(_KEY)
        if not key:
            return self.show(form)
        try:
            codes = services.set_up_authenticator(user=self.user, key=key, code=form.cleaned_data["code"])
        except DomainError as refusal:
            form.refuse(refusal)
            return self.show(form)
        del request.session[_KEY]
        pass_step(request)
        end_sessions_of(self.user.pk, but=request.session.session_key)
        write_entry(request, Kind.SET_UP, user=self.user)
        return self.show_codes(codes)

    def show(self, form: CodeForm) -> HttpResponse:
        device = self.find_device()
        context: dict[str, Any] = {"device": device, "form": form, "is_required": must_have_one(self.user)}
        if device is None:
            key = self.request.session.setdefault(_KEY, default_key())
            address = TOTPDevice(user=self.user, key=key).config_url
            secret = b32encode(unhexlify(key)).decode()
            drawn = qrcode.make(address, image_factory=SvgPathImage).to_string(encoding="unicode")
            context["qr"] = mark_safe(drawn)  # nosec B308  # a path of squares, with nobody's text in it
            context["secret"] = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        else:
            context["left"] = StaticToken.objects.filter(device__user=self.user).count()
        return self.render("core/authenticator.html", **self.name_page("Your authenticator"), **context)

    def show_codes(self, codes: list[str]) -> HttpResponse:
        return self.render("core/recovery_codes.html", **self.name_page("Your recovery codes"), codes=codes)

    def name_page(self, title: str) -> dict[str, Any]:
        """Before the second step there is no frame, since nothing that it leads to opens."""
        is_bare = find_step(self.request) is not None
        return {"title": title, "frame": "config/bare.html" if is_bare else "admin/base_site.html", "is_bare": is_bare}

    def find_device(self) -> TOTPDevice | None:
        return TOTPDevice.objects.filter(user=self.user, confirmed=True).first()
