"""Who works with drivers, vehicles and leases."""

import pytest
from django.contrib.auth.models import User

from tests.factories import UserFactory
from tests.leases.pages import LOOK


@pytest.fixture
def office() -> User:
    return UserFactory.create(groups=["Office"])


@pytest.fixture
def onlooker() -> User:
    """Sees drivers, vehicles and leases, but no money."""
    return UserFactory.create(permissions=LOOK)
