"""API tokens: made, with the secret shown this once, and revoked."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core import services
from core.admin.acts import ActPage, RecordActPage
from core.admin.fields import PlausibleDateField
from core.clock import at
from core.models import ApiToken
from core.services.tokens import ADD, MANAGE, MAX_NAME

_DAYS = {"30": "30 days", "90": "90 days", "365": "365 days"}
_TO_A_DAY = "day"
_UNTIL_REVOKED = "revoked"


class TokenForm(forms.Form):
    user = forms.ModelChoiceField(
        User.objects.filter(is_active=True).order_by("username"),
        label="Acts as",
        widget=UnfoldAdminSelectWidget(),
        help_text="What the program writes is written in this user's name. It never may more than they.",
    )
    name = forms.CharField(
        max_length=MAX_NAME,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="What it is for, like till-1 or payroll-export.",
    )
    scope = forms.ChoiceField(
        label="It may",
        choices=[
            (ApiToken.Scope.READ, "Read only: what the user may look at"),
            (ApiToken.Scope.COUNTER, "What the counter does: of the user's rights, those of a cashier"),
            (ApiToken.Scope.OFFICE, "What the office does: of the user's rights, those of the office"),
            (ApiToken.Scope.ALL, "Everything the user may"),
        ],
        widget=UnfoldAdminSelectWidget(),
    )
    good_for = forms.ChoiceField(label="Good for", initial="90", widget=UnfoldAdminSelectWidget())
    last_day = PlausibleDateField(label="Last day", required=False, help_text="Only where it is good to a day.")

    def __init__(self, *args: Any, maker: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manages = maker.has_perm(MANAGE)
        if not manages:
            del self.fields["user"]
        choice = self.fields["good_for"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            *_DAYS.items(),
            (_TO_A_DAY, "To a day, named below"),
            *([(_UNTIL_REVOKED, "Until it is revoked")] if manages else []),
        ]

    def clean(self) -> dict[str, Any]:
        facts: dict[str, Any] = super().clean() or {}
        if facts.get("good_for") == _TO_A_DAY and not facts.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", ValidationError("This field is required.", code="required"))
        return facts

    def expires_at(self, now: datetime) -> datetime | None:
        good_for = self.cleaned_data["good_for"]
        if good_for == _UNTIL_REVOKED:
            return None
        if good_for == _TO_A_DAY:
            return at(self.cleaned_data["last_day"] + timedelta(days=1))
        return now + timedelta(days=int(good_for))


class MakeTokenPage(ActPage):
    """Makes a token, and shows its secret in the answer itself: nowhere else is it ever shown or kept."""

    permission_required = ADD
    title = "Make an API token"
    template_name = "core/make_token.html"
    form_class = TokenForm
    needs = (ADD, MANAGE)
    verb = "Make the token"
    inputs = {"expires_at": "last_day"}

    def has_permission(self) -> bool:
        return self.request.user.has_perm(ADD) or self.request.user.has_perm(MANAGE)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"maker": self.actor}

    def act(self, form: forms.Form) -> services.NewToken:
        assert isinstance(form, TokenForm)
        now = timezone.now()
        facts = form.cleaned_data
        return services.create_api_token(
            user=facts.get("user", self.actor),
            name=facts["name"],
            scope=facts["scope"],
            now=now,
            expires_at=form.expires_at(now),
            made_by=self.actor,
        )

    def finish(self, result: services.NewToken) -> HttpResponse:
        context = self.get_context_data(token=result.row, secret=result.secret, cancel_url=self.get_cancel_url())
        page = self.render_to_response(context)
        page["Cache-Control"] = "no-store, private"
        return page

    def get_cancel_url(self) -> str:
        return reverse("admin:core_apitoken_changelist")


class RevokeTokenPage(RecordActPage):
    model = ApiToken
    related = ("user",)
    template_name = "core/revoke_token.html"
    needs = (MANAGE,)
    verb = "Revoke the token"
    is_dangerous = True
    sentence = "Whatever sends it is refused from its next request on. Nothing brings a revoked token back."

    def has_permission(self) -> bool:
        return services.may_revoke(self.actor, self.record)

    def get_title(self) -> str:
        return f"Revoke {self.record.name} of {self.record.user}"

    def act(self, form: forms.Form) -> ApiToken:
        return services.revoke_api_token(token_id=self.record.pk, now=timezone.now(), revoked_by=self.actor)

    def describe(self, result: ApiToken) -> str:
        return f"{result.name} is revoked."
