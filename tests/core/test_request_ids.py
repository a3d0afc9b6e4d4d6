"""Each answer names its request, and so do its problem and the log."""

import re

import pytest
from django.test import Client

from config.logs import LineFormatter, with_context

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["a", "till-1:20261126/0001", "x" * 64, "0af7651916cd43dd8448eb211c80319c"])
def test_a_clients_own_name_is_kept(name):
    answer = Client().get("/api/ledger/balances", headers={"X-Request-Id": name})

    assert answer["X-Request-Id"] == answer.json()["request_id"] == name


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a\nb", "a,b", "é", '"', "<b>", "\x00", "a\x7f"])
def test_any_other_is_not(name):
    answer = Client().get("/api/nowhere", headers={"X-Request-Id": name})

    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-Id"])
    assert answer.json()["request_id"] == answer["X-Request-Id"]


def test_each_request_has_another_and_its_lines_in_the_log_tell_it(caplog):
    names = []
    for _ in range(2):
        answer = Client().get("/api/ledger/balances")
        (record,) = caplog.records
        caplog.clear()
        assert with_context(record)
        line = LineFormatter().format(record)
        assert f"WARNING django.request [request={answer['X-Request-Id']}]: Unauthorized" in line
        names.append(answer["X-Request-Id"])

    assert names[0] != names[1]
