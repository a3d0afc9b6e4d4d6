"""Mail from one address of a server: read, refused by a sentence without its password, and tried by a command."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail import get_connection
from django.core.management import CommandError, call_command

from config.mail import read_mail
from core.deployment import check_mail
from core.mails import MailNotSet

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        (
            "submission://me%40x.example:p%2Fw%23@mail.example:2587",
            {"EMAIL_BACKEND": SMTP, "EMAIL_HOST": "mail.example", "EMAIL_PORT": 2587, "EMAIL_USE_TLS": True}
            | {"EMAIL_HOST_USER": "me@x.example", "EMAIL_HOST_PASSWORD": "p/w#", "EMAIL_TIMEOUT": 15},
        ),
        ("smtp+tls://u:p@mail.example", {"EMAIL_PORT": 587, "EMAIL_USE_TLS": True, "EMAIL_USE_SSL": False}),
        ("smtp://u:p@mail.example:465?ssl=True", {"EMAIL_PORT": 465, "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}),
        ("smtp://mail.example?timeout=3", {"EMAIL_PORT": 25, "EMAIL_USE_TLS": False, "EMAIL_TIMEOUT": 3}),
        ("consolemail://", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        ("file:///tmp/mails", {"EMAIL_FILE_PATH": "/tmp/mails"}),
    ],
)
def test_an_address_is_read(address, facts):
    others = {"DEFAULT_FROM_EMAIL": "a@b.example", "ADMIN_EMAILS": "x@y.example,z@y.example"}

    settings = read_mail({"EMAIL_URL": address, **others})

    assert {name: settings[name] for name in facts} == facts
    assert settings["MAIL_IS_SET"]
    assert settings["DEFAULT_FROM_EMAIL"] == settings["SERVER_EMAIL"] == "a@b.example"
    assert [address for _, address in settings["ADMINS"]] == ["x@y.example", "z@y.example"]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"EMAIL_URL": "mail.example:s3cret"}, "EMAIL_URL begins with"),
        ({"EMAIL_URL": "imap://u:s3cret@mail.example"}, "EMAIL_URL begins with"),
        ({"EMAIL_URL": "submission://u:s3cret@mail.example:port"}, "no number"),
        ({"EMAIL_URL": "submission://u:s3cret@"}, "names no server"),
        ({"ADMIN_EMAILS": "ada@x.example ben"}, "ADMIN_EMAILS has 'ben'"),
    ],
)
def test_a_wrong_one_ends_in_a_sentence_without_its_password(variables, said):
    with pytest.raises(SystemExit, match=said) as end:
        read_mail(variables)
    assert "s3cret" not in str(end.value)


def test_without_one_nothing_is_taken_for_sent(settings):
    assert read_mail({})["MAIL_IS_SET"] is False
    assert read_mail({})["ADMINS"] == []
    with pytest.raises(MailNotSet):
        get_connection(read_mail({})["EMAIL_BACKEND"]).send_messages([mail.EmailMessage()])
    settings.EMAIL_BACKEND = read_mail({})["EMAIL_BACKEND"]
    with pytest.raises(CommandError, match="Nothing was mailed: EMAIL_URL is not set"):
        call_command("sendtestemail", "ada@x.example")


def test_a_test_mail_says_that_it_went_out(capsys):
    call_command("sendtestemail", "ada@x.example")
    assert [sent.to for sent in mail.outbox] == [["ada@x.example"]]
    assert "Handed to the mail server." in capsys.readouterr().out


def test_nothing_that_was_typed_is_mailed_when_something_fails(settings, client, monkeypatch):
    settings.ADMINS = [("ada", "ada@x.example")]
    settings.DEBUG = False

    def fail(*args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("core.admin.pages.passwords.PasswordLinkPage.dispatch", fail)
    client.raise_request_exception = False
    assert client.post("/admin/password-link/", {"email": "typed"}).status_code == 500
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("facts", "ids"),
    [
        ({"MAIL_IS_SET": False}, ["core.I001"]),
        (
            {"MAIL_IS_SET": True, "DEFAULT_FROM_EMAIL": "fleet-ledger@localhost", "ADMINS": []},
            ["core.W002", "core.I002"],
        ),
        (
            {"MAIL_IS_SET": True, "DEFAULT_FROM_EMAIL": "a@b.example", "ADMINS": [("a", "a@b.example")]}
            | {"EMAIL_HOST_PASSWORD": "x", "EMAIL_USE_TLS": False},
            ["core.W003"],
        ),
        (
            {"MAIL_IS_SET": True, "DEFAULT_FROM_EMAIL": "a@b.example", "ADMINS": [("a", "a@b.example")]}
            | {"EMAIL_HOST_PASSWORD": "x", "EMAIL_USE_TLS": True},
            [],
        ),
    ],
)
def test_the_deploy_check_says_what_is_off(settings, facts, ids):
    for name, value in facts.items():
        setattr(settings, name, value)

    assert [finding.id for finding in check_mail()] == ids
