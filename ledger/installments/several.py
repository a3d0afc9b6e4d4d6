"""Several plans of a module, held or resumed together."""

from typing import Any

from core.admin import SeveralPage
from ledger.installments.forms import ReasonForm, ResumeForm


class SeveralPlansPage(SeveralPage):
    related = ("driver",)
    heads = ("Driver",)

    def cells_of(self, record: Any) -> tuple[Any, ...]:
        return (record.driver,)


class HoldPlansPage(SeveralPlansPage):
    name, verb, done = "hold", "Hold", "put on hold"
    form_class = ReasonForm
    sentence = "No further installment is charged until it is resumed. What is charged already stays owed."


class ResumePlansPage(SeveralPlansPage):
    name, verb, done = "resume", "Resume", "resumed"
    form_class = ResumeForm
    #: From which week on, nobody has said yet.
    blank = None
