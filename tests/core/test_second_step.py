"""A code after the password: nothing opens before, none is good twice, and a lost phone has a way back."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from core.doors import log
from core.doors.second_step import check_roles
from core.models import AccessEntry, Session
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
STEP, OWN = "/admin/second-step/", "/admin/authenticator/"
SECRET = "right-horse"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(log, "damper", log.Damper())


@pytest.fixture
def maya() -> User:
    return UserFactory.create(username="maya", password=SECRET, groups=["Supervisor"])


def signed_in(name: str = "maya") -> Client:
    client = Client()
    assert client.post("/admin/login/", {"username": name, "password": SECRET}).status_code == 302
    return client


def set_up(client: Client) -> tuple[TOTPDevice, list[str]]:
    """Set an app up as a person does; return the device, as if some time had passed, and the recovery codes."""
    page = client.get(OWN)
    assert "<svg" in page.content.decode()
    key = client.session["authenticator_key"]
    done = client.post(OWN, {"code": f"{totp(bytes.fromhex(key)):06}"})
    assert "no-store" in done["Cache-Control"]
    device = TOTPDevice.objects.get()
    TOTPDevice.objects.update(last_t=-1)
    return device, re.findall(r"<code>([a-z0-9]{5}-[a-z0-9]{5})</code>", done.content.decode())


def code_of(device: TOTPDevice) -> str:
    return f"{totp(device.bin_key):06}"


def test_nothing_opens_before_the_code_and_no_code_is_good_twice(client, maya):
    other = signed_in()
    device, codes = set_up(signed_in())
    assert len(set(codes)) == 10
    assert other.get("/admin/words/").status_code == 302  # a session that knew of no second step
    client = signed_in()

    for address in (
        "/admin/",
        "/admin/ledger/ledgeraccount/pay/",
        "/admin/dtr/dtr/1/pdf/",
        OWN,
        "/admin/password_change/",
    ):
        assert client.get(address)["Location"].startswith(STEP), address
    assert client.post("/admin/core/auditrun/run/", {"_confirm": "1"})["Location"] == STEP
    told = client.get("/api/reports")
    assert (told.status_code, told.json()["code"]) == (403, "second_step_required")

    wrong = client.post(STEP, {"code": "12345x"})
    assert "This code is wrong" in wrong.content.decode()
    code = code_of(device)
    passed = client.post(STEP, {"code": code, "next": "/admin/words/"})
    assert passed["Location"] == "/admin/words/"
    assert client.get("/admin/words/").status_code == 200
    assert client.get("/api/reports").status_code == 200
    again = signed_in()
    assert "used before" in again.post(STEP, {"code": code}).content.decode()
    TOTPDevice.objects.update(last_t=-1, throttling_failure_count=9)  # and so it is waited for minutes
    assert "not looked at" in again.post(STEP, {"code": code}).content.decode()
    kinds = list(AccessEntry.objects.filter(user=maya).order_by("id").values_list("kind", flat=True))
    assert kinds == [
        *("SIGNED_IN", "SIGNED_IN", "SET_UP"),
        *("REFUSED", "CODE_FAILED", "SIGNED_IN", "CODE_FAILED", "CODE_FAILED"),
    ]


def test_a_recovery_code_is_good_once_and_kept_as_a_digest(maya):
    _, codes = set_up(signed_in())
    assert not set(StaticToken.objects.values_list("token", flat=True)) & {code.replace("-", "") for code in codes}

    client = signed_in()
    assert client.post(STEP, {"code": codes[0].upper().replace("-", " ")}).status_code == 302
    assert "You have 9 left." in client.get("/admin/words/").content.decode()
    assert "This code is wrong" in signed_in().post(STEP, {"code": codes[0]}).content.decode()


def test_a_role_that_must_is_led_to_the_set_up_before_anything_else(maya, settings):
    UserFactory.create(username="boss", password=SECRET, is_superuser=True)
    UserFactory.create(username="till", password=SECRET, groups=["Cashier"])
    settings.TOTP_REQUIRED_ROLES = ["Supervisor", "Administrator"]

    for name in ("maya", "boss"):
        assert signed_in(name).get("/admin/words/")["Location"].startswith(OWN)
        assert signed_in(name).get("/api/reports").status_code == 403
    assert signed_in("till").get("/admin/words/").status_code == 200
    client = signed_in()
    _, codes = set_up(client)
    assert client.get("/admin/words/").status_code == 200

    assert client.post(OWN, {"code": codes[0], "act": "remove"})["Location"] == OWN
    assert client.get("/admin/words/")["Location"].startswith(OWN)
    settings.TOTP_REQUIRED_ROLES = ["Supervisors"]
    with pytest.raises(ImproperlyConfigured, match="names Supervisors; the roles are Cashier"):
        check_roles()


def test_a_lost_phone_is_reset_by_somebody_else_with_a_reason(client, maya):
    till = UserFactory.create(username="till", password=SECRET, groups=["Cashier"])
    device, _ = set_up(signed_in("till"))
    boss = UserFactory.create(username="boss", is_superuser=True)
    bosses = TOTPDevice.objects.create(user=boss, name="a")
    client.force_login(maya)
    reset = f"/admin/core/authenticator/{device.pk}/take-away/"
    page = client.get(f"/admin/core/authenticator/{device.pk}/change/").content.decode()
    assert reset in page
    assert device.key not in page

    assert "Say why" in client.post(reset, {"_confirm": "1", "reason": ""}).content.decode()
    assert client.post(f"/admin/core/authenticator/{bosses.pk}/take-away/", {"reason": "x"}).status_code == 403
    client.post(reset, {"_confirm": "1", "reason": "Phone lost"})

    assert not Session.objects.filter(user=till).exists()
    assert signed_in("till").get("/admin/words/").status_code == 200
    entry = AccessEntry.objects.get(kind="RESET")
    assert (entry.username, entry.told) == ("maya", "till: Phone lost")


def test_new_recovery_codes_end_the_old_ones(maya):
    client = signed_in()
    device, codes = set_up(client)

    shown = client.post(OWN, {"code": code_of(device), "act": "codes"}).content.decode()

    assert codes[1] not in shown
    assert StaticToken.objects.count() == 10
    assert "This code is wrong" in signed_in().post(STEP, {"code": codes[1]}).content.decode()
    assert TOTPDevice.objects.get().last_used_at <= timezone.now()
