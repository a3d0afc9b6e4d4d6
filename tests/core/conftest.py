"""What tests of core share: a program outside that receives webhooks."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.core.receiver import Receiver, receiving


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A program on this machine, to which the settings allow events to be sent."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with receiving() as program:
        yield program
