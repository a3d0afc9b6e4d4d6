"""Every sentence that tells somebody to do something leads to a page which that somebody may open, and which offers it.

``hints.py`` reads all such sentences out of the source; each stands either among those that need no page
(``told.py``), or with its door (``doors.py``). A new sentence fails here until it has its place, and so does a place
whose sentence is gone.
"""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from core.groups import SUPERVISOR
from tests.config.doors import DOORS, Door
from tests.config.hints import is_hint, list_hints
from tests.config.told import TOLD
from tests.ledger.admin_pages import browse

#: A superuser has no role, and every permission.
SUPERUSER = ""


def test_every_hint_is_told_of_here():
    hints = list_hints()

    assert {hint: sorted(hints[hint]) for hint in hints if hint not in DOORS and hint not in TOLD} == {}
    assert sorted({*DOORS, *TOLD} - set(hints)) == []
    assert sorted(set(DOORS) & TOLD) == []


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("{} is open; close it first.", True),
        ("Void the payment, then take it anew.", True),
        ("A deposit is voided instead.", True),
        ("Nothing was written; try again.", True),
        ("Ask a supervisor to void it.", True),
        ("On the loan's page it is held.", True),
        ("Close the week", False),
        ("The books are closed.", False),
        ("Enter a repair invoice", False),
    ],
)
def test_a_hint_is_known_by_what_it_says(text, hints):
    assert is_hint(text) is hints


def readers_of(door: Door) -> list[str]:
    """Whoever may get the hint: the roles that hold a permission to what raises it, and a superuser always."""
    held: set[str] = set()
    for permission in door.raised_by:
        app, codename = permission.split(".")
        named = Group.objects.filter(permissions__content_type__app_label=app, permissions__codename=codename)
        roles = set(named.values_list("name", flat=True))
        assert roles, f"nobody holds {permission}"
        held |= roles
    return [SUPERUSER, *sorted(held)]


def offers(role: str, url: str, offered: str) -> tuple[bool, str]:
    page: Any = browse(role).get(url, follow=True)
    text = page.content.decode().replace("&#x27;", "'")
    return page.status_code == 200 and offered in text, f"{role or 'superuser'}: {url} ({page.status_code}) {offered!r}"


@pytest.mark.django_db
@pytest.mark.parametrize("hint", sorted(DOORS))
def test_a_hint_leads_to_what_it_names(hint):
    door = DOORS[hint]
    pages, readers = door.pages(), readers_of(door)
    assert pages
    closed = []
    for url, offered in pages:
        for role in readers:
            is_open, where = offers(role, url, offered)
            if not is_open and "a supervisor" in hint.lower():
                # They are told whom to ask; and who is asked can do it.
                assert role not in (SUPERUSER, SUPERVISOR), where
                is_open, where = offers(SUPERVISOR, url, offered)
            if not is_open:
                closed.append(where)
    assert closed == []


@pytest.mark.django_db
def test_nobody_is_told_to_ask_for_what_they_may_do_themselves():
    """Where a hint names a supervisor, somebody gets it who is none."""
    asking = {hint: door for hint, door in DOORS.items() if "a supervisor" in hint.lower()}
    assert asking
    assert [hint for hint, door in asking.items() if set(readers_of(door)) <= {SUPERUSER, SUPERVISOR}] == []
