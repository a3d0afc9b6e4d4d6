"""What is refused or not there is answered within the frame, with a way on; and never by a failure of our own."""

import logging
import sys
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import psycopg
import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import OperationalError, connection
from django.test import Client

from config.logs import without_traceback
from config.outage_lines import outage_in_one_line
from core.groups import ROLES, list_granted
from core.rights import say_right
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cashier(client):
    UserFactory(username="boss", first_name="Rosa", last_name="Diallo", is_superuser=True, is_staff=True)
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name="Cashier"))
    client.force_login(user)
    return client


def test_what_one_may_not_open_says_what_it_needs_and_who_gives_it(cashier):
    answer = cashier.get("/admin/dtr/weekclose/close/")

    assert answer.status_code == 403
    page = answer.content.decode()
    assert "You can&#x27;t open this page" in page
    assert "It needs the right to close a week. Rosa Diallo can give it to you." in page
    assert "Take a payment" in page  # the frame, with what they may do


def test_a_list_that_one_may_not_open_says_so_too(cashier):
    answer = cashier.get("/admin/core/auditrun/")

    assert answer.status_code == 403
    assert "It needs the right to see audit runs. Rosa Diallo" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "needed"),
    [
        ("reports/", "It needs the right to read the reports of the office or to read the reports of who did what"),
        ("reports/deposits/", "It needs the right to read the reports of the office. Rosa Diallo"),
        ("home/decided/", "It needs the right to read the reports of who did what with the money"),
        ("home/on-hand/", "It needs the right to see transfers."),
        ("status/", "It needs the right to see how the product itself is doing."),
        ("core/auditrun/run/", "It needs the right to add audit runs."),
        ("auth/user/", "It is open to administrators alone. Rosa Diallo"),
        ("ledger/booksentry/reopen/", "It is open to administrators alone. Rosa Diallo"),
        ("ledger/ledgerposting/add/", "Nobody can do that here, administrators neither."),
        ("ledger/interimpayment/add/", "You have the right to add payments, but it does not reach this."),
    ],
)
def test_every_page_says_what_it_needs_in_plain_words(cashier, address, needed):
    answer = cashier.get(f"/admin/{address}")

    assert answer.status_code == 403
    page = answer.content.decode()
    assert needed in page
    assert "“Can" not in page
    assert ("can give it to you" in page) == ("It needs" in page or "open to administrators" in page)


def test_rights_that_are_lacked_together_are_all_named(cashier):
    Group.objects.get(name="Cashier").permissions.clear()

    page = cashier.get("/admin/reports/deposits/").content.decode()

    assert "the right to read the reports of the office, to see leases and to see balances. Rosa" in page


def test_each_right_that_is_asked_for_has_words():
    for role in ROLES:
        for name in list_granted(role):
            assert say_right(name)[0].islower() or say_right(name).isupper(), name


def test_what_is_not_there_is_said_in_the_frame(cashier):
    answer = cashier.get("/admin/leases/nothing/")

    assert answer.status_code == 404
    assert "This page does not exist (any more)" in answer.content.decode()
    assert '<form method="get" action="/admin/find/" role="search">' in answer.content.decode()
    assert "Take a payment" in answer.content.decode()


def test_a_record_that_does_not_exist_is_not_there(cashier):
    asked = [
        f"/admin/{model._meta.app_label}/{model._meta.model_name}/999999/{page}/"
        for model in admin.site._registry
        for page in ("change", "history")
    ]
    no_right = cashier.get("/admin/core/auditrun/999999/change/")
    cashier.force_login(User.objects.get(username="boss"))

    answers = {url: cashier.get(url, follow=True) for url in asked}

    assert no_right.status_code == 403
    assert len(answers) > 60
    assert {url: answer.status_code for url, answer in answers.items() if answer.status_code != 404} == {}
    assert all("This page does not exist (any more)" in answer.content.decode() for answer in answers.values())


def test_a_stranger_is_told_without_the_frame():
    answer = Client().get("/nowhere")

    assert answer.status_code == 404
    assert "This page does not exist (any more)" in answer.content.decode()
    assert "Take a payment" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/admin/leases/driver/?q=a%00b", "/admin/leases/driver/a%00b/change/"])
def test_an_address_with_a_nul_is_refused(cashier, address):
    answer = cashier.get(address)

    assert answer.status_code == 400
    assert "This address can&#x27;t be read" in answer.content.decode()


def test_a_program_is_told_by_a_problem(client):
    for address, host in (("/api/ledger/postings/a%00b/void", "testserver"), ("/api/schema", "elsewhere.example")):
        answer = client.get(address, headers={"host": host})

        assert answer.status_code == 400
        assert answer.json()["code"] == "bad_request"
        assert answer.json()["request_id"] == answer["X-Request-Id"]


