"""docs/people.md tells who may do what: each right of a role once, in words, as the roles have it and pages ask."""

from collections import Counter
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from core.groups import ROLES, list_granted
from tests.config.rights import ACTS, SECTIONS, Act
from tests.factories import UserFactory

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "people.md"
#: As the columns stand; superusers may do everything.
COLUMNS = ("Cashier", "Office", "Supervisor", "Auditor", "Administrator")


def write_table() -> list[str]:
    """Return the document's table, line by line, as what the apps grant makes it."""
    lines = [f"| act | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for section, acts in SECTIONS.items():
        lines.append(f"| **{section}** |" + " |" * len(COLUMNS))
        lines += [
            f"| {act.words} | {' | '.join('yes' if may(role, act) else '–' for role in COLUMNS)} |" for act in acts
        ]
    return lines


def may(role: str, act: Act) -> bool:
    """Whether the role may all of it; a line that says half of the truth fails."""
    if role not in ROLES:
        return True
    held = list_granted(role) & set(act.permissions)
    assert not held or held == set(act.permissions), f"{role} may only {sorted(held)} of {act.words!r}"
    return bool(held)


def test_each_right_of_a_role_stands_in_one_line():
    told = Counter(permission for act in ACTS for permission in act.permissions)
    granted = {permission for role in ROLES for permission in list_granted(role)}

    assert sorted(granted - set(told)) == []
    assert [permission for permission, count in told.items() if count > 1] == []
    assert set(COLUMNS[:-1]) == set(ROLES)


def test_the_document_tells_it():
    text = DOCUMENT.read_text()
    table = [line for line in text[text.index("## Who may do what") :].splitlines() if line.startswith("|")]

    assert table == write_table()


@pytest.mark.django_db
def test_the_roles_have_it():
    for role in ROLES:
        held = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
        assert {f"{app}.{name}" for app, name in held} == list_granted(role)


@pytest.mark.django_db
@pytest.mark.parametrize("role", COLUMNS)
def test_the_pages_ask_for_it(role):
    client = Client()
    is_superuser = role not in ROLES
    client.force_login(UserFactory.create(groups=[] if is_superuser else [role], is_superuser=is_superuser))

    answers = {page: client.get(reverse(page)).status_code for act in ACTS for page in act.pages}

    assert answers == {page: 200 if may(role, act) else 403 for act in ACTS for page in act.pages}
