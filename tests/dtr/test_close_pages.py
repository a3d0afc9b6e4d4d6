"""The pages that close a week: preview, start, progress, another try."""

import re

import pytest
from django.urls import reverse

from dtr.models import CloseBatch, Step, WeekClose
from dtr.services import batches
from tests.dtr.fleet import SATURDAY, card, close, count_postings, drive, leased_driver
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

CLOSE = "/admin/dtr/weekclose/close/"


@pytest.fixture
def supervisor(client):
    user = UserFactory.create(groups=["Supervisor"])
    client.force_login(user)
    return user


def press(client, **typed):
    return client.post(CLOSE, {"week_end": SATURDAY.isoformat(), "_confirm": "1", **typed})


def page_of(name, week_end=SATURDAY):
    return reverse(f"admin:dtr_weekclose_{name}", args=[week_end.isoformat()])


class TestClosePage:
    def test_the_close_page_shows_what_it_would_do_and_writes_nothing(self, client, supervisor):
        leased_driver()
        drive(card("103.30"))
        page = client.get(CLOSE, {"week_end": "2026-03-07"})
        assert page.status_code == 200
        assert "100.00" in page.content.decode()
        assert count_postings() == 0

    def test_the_close_page_starts_and_the_workers_close(self, client, supervisor, worker):
        leased_driver()
        drive(card())
        answer = press(client)
        assert answer.url == page_of("change")
        week = WeekClose.objects.get()
        assert (week.is_closed, week.started_by) == (True, supervisor)

    def test_the_close_page_leads_to_the_close_under_way(self, client, supervisor):
        leased_driver()
        press(client)
        assert client.get(CLOSE).url == page_of("change")

    def test_the_close_page_says_why_not(self, client, supervisor):
        assert "ends on a Saturday" in press(client, week_end="2026-03-06").content.decode()
        for slip in ("0001-01-06", "9999-12-31"):
            assert "A day from 2000 to 2099" in press(client, week_end=slip).content.decode()
        close()
        assert "closed in order" in press(client, week_end="2026-03-28").content.decode()
        assert "closed in order" in client.get(CLOSE, {"week_end": "2026-03-28"}).content.decode()
        assert WeekClose.objects.count() == 1

    @pytest.mark.parametrize("role", ["Cashier", "Office", "Auditor"])
    def test_only_a_supervisor_may_close_a_week(self, client, role):
        client.force_login(UserFactory.create(groups=[role]))
        assert client.get(CLOSE).status_code == 403
        assert press(client).status_code == 403
        assert WeekClose.objects.count() == 0

    def test_the_list_of_closes_offers_the_next(self, client, supervisor):
        assert CLOSE in client.get(reverse("admin:dtr_weekclose_changelist")).content.decode()


class TestProgress:
    def test_progress_is_asked_for_until_the_week_is_closed(self, client, supervisor):
        leased_driver()
        press(client)
        page = client.get(page_of("change")).content.decode()
        assert 'hx-trigger="every 2s"' in page
        assert "0 of 4" in page
        under_way = client.get(page_of("progress"))
        assert (under_way.status_code, "0 of 4" in under_way.content.decode()) == (200, True)
        close()
        assert client.get(page_of("progress")).status_code == 286
        assert 'hx-trigger="every' not in client.get(page_of("change")).content.decode()

    def test_the_progress_of_an_unknown_week_is_not_there(self, client, supervisor):
        assert client.get("/admin/dtr/weekclose/x/progress/").status_code == 404
        assert client.get("/admin/dtr/weekclose/2026-03-14/progress/").status_code == 404


def assert_told_on_home(client, driver):
    """Home counts the drivers, names them and leads to another try, at the list and at once."""
    home = client.get("/admin/").content.decode()
    assert re.search(r">1</a></strong>\s*<div><a [^>]*state__exact=OPEN[^>]*>Drivers whom the close left out</a>", home)
    listed = client.get("/admin/dtr/weekclose/?state__exact=OPEN").content.decode()
    card = client.get("/admin/home/week/").content.decode()
    assert f'<a class="cell-link" href="/admin/drivers/{driver.pk}/">{driver}</a>' in card
    assert all(page_of("change") in told for told in (listed, card))
    assert "Try them again" in client.get(page_of("change")).content.decode()


class TestFailure:
    def test_what_failed_is_shown_with_its_driver_and_tried_again(self, client, supervisor, worker, monkeypatch):
        lease = leased_driver()
        real = batches.credit_earnings

        def refuse(**_):
            raise ZeroDivisionError("no meter")

        monkeypatch.setattr(batches, "credit_earnings", refuse)
        press(client)
        assert client.get(page_of("progress")).status_code == 286
        page = client.get(page_of("change")).content.decode()
        assert "ZeroDivisionError: no meter" in page
        assert str(lease.primary_driver) in page
        assert_told_on_home(client, lease.primary_driver)

        monkeypatch.setattr(batches, "credit_earnings", real)
        assert client.get(page_of("retry")).status_code == 200
        assert not CloseBatch.objects.filter(step=Step.CREDIT_EARNINGS, failed_at=None).exists()
        client.post(page_of("retry"), {"_confirm": "1"})
        assert WeekClose.objects.get().is_closed
        assert "left out" not in client.get("/admin/").content.decode()
