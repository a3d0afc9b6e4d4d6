"""When a plan starts is chosen by days as people say them."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.installments import forms


@pytest.mark.parametrize(
    ("today", "choices"),
    [
        (date(2026, 11, 29), ["This week, Nov 29–Dec 5", "Next week, Dec 6–12"]),
        (date(2026, 12, 26), ["This week, Dec 20–26", "Next week, Dec 27, 2026–Jan 2, 2027"]),
    ],
)
def test_the_weeks_are_said_as_days(today: date, choices: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "timezone", SimpleNamespace(localdate=lambda: today))
    offered: Any = forms.StartField().choices
    assert [words for _, words in offered] == choices
