"""The inputs of a report, made of its parameters."""

from datetime import date
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from core.admin.fields import PlausibleDateField
from core.reports import Parameter, ParameterKind, Report
from core.weeks import week_of

#: As far as a number of a record can go.
LARGEST = 10**15


class WeekField(PlausibleDateField):
    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        return week_of(day).end if day else None


class ReportForm(forms.Form):
    """What a report is asked; whatever the address leaves out is asked as its parameters start."""

    def __init__(self, report: Report, given: Any, *, today: date) -> None:
        asked = {parameter.name: parameter.get_initial(today) for parameter in report.parameters}
        asked.update({name: given[name] for name in asked if name in given})
        super().__init__(asked)
        self.parameters = report.parameters
        self.fields.update({parameter.name: _make_field(parameter, today) for parameter in report.parameters})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for parameter in self.parameters:
            first, last = cleaned.get(parameter.begins), cleaned.get(parameter.name)
            if parameter.begins and first and last and first > last:
                self.add_error(parameter.name, "This is before the beginning.")
        return cleaned

    def name_of(self) -> str:
        """Return what was asked as it stands in the name of a file: days, a quarter, a year, a number."""
        told = [self.cleaned_data[parameter.name] for parameter in self.parameters if parameter.kind in _NAMED]
        return "-".join(str(value).replace(" ", "-") for value in told if value)


_NAMED = set(ParameterKind) - {ParameterKind.TEXT, ParameterKind.CHOICE}


def _make_field(parameter: Parameter, today: date) -> forms.Field:
    match parameter.kind:
        case ParameterKind.DAY:
            return PlausibleDateField(label=parameter.label)
        case ParameterKind.PAST_DAY:
            return PlausibleDateField(label=parameter.label, latest=today, too_late="That day has not come yet.")
        case ParameterKind.WEEK:
            return WeekField(label=parameter.label)
        case ParameterKind.NUMBER:
            return forms.IntegerField(
                label=parameter.label,
                min_value=1,
                max_value=LARGEST,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget(),
            )
        case ParameterKind.TEXT:
            widget = UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"})
            return forms.CharField(label=parameter.label, max_length=80, required=False, widget=widget)
        case _:
            return forms.ChoiceField(
                label=parameter.label,
                choices=parameter.list_choices(today),
                required=parameter.kind != ParameterKind.CHOICE,
                widget=UnfoldAdminSelectWidget(),
            )