@pytest.mark.parametrize("charset", ["rot13", "idna", "punycode", "undefined", "utf-7", "utf-16", "hex", "none", '""'])
def test_a_form_in_another_charset_is_refused_before_it_is_read(charset):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    kind = f"multipart/form-data; boundary=BB; charset={charset}"
    form = b'--BB\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n+2AA-\xff\r\n--BB--\r\n'

    page, told = (client.generic("POST", address, form, kind) for address in ("/admin/login/", "/api/imports"))

    assert (page.status_code, told.status_code, told.json()["code"]) == (400, 400, "parse_error")
    assert "It was sent in another charset than UTF-8." in page.content.decode()
    assert "UTF-8 alone" in told.json()["detail"]


@pytest.mark.parametrize("charset", ["", "; charset=UTF-8", '; charset="utf-8"', "; charset=utf8"])
def test_a_form_in_utf_8_is_read(charset):
    form = b'--BB\r\nContent-Disposition: form-data; name="username"\r\n\r\nRos\xc3\xa1n\r\n--BB--\r\n'

    page = Client().post("/admin/login/", form, content_type=f"multipart/form-data; boundary=BB{charset}")

    assert page.status_code == 200
    assert "Rosán" in page.content.decode()


def test_a_content_type_that_can_t_be_read_is_none_of_a_wsgi_server_too():
    from config.wsgi import application  # which looks at the database: there is one now

    told: list[str] = []
    asked = {"PATH_INFO": "/api/schema", "CONTENT_TYPE": "text/plain; x*=nope''y", "wsgi.input": BytesIO()}
    setup_testing_defaults(asked)
    b"".join(application(asked, lambda status, headers: told.append(status)))

    assert told == ["401 Unauthorized"]


def test_a_form_from_before_the_last_sign_in_says_that_nothing_was_saved(cashier):
    asks = Client(enforce_csrf_checks=True)
    asks.cookies = cashier.cookies

    answer = asks.post("/admin/core/auditrun/run/", {"_confirm": "1"})

    assert answer.status_code == 403
    assert "Nothing was saved" in answer.content.decode()
    assert "Take a payment" in answer.content.decode()


def test_browsers_find_the_icon(client):
    assert client.get("/favicon.ico")["Location"].endswith("core/favicon.svg")


def test_answers_are_sent_small(cashier):
    answer = cashier.get("/admin/leases/driver/", headers={"accept-encoding": "gzip"})

    assert answer["Content-Encoding"] == "gzip"


def test_a_refusal_is_logged_in_one_line_and_a_failure_with_where_it_was():
    refused = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "Forbidden", None, (KeyError, KeyError(), None)
    )
    refused.status_code = 403
    failed = logging.LogRecord("django.request", logging.ERROR, "", 0, "Failed", None, (KeyError, KeyError(), None))
    failed.status_code = 500

    assert without_traceback(refused)
    assert without_traceback(failed)
    assert refused.exc_info is None
    assert failed.exc_info is not None


class TestOutage:
    """Raised where no view is: by the first middleware that asks the database."""

    @pytest.fixture
    def away(self, cashier, monkeypatch):
        def refuse(*_: object) -> None:
            raise OperationalError("refused at db.internal") from psycopg.OperationalError("refused at db.internal")

        monkeypatch.setattr(connection, "cursor", refuse)
        cashier.raise_request_exception = False
        return cashier

    def test_a_page_says_that_it_can_t_be_reached(self, away, caplog):
        answer = away.get("/admin/?x=1")

        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        page = answer.content.decode()
        assert "The database does not answer just now. Try again in a moment." in page
        assert 'href="/admin/?x=1"' in page
        assert "db.internal" not in page
        lines = [record for record in caplog.records if record.levelname == "ERROR"]
        assert [(line.exc_info, "db.internal" in line.getMessage()) for line in lines] == [(None, True)]

    def test_a_form_says_that_nothing_was_saved(self, away):
        answer = away.post("/admin/leases/driver/add/")

        assert answer.status_code == 503
        assert "Nothing was saved; try again in a moment." in answer.content.decode()

    def test_a_program_gets_a_problem(self, away):
        answer = away.get("/api/drivers")

        assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")

    def test_nobody_is_sent_to_another_site(self, away):
        assert 'href="//' not in away.get("//example.com/").content.decode()


def test_what_is_logged_of_an_outage_is_one_line():
    try:
        raise OperationalError("refused") from psycopg.OperationalError("refused\nIs it running?")
    except OperationalError:
        record = logging.LogRecord("any", logging.ERROR, "", 0, "Not %s\nTraceback", ("written",), sys.exc_info())

    assert outage_in_one_line(record)
    assert (record.exc_info, record.getMessage()) == (
        None, "Not written (OperationalError: refused Is it running?)",
    )  # fmt: skip


def test_beat_says_the_same_once_in_a_while():
    try:
        raise OperationalError("refused") from psycopg.OperationalError("refused")
    except OperationalError:
        given = ("django_celery_beat.schedulers", logging.ERROR, "", 0, "Database gave error", (), sys.exc_info())
        first, second, later = (logging.LogRecord(*given) for _ in range(3))
    later.created += 60

    assert [outage_in_one_line(record) for record in (first, second, later)] == [True, False, True]
