"""Where an attribute of CURB's records belongs, and sums that do not add up: a person says so."""

from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from core.admin import ActPage, Page, RecordActPage
from curb import selectors, services
from curb.admin.pages.corrections import ReasonForm
from curb.models import AttributeRuling, TripFile
from curb.models.amounts import PLACE_LABELS
from curb.rules import Place
from ledger.forms import DateInput


class OpenAmountsPage(Page):
    """What nobody has ruled, or looked at, and what was ruled."""

    permission_required = "curb.view_trip"
    title = "Amounts to place"
    template_name = "curb/open_amounts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            attributes=selectors.list_open_attributes(),
            sums=selectors.list_unseen_sums(),
            rulings=AttributeRuling.objects.select_related("ruled_by"),
            may_rule=self.request.user.has_perm("curb.rule_attribute"),
            **kwargs,
        )


class RuleForm(forms.Form):
    place = forms.ChoiceField(label="Belongs to", widget=UnfoldAdminSelectWidget())
    from_on = forms.DateField(
        label="Trips from", widget=DateInput(), help_text="The first day of trips that are read so, in New York."
    )
    reason = forms.CharField(
        max_length=500, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}), help_text="Kept with your name."
    )

    def __init__(self, *args: Any, is_missing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["place"]
        assert isinstance(choice, forms.ChoiceField)
        places = [place for place in Place if (place == Place.MAY_BE_MISSING) == is_missing]
        choice.choices = [(place.value, PLACE_LABELS[place.value]) for place in places]


class RuleAttributePage(ActPage):
    """Trips that are credited or charged otherwise by the ruling are read anew; the next close makes up for it."""

    permission_required = "curb.rule_attribute"
    form_class = RuleForm
    template_name = "curb/rule_attribute.html"
    verb = "Rule so"
    has_preview = True
    inputs = {"key": ""}

    @property
    def key(self) -> str:
        key: str = self.kwargs["key"]
        return key

    def get_title(self) -> str:
        name = selectors.find_attribute_name(self.key)
        if name is None:
            raise Http404
        return f"Where {name} belongs"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"is_missing": selectors.is_missing_tax(self.key)}

    def get_initial(self) -> dict[str, Any]:
        first = [one.first_on for one in selectors.list_open_attributes() if one.key == self.key]
        return {"from_on": first[0] if first else None}

    def preview(self, form: forms.Form) -> services.RulingPreview:
        return services.preview_ruling(
            key=self.key, place=form.cleaned_data["place"], from_on=form.cleaned_data["from_on"]
        )

    def act(self, form: forms.Form) -> services.RulingPreview:
        return services.rule_attribute(key=self.key, actor=self.actor, **form.cleaned_data)

    def describe(self, result: services.RulingPreview) -> str:
        records = "1 record is" if result.records == 1 else f"{result.records} records are"
        counted = f"; the next close makes up for {result.counted} that were counted" if result.counted else ""
        return f"Ruled: {records} read so{counted}."

    def get_success_url(self, result: Any) -> str:
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return reverse("admin:curb_open_amounts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = AttributeRuling.objects.filter(key=self.key).select_related("ruled_by")
        return super().get_context_data(earlier=earlier, **kwargs)


class LookAtSumsPage(RecordActPage):
    permission_required = "curb.see_unread"
    model = TripFile
    record_name = "file"
    form_class = ReasonForm
    template_name = "curb/look_at_sums.html"
    verb = "Looked at"

    def get_title(self) -> str:
        return f"Sums of {self.record} that do not add up"

    def act(self, form: forms.Form) -> int:
        return services.look_at_sums(file_id=self.record.pk, reason=form.cleaned_data["reason"], actor=self.actor)

    def describe(self, result: int) -> str:
        return "The sum was looked at." if result == 1 else f"{result} sums were looked at."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sums = selectors.list_open_remarks(self.record).filter(what="SUM")
        sentences = [selectors.describe_remark(one) for one in sums[:ROWS_SHOWN]]
        return super().get_context_data(sums=sentences, count=len(sums), **kwargs)


#: Sums on the page.
ROWS_SHOWN = 200
