"""*Control → Status*: for supervisors and administrators; each figure leads to a page that its reader may open."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from config.watching.status import say_age
from config.watching.versions import PRODUCT
from core.models import AuditRun, Backup
from tests.factories import DriverFactory, UserFactory
from tests.ledger.proofs import charge
from tests.owner import as_owner

pytestmark = pytest.mark.django_db

#: The person, their rights and roles (five statements), ten for the figures, CURB's last answer, the last verification
#: of seals, and who is signed in.
QUERIES = 18


@pytest.fixture
def look(client):
    def open_as(role):
        user = UserFactory.create(username=role.lower(), is_staff=True, is_superuser=role == "Superuser")
        user.groups.set(Group.objects.filter(name=role))
        client.force_login(user)
        return client.get("/admin/status/")

    return open_as


def words_of(answer) -> str:
    body = answer.content.decode().split('id="content"')[-1]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.mark.parametrize("role", ["Cashier", "Office", "Auditor"])
def test_it_is_not_for_everybody(role, look):
    answer = look(role)

    assert answer.status_code == 403
    assert "the right to see how the product itself is doing" in answer.content.decode()


@pytest.mark.parametrize("role", ["Supervisor", "Superuser"])
def test_each_figure_leads_to_a_page_that_its_reader_may_open(role, look, client):
    charge(DriverFactory.create(), "MISC-1")
    AuditRun.objects.create(finished_at=timezone.now(), findings=2)
    answer = look(role)
    body = answer.content.decode().split('id="content"')[-1]
    links = {unescape(link) for link in re.findall(r'href="(/[^"]+)"', body)}

    assert {"/admin/dtr/weekclose/", "/admin/ledger/seal/", "/readyz", "/healthz"} <= links
    closed = {link: client.get(link).status_code for link in links - {"/readyz", "/healthz"}}
    assert {link: status for link, status in closed.items() if status != 200} == {}


def test_it_is_in_the_menu_of_who_may_see_it(look):
    assert 'href="/admin/status/"' in look("Supervisor").content.decode()


def test_it_asks_few_questions(look, client, django_assert_num_queries):
    AuditRun.objects.create(finished_at=timezone.now())
    look("Supervisor")
    with django_assert_num_queries(QUERIES):
        answer = client.get("/admin/status/")

    assert answer.status_code == 200


def test_it_answers_without_redis_and_says_so(look, settings):
    settings.REDIS_URL = "unix:///nowhere/redis.sock"

    told = words_of(look("Supervisor"))

    assert "Redis does not answer: tills work on, and nothing runs by itself." in told
    assert f"Product {PRODUCT}" in told


def test_it_names_what_needs_a_look_and_who_is_signed_in(look):
    AuditRun.objects.create(finished_at=timezone.now() - timedelta(hours=1), findings=2)

    told = words_of(look("Supervisor"))

    assert "The last audit has 2 findings." in told
    assert re.search(r"\d+ signed in .* supervisor .* seconds? ago", told)


def test_it_tells_how_old_the_last_backup_is_and_that_there_was_none(look, client):
    never, late = "manage.py backup has never taken a backup.", "No backup was taken for more than a day."

    def look_after(hours: int) -> tuple[bool, bool]:
        with as_owner():
            Backup.objects.create(taken_at=timezone.now() - timedelta(hours=hours), size=3 * 2**19)
        told = words_of(client.get("/admin/status/"))
        assert re.search(r"Last backup [^–]+, 1\.5 MB", told)
        return never in told, late in told

    assert never in words_of(look("Supervisor"))
    assert look_after(27) == (False, True)
    assert look_after(25) == (False, False)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds ago"), (1, "1 second ago"), (61, "1 minute ago"), (7300, "2 hours ago"), (2e6, "23 days ago")],
)
def test_an_age_is_said_in_words(seconds, words):
    assert say_age(seconds) == words
